package coursefile

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
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

// TimelineSink writes one sentence per line, with a heading for each day. It writes when it is closed, because a message is
// written once, where it left, with the state that it had in the end.
type TimelineSink struct {
	Out  io.Writer
	Zone clock.Zone

	day   string
	lines []Line
	ends  map[messageLine]Line // the last line of each message
}

// messageLine names a message within a course.
type messageLine struct{ client, key, channel string }

func nameOf(l Line) messageLine {
	return messageLine{l.Client, fmt.Sprint(l.Get("message")), fmt.Sprint(l.Get("channel"))}
}

// Line keeps a line until the sink is closed.
func (s *TimelineSink) Line(l Line) error {
	if l.Type == "message" {
		if s.ends == nil {
			s.ends = map[messageLine]Line{}
		}
		before, seen := s.ends[nameOf(l)]
		s.ends[nameOf(l)] = l
		if seen && before.Get("text") != "" {
			return nil // it left before; this line says how that ended
		}
		if seen {
			name := nameOf(l)
			s.lines = slices.DeleteFunc(s.lines, func(x Line) bool { return x.Type == "message" && nameOf(x) == name })
		}
	}
	s.lines = append(s.lines, l)
	return nil
}

// Sentence is a line in words.
type Sentence struct {
	Line
	Words string
}

// Sentences gives every line that was kept, in words.
func (s *TimelineSink) Sentences() (all []Sentence) {
	for _, l := range s.lines {
		if words := s.sentence(l); words != "" {
			all = append(all, Sentence{l, words})
		}
	}
	return all
}

// Close writes every line.
func (s *TimelineSink) Close() error {
	for _, l := range s.Sentences() {
		if err := s.write(l); err != nil {
			return err
		}
	}
	s.lines = nil
	return nil
}

func (s *TimelineSink) write(l Sentence) error {
	if day := s.Zone.Local(l.At).Format("Monday, January 2, 2006"); day != s.day {
		s.day = day
		if _, err := fmt.Fprintf(s.Out, "\n%s\n", day); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Out, "  %s  %-8s %s%s\n", s.Zone.Local(l.At).Format("15:04"), l.Client, marks[l.Type], l.Words)
	return err
}

// marks stand before sentences that a reader must not miss.
var marks = map[string]string{"refused": "REFUSED ", "alert": "ALERT "}

func (s *TimelineSink) sentence(l Line) string {
	str := func(name string) string { return fmt.Sprint(l.Get(name)) }
	switch l.Type {
	case "recorded":
		return fmt.Sprintf("%s (%s)", wording.Title(str("fact")), str("by"))
	case "refused":
		return fmt.Sprintf("%s: %s", wording.Title(str("fact")), str("reason"))
	case "message":
		end := s.ends[nameOf(l)]
		state, channel := fmt.Sprint(end.Get("outcome")), wording.Title(person.Channel(str("channel")).Words())
		if why := fmt.Sprint(end.Get("why")); why != "" {
			state += ", " + why
		}
		if text := str("text"); text != "" {
			return fmt.Sprintf("%s to the %s (%s): %s", channel, str("to"), state, firstLine(text))
		}
		return fmt.Sprintf("%s “%s” does not go (%s)", channel, message.Template(str("template")).Words(), state)
	case "stage":
		return "Stage: " + wording.Title(str("stage"))
	case "ledger":
		return fmt.Sprintf("Ledger, %s: %s", str("fee_set"), str("memo"))
	case "alert":
		return fmt.Sprintf("%s, %s (%s)", wording.Title(str("alert")), str("state"), str("role"))
	case "end":
		return fmt.Sprintf("End: %s, %v events in the history", str("stage"), l.Get("history_events"))
	}
	if l.Type == "task" {
		about := care.NameOf(str("about"))
		if about != "" {
			about = ", " + about
		}
		return fmt.Sprintf("Task %s: %s%s (%s)", str("state"), wording.LowerFirst(wording.Title(str("task"))), about, str("role"))
	}
	return fmt.Sprintf("Gate %s %s: %s", wording.LowerFirst(care.GateLabel(str("gate"))), str("state"), str("reason"))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
