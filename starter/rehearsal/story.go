package rehearsal

import (
	"fmt"
	"io"
	"strings"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/wording"
)

// StorySink writes the lines that a person would tell of a course: stages, visits held, refusals, alerts and overdue
// tasks. It counts the rest.
type StorySink struct {
	Out  io.Writer
	Zone clock.Zone

	Facts, Messages int // recorded and sent so far
}

// tellings are the sentences for facts; %s is the visit. A fact without one is only counted.
var tellings = map[string]string{
	"session-completed":     "%s held",
	"consult-decided":       "Physician's consult held",
	"labs-reviewed":         "Labs reviewed by the physician",
	"infusion-stopped":      "%s given",
	"package-chosen":        "Package chosen",
	"appointment-missed":    "%s missed",
	"appointment-corrected": "%s corrected",
	"withdrawn":             "The client stops",
	"paused":                "Paused",
	"resumed":               "Resumed",
}

// Line writes one line, or only counts it.
func (s *StorySink) Line(l Line) error {
	text := ""
	switch l.Type {
	case "recorded":
		s.Facts++
		text = tellings[fmt.Sprint(l.Get("fact"))]
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, wording.Title(l.About))
		}
	case "refused":
		text = fmt.Sprintf("✗ Refused: %s", l.Get("reason"))
	case "stage":
		text = "▸ " + wording.Title(fmt.Sprint(l.Get("stage")))
	case "alert":
		text = fmt.Sprintf("! Alert %s, for the %s", l.Get("state"), l.Get("role"))
	case "task":
		if l.Get("state") == "escalated" {
			text = fmt.Sprintf("! Overdue: %s (%s)", strings.ReplaceAll(fmt.Sprint(l.Get("task")), "-", " "), l.Get("role"))
		}
	case "message":
		if l.Get("outcome") == message.StateSent {
			s.Messages++
		}
	}
	if text == "" {
		return nil
	}
	_, err := fmt.Fprintf(s.Out, "  %s  %s\n", s.Zone.Local(l.At).Format("Mon Jan _2, 2006  15:04"), text)
	return err
}
