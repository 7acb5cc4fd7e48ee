package rehearsal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/wording"
)

// Line is one object of the output; its fields depend on the type (docs/courses.md). Sink gets them in time
// order.
type Line struct {
	At     time.Time
	Client string
	Type   string
	About  string // the visit a recorded or refused fact speaks of; not part of the output format
	Fields []Field
}

// Field is one field of a line, in order.
type Field struct {
	Name  string
	Value any
}

// Get gives a field's value, or nil.
func (l Line) Get(name string) any {
	for _, f := range l.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// Sink takes the lines of a rehearsal.
type Sink interface {
	Line(l Line) error
}

// JSONSink writes one JSON object a line.
type JSONSink struct {
	Out  io.Writer
	Zone clock.Zone
}

// Line writes one object: at, client and type first.
func (s JSONSink) Line(l Line) error {
	var b strings.Builder
	b.WriteString("{")
	fields := append([]Field{{"at", s.Zone.Local(l.At).Format(time.RFC3339)}, {"client", l.Client}, {"type", l.Type}}, l.Fields...)
	for i, f := range fields {
		value, err := json.Marshal(f.Value)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "%q:%s", f.Name, value)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(s.Out, b.String())
	return err
}

// TimelineSink writes what a coordinator can read: one sentence a line, a heading for each day.
type TimelineSink struct {
	Out  io.Writer
	Zone clock.Zone
	// Brief leaves out gates and tasks, as the demo does.
	Brief bool
	day   string
}

// Line writes one sentence.
func (s *TimelineSink) Line(l Line) error {
	text := s.sentence(l)
	if text == "" {
		return nil
	}
	if day := s.Zone.Local(l.At).Format("Monday, January 2, 2006"); day != s.day {
		s.day = day
		if _, err := fmt.Fprintf(s.Out, "\n%s\n", day); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Out, "  %s  %-8s %s\n", s.Zone.Local(l.At).Format("15:04"), l.Client, text)
	return err
}

func (s *TimelineSink) sentence(l Line) string {
	str := func(name string) string { return fmt.Sprint(l.Get(name)) }
	switch l.Type {
	case "recorded":
		return fmt.Sprintf("%s (%s)", wording.Title(str("fact")), str("by"))
	case "refused":
		return fmt.Sprintf("REFUSED %s: %s", str("fact"), str("reason"))
	case "message":
		if text := str("text"); text != "" {
			return fmt.Sprintf("%s to the %s: %s", strings.ToUpper(str("channel")), str("to"), firstLine(text))
		}
		return fmt.Sprintf("%s %s: not sent, %s", strings.ToUpper(str("channel")), str("template"), str("why"))
	case "stage":
		return "Stage: " + wording.Title(str("stage"))
	case "ledger":
		return fmt.Sprintf("Ledger, %s: %s", str("fee_set"), str("memo"))
	case "alert":
		return fmt.Sprintf("ALERT %s %s (%s)", str("alert"), str("state"), str("role"))
	case "end":
		return fmt.Sprintf("End: %s, %v events in the history", str("stage"), l.Get("history_events"))
	}
	if s.Brief {
		return ""
	}
	if l.Type == "task" {
		return fmt.Sprintf("Task %s: %s %s (%s)", str("state"), str("task"), str("about"), str("role"))
	}
	return fmt.Sprintf("Gate %s %s: %s", str("gate"), str("state"), str("reason"))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// fromJournal turns a line of the practice's journal into a line of output; ok is false for kinds that
// are not shown.
func fromJournal(j care.JournalLine, client string, zoneOf func() clock.Zone) (Line, bool, error) {
	l := Line{At: j.At, Client: client}
	switch j.Type {
	case "change":
		var ch care.Change
		if err := json.Unmarshal(j.Body, &ch); err != nil {
			return l, false, err
		}
		l.Type = ch.Type
		l.Fields = changeFields(ch, zoneOf())
		return l, true, nil
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
