package e2e_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"kapflow/engine"
	"kapflow/starter/rehearsal"
)

// A journey that is restarted from its saved chart at fifty random moments of a course ends as if nothing had happened: with
// the same facts and postings, and with each message once.
func TestJourneyRestartedAtFiftyRandomMomentsGoesTheSameWay(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, aCourse())
	h := shared.newHouse(t)
	h.work(t)
	course := readCourse(t, h, aCourse(), nil)
	r := &restarts{house: h, random: chance(t), left: 50, turns: len(course.Steps)}
	h.restarts = r
	h.play(t, course, nil)
	if r.left > 0 {
		t.Errorf("%d of 50 restarts did not happen", r.left)
	}
	compare(t, want, h.outcome(t))
}

// restarts restarts journeys while time passes, at moments drawn at random over all the turns of a course.
type restarts struct {
	house  *house
	random *rand.Rand

	mu    sync.Mutex
	left  int
	turns int // in which time still passes
}

// draw gives how many restarts fall into the next stretch of time.
func (r *restarts) draw() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range r.left {
		if r.random.IntN(max(1, r.turns)) == 0 {
			n++
		}
	}
	r.left, r.turns = r.left-n, r.turns-1
	return n
}

// drive moves a journey on to a time and restarts it on the way.
func (r *restarts) drive(ctx context.Context, id string, to time.Time) error {
	for n := r.draw(); n > 0; n-- {
		now, err := engine.VirtualNow(ctx, r.house.TemporalClient, id)
		if err != nil {
			return err
		}
		at := now
		if ahead := to.Sub(now); ahead > 0 {
			at = now.Add(time.Duration(r.random.Int64N(int64(ahead))))
		}
		if err := r.house.drive(ctx, id, at); err != nil {
			return err
		}
		r.house.clock.Set(at)
		if err := (&rehearsal.Environment{App: r.house.App}).Restart(ctx, id, at); err != nil {
			return err
		}
	}
	return r.house.drive(ctx, id, to)
}
