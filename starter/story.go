package main

import (
	"fmt"
	"io"
	"strings"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/wording"
	"kapflow/starter/rehearsal"
)

// storySink tells a course by what a person would tell of it: stages, visits held, refusals, alerts and what
// nobody did in time. It counts the rest.
type storySink struct {
	out             io.Writer
	zone            clock.Zone
	facts, messages int
}

// tellings says, by fact, how it is told. Facts without a telling are only counted.
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

// Line tells one line, if it is worth telling.
func (s *storySink) Line(l rehearsal.Line) error {
	text := ""
	switch l.Type {
	case "recorded":
		s.facts++
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
			s.messages++
		}
	}
	if text == "" {
		return nil
	}
	_, err := fmt.Fprintf(s.out, "  %s  %s\n", s.zone.Local(l.At).Format("Mon Jan _2, 2006  15:04"), text)
	return err
}
