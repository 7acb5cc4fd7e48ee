package clock_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care/clock"
)

// TestYearIsSaidWhenItIsAnotherOne: over any two instants, the year is said exactly if the reader's clock is in another year.
func TestYearIsSaidWhenItIsAnotherOne(t *testing.T) {
	t.Parallel()
	loc, err := time.LoadLocation("America/Denver")
	if err != nil {
		t.Fatal(err)
	}
	z := clock.ZoneOf(loc, time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))
	rapid.Check(t, func(r *rapid.T) {
		turn := time.Date(2028, 1, 1, 7, 0, 0, 0, time.UTC) // midnight in Denver
		at := turn.Add(time.Duration(rapid.IntRange(-4000, 4000).Draw(r, "at")) * time.Hour)
		now := turn.Add(time.Duration(rapid.IntRange(-4000, 4000).Draw(r, "now")) * time.Hour)
		other := at.Before(turn) != now.Before(turn)
		year := at.In(loc).Format("2006")
		for _, said := range []string{z.DayFrom(at, now), z.SayFrom(at, now)} {
			if strings.Contains(said, " "+year) != other {
				r.Fatalf("%s read at %s: %q", at, now, said)
			}
		}
	})
}
