// Command record plays courses and writes their histories, for the replay tests of package workflows, and their charts,
// for the tests of package care.
//
// IMPORTANT: run it on code that is released, never on a branch under test. A history that new code recorded always
// replays with that code, so the test would pass whatever the code did to journeys that are already running.
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"kapflow/access"
	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/worker/wiring"
	"kapflow/workflows"
)

// testKey encrypts the recorded histories. It protects nothing: the courses hold samples only.
const (
	histories = "workflows/testdata/histories"
	charts    = "care/testdata/charts"
)

// scene is one history: a course, played on a server with settings of its own, and what is done at its end.
type scene struct {
	name, course string
	rollOver     bool // continue as new after some hundred events
	sendsFail    bool // no provider takes the word that a visit was booked
	after        func(ctx context.Context, h *wiring.App, client string) error
	build        string // commit that is recorded
}

func (s scene) under(build string) scene {
	s.build = build
	return s
}

var scenes = []scene{
	{name: "standard_six_completed", course: "standard-six.yaml"},
	{name: "labs_expired_mid_series", course: "labs-expire-mid-series.yaml"},
	{name: "withdrawn_after_two", course: "withdrawal-after-two.yaml"},
	{name: "paused_resumed", course: "pause-and-resume.yaml"},
	{name: "declined_at_consult", course: "declined.yaml"},
	{name: "clocks_changed", course: "clock-changes.yaml"},
	{name: "infusion_day", course: "infusion-day.yaml"},
	{name: "risk_path", course: "risk-path.yaml"},
	{name: "claim", course: "claim-with-variance.yaml"},
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
	commit, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=7", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("which commit is this? %w", err)
	}
	build := strings.TrimSpace(string(commit))
	ring, err := keyRing(filepath.Join(histories, build))
	if err != nil {
		return err
	}
	for _, rollOver := range []bool{false, true} {
		if err := recordScenes(ctx, ring, build, rollOver); err != nil {
			return err
		}
	}
	return nil
}

// recordScenes records the scenes that need servers with, or without, an early roll-over.
func recordScenes(ctx context.Context, ring keyring.Ring, build string, rollOver bool) (err error) {
	options := devstack.Options{Out: os.Stderr}
	if rollOver {
		options.DynamicConfig = map[string]any{"limit.historyCount.suggestContinueAsNew": 400}
	}
	servers, err := rehearsal.StartTestServers(ctx, options, ring)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, servers.Close()) }()
	for _, s := range scenes {
		if s.rollOver != rollOver {
			continue
		}
		if err := record(ctx, servers, s.under(build)); err != nil {
			return err
		}
	}
	return nil
}

// keyRing makes the key that the build's histories are encrypted with, and keeps it beside them.
func keyRing(dir string) (keyring.Ring, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return keyring.Ring{}, err
	}
	entry := keyring.NewEntry("recorded")
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(entry), 0o600); err != nil {
		return keyring.Ring{}, err
	}
	return keyring.Parse(entry)
}

// record plays one scene and writes a file for every run of every client.
func record(ctx context.Context, servers *rehearsal.TestServers, s scene) error {
	prac, err := practice.Sample(time.Now())
	if err != nil {
		return err
	}
	environment, err := servers.Open(ctx, rehearsal.EnvironmentOptions{Practice: prac})
	if err != nil {
		return err
	}
	defer environment.Close()
	workers := environment.Workers(engine.WorkerOptions("", ""))
	if s.sendsFail {
		workers[1] = failing(environment.App)
	}
	if err := environment.StartWorkers(workers); err != nil {
		return err
	}
	body, err := fs.ReadFile(practice.Courses(), s.course)
	if err != nil {
		return err
	}
	course, err := rehearsal.Parse(s.course, body, prac.Zone, prac.Policy, time.Now())
	if err != nil {
		return err
	}
	player := &rehearsal.Player{Course: course, Sink: coursefile.Silent{}, Progress: func(done, total int) { keepOnTheWay(ctx, environment.App, s, done, total) }, On: environment}
	if err := player.Play(ctx); err != nil {
		return err
	}
	return keep(ctx, environment.App, s)
}

// keepOnTheWay keeps charts of a course in progress, at eight steps of it.
func keepOnTheWay(ctx context.Context, h *wiring.App, s scene, done, total int) {
	if done == 0 || done%max(1, total/8) != 0 {
		return
	}
	rows, err := h.Store.Board(ctx)
	for i, row := range rows {
		err = errors.Join(err, keepChart(filepath.Join(charts, s.build), fmt.Sprintf("%s.%d.step-%02d.json.gz", s.name, i+1, done), row.Chart))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "record: a chart on the way was not kept:", err)
	}
}

// failing is the worker for provider calls of an app whose provider refuses some.
func failing(h *wiring.App) worker.Worker {
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
func cancel(ctx context.Context, h *wiring.App, client string) error {
	if err := h.TemporalClient.CancelWorkflow(ctx, client, ""); err != nil {
		return err
	}
	_, err := h.Desk.Record(ctx, desk.Command{ClientID: client, Fact: "labs-reviewed", By: access.FromRehearsal(h.Practice.Policy, person.Actor{ID: "dr-sample", Role: person.Physician}),
		With: []byte(`{"outcome":"cleared"}`)})
	return err
}

func keep(ctx context.Context, h *wiring.App, s scene) error {
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
		if err := keepChart(filepath.Join(charts, s.build), fmt.Sprintf("%d.%s.%d.json.gz", care.ChartSchema, s.name, i+1), row.Chart); err != nil {
			return err
		}
		for run, n := "", 1; ; n++ {
			history, before, err := read(ctx, h, row.ClientID, run)
			if err != nil {
				return err
			}
			body, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s.%d.%d.json.gz", s.name, i+1, n)
			if err := compress(filepath.Join(histories, s.build), name, body); err != nil {
				return err
			}
			fmt.Printf("%s: %d events\n", name, len(history.Events))
			if run = before; run == "" {
				break
			}
		}
	}
	return nil
}

// keepChart keeps a chart as it is stored: every one that was ever released must still load.
func keepChart(dir, name string, chart *care.Chart) error {
	body, err := json.Marshal(chart)
	if err != nil {
		return err
	}
	return compress(dir, name, append(body, '\n'))
}

func read(ctx context.Context, h *wiring.App, client, run string) (*historypb.History, string, error) {
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

func compress(dir, name string, body []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	z := gzip.NewWriter(file)
	_, err = z.Write(body)
	return errors.Join(err, z.Close(), file.Close())
}
