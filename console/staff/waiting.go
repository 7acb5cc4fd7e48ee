package staff

import (
	"fmt"
	"sync"
	"time"

	"kapflow/access"
)

// waitingFor is how long a number in the navigation is kept.
const waitingFor = 15 * time.Second

// waiting keeps the numbers of decisions that wait, which stand in the navigation of every page. While one of them is counted anew, other
// pages show the number before.
type waiting struct {
	mu    sync.Mutex
	roles map[string]counted // by roles
	own   map[string]counted // by person, as their inbox just showed it
}

// counted is a number, and when it was counted or began to be counted.
type counted struct {
	n  int
	at time.Time
}

func (c counted) fresh(now time.Time) bool {
	age := now.Sub(c.at)
	return age >= 0 && age <= waitingFor
}

// count gives how many decisions wait for the visitor. A number that cannot be read is left out of the page and logged.
func (w *waiting) count(v *visitor) int {
	if !v.may(access.ReadInbox) {
		return 0
	}
	roles := fmt.Sprint(v.who.Roles())
	n, known := w.kept(v.who.ID(), roles, v.now)
	if known {
		return n
	}
	n, err := v.site.Desk.Waiting(v.r.Context(), v.who.Roles())
	if err != nil {
		v.site.Log.Error("the number of the inbox could not be read", "error", err)
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.roles == nil {
		w.roles = map[string]counted{}
	}
	w.roles[roles] = counted{n, v.now}
	return n
}

// kept gives the number for somebody in some roles if there is one. The first page that finds it old has to count it; others go on with
// the old one meanwhile.
func (w *waiting) kept(id, roles string, now time.Time) (n int, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.own[id]; c.fresh(now) {
		return c.n, true
	}
	c, known := w.roles[roles]
	if known && !c.fresh(now) {
		w.roles[roles] = counted{c.n, now}
		return 0, false
	}
	return c.n, known
}

// note keeps the number that the visitor's inbox shows.
func (w *waiting) note(n int, v *visitor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.own == nil {
		w.own = map[string]counted{}
	}
	w.own[v.who.ID()] = counted{n, v.now}
}

// forget has the next page count anew.
func (w *waiting) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roles, w.own = nil, nil
}
