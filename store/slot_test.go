package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/visit"
)

func at(hour, minute int) time.Time {
	return day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func slot(client, appointment string, start, end time.Time, people ...string) care.Slot {
	return care.Slot{ClientID: client, Appointment: appointment, People: people, Start: start, End: end}
}

func (b *bundle) reserve(s care.Slot) string {
	b.t.Helper()
	clash, err := b.Reserve(b.t.Context(), s)
	if err != nil {
		b.t.Fatal(err)
	}
	return clash
}

func (b *bundle) wantClash(s care.Slot, want string) {
	b.t.Helper()
	if got := b.reserve(s); got != want {
		b.t.Errorf("%s of %s: clash %q, want %q", s.Appointment, s.ClientID, got, want)
	}
}

func TestSlotIsHeldUntilItIsReleasedOrLapses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	first := slot("client-a", "evaluation-1", at(0, 0), at(1, 0), "psy-a")
	b.wantClash(first, "")
	b.wantClash(first, "") // a retry of the same
	b.wantClash(slot("client-b", "evaluation-1", at(0, 59), at(2, 0), "psy-a"), "the psychotherapist psy-a is busy then")
	b.wantClash(slot("client-b", "evaluation-1", at(1, 0), at(2, 0), "psy-a"), "") // from its very end on
	b.wantClash(slot("client-b", "evaluation-2", at(0, 0), at(1, 0), "psy-b"), "")

	if err := b.Release(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := slot("client-b", "evaluation-3", at(0, 0), at(1, 0), "psy-a")
	b.wantClash(second, "")
	b.wantClash(first, "the psychotherapist psy-a is busy then")
	b.exec(`UPDATE slot SET held_until = now() - interval '1 second'`)
	b.wantClash(first, "")
}

func TestClashNamesEveryoneWhoIsBusyAndTakesNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	b.wantClash(slot("client-a", "consult-1", at(0, 0), at(1, 0), "dr-a"), "")
	b.wantClash(slot("client-b", "infusion-1", at(0, 0), at(1, 0), "psy-a", "dr-a"), "the physician dr-a is busy then")
	b.wantClash(slot("client-a", "evaluation-1", at(0, 0), at(1, 0), "psy-a"), "") // it was given back
	b.wantClash(slot("client-b", "infusion-1", at(0, 0), at(1, 0), "psy-a", "dr-a", "", "psy-a"),
		"the physician dr-a and the psychotherapist psy-a are busy then")
	b.wantClash(slot("client-b", "infusion-1", at(0, 0), at(0, 0), "psy-a"), "") // takes no time
	b.wantClash(slot("client-b", "infusion-1", at(0, 0), at(1, 0)), "")          // of nobody
}

func TestOfManyWhoReserveOneHourOneGetsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const many = 20
	for i := range many {
		b.enrolled(fmt.Sprintf("client-%d", i))
	}
	var got atomic.Int64
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			people := []string{"psy-a", "dr-a"}
			if i%2 == 0 {
				people = []string{"dr-a", "psy-a"}
			}
			clash, err := b.Reserve(t.Context(), slot(fmt.Sprintf("client-%d", i), "infusion-1", at(0, i), at(1, i), people...))
			if err != nil {
				t.Error(err)
			}
			if clash == "" {
				got.Add(1)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d got it", got.Load())
	}
}

