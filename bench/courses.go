package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"kapflow/bench/stage"
	"kapflow/care"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/starter/rehearsal"
	"kapflow/workflows"
)

// courseRounds is how often a pair of blocks is played at each concurrency, the order turned each time.
var courseRounds = []struct{ lanes, rounds int }{{4, 3}, {8, 2}}

// lane plays one course from enrolment to its end.
type lane func(ctx context.Context) error

// measureCourses plays whole courses beside bare ones, several at a time, and compares how many a second the
// server and the machine manage.
func measureCourses(ctx context.Context, out io.Writer, s *stage.Stage, p played) error {
	bare, err := scriptOf(p.history)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nWhole courses a second, interleaved; a bare course issues the same commands with no rules and no database\n\n")
	for _, c := range courseRounds {
		var took, bareTook time.Duration
		for round := range c.rounds {
			order := []bool{true, false}
			if round%2 == 1 {
				order = []bool{false, true}
			}
			for _, ours := range order {
				d, err := playBlock(ctx, s, p, bare, c.lanes, ours)
				if err != nil {
					return err
				}
				if ours {
					took += d
				} else {
					bareTook += d
				}
			}
		}
		n := float64(c.lanes * c.rounds)
		fmt.Fprintf(out, "  %d at a time: journeys %.2f/s, bare %.2f/s, ratio %.2f over %d courses each    aim: at least 0.8\n",
			c.lanes, n/took.Seconds(), n/bareTook.Seconds(), bareTook.Seconds()/took.Seconds(), c.lanes*c.rounds)
	}
	return nil
}

// playBlock plays one course in each lane at once and times them together. Databases and workers are made
// before the clock starts.
func playBlock(ctx context.Context, s *stage.Stage, p played, bare script, lanes int, ours bool) (time.Duration, error) {
	open := openBare
	if ours {
		open = openJourney
	}
	var all []lane
	for range lanes {
		l, leave, err := open(ctx, s, p, bare)
		if err != nil {
			return 0, err
		}
		defer leave()
		all = append(all, l)
	}
	began := time.Now()
	var group sync.WaitGroup
	errs := make([]error, lanes)
	for i, l := range all {
		group.Go(func() { errs[i] = l(ctx) })
	}
	group.Wait()
	return time.Since(began), errors.Join(errs...)
}

// openJourney makes a lane of the real thing: desk, journey, activities, Postgres.
func openJourney(ctx context.Context, s *stage.Stage, p played, _ script) (lane, func(), error) {
	house, err := s.House(ctx, stage.Options{})
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context) error {
		id, err := house.Enroll(ctx, p.course, p.course.Clients[0], uuid.NewString())
		if err != nil {
			return err
		}
		for _, step := range p.course.Steps {
			if err := engine.FastForward(ctx, house.TemporalClient, id, step.At); err != nil {
				return err
			}
			house.Clock.Set(step.At)
			if err := record(ctx, house, id, step); err != nil {
				return err
			}
		}
		return engine.FastForward(ctx, house.TemporalClient, id, p.course.Until)
	}, house.Close, nil
}

func record(ctx context.Context, house *stage.House, id string, step rehearsal.Step) error {
	by := step.By
	if by.Role == care.Client {
		by.ID = id
	}
	_, err := house.Desk.Record(ctx, desk.Command{ClientID: id, Fact: step.Fact, By: by, With: step.With})
	if refusal := new(care.Refusal); errors.As(err, &refusal) && step.Refused != "" {
		return nil
	}
	return err
}

// openBare makes a lane of the bare workflow, with as many workers as a house has.
func openBare(ctx context.Context, s *stage.Stage, p played, bare script) (lane, func(), error) {
	c, err := s.Dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	queue := "bench-bare-" + uuid.NewString()
	journeys := worker.New(c, queue, engine.WorkerOptions("", ""))
	journeys.RegisterWorkflow(bareCourse{bare}.Course)
	journeys.RegisterActivity(Nothing)
	options := engine.WorkerOptions("", "")
	options.DisableWorkflowWorker = true
	notify := worker.New(c, queue+workflows.NotifySuffix, options)
	notify.RegisterActivity(Nothing)
	if err := errors.Join(journeys.Start(), notify.Start()); err != nil {
		return nil, nil, err
	}
	leave := func() {
		notify.Stop()
		journeys.Stop()
		c.Close()
	}
	return func(ctx context.Context) error {
		id := queue
		if _, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: queue}, "Course"); err != nil {
			return err
		}
		n := 0
		for ; n < len(bare.facts) && bare.times[n].Before(p.course.Start); n++ { // those that come with the enrolment
			if err := update(ctx, c, id, bareUpdate, n); err != nil {
				return err
			}
		}
		for _, step := range p.course.Steps {
			if err := engine.FastForward(ctx, c, id, step.At); err != nil {
				return err
			}
			if step.Refused != "" {
				continue
			}
			if err := update(ctx, c, id, bareUpdate, n); err != nil {
				return err
			}
			n++
		}
		return engine.FastForward(ctx, c, id, p.course.Until)
	}, leave, nil
}

// scriptOf derives a bare course from a journey's history: per workflow task, what woke the journey and the
// commands it answered with.
func scriptOf(events []*historypb.HistoryEvent) (script, error) {
	sc := script{timers: map[int]reaction{}}
	order := map[int64]int{} // a timer's started event → its place
	for i, s := range steps(events) {
		r := reaction{upsert: s.has(enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES), save: s.has(enumspb.EVENT_TYPE_MARKER_RECORDED),
			cancel: s.has(enumspb.EVENT_TYPE_TIMER_CANCELED), sending: len(s.commands(enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED))}
		for _, e := range s.commands(enumspb.EVENT_TYPE_TIMER_STARTED) {
			order[e.GetEventId()] = len(order)
			r.timers = append(r.timers, e.GetEventTime().AsTime().Add(e.GetTimerStartedEventAttributes().GetStartToFireTimeout().AsDuration()))
		}
		switch {
		case i == 0:
			sc.start = r
		case len(s.facts) == 1:
			sc.facts = append(sc.facts, r)
			sc.times = append(sc.times, s.at)
		case len(s.facts) > 1:
			return sc, fmt.Errorf("%v were taken in by one workflow task; no script can be made of that", slices.Concat(s.facts))
		case s.fired != 0:
			sc.timers[order[s.fired]] = r
		case len(s.outcome) > 0:
			return sc, fmt.Errorf("the journey issued %d commands after an activity; the script knows no reaction to that", len(s.outcome))
		}
	}
	return sc, nil
}
