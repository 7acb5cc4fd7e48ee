// Command record plays courses and keeps their histories, for the replay tests of package workflows, and their
// charts, for the tests of package care.
//
// IMPORTANT: run it on code that is released, never on a branch under test. A history that new code recorded always
// replays with that code, so the test would pass whatever the code did to journeys that are already running.
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
	"kapflow/workflows"
)

// testKey encrypts the recorded histories. It protects nothing: the courses hold samples only.
const (
	keyFile = "workflows/testdata/key"
	into    = "workflows/testdata/histories"
	charts  = "care/testdata/charts"
)

// scene is one history: a course, played on a server with settings of its own, and what is done at its end.
type scene struct {
	name, course string
	rollOver     bool // continue as new after some hundred events
	sendsFail    bool // no provider takes the word that a visit was booked
	after        func(ctx context.Context, h *wiring.House, client string) error
}

var scenes = []scene{
	{name: "standard_six_completed", course: "standard-six.yaml"},
	{name: "labs_expired_mid_series", course: "labs-expire-mid-series.yaml"},
	{name: "withdrawn_after_two", course: "withdrawal-after-two.yaml"},
	{name: "paused_resumed", course: "pause-and-resume.yaml"},
	{name: "declined_at_consult", course: "declined.yaml"},
	{name: "clocks_changed", course: "clock-changes.yaml"},
	{name: "waiting_send_failed", course: "waiting-at-the-lab-gate.yaml", sendsFail: true},
	{name: "waiting_cancelled_in_ui", course: "waiting-at-the-lab-gate.yaml", after: cancel},
	{name: "standard_six_continued_as_new", course: "standard-six.yaml", rollOver: true},
}

func main() {
	ctx, done := context.WithTimeout(context.Background(), 10*time.Minute)
	defer done()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	ring, err := keyring.Parse(string(key))
	if err != nil {
		return err
	}
	for _, rollOver := range []bool{false, true} {
		options := devstack.Options{Out: os.Stderr, TimeSkipping: true, Unsafe: true, Headless: true}
		if rollOver {
			options.DynamicConfig = map[string]any{"limit.historyCount.suggestContinueAsNew": 400}
		}
		stack, err := devstack.Start(ctx, options)
		if err != nil {
			return err
		}
		for _, s := range scenes {
			if s.rollOver == rollOver && err == nil {
				err = record(ctx, stack, engine.NewCodec(ring), s)
			}
		}
		if stopErr := stack.Stop(context.WithoutCancel(ctx)); err == nil {
			err = stopErr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// record plays one scene and writes a file for every run of every client.
func record(ctx context.Context, stack *devstack.Stack, codec *engine.Codec, s scene) error {
	url, err := stack.Postgres.NewDatabase(ctx, "record_"+s.name, "")
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx, url); err != nil {
		return err
	}
	records, err := store.Open(ctx, store.Options{URL: url, Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 8})
	if err != nil {
		return err
	}
	defer records.Close()
	temporalClient, err := engine.Dial(ctx, engine.Options{Address: stack.Temporal.Address, Codec: codec})
	if err != nil {
		return err
	}
	defer temporalClient.Close()
	if err := engine.RegisterSearchAttributes(ctx, temporalClient, "", wiring.SearchAttributes()); err != nil {
		return err
	}
	prac, err := practice.Sample(time.Now())
	if err != nil {
		return err
	}
	clock := new(rehearsal.Clock)
	house := (&wiring.House{Practice: prac, Store: records, TemporalClient: temporalClient, TaskQueue: "record-" + s.name,
		Clock: activities.WorkflowClock}).Furnish(clock.Now)
	workers := house.Workers(engine.WorkerOptions("", ""))
	if s.sendsFail {
		workers[1] = failing(house)
	}
	if err := workers.Start(); err != nil {
		return err
	}
	defer workers.Stop()
	body, err := fs.ReadFile(practice.Courses(), s.course)
	if err != nil {
		return err
	}
	course, err := rehearsal.Parse(s.course, body, prac.Zone, prac.Policy, time.Now())
	if err != nil {
		return err
	}
	player := &rehearsal.Player{Course: course, Sink: silence{}, On: rehearsal.Stage{Desk: house.Desk, TemporalClient: temporalClient, Clock: clock}}
	if err := player.Play(ctx); err != nil {
		return err
	}
	return keep(ctx, house, s)
}

// silence is a sink that shows nothing.
type silence struct{}

// Line takes a line and forgets it.
func (silence) Line(rehearsal.Line) error { return nil }

// failing is the worker for provider calls of a house whose provider refuses some.
func failing(h *wiring.House) worker.Worker {
	options := engine.WorkerOptions("", "")
	options.DisableWorkflowWorker = true
	w := worker.New(h.TemporalClient, h.TaskQueue+workflows.NotifySuffix, options)
	acts := h.Activities()
	w.RegisterActivityWithOptions(func(ctx context.Context, in activities.SendInput) (activities.SendResult, error) {
		if in.Due[0].Notification.Template == message.TemplateBooked {
			return activities.SendResult{}, temporal.NewNonRetryableApplicationError("no provider takes it", "refused", nil)
		}
		return acts.Send(ctx, in)
	}, activity.RegisterOptions{Name: "Send"})
	return w
}

// cancel asks Temporal to cancel the journey, as its UI would if its write actions were on, and records a fact after it.
func cancel(ctx context.Context, h *wiring.House, client string) error {
	if err := h.TemporalClient.CancelWorkflow(ctx, client, ""); err != nil {
		return err
	}
	_, err := h.Desk.Record(ctx, desk.Command{ClientID: client, Fact: "labs-reviewed", By: person.Actor{ID: "dr-sample", Role: person.Physician},
		With: []byte(`{"outcome":"cleared"}`)})
	return err
}

func keep(ctx context.Context, h *wiring.House, s scene) error {
	rows, err := h.Store.Board(ctx)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if s.after != nil {
			if err := s.after(ctx, h, row.ClientID); err != nil {
				return err
			}
		}
		if err := keepChart(fmt.Sprintf("%d.%s.%d.json", care.ChartSchema, s.name, i+1), row.Chart); err != nil {
			return err
		}
		for run, n := "", 1; ; n++ {
			history, before, err := read(ctx, h, row.ClientID, run)
			if err != nil {
				return err
			}
			if err := write(fmt.Sprintf("%s.%d.%d.json.gz", s.name, i+1, n), history); err != nil {
				return err
			}
			if run = before; run == "" {
				break
			}
		}
	}
	return nil
}

// keepChart keeps a chart as it is stored: every one that was ever released must still load.
func keepChart(name string, chart *care.Chart) error {
	body, err := json.Marshal(chart)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(charts, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(charts, name), append(body, '\n'), 0o644)
}

func read(ctx context.Context, h *wiring.House, client, run string) (*historypb.History, string, error) {
	history := &historypb.History{}
	it := h.TemporalClient.GetWorkflowHistory(ctx, client, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for it.HasNext() {
		event, err := it.Next()
		if err != nil {
			return nil, "", err
		}
		history.Events = append(history.Events, event)
	}
	return history, history.Events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId(), nil
}

func write(name string, history *historypb.History) error {
	body, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(into, name))
	if err != nil {
		return err
	}
	z := gzip.NewWriter(file)
	if _, err := z.Write(body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	fmt.Printf("%s: %d events\n", name, len(history.Events))
	return file.Close()
}
