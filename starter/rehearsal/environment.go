// Package rehearsal plays course files on real servers. It starts a Temporal server in virtual time and a Postgres (TestServers), opens a
// practice on them (Environment), and takes a course through the real journey and the real activities (Player). Fake message providers
// answer over HTTP.
package rehearsal

import (
	"context"
	"sync/atomic"
	"time"

	"kapflow/care/person"
	"kapflow/engine"
	"kapflow/messaging/fake"
	"kapflow/practice/coursefile"
	"kapflow/worker/wiring"
)

// Environment is where a course is played: a practice's app on a Temporal server in virtual time. Two courses need two
// environments if their clients must not meet.
type Environment struct {
	*wiring.App
	Clock *Clock
	// Providers are the fakes that messages go through. Nil is the mailbox.
	Providers Providers
	// Drive moves a journey's time on. Nil uses the server's time skipping.
	Drive func(ctx context.Context, workflowID string, to time.Time) error
	// DatabaseURL is the environment's own database, if TestServers.Open made it.
	DatabaseURL string

	fakes   *providers
	closers []func()
}

// Providers are message providers that a course can tell how to behave.
type Providers interface {
	Behave(ch person.Channel, b fake.Behaviour) error
	// Reply sends a text from a number, and returns when the client's journey has received it.
	Reply(ctx context.Context, from, text string) error
	// Taken counts the messages that a channel's provider accepted.
	Taken(ch person.Channel) int
	// Faults are the requests that break the providers' own rules.
	Faults() []string
}

// Clock is the virtual time of the desk. It stands still until Run.
type Clock struct {
	at      atomic.Int64
	running atomic.Int64 // the real time at which it began to run, in nanoseconds; 0: it stands still
}

// Set moves the clock. A clock that runs goes on from there.
func (c *Clock) Set(t time.Time) {
	c.at.Store(t.UnixNano())
	if c.running.Load() != 0 {
		c.Run()
	}
}

// Run lets the clock go on from where it is, as fast as a real one.
func (c *Clock) Run() { c.running.Store(time.Now().UnixNano()) }

// Now returns the clock's time in UTC. A clock that was never set is at the start of 1970.
func (c *Clock) Now() time.Time {
	at := c.at.Load()
	if began := c.running.Load(); began != 0 {
		at += time.Now().UnixNano() - began
	}
	return time.Unix(0, at).UTC()
}

// Work starts the app's workers, which run until Close.
func (e *Environment) Work() error {
	options := engine.WorkerOptions("", "")
	if e.fakes != nil {
		options.Interceptors = append(options.Interceptors, e.fakes)
	}
	return e.StartWorkers(e.Workers(options))
}

// StartWorkers starts workers that run until Close.
func (e *Environment) StartWorkers(workers wiring.Workers) error {
	if err := workers.Start(); err != nil {
		return &wiring.AwayError{Err: err}
	}
	e.closers = append(e.closers, workers.Stop)
	return nil
}

// Close stops everything that runs in the environment. Its database stays.
func (e *Environment) Close() {
	for i := len(e.closers) - 1; i >= 0; i-- {
		e.closers[i]()
	}
	e.closers = nil
}

// Play starts the workers, plays a course and checks what the course expects. The error is a *Failed for the first thing
// that did not go as the course says.
func (e *Environment) Play(ctx context.Context, course *coursefile.Course, sink coursefile.Sink) error {
	if err := e.Work(); err != nil {
		return err
	}
	return (&Player{Course: course, On: e, Sink: sink}).Play(ctx)
}
