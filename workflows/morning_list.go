package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
)

// MorningList mails the coordinator and each clinician their day's list. A Temporal Schedule starts it each working day at the
// practice's hour.
func MorningList(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Minute,
		ScheduleToCloseTimeout: 6 * time.Hour, // an afternoon's list is of no use
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 5 * time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
		Summary:                "Mail the morning lists",
	})
	return workflow.ExecuteActivity(ctx, acts.MailMorningList, activities.MorningListInput{Asked: workflow.Now(ctx).UTC()}).Get(ctx, nil)
}
