package wiring

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kapflow/care/person"
)

// inMemory gives turns as the database does.
type inMemory struct {
	mu   sync.Mutex
	next map[person.Channel]time.Time
}

func (m *inMemory) ProviderTurn(_ context.Context, ch person.Channel, every, ahead time.Duration) (time.Duration, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.next[ch]
	if now := time.Now(); at.Before(now) {
		at = now
	}
	if wait := time.Until(at); wait <= ahead {
		m.next[ch] = at.Add(every)
		return wait, true, nil
	}
	return 0, false, nil
}

// Thirty at once, of three workers, leave ten a second, on each channel by itself; a pause saves nothing up; and who is called off in the
// queue, or has no time to wait, has not left.
func TestMessagesOfThreeWorkersTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared, began := &inMemory{next: map[person.Channel]time.Time{}}, time.Now()
		workers := []*pace{newPace(10, shared), newPace(10, shared), newPace(10, shared)}
		for range 2 {
			var all sync.WaitGroup
			for n := range 30 {
				for _, ch := range []person.Channel{person.SMS, person.Email} {
					all.Go(func() {
						if err := workers[n%3].turn(t.Context(), ch); err != nil {
							t.Error(err)
						}
					})
				}
			}
			all.Wait()
			if took := time.Since(began); took != 2900*time.Millisecond {
				t.Errorf("thirty took %s", took)
			}
			time.Sleep(time.Minute)
			began = time.Now()
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := workers[0].turn(ctx, person.SMS); err != nil {
			t.Error(err)
		}
		cancel()
		if err := workers[1].turn(ctx, person.SMS); err == nil {
			t.Error("it leaves although it was called off")
		}
		short, end := context.WithTimeout(t.Context(), time.Millisecond)
		defer end()
		if err := workers[2].turn(short, person.SMS); err == nil || short.Err() != nil {
			t.Error("it waits for a turn that comes too late", err)
		}
	})
}
