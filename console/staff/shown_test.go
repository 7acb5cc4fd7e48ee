package staff

import (
	"testing"

	"kapflow/care"
)

// TestTheCalendarShowsOnePersonOrOneRoom: a room shows the visits in it, whoever holds them.
func TestTheCalendarShowsOnePersonOrOneRoom(t *testing.T) {
	t.Parallel()
	for who, want := range map[string]bool{"": true, "dr-a": true, "dr-b": false, "room:suite": true, "room:office": false, "room:": false, "suite": false} {
		if got := (calendarPage{Who: who}).shows("suite", []string{"dr-a", "psy-a"}); got != want {
			t.Errorf("%q shows the visit: %v", who, got)
		}
	}
}

// TestADoseThatIsNotTheOrderedOneIsMarked, more or less, and none that is, or of which nothing is known.
func TestADoseThatIsNotTheOrderedOneIsMarked(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		given, ordered float64
		want           string
	}{{35, 35, ""}, {28, 35, "Less than ordered"}, {40, 35, "More than ordered"}, {40, 0, ""}, {0.5, 0.75, "Less than ordered"}} {
		if got := differs(&care.InfusionDay{OrderedMG: x.ordered, Drug: &care.Drug{DoseMG: x.given}}); got != x.want {
			t.Errorf("%g of %g mg: %q", x.given, x.ordered, got)
		}
	}
	if differs(nil) != "" || differs(&care.InfusionDay{OrderedMG: 35}) != "" {
		t.Error("a dose that nobody recorded differs")
	}
}
