package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"kapflow/access"
	"kapflow/bench/stage"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/workflows"
)

// Courses are played in blocks, several at a time, in the order journey, bare, whole app, and back.
var courseLanes = []int{4, 8}

// courseRounds is how often each kind of block is played at one concurrency, while time lasts.
const courseRounds = 4

// laneKinds are what is compared.
var laneKinds = []struct {
	name string
	open func(context.Context, *rehearsal.TestServers, *recording) (lane, func(), error)
}{
	{"journey, activities that do nothing", openJourney},
	{"bare, the same commands in the same order", openBare},
	{"the whole app, with Postgres and the desk", openApp},
}

// lane plays one course from enrollment to its end.
type lane func(ctx context.Context) error

// measureCourses plays whole courses beside bare ones, several at a time, and compares how many a second the
// server and the machine manage.
func measureCourses(ctx context.Context, out io.Writer, s *rehearsal.TestServers, p played) error {
	rec, err := recordingOf(s, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nWhole courses a second, interleaved, encrypted, %d facts each\n", len(rec.facts))
	var perLane time.Duration // of one round, as it went last
	for _, lanes := range courseLanes {
		took := make([]time.Duration, len(laneKinds))
		rounds := 0
		for ; rounds < courseRounds && left(ctx) > perLane*time.Duration(lanes)*3/2; rounds++ {
			began := time.Now()
			for i := range laneKinds {
				if rounds%2 == 1 {
					i = len(laneKinds) - 1 - i
				}
				d, err := playBlock(ctx, s, rec, i, lanes)
				if err != nil {
					return err
				}
				took[i] += d
			}
			perLane = time.Since(began) / time.Duration(lanes)
		}
		if rounds == 0 {
			fmt.Fprintf(out, "\n  %d at a time: no time is left; try again with -only courses, or on a machine with less to do\n", lanes)
			continue
		}
		fmt.Fprintf(out, "\n  %d at a time, %d each\n", lanes, lanes*rounds)
		for i, k := range laneKinds {
			fmt.Fprintf(out, "  %-46s %.2f/s   %.2f of bare\n", k.name, float64(lanes*rounds)/took[i].Seconds(), took[1].Seconds()/took[i].Seconds())
		}
	}
	fmt.Fprintln(out, "  aim: the journey at least 0.8 of bare")
	return nil
}

// left is the time until the context ends.
func left(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Hour
	}
	return time.Until(deadline)
}

// playBlock plays one course in each lane at once and times them together. Databases and workers are made
// before the clock starts.
func playBlock(ctx context.Context, s *rehearsal.TestServers, rec *recording, kind, lanes int) (time.Duration, error) {
	var all []lane
	for range lanes {
		l, leave, err := laneKinds[kind].open(ctx, s, rec)
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

// openApp makes a lane of the real thing: desk, journey, activities, Postgres.
func openApp(ctx context.Context, s *rehearsal.TestServers, rec *recording) (lane, func(), error) {
	env, err := stage.Open(ctx, s, stage.Options{})
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context) error {
		id, err := env.Enroll(ctx, rec.course, rec.course.Clients[0], uuid.NewString())
		if err != nil {
			return err
		}
		for _, step := range rec.course.Steps {
			if err := engine.FastForward(ctx, env.TemporalClient, id, step.At); err != nil {
				return err
			}
			env.Clock.Set(step.At)
			if err := record(ctx, env, id, step); err != nil {
				return err
			}
		}
		return engine.FastForward(ctx, env.TemporalClient, id, rec.course.Until)
	}, env.Close, nil
}

// record reports one step's fact. It skips a step that will be refused, because the other lanes have none.
func record(ctx context.Context, env *stage.Environment, id string, step coursefile.Step) error {
	if step.Refused != "" {
		return nil
	}
	by := step.By
	if by.Role == person.Client {
		by.ID = id
	}
	_, err := env.Desk.Record(ctx, desk.Command{ClientID: id, Fact: step.Fact, By: access.FromRehearsal(env.Desk.Policy, by), With: step.With})
	return err
}

// openJourney makes a lane of the journey alone.
func openJourney(ctx context.Context, s *rehearsal.TestServers, rec *recording) (lane, func(), error) {
	return openWorkers(ctx, s, func(w worker.Worker) {
		w.RegisterWorkflowWithOptions(workflows.ClientJourney, workflow.RegisterOptions{Name: workflows.ClientJourneyName})
	}, new(idleActivities), func(ctx context.Context, c client.Client, queue string) error {
		chart := rec.enrolled.Clone()
		chart.ClientID = queue
		return rec.drive(ctx, c, queue, subject{workflows.ClientJourneyName, []any{workflows.JourneyInput{Chart: chart}}, func(n int) (string, any) {
			return rec.facts[n].name, rec.facts[n].report
		}})
	})
}

// openBare makes a lane of the bare workflow.
func openBare(ctx context.Context, s *rehearsal.TestServers, rec *recording) (lane, func(), error) {
	return openWorkers(ctx, s, func(w worker.Worker) {
		w.RegisterWorkflowWithOptions(bareCourse{rec.script}.Course, workflow.RegisterOptions{Name: bareName})
	}, new(idleActivities), func(ctx context.Context, c client.Client, queue string) error {
		return rec.drive(ctx, c, queue, subject{bareName, nil, func(n int) (string, any) { return bareUpdate, n }})
	})
}

// openWorkers starts as many workers as an app has, on a queue of their own.
func openWorkers(ctx context.Context, s *rehearsal.TestServers, register func(worker.Worker), activities any, play func(context.Context, client.Client, string) error) (lane, func(), error) {
	c, err := s.Dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	queue := "bench-" + uuid.NewString()
	options := engine.WorkerOptions("", "")
	journeys := worker.New(c, queue, options)
	register(journeys)
	journeys.RegisterActivity(activities)
	options.DisableWorkflowWorker = true
	notify := worker.New(c, queue+workflows.NotifySuffix, options)
	notify.RegisterActivity(activities)
	if err := errors.Join(journeys.Start(), notify.Start()); err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context) error { return play(ctx, c, queue) }, func() {
		notify.Stop()
		journeys.Stop()
		c.Close()
	}, nil
}
