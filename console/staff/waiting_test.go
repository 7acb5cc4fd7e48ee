package staff

import (
	"testing"
	"time"
)

// TestOnePageCountsWhatWaits: the first page, and the first after a while, count; the others show the number before, and a person sees
// what their own inbox showed.
func TestOnePageCountsWhatWaits(t *testing.T) {
	t.Parallel()
	const roles, id = "[coordinator]", "coordinator-a"
	now := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	var w waiting
	is := func(what string, at time.Time, n int, known bool) {
		t.Helper()
		if got, has := w.kept(id, roles, at); got != n || has != known {
			t.Errorf("%s: %d, %t", what, got, has)
		}
	}
	is("nothing was counted", now, 0, false)
	w.roles = map[string]counted{roles: {7, now}}
	is("just counted", now, 7, true)
	is("after a while", now.Add(waitingFor+time.Second), 0, false)
	is("meanwhile", now.Add(waitingFor+time.Second), 7, true)
	is("the clock went back", now.Add(-time.Hour), 0, false)
	w.own = map[string]counted{id: {3, now}}
	is("their inbox was shown", now.Add(time.Second), 3, true)
	w.forget()
	is("something was decided", now, 0, false)
}
