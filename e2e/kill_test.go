package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"kapflow/devstack"
)

// seedVariable repeats a run that failed.
const seedVariable = "KAPFLOW_E2E_SEED"

// chance gives a random source whose seed is printed.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		must(t, err)
	}
	t.Logf("%s=%d repeats these choices", seedVariable, seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// moments draws n different steps of a course, in order.
func moments(random *rand.Rand, n, steps int) []int {
	drawn := random.Perm(steps)[:n]
	slices.Sort(drawn)
	return drawn
}

// A worker killed at random moments of a live course costs no fact, no payment and no message, and doubles none: the course
// ends as if nothing had happened. CI kills ten workers, five in each of two courses at once, because each kill costs up to a minute
// of waiting for timeouts; the drills kill twenty in each of four courses.
func TestWorkerKilledAtRandomMomentsChangesNothing(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, aCourse())
	courses, kills := 2, 5
	if long() {
		courses, kills = 4, 20
	}
	for n := range courses {
		t.Run(fmt.Sprintf("course-%d", n+1), func(t *testing.T) {
			t.Parallel()
			h, random := shared.newHouse(t), chance(t)
			course := readCourse(t, h, aCourse(), nil)
			when := moments(random, kills, len(course.Steps)-2)
			k := h.newKiller(t, kills)
			h.play(t, course, func(done, _ int) {
				if slices.Contains(when, done) {
					k.orders <- time.Duration(random.IntN(80)) * time.Millisecond
				}
			})
			if got := k.dismiss(t); got != kills {
				t.Errorf("the worker was killed %d times, want %d", got, kills)
			}
			compare(t, want, h.outcome(t))
		})
	}
}

// killer kills a house's worker process whenever it is told to, and starts the next.
type killer struct {
	house  *house
	orders chan time.Duration // each a kill, so long after the order
	ended  chan error
	last   *process
	killed int
}

func (h *house) newKiller(t *testing.T, most int) *killer {
	t.Helper()
	k := &killer{house: h, orders: make(chan time.Duration, most), ended: make(chan error, 1), last: h.hire(t)}
	go func() { k.ended <- k.serve() }()
	return k
}

func (k *killer) serve() error {
	for delay := range k.orders {
		time.Sleep(delay) // the moment is random; nothing waits for it
		if err := k.last.kill(); err != nil {
			return err
		}
		k.killed++
		next, err := k.house.startProcess()
		if err != nil {
			return err
		}
		k.last = next
	}
	return k.last.kill()
}

// dismiss ends the killer and its worker, and gives the number of kills.
func (k *killer) dismiss(t *testing.T) int {
	t.Helper()
	close(k.orders)
	must(t, <-k.ended)
	return k.killed
}

// Both servers gone for a while in the middle of a course change nothing either.
func TestTemporalAndPostgresAwayInMidCourseChangesNothing(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, aCourse())
	tn := ownTown(t, devstack.Options{})
	h := tn.newHouse(t)
	h.work(t)
	course, random := readCourse(t, h, aCourse(), nil), chance(t)
	at, delay := len(course.Steps)/4+random.IntN(len(course.Steps)/2), time.Duration(random.IntN(80))*time.Millisecond
	back := make(chan error, 1)
	h.play(t, course, func(done, _ int) {
		if done != at {
			return
		}
		go func() {
			time.Sleep(delay) // the moment is random; nothing waits for it
			back <- tn.blackout(outage())
		}()
	})
	must(t, <-back)
	compare(t, want, h.outcome(t))
}

// blackout kills both servers and brings them back after a while.
func (tn *town) blackout(away time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute+away)
	defer cancel()
	if err := tn.Temporal.Kill(); err != nil {
		return fmt.Errorf("kill Temporal: %w", err)
	}
	if err := tn.Postgres.Kill(); err != nil {
		return fmt.Errorf("kill Postgres: %w", err)
	}
	time.Sleep(away) // this is the outage
	if err := tn.Postgres.Restart(ctx); err != nil {
		return err
	}
	return tn.Temporal.Restart(ctx)
}
