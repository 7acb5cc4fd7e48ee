package rehearsal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/wording"
)

// Sink takes the lines of a rehearsal, in order of time.
type Sink interface {
	Line(l Line) error
}

// Silent writes nothing.
type Silent struct{}

// Line does nothing.
func (Silent) Line(Line) error { return nil }

// JSONSink writes one JSON object per line.
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

// TimelineSink writes one sentence per line, with a heading for each day.
type TimelineSink struct {
	Out  io.Writer
	Zone clock.Zone
	day  string
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
	if l.Type == "task" {
		return fmt.Sprintf("Task %s: %s %s (%s)", str("state"), str("task"), str("about"), str("role"))
	}
	return fmt.Sprintf("Gate %s %s: %s", str("gate"), str("state"), str("reason"))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
