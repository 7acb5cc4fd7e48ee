package care_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
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
		showsTheDay(t, m.chart, was.Sheet, later)
	})
}

// showsTheDay holds that a sheet shows what the chart does, of the day at a later time and of one after it.
func showsTheDay(t *rapid.T, c *care.Chart, s record.Sheet, now time.Time) {
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var kept record.Sheet
	if err := json.Unmarshal(body, &kept); err != nil {
		t.Fatal(err)
	}
	day := now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "day"))
	reader := record.DayReader{Zone: c.Zone, ID: c.Psychotherapist, Roles: person.StaffRoles(), Mine: rapid.Bool().Draw(t, "mine")}
	want, err := json.Marshal(record.DayOf([]care.BoardRow{{ClientID: c.ClientID, Chart: c}}, day, now, reader))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(record.DayOfSheets([]record.Sheet{kept}, day, now, reader))
	if err != nil {
		t.Fatal(err)
	}
	if nothing := strings.NewReplacer("null", "[]"); nothing.Replace(string(got)) != nothing.Replace(string(want)) {
		t.Fatalf("of the day of %s at %s the sheet shows\n%s\nand the chart\n%s", day, now, got, want)
	}
}

func said(t *rapid.T, s record.Summary) string {
	s.Sheet = record.Sheet{} // see showsTheDay
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
