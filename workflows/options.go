package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Named option policies: every call says by name how long it may take and what silence means.

// forSaving: a fast idempotent write, inside the workflow task. When Postgres is away for longer, the
// write goes on as an ordinary activity (forSavingSlowly), which may wait for hours.
func forSaving(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    4 * time.Second,
		ScheduleToCloseTimeout: 8 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Second},
		Summary:                summary,
	})
}

func forSavingSlowly(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 15 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 20 * time.Second},
		Summary:             summary,
	})
}

// forSending: a provider call on its own queue. Its business deadline is the end of the message's use or of
// the client's open hours; then a person gets a task.
func forSending(ctx workflow.Context, useful time.Duration, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              workflow.GetInfo(ctx).TaskQueueName + NotifySuffix,
		StartToCloseTimeout:    45 * time.Second,
		ScheduleToCloseTimeout: max(useful, time.Minute),
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		Summary:                summary,
	})
}
