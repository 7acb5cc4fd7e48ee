package activities

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"kapflow/care/message"
	"kapflow/care/person"
)

// SendInput is everything due at one moment for one client: one activity, whichever channels it uses.
type SendInput struct {
	ClientID string            `json:"client"`
	Asked    time.Time         `json:"asked"` // the journey's time, UTC
	Due      []DueNotification `json:"due"`

	ChartVersion int `json:"chart_version,omitempty"` // of the last save asked for before this: nothing is sent until it is there
}

// DueNotification is a duty with what the journey knows about it now.
type DueNotification struct {
	Notification message.Notification `json:"duty"`
	When         string               `json:"when,omitempty"` // the visit's time in words, from one value for every channel
	SendBefore   time.Time            `json:"send_before"`    // later than this nothing may leave
	Late         bool                 `json:"late,omitempty"`
	IfCapped     []person.Channel     `json:"if_capped,omitempty"` // how it goes when a cap holds its text back
	Expired      bool                 `json:"expired,omitempty"`   // only to be written down: it has lost its use
}

// SendResult says what became of each duty.
type SendResult struct {
	Results []NotificationResult `json:"outcomes"`
}

// NotificationResult is the end of one notification and of each of its deliveries.
type NotificationResult struct {
	Key        message.Key           `json:"key"`
	Result     message.Result        `json:"outcome"`
	Deliveries []message.DeliveryEnd `json:"letters,omitempty"`
}

// throttleTries is how often a throttled provider is asked within one activity; after that the journey waits longer.
const throttleTries = 5

// Send does what is due: it claims each letter in the register, sends it, and notes the end. Tried again
// after a crash it goes on where it was; a letter is never sent twice.
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
		if done.Result != message.ResultDeferred {
			if err := a.Register.NoteHandled(ctx, in.ClientID, due.Notification.Key, done.Result); err != nil {
				return SendResult{}, fmt.Errorf("note duty: %w", err)
			}
		}
		out.Results = append(out.Results, done)
	}
	if pause > 0 && attempt(ctx) < throttleTries {
		return SendResult{}, throttled(pause, attempt(ctx))
	}
	return out, nil
}

// throttled has Temporal ask again when the provider said, or with growing pauses when it did not. What was sent
// meanwhile stays sent: its letters are claimed.
func throttled(pause time.Duration, attempt int32) error {
	if pause <= time.Millisecond {
		pause = min(100*time.Millisecond<<attempt, 30*time.Second)
		pause += rand.N(pause / 4)
	}
	return temporal.NewApplicationErrorWithOptions("the provider asks to wait", "throttled", temporal.ApplicationErrorOptions{
		NextRetryDelay: pause, Category: temporal.ApplicationErrorCategoryBenign})
}

func attempt(ctx context.Context) int32 {
	if !activity.IsActivity(ctx) {
		return throttleTries
	}
	return activity.GetInfo(ctx).Attempt
}
