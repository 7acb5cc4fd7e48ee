package activities

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"kapflow/care"
	"kapflow/care/message"
)

// SendInput is everything due at one moment for one client: one activity, whichever channels it uses.
type SendInput struct {
	ClientID string                    `json:"client"`
	Asked    time.Time                 `json:"asked"` // the journey's time, UTC
	Due      []message.DueNotification `json:"due"`

	ChartVersion int `json:"chart_version,omitempty"` // of the last save asked for before this: nothing is sent until it is there
	Batch        int `json:"batch,omitempty"`         // number of the batch, under which its results are kept
	Epoch        int `json:"epoch,omitempty"`         // of the run that asks
}

// SendResult says the outcome of each notification.
type SendResult struct {
	At      time.Time                    `json:"at,omitzero"` // when the results were written down, UTC
	Results []message.NotificationResult `json:"outcomes"`
}

// throttleTries is how often a throttled provider is asked within one activity; after that the journey waits longer.
const throttleTries = 5

// Send does what is due: it claims each delivery in the register, sends it, and notes the end. Tried again
// after a crash it goes on where it was; a delivery is never sent twice.
func (a *Activities) Send(ctx context.Context, in SendInput) (SendResult, error) {
	var out SendResult
	var pause time.Duration
	for _, due := range in.Due {
		done, err := a.perform(ctx, in, due)
		if err != nil {
			return SendResult{}, err
		}
		for _, e := range done.Deliveries {
			if e.Fault == message.FaultThrottle && done.Result == message.ResultDeferred {
				pause = max(pause, e.RetryAfter, time.Millisecond)
			}
		}
		out.Results = append(out.Results, done)
	}
	if pause > 0 && attempt(ctx) < throttleTries {
		return SendResult{}, askAgain("the provider asks to wait", pause, attempt(ctx))
	}
	out.At = a.now(ctx, in.Asked).Truncate(time.Second)
	return out, a.keepResults(ctx, in, out)
}

// keepResults writes the results of a batch down, so that the saved chart together with them is the whole state of the
// journey.
func (a *Activities) keepResults(ctx context.Context, in SendInput, out SendResult) error {
	record := care.SendRecord{Epoch: in.Epoch, No: in.Batch, At: out.At, Due: in.Due, Results: out.Results}
	if err := a.Register.KeepSendRecord(ctx, in.ClientID, record); err != nil {
		return fmt.Errorf("keep results: %w", err)
	}
	return nil
}

// askAgain has Temporal ask again when the provider said, or with growing pauses when it did not. What was sent
// meanwhile stays sent: its deliveries are claimed.
func askAgain(why string, pause time.Duration, attempt int32) error {
	if pause <= time.Millisecond {
		pause = min(100*time.Millisecond<<attempt, 30*time.Second)
		pause += rand.N(pause / 4)
	}
	return temporal.NewApplicationErrorWithOptions(why, "throttled", temporal.ApplicationErrorOptions{
		NextRetryDelay: pause, Category: temporal.ApplicationErrorCategoryBenign})
}

func attempt(ctx context.Context) int32 {
	if !activity.IsActivity(ctx) {
		return throttleTries
	}
	return activity.GetInfo(ctx).Attempt
}
