package coursefile

import (
	"encoding/json"
	"fmt"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// Told is the line that says what came of a step.
func (s Step) Told(stage care.Stage, refusal *care.Refusal) Line {
	l := Line{At: s.At, Client: s.Client, Type: "recorded", About: s.About(), Fields: []Field{{"fact", s.Fact}, {"by", s.By.Role}, {"stage", stage}}}
	if refusal != nil {
		l.Type = "refused"
		l.Fields = []Field{{"fact", s.Fact}, {"by", s.By.Role}, {"code", refusal.Code}, {"reason", refusal.Message}, {"must_act", refusal.MustAct}}
	}
	return l
}

// Enrolled is the line of a client who is enrolled at the start.
func (c *Course) Enrolled(client string, stage care.Stage) Line {
	return Line{At: c.Start, Client: client, Type: "recorded", Fields: []Field{{"fact", care.OpeningKind().Name}, {"by", person.Coordinator}, {"stage", stage}}}
}

// EndOf is the line that says how a client's course ended, with what it cost to play it.
func (c *Course) EndOf(client string, chart *care.Chart, cost ...Field) Line {
	fields := append([]Field{{"stage", chart.Stage()}}, cost...)
	return Line{At: c.Until, Client: client, Type: "end", Fields: append(fields, Field{"balance",
		map[string]money.Cents{"medical": chart.Balance(money.Medical), "psychotherapy": chart.Balance(money.Psychotherapies)}})}
}

// Compare holds what came of a step against what the file says. The error is a *Failed.
func (c *Course) Compare(s Step, refusal *care.Refusal) error {
	switch {
	case refusal == nil && s.Refused != "":
		return c.failed(s.Line, "%s was recorded; the file expects it to be refused (%s)", s.Fact, s.Refused)
	case refusal != nil && s.Refused == "":
		return c.failed(s.Line, "%s was refused (%s): %s", s.Fact, refusal.Code, refusal.Message)
	case refusal != nil && !refusal.Has(s.Refused):
		return c.failed(s.Line, "%s was refused with %s, not %s: %s", s.Fact, refusal.Code, s.Refused, refusal.Message)
	}
	return nil
}

func (c *Course) failed(line int, format string, args ...any) error {
	return &Failed{File: c.File, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// About returns the visit that a step is about, or "".
func (s Step) About() string {
	var with struct {
		Appointment string `json:"appointment"`
	}
	_ = json.Unmarshal(s.With, &with) // only for showing the step; the desk reports what is wrong with it
	return with.Appointment
}

// Timed gives the step's fields. On the day of an infusion, whose limits are held to the second, what happens at a step happens
// at its time: virtual time is some seconds past it when the report arrives.
func (s Step) Timed(kind care.Kind) json.RawMessage {
	fields := map[string]json.RawMessage{}
	if kind.Section != care.SectionInfusionDay || json.Unmarshal(s.With, &fields) != nil || fields["at"] != nil {
		return s.With
	}
	at, err := json.Marshal(s.At.Format(time.RFC3339))
	if err != nil {
		return s.With
	}
	fields["at"] = at
	with, err := json.Marshal(fields)
	if err != nil {
		return s.With
	}
	return with
}

// Overlay sets the fields of a client that an enrollment step gives.
func (cl *Client) Overlay(with json.RawMessage) error {
	if len(with) == 0 {
		return nil
	}
	return json.Unmarshal(with, cl)
}
