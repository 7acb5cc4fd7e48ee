package main

import (
	"fmt"
	"io"
	"strings"

	"kapflow/care"
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

// Line tells one line, if it is worth telling.
func (s *storySink) Line(l rehearsal.Line) error {
	text := ""
	switch l.Type {
	case "recorded":
		s.facts++
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
			s.messages++
		}
	}
	if text == "" {
		return nil
	}
	_, err := fmt.Fprintf(s.out, "  %s  %s\n", s.zone.Local(l.At).Format("Mon Jan _2, 2006  15:04"), text)
	return err
}
