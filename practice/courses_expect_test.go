package practice_test

import (
	"errors"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/visit"
)

func (s *stage) compare(step courseStep, err error) {
	s.t.Helper()
	var refusal *care.Refusal
	switch errors.As(err, &refusal); {
	case err != nil && refusal == nil:
		s.t.Fatalf("line %d: %s: %v", step.line, step.Record, err)
	case refusal == nil && step.Refused != "":
		s.t.Errorf("line %d: %s was taken in, not refused (%s)", step.line, step.Record, step.Refused)
	case refusal != nil && step.Refused == "":
		s.t.Errorf("line %d: %s at %s was refused (%s): %s", step.line, step.Record, step.At, refusal.Code, refusal.Message)
	case refusal != nil && !refusal.Has(step.Refused):
		s.t.Errorf("line %d: %s was refused with %s, not %s: %s", step.line, step.Record, refusal.Code, step.Refused, refusal.Message)
	}
}

func (s *stage) expect(until time.Time) {
	s.t.Helper()
	want := s.file.Expect
	if len(want.Stage) != len(s.charts) {
		s.t.Error("the file expects no stage for some client")
	}
	for name, c := range s.charts {
		if got := c.Stage(); got != want.Stage[name] {
			s.t.Errorf("%s ends in stage %s, not %s", name, got, want.Stage[name])
		}
		for set, cents := range want.Balance[name] {
			if got := c.Balance(set); got != cents {
				s.t.Errorf("%s owes %d (%s), not %d", name, got, set, cents)
			}
		}
		for id, status := range want.Visits[name] {
			v, got := c.Visit(id), visit.Status("not booked")
			if v != nil {
				got = v.Status
			}
			if got != status {
				s.t.Errorf("%s: %s is %s, not %s: %+v", name, id, got, status, v)
			}
		}
		for task, state := range want.Tasks[name] {
			open := slices.ContainsFunc(c.Tasks(until), func(t care.Task) bool { return t.Task == task })
			if got := map[bool]string{true: "open", false: "none"}[open]; got != state {
				s.t.Errorf("%s: task %s is %s, not %s", name, task, got, state)
			}
		}
		gates := map[string]string{}
		for _, g := range c.Gates(until) {
			gates[g.Gate] = map[bool]string{true: "open", false: "shut"}[g.Open]
		}
		for gate, state := range want.Gates[name] {
			if gates[gate] != state {
				s.t.Errorf("%s: gate %s is %q, not %s", name, gate, gates[gate], state)
			}
		}
	}
}
