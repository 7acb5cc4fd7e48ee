package wiring

import (
	"context"
	"time"

	"kapflow/care/person"
)

// pace spaces out the practice's calls to providers, by a fixed time on each channel, over all workers: each call takes its turn from
// the database. The task queue's own rate is not enough: it counts activities, of which one may send several messages, and a worker that
// was slow for a moment would catch up in a burst.
type pace struct {
	every time.Duration
	turns turns
}

// turns gives the turns of all workers.
type turns interface {
	// ProviderTurn takes the next turn to send on a channel, and says how long it is until then; ok is false if it is further ahead
	// than it may be, and none is taken.
	ProviderTurn(ctx context.Context, ch person.Channel, every, ahead time.Duration) (wait time.Duration, ok bool, err error)
}

func newPace(perSecond float64, of turns) *pace {
	return &pace{every: time.Duration(float64(time.Second) / perSecond), turns: of}
}

// longestTurn is how far ahead a turn may be for a call that has no deadline.
const longestTurn = time.Minute

// turn waits for the next turn on a channel. The error is the context's if it ends first, or would.
func (p *pace) turn(ctx context.Context, ch person.Channel) error {
	if p == nil {
		return nil
	}
	ahead := longestTurn
	if deadline, ok := ctx.Deadline(); ok {
		ahead = time.Until(deadline)
	}
	wait, ok, err := p.turns.ProviderTurn(ctx, ch, p.every, ahead)
	if err != nil {
		return err
	}
	if !ok {
		return context.DeadlineExceeded
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}
