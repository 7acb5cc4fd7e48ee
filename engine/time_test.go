package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const day = 24 * time.Hour

func startReminders(t *testing.T, temporalClient client.Client, queue string, days, block int) (id string, start time.Time) {
	t.Helper()
	id = "client-" + uuid.NewString()
	_, err := temporalClient.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, reminders, days, block)
	must(t, err)
	must(t, journey{temporalClient, id}.update(t, "now", &start)) // its first task is done, so its first timer is set
	return id, start
}

func forward(t *testing.T, temporalClient client.Client, id string, to time.Time) time.Duration {
	t.Helper()
	began := time.Now()
	must(t, FastForward(t.Context(), temporalClient, id, to))
	took := time.Since(began)
	now, err := VirtualNow(t.Context(), temporalClient, id)
	must(t, err)
	if late := now.Sub(to); late < 0 || late > 10*time.Second {
		t.Errorf("asked for %s, the clock says %s", to, now)
	}
	return took
}

func fired(t *testing.T, temporalClient client.Client, id, runID string) (n int) {
	t.Helper()
	for _, event := range events(t, temporalClient, id, runID) {
		if event.GetEventType() == enumspb.EVENT_TYPE_TIMER_FIRED {
			n++
		}
	}
	return n
}

// firedAt gives the virtual times at which timers fired, over all runs.
func firedAt(t *testing.T, temporalClient client.Client, id string) (times []time.Time) {
	t.Helper()
	for runID := ""; ; {
		all := events(t, temporalClient, id, runID)
		var inRun []time.Time
		for _, event := range all {
			if event.GetEventType() == enumspb.EVENT_TYPE_TIMER_FIRED {
				inRun = append(inRun, event.GetEventTime().AsTime())
			}
		}
		times = append(inRun, times...)
		if runID = all[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId(); runID == "" {
			return times
		}
	}
}

func TestFastForwardReachesTheTimeAndFiresWhatIsDue(t *testing.T) {
	t.Parallel()
	temporalClient, _, queue := connect(t)
	id, start := startReminders(t, temporalClient, queue, 5, 0)
	must(t, FastForward(t.Context(), temporalClient, id, start.Add(-time.Hour))) // already past: nothing happens
	if now, err := VirtualNow(t.Context(), temporalClient, id); err != nil || now.Sub(start) > 10*time.Second {
		t.Fatalf("a clock that never skipped says %s, %v", now, err)
	}
	t.Logf("nothing due: %s", forward(t, temporalClient, id, start.Add(day/2)))
	t.Logf("5 timers and activities due: %s", forward(t, temporalClient, id, start.Add(10*day)))
	if n := fired(t, temporalClient, id, ""); n != 5 {
		t.Errorf("%d timers fired, want 5", n)
	}
	t.Logf("nothing due, later: %s", forward(t, temporalClient, id, start.Add(20*day)))
	var now time.Time
	must(t, journey{temporalClient, id}.update(t, "now", &now))
	if now.Before(start.Add(20*day)) || now.After(start.Add(21*day)) {
		t.Errorf("the workflow says it is %s", now)
	}
	must(t, journey{temporalClient, id}.update(t, "finish", nil))
	must(t, temporalClient.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
	if err := FastForward(t.Context(), temporalClient, id, start.Add(300*day)); !errors.Is(err, ErrClosed) {
		t.Errorf("fast-forwarding an ended workflow gave %v", err)
	}
}

func TestFastForwardCrossesContinueAsNew(t *testing.T) {
	t.Parallel()
	temporalClient, _, queue := connect(t)
	id, start := startReminders(t, temporalClient, queue, 9, 2)
	t.Logf("9 timers over 5 runs: %s", forward(t, temporalClient, id, start.Add(12*day)))
	if n := fired(t, temporalClient, id, ""); n != 1 {
		t.Errorf("the last run fired %d timers, want 1", n)
	}
}

// Each timer must fire at its own virtual time, also while updates keep the workflow busy and over many runs.
func TestTimersFireAtTheirOwnTimeWhileUpdatesArrive(t *testing.T) {
	t.Parallel()
	temporalClient, _, queue := connect(t)
	for _, block := range []int{0, 2} {
		const days = 20
		id, start := startReminders(t, temporalClient, queue, days, block)
		ctx, stop := context.WithCancel(t.Context())
		var asking sync.WaitGroup
		for range 4 {
			asking.Go(func() {
				for ctx.Err() == nil {
					var now time.Time
					_ = journey{temporalClient, id}.update(t, "now", &now) // a run that ends on the way refuses it
				}
			})
		}
		forward(t, temporalClient, id, start.Add(30*day))
		stop()
		asking.Wait()
		fired := firedAt(t, temporalClient, id)
		if len(fired) != days {
			t.Errorf("%d timers fired, want %d", len(fired), days)
		}
		for i, at := range fired {
			if late := at.Sub(start.Add(time.Duration(i+1) * day)); late.Abs() > time.Minute {
				t.Errorf("blocks of %d: timer %d fired %s after its time", block, i+1, late)
			}
		}
	}
}

// A fast-forward whose caller is gone still runs until it is ended, and would add its time to that of the next.
func TestAFastForwardThatWasEndedDoesNotAddToTheNext(t *testing.T) {
	t.Parallel()
	temporalClient, _, _ := connect(t)
	queue, id := "engine-"+uuid.NewString(), "client-"+uuid.NewString()
	_, err := temporalClient.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, reminders, 5, 0)
	must(t, err)
	start := time.Now()
	service, first := temporalClient.WorkflowService(), uuid.NewString()
	must(t, startFastForward(t.Context(), service, id, first, 10*day)) // waits for a worker
	must(t, EndFastForward(t.Context(), temporalClient, id))
	startWorker(t, temporalClient, queue, WorkerOptions("engine", ""))
	if reached, _, err := awaitFastForward(t.Context(), service, id, first); err != nil || !reached.IsZero() {
		t.Errorf("the ended fast-forward went to %s: %v", reached, err)
	}
	forward(t, temporalClient, id, start.Add(2*day))
}

func TestFastForwardTellsWhenTheWorkflowEndsOnTheWay(t *testing.T) {
	t.Parallel()
	temporalClient, _, queue := connect(t)
	id, start := startReminders(t, temporalClient, queue, 1, 0)
	err := FastForward(t.Context(), temporalClient, id, start.Add(800*day)) // it gives up after a year
	if !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestScheduleRunsWithItsArgumentsUnderItsOwnID(t *testing.T) {
	t.Parallel()
	temporalClient, _, queue := connect(t)
	spec := ScheduleSpec{
		ID: "morning-" + uuid.NewString(), Workflow: morning, Args: []any{fact{"list"}}, TaskQueue: queue, Summary: "The morning list",
		Hour: 7, Minute: 30, TimeZone: "America/Denver", Weekdays: []time.Weekday{time.Monday, time.Friday}, RunTimeout: time.Minute,
	}
	must(t, EnsureSchedule(t.Context(), temporalClient, spec))
	spec.Hour = 8
	for range 2 {
		must(t, EnsureSchedule(t.Context(), temporalClient, spec))
	}
	handle := temporalClient.ScheduleClient().GetHandle(t.Context(), spec.ID)
	t.Cleanup(func() { _ = handle.Delete(context.WithoutCancel(t.Context())) })
	described, err := handle.Describe(t.Context())
	must(t, err)
	next := described.Info.NextActionTimes[0]
	denver, err := time.LoadLocation(spec.TimeZone)
	must(t, err)
	if local := next.In(denver); local.Hour() != 8 || local.Minute() != 30 || !slices.Contains(spec.Weekdays, local.Weekday()) {
		t.Errorf("the next run is at %s", local)
	}
	if policy := described.Schedule.Policy; policy.CatchupWindow != defaultCatchUp || policy.Overlap != enumspb.SCHEDULE_OVERLAP_POLICY_SKIP {
		t.Errorf("the policies are %+v", policy)
	}
	for i, want := range []string{"list", "list+list"} { // the second run also reads the first one's result
		must(t, handle.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
		if got := scheduledResult(t, temporalClient, handle, i); got != want {
			t.Errorf("run %d answered %q, want %q", i+1, got, want)
		}
	}
}

func scheduledResult(t *testing.T, temporalClient client.Client, handle client.ScheduleHandle, i int) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		described, err := handle.Describe(t.Context())
		must(t, err)
		if actions := described.Info.RecentActions; len(actions) > i && len(described.Info.RunningWorkflows) == 0 {
			var result fact
			run := actions[i].StartWorkflowResult
			must(t, temporalClient.GetWorkflow(t.Context(), run.WorkflowID, "").Get(t.Context(), &result))
			return result.Text
		}
		time.Sleep(time.Second) // runs are named by the second
	}
	t.Fatal("the schedule did not run")
	return ""
}

func TestAJourneyMovesToTheCurrentBuildWhenItContinuesAsNew(t *testing.T) {
	t.Parallel()
	temporalClient, _, _ := connect(t)
	deployment, queue := "engine-"+uuid.NewString(), "engine-"+uuid.NewString()
	run := func(build string) {
		w := worker.New(temporalClient, queue, WorkerOptions(deployment, build))
		w.RegisterWorkflowWithOptions(builds(build), workflow.RegisterOptions{Name: "builds"})
		must(t, w.Start())
		t.Cleanup(w.Stop)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		must(t, MakeCurrent(ctx, temporalClient, deployment, build))
		t.Logf("build %s current after %s", build, time.Since(began))
		must(t, MakeCurrent(ctx, temporalClient, deployment, build))
	}
	run("one")
	id := "client-" + uuid.NewString()
	_, err := temporalClient.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, "builds", []string(nil))
	must(t, err)
	must(t, journey{temporalClient, id}.update(t, "look", nil))
	run("two")
	var seen []string
	for deadline := time.Now().Add(20 * time.Second); len(seen) < 2 && time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		_ = journey{temporalClient, id}.update(t, "look", &seen) // an update during the change is refused; repeat it
	}
	if !slices.Equal(seen, []string{"one", "two"}) {
		t.Errorf("the journey ran on %q", seen)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := MakeCurrent(ctx, temporalClient, deployment, "never-started"); err == nil {
		t.Error("a build without a worker was made current")
	}
	must(t, MakeCurrent(ctx, temporalClient, deployment, ""))
}

// builds is a workflow that records the builds it ran on and moves to a newer one as soon as there is one.
func builds(build string) func(workflow.Context, []string) error {
	return func(ctx workflow.Context, seen []string) error {
		seen = append(seen, build)
		if err := workflow.SetUpdateHandler(ctx, "look", func(workflow.Context) ([]string, error) { return seen, nil }); err != nil {
			return err
		}
		err := workflow.Await(ctx, func() bool {
			return workflow.GetInfo(ctx).GetTargetWorkerDeploymentVersionChanged() && workflow.AllHandlersFinished(ctx)
		})
		if err != nil {
			return err
		}
		return workflow.NewContinueAsNewErrorWithOptions(ctx, workflow.ContinueAsNewErrorOptions{
			InitialVersioningBehavior: workflow.ContinueAsNewVersioningBehaviorAutoUpgrade,
		}, "builds", seen)
	}
}
