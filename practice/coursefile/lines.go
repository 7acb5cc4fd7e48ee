package coursefile

import (
	"encoding/json"
	"fmt"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
)

// Line is one object of the output. Its fields depend on its type (docs/courses.md).
type Line struct {
	At     time.Time
	Client string
	Type   string
	About  string // the visit that a recorded or refused fact is about; not part of the output
	Fields []Field
}

// Field is one field of a line, in order.
type Field struct {
	Name  string
	Value any
}

// Get returns a field's value, or nil.
func (l Line) Get(name string) any {
	for _, f := range l.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// Reached says whether a line tells that a message reached a client, and which delivery it was. It is told once or twice: as sent and
// as delivered.
func (l Line) Reached() (delivery string, reached bool) {
	if l.Type != "message" || l.Get("to") != person.Client || l.Get("outcome") != message.StateSent && l.Get("outcome") != message.StateDelivered {
		return "", false
	}
	return fmt.Sprint(l.Get("message")), true
}

// FromJournal turns a line of the practice's journal into a line of output. ok is false for kinds that are not shown.
func FromJournal(j care.JournalLine, client string, zoneOf func() clock.Zone) (Line, bool, error) {
	l := Line{At: j.At, Client: client}
	switch j.Type {
	case "change":
		var ch care.Change
		if err := json.Unmarshal(j.Body, &ch); err != nil {
			return l, false, err
		}
		l.Type = ch.Type
		l.Fields = changeFields(ch, zoneOf())
		return l, ch.Type != "clinician", nil // the format of the lines has no such type
	case "message":
		var m care.Message
		if err := json.Unmarshal(j.Body, &m); err != nil {
			return l, false, err
		}
		l.Type = "message"
		l.Fields = []Field{{"message", m.Key}, {"channel", m.Channel}, {"template", m.Template}, {"to", m.To},
			{"local", zoneOf().Local(m.At).Format("2006-01-02 15:04 MST")}, {"about", m.About}, {"version", m.Version}, {"text", m.Text},
			{"outcome", m.State}, {"why", m.Why}}
		return l, m.State != message.StateSending, nil
	case "ledger":
		var p money.Posting
		if err := json.Unmarshal(j.Body, &p); err != nil {
			return l, false, err
		}
		l.Type = "ledger"
		l.Fields = []Field{{"key", p.Key}, {"fee_set", p.FeeSet}, {"lines", p.Lines}, {"memo", p.Memo}}
		return l, true, nil
	}
	return l, false, nil
}

func changeFields(ch care.Change, zone clock.Zone) []Field {
	due := ""
	if !ch.Due.IsZero() {
		due = zone.Local(ch.Due).Format(time.RFC3339)
	}
	switch ch.Type {
	case "stage":
		return []Field{{"from", ch.From}, {"stage", ch.State}}
	case "gate":
		return []Field{{"gate", ch.Subject}, {"state", ch.State}, {"reason", ch.Reason}, {"must_act", ch.Role}}
	case "task":
		return []Field{{"task", ch.Subject}, {"role", ch.Role}, {"due", due}, {"state", ch.State}, {"about", ch.About}}
	default:
		return []Field{{"alert", ch.Subject}, {"role", ch.Role}, {"state", ch.State}, {"about", ch.About}}
	}
}
