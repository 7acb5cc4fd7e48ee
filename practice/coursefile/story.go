package coursefile

import (
	"fmt"
	"io"
	"strings"

	"kapflow/care"
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

// Line writes one line, or only counts it.
func (s *StorySink) Line(l Line) error {
	text := ""
	switch l.Type {
	case "recorded":
		s.Facts++
		kind, _ := care.KindNamed(fmt.Sprint(l.Get("fact")))
		text = kind.Story
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
