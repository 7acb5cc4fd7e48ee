package store_test

import (
	"testing"

	"kapflow/care"
)

// TestBusyAnswersAsReserveAndTakesNothing holds the question to the reservation.
func TestBusyAnswersAsReserveAndTakesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	busy := func(s care.Slot) string {
		t.Helper()
		clash, err := b.Busy(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return clash
	}
	mine := slot("client-a", "evaluation-1", at(0, 0), at(1, 0), "psy-a")
	theirs := slot("client-b", "evaluation-1", at(0, 30), at(2, 0), "psy-a", "psy-b")
	if got := busy(mine); got != "" {
		t.Errorf("free, but %q", got)
	}
	b.wantClash(theirs, "") // asking took nothing
	want := "the psychotherapist psy-a is busy then"
	if got := busy(mine); got != want {
		t.Errorf("busy says %q, want %q", got, want)
	}
	b.wantClash(mine, want)
	if got := busy(theirs); got != "" {
		t.Errorf("a client's own time is theirs, but %q", got)
	}
	if got := busy(slot("client-a", "evaluation-1", at(2, 0), at(3, 0), "psy-a")); got != "" {
		t.Errorf("from its very end on it is free, but %q", got)
	}
	b.exec(`UPDATE slot SET held_until = now() - interval '1 second'`)
	if got := busy(mine); got != "" {
		t.Errorf("a reservation that lapsed counts: %q", got)
	}
}
