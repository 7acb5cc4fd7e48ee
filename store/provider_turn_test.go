package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/store"
)

// TestThreeWorkersTakeTurnsOfOneProvider: the turns that three programs take at once are apart, on each channel by itself.
func TestThreeWorkersTakeTurnsOfOneProvider(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const each, every = 20, time.Minute // so long that the test's own time is nothing beside it
	var mu sync.Mutex
	turns := map[person.Channel][]time.Duration{}
	var all sync.WaitGroup
	began := time.Now()
	for range 3 {
		worker, err := store.Open(t.Context(), store.Options{URL: b.url, Keys: b.keys, IndexKey: indexKey, MaxConns: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(worker.Close)
		for range each {
			for _, ch := range []person.Channel{person.SMS, person.Email} {
				all.Go(func() {
					wait, ok, err := worker.ProviderTurn(t.Context(), ch, every, 24*time.Hour)
					if err != nil || !ok {
						t.Error(ok, err)
					}
					mu.Lock()
					defer mu.Unlock()
					turns[ch] = append(turns[ch], time.Since(began)+wait)
				})
			}
		}
	}
	all.Wait()
	for ch, at := range turns {
		slices.Sort(at)
		for n := range at {
			if off := at[n] - at[0] - time.Duration(n)*every; len(at) != 3*each || off.Abs() > every/2 {
				t.Fatalf("%s: turn %d of %d comes after %s", ch, n, len(at), at[n]-at[0])
			}
		}
	}
	if _, ok, err := b.ProviderTurn(t.Context(), person.SMS, every, time.Minute); ok || err != nil {
		t.Error("a turn is taken that comes too late", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok, err := b.ProviderTurn(ctx, person.SMS, every, time.Hour); ok || err == nil {
		t.Error("a turn is taken for nobody")
	}
}
