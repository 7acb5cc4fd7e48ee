package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"kapflow/access"
	"kapflow/bench/stage"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/workflows"
)

// Updates are measured in blocks, in the order journey, bare, bare, journey, so that other work on the machine affects both
// alike.
const (
	latencyRounds = 12
	latencyBlock  = 12 // updates in a block
)

// midCourse is the step at which the journey is measured. One infusion day is over by then.
const midCourse = "appointment-booked"

// measureLatency times a fact that changes little, on a live journey in the middle of its course, beside an
// update that does nothing on a bare workflow. Both are encrypted; the journey saves its chart to Postgres.
func measureLatency(ctx context.Context, out io.Writer, s *rehearsal.TestServers) error {
	env, err := stage.Open(ctx, s, stage.Options{})
	if err != nil {
		return err
	}
	defer env.Close()
	clientID, err := playHalf(ctx, env)
	if err != nil {
		return err
	}
	bareID, stop, err := startIdle(ctx, env.TemporalClient)
	if err != nil {
		return err
	}
	defer stop()
	began, from := time.Now(), env.Clock.Now()
	now := func() time.Time { return from.Add(time.Since(began)) } // as in a practice, whose desk has the journeys' time
	env.Desk.JourneyTime = func(context.Context, string) (time.Time, error) { return now(), nil }
	fact := func(ctx context.Context) error {
		return update(ctx, env.TemporalClient, clientID, "goals-recorded", goals(clientID, now()))
	}
	noop := func(ctx context.Context) error { return update(ctx, env.TemporalClient, bareID, idleUpdate, 1) }
	asker := access.FromRehearsal(env.Desk.Policy, person.Actor{ID: "psy-sample", Role: person.Psychotherapist})
	person := func(ctx context.Context) error {
		_, err := env.Desk.Record(ctx, desk.Command{ClientID: clientID, Fact: "goals-recorded",
			By: asker, With: json.RawMessage(`{"intention":"to stay with what comes"}`)})
		return err
	}
	runs := map[string][]time.Duration{}
	for round := range latencyRounds + 1 {
		for _, b := range []struct {
			name string
			do   func(context.Context) error
		}{{"fact", fact}, {"noop", noop}, {"desk", person}, {"desk", person}, {"noop", noop}, {"fact", fact}} {
			took, err := block(ctx, b.do)
			if err != nil {
				return err
			}
			if round > 0 { // the first warms up
				runs[b.name] = append(runs[b.name], took...)
			}
		}
	}
	fmt.Fprintf(out, "\nUpdate latency, interleaved, %d each\n\n", len(runs["fact"]))
	fmt.Fprintf(out, "  %-46s p50 %5.1f ms   p95 %5.1f ms\n", "no-op update, bare workflow", ms(runs["noop"], 50), ms(runs["noop"], 95))
	fmt.Fprintf(out, "  %-46s p50 %5.1f ms   p95 %5.1f ms\n", "goals-recorded, live journey, chart saved", ms(runs["fact"], 50), ms(runs["fact"], 95))
	fmt.Fprintf(out, "  %-46s p50 %5.1f ms   p95 %5.1f ms\n", "the same through the desk, with audit", ms(runs["desk"], 50), ms(runs["desk"], 95))
	fmt.Fprintf(out, "  ratio of the medians %.2f    aim: at most 2\n", ms(runs["fact"], 50)/ms(runs["noop"], 50))
	return nil
}

// playHalf brings a client to the middle of the standard course.
func playHalf(ctx context.Context, env *stage.Environment) (clientID string, err error) {
	course, err := halfCourse()
	if err != nil {
		return "", err
	}
	ids, err := env.Play(ctx, course, "half")
	return ids[course.Clients[0].ID], err
}

// halfCourse is the standard course up to the booking of the second infusion.
func halfCourse() (*coursefile.Course, error) {
	course, err := readStandard()
	if err != nil {
		return nil, err
	}
	infused := false
	end := slices.IndexFunc(course.Steps, func(s coursefile.Step) bool {
		infused = infused || s.Fact == "client-discharged" && s.Refused == ""
		return infused && s.Fact == midCourse && s.Refused == "" && json.Valid(s.With) && kindOf(s.With) == visit.Infusion
	})
	if end < 0 {
		return nil, fmt.Errorf("%s has no second infusion", standardCourse)
	}
	course.Steps = course.Steps[:end+1]
	course.Until, course.Expect = course.Steps[end].At, coursefile.Expectations{}
	return course, nil
}

func kindOf(with json.RawMessage) visit.Kind {
	var visit struct {
		Kind visit.Kind `json:"kind"`
	}
	_ = json.Unmarshal(with, &visit) // anything that is not a visit has no kind
	return visit.Kind
}

// goals is a report as the desk sends it, with a reference in place of the private text.
func goals(clientID string, now time.Time) care.Report {
	return care.Report{ID: "fact-" + uuid.NewString(), By: person.Actor{ID: "psy-sample", Role: person.Psychotherapist},
		To:   care.Address{Fact: "goals-recorded", Client: clientID, SentAt: now},
		With: json.RawMessage(`{"intention":"private-0123456789abcdef"}`)}
}

// startIdle starts a bare workflow with an update that does nothing.
func startIdle(ctx context.Context, c client.Client) (id string, stop func(), err error) {
	const queue = "bench-idle"
	w := worker.New(c, queue, engine.WorkerOptions("", ""))
	w.RegisterWorkflow(Idle)
	if err := w.Start(); err != nil {
		return "", nil, err
	}
	id = "idle-" + uuid.NewString()
	if _, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: queue}, Idle); err != nil {
		w.Stop()
		return "", nil, err
	}
	return id, w.Stop, nil
}

func update(ctx context.Context, c client.Client, id, name string, arg any) error {
	updateID := uuid.NewString()
	if r, ok := arg.(care.Report); ok {
		updateID = r.ID // as the desk does
	}
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{WorkflowID: id, UpdateName: name, UpdateID: updateID,
		Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err != nil {
		return err
	}
	var answer workflows.Answer
	return handle.Get(ctx, &answer)
}

// block times one block of calls.
func block(ctx context.Context, do func(context.Context) error) ([]time.Duration, error) {
	var took []time.Duration
	for range latencyBlock {
		began := time.Now()
		if err := do(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// ms returns a percentile in milliseconds.
func ms(took []time.Duration, percent int) float64 {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return float64(sorted[min(len(sorted)-1, len(sorted)*percent/100)].Microseconds()) / 1000
}
