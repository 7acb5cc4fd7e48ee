package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"kapflow/activities"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type rehearseCommand struct {
	Courses  []string `arg:"" name:"course.yaml" help:"Course files." type:"path"`
	Practice string   `help:"Practice file to try the courses with, in place of the one each course names." type:"path"`
	JSON     bool     `name:"json" help:"Print one JSON object a line."`
}

// Run plays every file, each with clients of its own, on one server. It goes on after a course that failed,
// so that one run tells all.
func (c rehearseCommand) Run(t terminal) error {
	theatre, err := openTheatre(t.ctx, t.err, devstack.Options{})
	if err != nil {
		return err
	}
	defer theatre.close()
	var errs []error
	for _, file := range c.Courses {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		if err := c.play(t, theatre, file); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c rehearseCommand) play(t terminal, theatre *theatre, file string) error {
	course, prac, err := readCourse(file, c.Practice)
	if err != nil {
		return err
	}
	var sink rehearsal.Sink = rehearsal.JSONSink{Out: t.out, Zone: prac.Zone}
	if !c.JSON {
		fmt.Fprintf(t.out, "%s (%s)\n", course.Name, file)
		sink = &rehearsal.TimelineSink{Out: t.out, Zone: prac.Zone}
	}
	began := time.Now()
	if err := theatre.play(t.ctx, course, prac, sink, nil); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%s: went as expected, in %.1f s\n", file, time.Since(began).Seconds())
	return nil
}

// readCourse reads a course with its practice: the one given, else the one it names, else the sample.
func readCourse(file, practiceFile string) (*rehearsal.Course, practice.Practice, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return nil, practice.Practice{}, usageError{fmt.Errorf("read the course: %w", err)}
	}
	if practiceFile == "" {
		named, line, err := rehearsal.PracticePath(os.DirFS(filepath.Dir(file)), filepath.Base(file))
		if err != nil {
			return nil, practice.Practice{}, err
		}
		practiceFile = named
		if named != "" && !filepath.IsAbs(named) {
			practiceFile = filepath.Join(filepath.Dir(file), named)
		}
		if _, err := os.Stat(practiceFile); named != "" && err != nil {
			return nil, practice.Practice{}, &rehearsal.FileError{File: file, Line: line,
				Reason: fmt.Sprintf("practice: there is no file %s; the path counts from the course's own folder, and without it the sample practice is taken", practiceFile)}
		}
	}
	now := time.Now()
	var prac practice.Practice
	if practiceFile == "" {
		prac, err = practice.Sample(now)
	} else {
		prac, err = practice.Load(practiceFile, now)
	}
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = usageError{err}
		}
		return nil, prac, err
	}
	course, err := rehearsal.Parse(file, body, prac.Zone, prac.Policy, now)
	return course, prac, err
}

// theatre is a server and a database for playing courses, and what each course on it needs.
type theatre struct {
	stack    *devstack.Stack
	codec    *engine.Codec
	template string // a migrated database that every course's own is copied from
	courses  int
}

// openTheatre starts the servers with time skipping and prepares the template database.
func openTheatre(ctx context.Context, progress io.Writer, options devstack.Options) (*theatre, error) {
	options.TimeSkipping, options.Unsafe, options.Out = true, true, progress
	options.Headless = options.CodecEndpoint == ""
	stack, err := devstack.Start(ctx, options)
	if err != nil {
		return nil, awayError{err}
	}
	th := &theatre{stack: stack, template: "kapflow_template"}
	fail := func(err error) (*theatre, error) {
		th.close()
		return nil, err
	}
	th.codec = engine.NewCodec(keyring.New())
	url, err := stack.Postgres.NewDatabase(ctx, th.template, "")
	if err != nil {
		return fail(awayError{err})
	}
	if err := store.Migrate(ctx, url); err != nil {
		return fail(err)
	}
	return th, nil
}

func (th *theatre) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := th.stack.Stop(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "starter: could not stop everything:", err)
	}
}

// house opens a house of its own for one course: database, queue, keys and workers.
func (th *theatre) house(ctx context.Context, prac practice.Practice, clock *rehearsal.Clock) (*wiring.House, func(), error) {
	th.courses++
	name := fmt.Sprintf("course_%d", th.courses)
	url, err := th.stack.Postgres.NewDatabase(ctx, name, th.template)
	if err != nil {
		return nil, nil, awayError{err}
	}
	records, err := store.Open(ctx, store.Options{URL: url, Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 8})
	if err != nil {
		return nil, nil, awayError{err}
	}
	temporalClient, err := engine.Dial(ctx, engine.Options{Address: th.stack.Temporal.Address, Codec: th.codec})
	if err != nil {
		records.Close()
		return nil, nil, awayError{err}
	}
	if err := engine.RegisterSearchAttributes(ctx, temporalClient, "default", wiring.SearchAttributes()); err != nil {
		return nil, nil, err
	}
	house := (&wiring.House{Practice: prac, Store: records, TemporalClient: temporalClient, TaskQueue: "kapflow-" + name,
		Clock: activities.WorkflowClock}).Furnish(clock.Now)
	return house, func() {
		temporalClient.Close()
		records.Close()
	}, nil
}

// play plays one course in a house of its own.
func (th *theatre) play(ctx context.Context, course *rehearsal.Course, prac practice.Practice, sink rehearsal.Sink, progress func(done, total int)) error {
	clock := new(rehearsal.Clock)
	house, leave, err := th.house(ctx, prac, clock)
	if err != nil {
		return err
	}
	defer leave()
	return playIn(ctx, house, clock, course, sink, progress)
}

// playIn plays one course in a house that is kept.
func playIn(ctx context.Context, house *wiring.House, clock *rehearsal.Clock, course *rehearsal.Course, sink rehearsal.Sink, progress func(done, total int)) error {
	options := engine.WorkerOptions("", "")
	stage := rehearsal.Stage{Desk: house.Desk, TemporalClient: house.TemporalClient, Clock: clock}
	if course.NeedsProviders() {
		providers, err := openProviders(house)
		if err != nil {
			return awayError{err}
		}
		defer providers.close()
		options.Interceptors = append(options.Interceptors, providers)
		stage.Providers = providers
	}
	workers := house.Workers(options)
	if err := workers.Start(); err != nil {
		return awayError{err}
	}
	defer workers.Stop()
	player := &rehearsal.Player{Course: course, Sink: sink, Progress: progress, On: stage}
	return player.Play(ctx)
}
