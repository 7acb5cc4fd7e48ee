package e2e_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/keyring"
	"kapflow/store"
)

// resealAsProcess seals again, and after two steps waits to be killed.
func resealAsProcess(ctx context.Context, w wires) int {
	owner, err := w.asOwner(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	steps := 0
	_, err = owner.Reseal(ctx, func(store.Resealed) {
		if steps++; steps == 2 {
			fmt.Println(working)
			<-ctx.Done()
		}
	})
	fmt.Fprintln(os.Stderr, "it ended before it was killed:", err)
	return 1
}

func (w wires) asOwner(ctx context.Context) (*store.Store, error) {
	keys, err := keyring.Parse(w.FieldKey)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Options{URL: w.Database, Keys: keys, IndexKey: w.IndexKey, MaxConns: 4, AsOwner: true})
}

// TestKeysChangeInMidCourse changes payload and field keys as the runbook says, each worker being killed for the next: both keys are
// known first, then the new ones encrypt. Everything is sealed again while facts are recorded, the first try is killed, and at the end the
// old field key is taken out. No fact is lost, and nothing is unreadable.
func TestKeysChangeInMidCourse(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	const others = 1500 // clients with a key, so that sealing again has many steps
	for n := range others {
		if _, err := h.Store.Hide(t.Context(), fmt.Sprintf("client-other-%d", n), "note", "x"); err != nil {
			t.Fatal(err)
		}
	}
	psychotherapist := person.Actor{ID: "psy-sample", Role: person.Psychotherapist}
	told := 0
	tell := func(h *house, id string) {
		told++
		if _, err := h.record(t, id, "goals-recorded", psychotherapist, `{"intention":"to sleep through the night"}`); err != nil {
			t.Errorf("fact %d: %v", told, err)
		}
	}
	old := h.wires
	now := h.hire(t)
	id := h.enroll(t, "rotated")
	enrolled := h.chart(t, id).Facts
	tell(h, id)

	newField, newPayload := keyring.NewEntry("new-field"), keyring.NewEntry("new-payload")
	known, front, last := old, old, old
	known.FieldKey, known.PayloadKey = old.FieldKey+","+newField, old.PayloadKey+","+newPayload
	front.FieldKey, front.PayloadKey = newField+","+old.FieldKey, newPayload+","+old.PayloadKey
	last.FieldKey, last.PayloadKey = newField, front.PayloadKey
	for _, w := range []wires{known, front} {
		next := h.hire(t, func(to *wires) { *to = w })
		must(t, now.kill())
		now = next
		h = h.rewired(t, w)
		tell(h, id)
	}

	broken, err := h.startProcess(func(w *wires) { w.Reseal = true })
	must(t, err)
	tell(h, id)
	must(t, broken.kill())
	owner, err := front.asOwner(t.Context())
	must(t, err)
	defer owner.Close()
	oldKey := keyIn(t, old.FieldKey)
	if left := needed(t, owner, oldKey); left == 0 || left == others {
		t.Errorf("when it was killed, %d of %d keys were left", left, others)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for range 10 {
			tell(h, id)
		}
	})
	_, err = owner.Reseal(t.Context(), func(store.Resealed) {})
	must(t, err)
	work.Wait()
	if left := needed(t, owner, oldKey); left != 0 {
		t.Errorf("%d still need the old key", left)
	}

	h.hire(t, func(to *wires) { *to = last })
	must(t, now.kill())
	h = h.rewired(t, last)
	tell(h, id)
	facts, err := h.Store.Facts(t.Context(), id)
	must(t, err)
	if chart := h.chart(t, id); len(facts) != enrolled+told || chart.Facts != enrolled+told {
		t.Errorf("%d facts are stored and the chart knows %d, want %d", len(facts), chart.Facts, enrolled+told)
	}
	for _, f := range facts {
		if len(f.With) == 0 {
			t.Errorf("fact %d is empty", f.Seq)
		}
	}
}

// rewired opens the same house with other keys.
func (h *house) rewired(t *testing.T, w wires) *house {
	t.Helper()
	app, leave, err := w.open(t.Context(), &h.log, func() time.Time { return time.Now().UTC() })
	must(t, err)
	t.Cleanup(leave)
	return &house{App: app, wires: w, town: h.town}
}

func keyIn(t *testing.T, text string) string {
	t.Helper()
	ring, err := keyring.Parse(text)
	must(t, err)
	return ring.Current()
}

// needed counts what needs a field key.
func needed(t *testing.T, s *store.Store, key string) (n int) {
	t.Helper()
	uses, err := s.KeyUse(t.Context())
	must(t, err)
	for _, u := range uses {
		if u.Key == key {
			n += u.Count
		}
	}
	return n
}
