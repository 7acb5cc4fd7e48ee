package wiring

import (
	"context"
	"sync"
	"time"

	"kapflow/care/person"
)

// pace spaces out one process's calls to providers, by a fixed time on each channel. The task queue's own rate is not
// enough: it counts activities as workers receive them, and a worker that was slow for a moment would catch up in a burst.
type pace struct {
	every time.Duration

	mu   sync.Mutex
	next map[person.Channel]time.Time
}

func newPace(perSecond float64) *pace {
	return &pace{every: time.Duration(float64(time.Second) / perSecond), next: map[person.Channel]time.Time{}}
}

// turn waits for the next turn on a channel. The error is ctx's if it ends first. Unused turns are not saved up.
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
