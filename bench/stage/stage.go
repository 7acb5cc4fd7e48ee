// Package stage is where the benchmark and the recorder of histories play courses: a real Temporal server in
// virtual time, a real Postgres, and houses on them.
package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"kapflow/activities"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// Zone is the time zone that courses are played in here. It has no clock changes, so that a course costs the
// same on whatever day of the year it is played.
const Zone = "America/Phoenix"

// templateDatabase is migrated once; every house's own is a copy of it.
const templateDatabase = "kapflow_template"

// Stage is a server and a database.
type Stage struct {
	Stack *devstack.Stack
	Codec *engine.Codec

	houses atomic.Int64
}

// Open starts both and prepares the template database. A zero ring makes a fresh key.
func Open(ctx context.Context, progress io.Writer, codec *engine.Codec) (_ *Stage, err error) {
	if codec == nil {
		codec = engine.NewCodec(keyring.New())
	}
	stack, err := devstack.Start(ctx, devstack.Options{Out: progress, TimeSkipping: true, Unsafe: true, Headless: true})
	if err != nil {
		return nil, err
	}
	s := &Stage{Stack: stack, Codec: codec}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	url, err := stack.Postgres.NewDatabase(ctx, templateDatabase, "")
	if err != nil {
		return nil, err
	}
	return s, store.Migrate(ctx, url)
}

// Close stops both and removes their data.
func (s *Stage) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return s.Stack.Stop(ctx)
}

// Dial opens one more connection to the Temporal server.
func (s *Stage) Dial(ctx context.Context) (client.Client, error) {
	return engine.Dial(ctx, engine.Options{Address: s.Stack.Temporal.Address, Codec: s.Codec})
}

// House is a practice on the stage with running workers and a database of its own.
type House struct {
	*wiring.House
	Clock *rehearsal.Clock
	// DatabaseURL is the house's own database.
	DatabaseURL string

	leave []func()
}

// Options change what a house is made of.
type Options struct {
	// Policy changes the sample practice's policy.
	Policy func(*policy.Policy)
	// Zone is the practice's time zone; empty is the stage's.
	Zone string
	// Workers start other workers than the house's own.
	Workers func(*wiring.House) (wiring.Workers, error)
}

// House opens a house: the sample practice in a zone without clock changes.
func (s *Stage) House(ctx context.Context, o Options) (_ *House, err error) {
	prac, err := Practice()
	if err != nil {
		return nil, err
	}
	if o.Policy != nil {
		o.Policy(&prac.Policy)
	}
	if o.Zone != "" {
		prac.Policy.Practice.Timezone = o.Zone
		if prac.Zone, err = practice.LoadZone(o.Zone, time.Now()); err != nil {
			return nil, err
		}
	}
	h := &House{Clock: new(rehearsal.Clock)}
	defer func() {
		if err != nil {
			h.Close()
		}
	}()
	name := fmt.Sprintf("bench_%d", s.houses.Add(1))
	if h.DatabaseURL, err = s.Stack.Postgres.NewDatabase(ctx, name, templateDatabase); err != nil {
		return nil, err
	}
	records, err := store.Open(ctx, store.Options{URL: h.DatabaseURL, Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 8})
	if err != nil {
		return nil, err
	}
	h.leave = append(h.leave, records.Close)
	temporalClient, err := s.Dial(ctx)
	if err != nil {
		return nil, err
	}
	h.leave = append(h.leave, temporalClient.Close)
	if err := engine.RegisterSearchAttributes(ctx, temporalClient, client.DefaultNamespace, wiring.SearchAttributes()); err != nil {
		return nil, err
	}
	h.House = (&wiring.House{Practice: prac, Store: records, TemporalClient: temporalClient, TaskQueue: "kapflow-" + name,
		Clock: activities.WorkflowClock, Log: slog.New(slog.DiscardHandler)}).Furnish(h.Clock.Now)
	workers := h.Workers(engine.WorkerOptions("", ""))
	if o.Workers != nil {
		if workers, err = o.Workers(h.House); err != nil {
			return nil, err
		}
	}
	if err := workers.Start(); err != nil {
		return nil, err
	}
	h.leave = append(h.leave, workers.Stop)
	return h, nil
}