func TestSavedVisitTakesItsSlotAndAMoveGivesItBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.enrolled("client-b")
	b.wantClash(slot("client-a", "evaluation-1", at(0, 0), at(0, 50), "psy-a"), "")
	b.save(saveVisit(chart, "evaluation-1", visit.Evaluation, at(0, 0), 50))
	if n := b.count(`SELECT count(*) FROM slot WHERE state = 'taken'`) + 10*b.count(`SELECT count(*) FROM slot`); n != 11 {
		t.Fatalf("slots %d", n)
	}
	if err := b.Release(t.Context(), slot("client-a", "evaluation-1", at(0, 0), at(0, 50))); err != nil {
		t.Fatal(err)
	}
	b.wantClash(slot("client-b", "evaluation-1", at(0, 0), at(0, 50), "psy-a"), "the psychotherapist psy-a is busy then")

	// The move overlaps its own old time; until it is saved both times are its own.
	b.wantClash(slot("client-a", "evaluation-1", at(0, 30), at(1, 20), "psy-a"), "")
	b.wantClash(slot("client-b", "evaluation-1", at(0, 0), at(0, 30), "psy-a"), "the psychotherapist psy-a is busy then")
	b.wantClash(slot("client-b", "evaluation-1", at(1, 0), at(2, 0), "psy-a"), "the psychotherapist psy-a is busy then")
	other := chart.Clone()
	other.Version++
	b.save(care.Save{Chart: other}) // something else is saved meanwhile: the reservation stays
	b.wantClash(slot("client-b", "evaluation-1", at(1, 0), at(2, 0), "psy-a"), "the psychotherapist psy-a is busy then")

	chart.Visits[0].Start, chart.Visits[0].Version = at(0, 30), 2
	chart.Version += 2
	b.save(care.Save{Chart: chart})
	b.wantClash(slot("client-b", "evaluation-1", at(0, 0), at(0, 30), "psy-a"), "")
	b.wantClash(slot("client-b", "evaluation-2", at(1, 19), at(2, 0), "psy-a"), "the psychotherapist psy-a is busy then")

	chart.Visits[0].Status = visit.Cancelled
	chart.Version++
	b.save(care.Save{Chart: chart})
	b.wantClash(slot("client-b", "evaluation-2", at(1, 19), at(2, 0), "psy-a"), "")
}

func TestVisitSavedOverAnothersIsKeptAndFoundAndTakesItsTimeOnceItIsFree(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	b := setupLogged(t, slog.New(slog.NewTextHandler(&logged, nil)))
	first, second := b.enrolled("client-a"), b.enrolled("client-b")
	b.enrolled("client-c")
	b.save(saveVisit(first, "infusion-1", visit.Infusion, at(0, 0), 50))
	b.save(saveVisit(second, "infusion-1", visit.Infusion, at(0, 30), 50))
	if !bytes.Contains(logged.Bytes(), []byte("client-b")) {
		t.Errorf("nobody is told: %s", logged.String())
	}
	touched := func(person string, from, to time.Time) []string {
		ids, err := b.Touched(t.Context(), person, from, to)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if diff := cmp.Diff([]string{"client-a", "client-b"}, touched("dr-a", at(0, 40), at(0, 45))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"client-a"}, touched("psy-a", at(0, 0), at(0, 30))); diff != "" {
		t.Error(diff)
	}
	if got := touched("psy-b", at(0, 0), at(9, 0)); len(got) != 0 {
		t.Errorf("an idle clinician touches %v", got)
	}
	if got := touched("psy-a", at(1, 0), at(1, 0)); len(got) != 0 {
		t.Errorf("no time at all touches %v", got)
	}

	first.Visits[0].Status = visit.Fulfilled
	first.Version++
	b.save(care.Save{Chart: first})
	b.wantClash(slot("client-c", "consult-1", at(1, 0), at(2, 0), "dr-a"), "")
	if err := b.Release(t.Context(), slot("client-c", "consult-1", at(1, 0), at(2, 0))); err != nil {
		t.Fatal(err)
	}
	second.Version++
	b.save(care.Save{Chart: second})
	b.wantClash(slot("client-c", "consult-1", at(1, 0), at(2, 0), "dr-a"), "the physician dr-a is busy then")
}

func TestReservationOfAnotherDoesNotFailASave(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.enrolled("client-b")
	b.wantClash(slot("client-b", "evaluation-1", at(0, 0), at(1, 0), "psy-a"), "")
	b.save(saveVisit(chart, "evaluation-1", visit.Evaluation, at(0, 0), 50))
	b.exec(`UPDATE slot SET held_until = now() - interval '1 second' WHERE state = 'held'`)
	chart.Version++
	b.save(care.Save{Chart: chart})
	if n := b.count(`SELECT count(*) FROM slot WHERE state = 'taken'`); n != 1 {
		t.Errorf("%d slots are taken once the reservation lapsed", n)
	}
}
