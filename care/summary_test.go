package care_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/record"
)

// TestASummaryHoldsUntilItSaysOtherwise plays random courses and looks at each chart at random later times: up to the moment at which
// a summary says that it changes, a new one is the same; and who a list shows is found by the summary's entries.
func TestASummaryHoldsUntilItSaysOtherwise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			m.step()
		}
		at := m.now
		if m.chart.Published.At.After(at) {
			at = m.chart.Published.At
		}
		was := record.SummaryOf(m.chart, at)
		later := at.Add(time.Duration(rapid.IntRange(0, 60*24*90).Draw(t, "minutes")) * time.Minute)
		if i := slices.IndexFunc(was.Entries, func(e record.Entry) bool { return e.Kind == record.EntryChange }); i >= 0 && !later.Before(was.Entries[i].Due) {
			later = was.Entries[i].Due.Add(-time.Second)
		}
		if is := record.SummaryOf(m.chart, later); later.After(at) && said(t, is) != said(t, was) {
			t.Fatalf("at %s\n%s\nat %s\n%s", at, said(t, was), later, said(t, is))
		}
		findsAll(t, m.chart, was, later)
	})
}

func said(t *rapid.T, s record.Summary) string {
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// findsAll holds that what the watch looks for at a time is announced by the summary.
func findsAll(t *rapid.T, c *care.Chart, s record.Summary, now time.Time) {
	due := slices.ContainsFunc(s.Entries, func(e record.Entry) bool {
		return e.Kind == record.EntryWatch && !e.Due.After(now) && (e.Until.IsZero() || !e.Until.Before(now))
	})
	if late, pressing, alerts := c.OverdueDeliveries(now), c.PressingTasks(now), c.StaffAlerts(now); !due && len(late)+len(pressing)+len(alerts) > 0 {
		t.Fatalf("the watch does not look at %s: %v %v", now, late, pressing)
	}
}
