package wiring

import (
	"context"
	"sync"
	"time"

	"kapflow/care/person"
)

// pace gives the messages of one process their turns at a provider, a fixed time apart on each channel. The queue's own
// rate counts activities as they are handed to workers; a worker that was slow for a moment would catch up in one burst.
type pace struct {
	every time.Duration

	mu   sync.Mutex
	next map[person.Channel]time.Time
}

func newPace(perSecond float64) *pace {
	return &pace{every: time.Duration(float64(time.Second) / perSecond), next: map[person.Channel]time.Time{}}
}

// turn waits for the next turn, or says that ctx ended first. Turns that nobody took are not saved up.
func (p *pace) turn(ctx context.Context, ch person.Channel) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	now := time.Now()
	at := p.next[ch]
	if at.Before(now) {
		at = now
	}
	p.next[ch] = at.Add(p.every)
	p.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(at.Sub(now)):
		return nil
	}
}
