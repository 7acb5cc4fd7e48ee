package wiring

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kapflow/care/person"
)

// Thirty at once leave ten a second, on each channel by itself; a pause saves nothing up; and who is called off in the
// queue has not left.
func TestMessagesOfOneProcessTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, began := newPace(10), time.Now()
		for range 2 {
			var all sync.WaitGroup
			for range 30 {
				for _, ch := range []person.Channel{person.SMS, person.Email} {
					all.Go(func() {
						if err := p.turn(t.Context(), ch); err != nil {
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
		if err := p.turn(ctx, person.SMS); err != nil {
			t.Error(err)
		}
		cancel()
		if err := p.turn(ctx, person.SMS); err == nil {
			t.Error("it leaves although it was called off")
		}
	})
}
