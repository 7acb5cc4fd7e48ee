package staff

import "testing"

// TestTheCalendarShowsOnePersonOrOneRoom: a room shows the visits in it, whoever holds them.
func TestTheCalendarShowsOnePersonOrOneRoom(t *testing.T) {
	t.Parallel()
	for who, want := range map[string]bool{"": true, "dr-a": true, "dr-b": false, "room:suite": true, "room:office": false, "room:": false, "suite": false} {
		if got := (calendarPage{Who: who}).shows("suite", []string{"dr-a", "psy-a"}); got != want {
			t.Errorf("%q shows the visit: %v", who, got)
		}
	}
}