// Close stops the house's workers and leaves its database.
func (h *House) Close() {
	for i := len(h.leave) - 1; i >= 0; i-- {
		h.leave[i]()
	}
	h.leave = nil
}

// Practice is the sample practice in the stage's zone.
func Practice() (practice.Practice, error) {
	now := time.Now()
	prac, err := practice.Sample(now)
	if err != nil {
		return prac, err
	}
	if prac.Zone, err = practice.LoadZone(Zone, now); err != nil {
		return prac, err
	}
	prac.Policy.Practice.Timezone = Zone
	return prac, nil
}

// Course reads a course, with every client in the stage's zone.
func Course(files fs.FS, name string) (*rehearsal.Course, error) {
	prac, err := Practice()
	if err != nil {
		return nil, err
	}
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	course, err := rehearsal.Parse(name, body, prac.Zone, prac.Policy, time.Now())
	if err != nil {
		return nil, err
	}
	for i := range course.Clients {
		course.Clients[i].Timezone = Zone
	}
	return course, nil
}

// Enroll enrols one client of a course at its start. reference tells one playing of a file from another in the
// same house.
func (h *House) Enroll(ctx context.Context, course *rehearsal.Course, cl rehearsal.CourseClient, reference string) (string, error) {
	h.Clock.Set(course.Start)
	answer, err := h.Desk.Enroll(ctx, person.Actor{ID: "coordinator", Role: person.Coordinator}, cl.Enrollment(reference))
	if err != nil {
		return "", fmt.Errorf("enrol %s: %w", cl.ID, err)
	}
	return answer.ClientID, nil
}

// Play enrols a course's clients, plays it, checks what it expects, and gives the clients' ids by their names in
// the file.
func (h *House) Play(ctx context.Context, course *rehearsal.Course, reference string) (map[string]string, error) {
	ids := map[string]string{}
	for _, cl := range course.Clients {
		id, err := h.Enroll(ctx, course, cl, reference)
		if err != nil {
			return ids, err
		}
		ids[cl.ID] = id
	}
	player := &rehearsal.Player{Course: course, Sink: Silent{}, Enrolled: ids,
		On: rehearsal.Stage{Desk: h.Desk, TemporalClient: h.TemporalClient, Clock: h.Clock, Drive: h.drive}}
	return ids, player.Play(ctx)
}

func (h *House) drive(ctx context.Context, workflowID string, to time.Time) error {
	return Drive(ctx, h.TemporalClient, workflowID, to)
}

// Settling is how far beyond a step's time a journey is driven before the step: a timer of the same moment
// fires some milliseconds after it.
const Settling = time.Second

// Drive moves a workflow to a time, just beyond it, and waits until it has come to rest there. A fact recorded
// while a timer of the same moment is still being dealt with would share its workflow task or not, as chance
// has it; and time moved while a task is under way makes a task more. No two runs would cost the same.
func Drive(ctx context.Context, c client.Client, workflowID string, to time.Time) error {
	if err := rest(ctx, c, workflowID); err != nil {
		return err
	}
	if err := engine.FastForward(ctx, c, workflowID, to.Add(Settling)); err != nil {
		return err
	}
	return rest(ctx, c, workflowID)
}

// rest waits until neither a workflow task nor an activity is under way.
func rest(ctx context.Context, c client.Client, workflowID string) error {
	for {
		d, err := c.DescribeWorkflowExecution(ctx, workflowID, "")
		if err != nil {
			return fmt.Errorf("look whether %s is at rest: %w", workflowID, err)
		}
		if d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0 {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Silent is a sink for courses that nobody watches.
type Silent struct{}

// Line shows nothing.
func (Silent) Line(rehearsal.Line) error { return nil }
