package care_test

import (
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
)

func dueOf(t *testing.T, c *care.Chart, task string, now time.Time) time.Time {
	t.Helper()
	for _, x := range c.Tasks(now) {
		if x.Task == task {
			return x.Due
		}
	}
	t.Fatalf("no task %s: %+v", task, c.Tasks(now))
	return time.Time{}
}

// TestDeskWorkIsDueAtThePracticesOwnClosingTime: tasks follow the practice's hours, and the clocks of the law do not.
func TestDeskWorkIsDueAtThePracticesOwnClosingTime(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		hours   clock.Window
		closing int
	}{
		"Unset":       {clock.Window{}, 17},
		"ClosesEarly": {clock.Window{Open: 8, Close: 15}, 15},
		"ClosesLate":  {clock.Window{Open: 10, Close: 19}, 19},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := changed(func(p *policy.Policy) { p.Alerts.OfficeHours = x.hours; p.Money.Holidays = []string{"2027-03-03"} })
			k := enrolled(t, p) // Monday 1 March; ordinary desk work is due in 2 working days, federal holidays among them
			if got, want := dueOf(t, k.chart, "screen", k.now), at(3, x.closing, 0); !got.Equal(want) {
				t.Errorf("screening is due %s, want %s", denver.SayLong(got), denver.SayLong(want))
			}
			k = accepted(t, p)
			k.do(person.Coordinator, "package-chosen", with{"package": "six"})
			if got, want := dueOf(t, k.chart, "issue-estimate", k.now), at(5, 17, 0); !got.Equal(want) { // 3 business days, and the 3rd is a holiday
				t.Errorf("the estimate is due %s, want %s", denver.SayLong(got), denver.SayLong(want))
			}
		})
	}
}
