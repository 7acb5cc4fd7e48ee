package main

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/workflows"
)

// The bare workflows are the baseline: the commands of a journey without its rules, record, details and database.

const (
	idleUpdate = "nothing"
	bareUpdate = "fact"
	bareName   = "Course"
)

// Idle waits and accepts an update that does nothing.
func Idle(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandler(ctx, idleUpdate, func(workflow.Context, int) (workflows.Answer, error) { return workflows.Answer{}, nil }); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return false })
}

// idleActivities have the names of the practice's activities and do nothing.
type idleActivities struct{}

// SaveChart saves nothing.
func (*idleActivities) SaveChart(context.Context, care.Save) error { return nil }

// Send says that everything was sent.
func (*idleActivities) Send(_ context.Context, in activities.SendInput) (activities.SendResult, error) {
	var out activities.SendResult
	for _, d := range in.Due {
		out.Results = append(out.Results, message.NotificationResult{Key: d.Notification.Key, Result: message.ResultSent})
	}
	return out, nil
}

// Nothing is an activity that does nothing.
func (*idleActivities) Nothing(context.Context) error { return nil }

// reaction is what a journey did in one workflow task.
type reaction struct {
	save    bool // a local activity
	upsert  bool
	cancel  bool        // the timer
	timers  []time.Time // started, for these moments
	sending int         // activities scheduled
}

// script is a journey's history as a list of reactions: to its start, to each fact, and to each fired timer by
// its place among all timers that were started.
type script struct {
	start  reaction
	facts  []reaction
	timers map[int]reaction
}

// bareCourse is a workflow that issues the commands of a script.
type bareCourse struct{ script script }

// bareRun is one running bareCourse.
type bareRun struct {
	script  script
	started int // timers so far
	stop    workflow.CancelFunc
}

// Course issues the commands of the journey that the script was made from, in their order.
func (b bareCourse) Course(ctx workflow.Context) error {
	r := &bareRun{script: b.script}
	if err := workflow.SetUpdateHandler(ctx, bareUpdate, func(update workflow.Context, n int) (workflows.Answer, error) {
		return workflows.Answer{Seq: n}, r.do(ctx, update, r.script.facts[n])
	}); err != nil {
		return err
	}
	if err := r.do(ctx, ctx, b.script.start); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return false })
}

// do issues one reaction's commands; timers belong to the workflow, not to the update that set them.
func (r *bareRun) do(ctx, caller workflow.Context, what reaction) error {
	var saved workflow.Future
	if what.save {
		saved = workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(caller, workflow.LocalActivityOptions{StartToCloseTimeout: 5 * time.Second}), (*idleActivities)(nil).Nothing)
	}
	if what.upsert {
		if err := upsertAll(caller); err != nil {
			return err
		}
	}
	if what.cancel && r.stop != nil {
		r.stop()
	}
	for _, at := range what.timers {
		r.arm(ctx, at)
	}
	for range what.sending {
		workflow.ExecuteActivity(workflow.WithActivityOptions(caller, workflow.ActivityOptions{
			TaskQueue: workflow.GetInfo(ctx).TaskQueueName + workflows.NotifySuffix, StartToCloseTimeout: 45 * time.Second,
		}), (*idleActivities)(nil).Nothing)
	}
	if saved != nil {
		return saved.Get(caller, nil)
	}
	return nil
}

// arm starts the next timer and, when it fires, does what the journey did.
func (r *bareRun) arm(ctx workflow.Context, at time.Time) {
	n := r.started
	r.started++
	timed, stop := workflow.WithCancel(ctx)
	r.stop = stop
	timer := workflow.NewTimer(timed, at.Sub(workflow.Now(ctx)))
	workflow.Go(ctx, func(ctx workflow.Context) {
		if timer.Get(ctx, nil) == nil {
			_ = r.do(ctx, ctx, r.script.timers[n]) // a failed save would fail the workflow's own update
		}
	})
}

// upsertAll sets as many search attributes as the journey does.
func upsertAll(ctx workflow.Context) error {
	now := workflow.Now(ctx)
	return workflow.UpsertTypedSearchAttributes(ctx, []temporal.SearchAttributeUpdate{
		workflows.KapStage.ValueSet("preparation"), workflows.KapBlockedBy.ValueSet([]string{"labs"}), workflows.KapMove.ValueSet("physician"),
		workflows.KapAttention.ValueSet(false), workflows.KapStageSince.ValueSet(now), workflows.KapNextDue.ValueSet(now),
	}...)
}
