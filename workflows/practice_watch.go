package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
	"kapflow/care"
)

// PracticeWatch looks once for messages past their time without an end, and mails staff what presses. A Temporal Schedule
// starts it every few minutes; what it finds it finds again, so that it gives up before the next one is due.
func PracticeWatch(ctx workflow.Context) (out activities.WatchResult, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Minute,
		ScheduleToCloseTimeout: care.WatchEvery,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		Summary:                "Look for late messages and urgent tasks",
	})
	err = workflow.ExecuteActivity(ctx, acts.Watch, activities.WatchInput{Asked: workflow.Now(ctx).UTC()}).Get(ctx, &out)
	return out, err
}
