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
	"kapflow/care/person"
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

// SendResult says what became of each duty.
type SendResult struct {
	At      time.Time                    `json:"at,omitzero"` // when the results were written down, UTC
	Results []message.NotificationResult `json:"outcomes"`
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
		out.Results = append(out.Results, done)
	}
	if pause > 0 && attempt(ctx) < throttleTries {
		return SendResult{}, throttled(pause, attempt(ctx))
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

func (a *Activities) perform(ctx context.Context, in SendInput, due message.DueNotification) (message.NotificationResult, error) {
	out := message.NotificationResult{Key: due.Notification.Key, Result: message.ResultSuppressed}
	now := a.now(ctx, in.Asked)
	if !due.Expired && !now.Before(due.SendBefore) && now.Before(due.Notification.Until) {
		out.Result = message.ResultDeferred
		return out, nil
	}
	for _, ch := range due.Notification.Channels {
		l := message.Delivery{Key: message.DeliveryKey(in.ClientID, due.Notification.Key, ch), ClientID: in.ClientID, Notification: due.Notification,
			Channel: ch, To: due.Notification.Receiver(), Now: now, Late: due.Late, ChartVersion: in.ChartVersion}
		work := a.delivery
		if due.Notification.Look {
			work = a.look
		}
		end, err := work(ctx, l, due)
		if err != nil {
			return out, err
		}
		end.Channel = ch
		out.Result = better(out.Result, end)
		out.Deliveries = append(out.Deliveries, end)
	}
	if len(out.Deliveries) == 1 && out.Deliveries[0].Fault == message.FaultCapped && len(due.IfCapped) > 0 {
		return a.otherWay(ctx, in, due, out)
	}
	return out, nil
}

// otherWay sends by another channel what a cap held back, under the key that a follow-up would have.
func (a *Activities) otherWay(ctx context.Context, in SendInput, due message.DueNotification, out message.NotificationResult) (message.NotificationResult, error) {
	of := due.Notification.Key
	due.Notification.Key, due.Notification.Of, due.Notification.Channels, due.IfCapped = of+"/instead", of, due.IfCapped, nil
	other, err := a.perform(ctx, in, due)
	if err != nil {
		return out, err
	}
	out.Result, out.Deliveries = other.Result, append(out.Deliveries, other.Deliveries...)
	return out, nil
}

// better sums up the channels of one duty: one letter that went out is enough, but one that waits keeps it owed.
func better(sum string, end message.DeliveryEnd) string {
	switch {
	case sum == message.ResultDeferred || end.State == message.StatePlanned:
		return message.ResultDeferred
	case sum == message.ResultSent || end.State == message.StateSent || end.State == message.StateDelivered:
		return message.ResultSent
	case sum == message.ResultUnknown || end.State == message.StateUnknown:
		return message.ResultUnknown
	case end.State == message.StateRejected:
		return message.ResultFailed
	case end.State == message.StateExpired && sum != message.ResultFailed:
		return message.ResultExpired
	default:
		return sum
	}
}

// delivery takes one letter from claim to settlement and gives its end.
func (a *Activities) delivery(ctx context.Context, l message.Delivery, due message.DueNotification) (message.DeliveryEnd, error) {
	claim, err := a.Register.Claim(ctx, l, care.DecideSend)
	if err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("claim letter: %w", err)
	}
	if claim.Again && !a.Sender.Idempotent(l.Channel) {
		return a.settle(ctx, l, Receipt{State: message.StateUnknown, Fault: message.FaultAmbiguous, Why: "an earlier try ended without an answer", Tracked: true}, OutboundMessage{})
	}
	if !claim.Granted && !claim.Again {
		return message.DeliveryEnd{State: claim.State, Fault: claim.Fault, Tracked: !a.Sender.Idempotent(l.Channel)}, nil
	}
	mail, why, err := a.render(ctx, l, claim, due)
	if err != nil {
		return message.DeliveryEnd{}, err
	}
	if why != "" {
		return a.settle(ctx, l, Receipt{State: message.StateRejected, Why: why}, OutboundMessage{})
	}
	receipt, err := a.Sender.Send(ctx, mail)
	if err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("send on %s: %w", l.Channel, err)
	}
	if receipt.State == "" {
		receipt.State = message.StateSent
	}
	if receipt.Fault == message.FaultOptedOut && l.Channel == person.SMS {
		if err := a.Register.OptOut(ctx, mail.To, "carrier", l.Now); err != nil {
			return message.DeliveryEnd{}, fmt.Errorf("note opt-out: %w", err)
		}
	}
	return a.settle(ctx, l, receipt, mail)
}

func (a *Activities) settle(ctx context.Context, l message.Delivery, r Receipt, mail OutboundMessage) (message.DeliveryEnd, error) {
	// The provider has answered: what it said is written down even when this try's time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := a.Register.Settle(ctx, message.DeliveryResult{Key: l.Key, State: r.State, Why: r.Why, Fault: r.Fault, Text: mail.Text, SentTo: mail.To, ProviderID: r.ProviderID, At: l.Now}); err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("settle letter: %w", err)
	}
	return message.DeliveryEnd{State: r.State, Fault: r.Fault, Tracked: r.Tracked, RetryAfter: r.RetryAfter}, nil
}

// look asks the provider about a letter that may have left. Not finding it proves nothing: its list lags.
func (a *Activities) look(ctx context.Context, l message.Delivery, due message.DueNotification) (message.DeliveryEnd, error) {
	followed := l
	followed.Key = message.DeliveryKey(l.ClientID, due.Notification.Of, l.Channel)
	sent, err := a.Register.Sent(ctx, followed.Key)
	if err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("read letter: %w", err)
	}
	if sent.State != message.StateUnknown {
		return message.DeliveryEnd{State: sent.State, Tracked: true}, nil
	}
	found := false
	var receipt Receipt
	if sent.SentTo != "" {
		if receipt, found, err = a.Sender.Find(ctx, l.Channel, sent); err != nil {
			a.Log.Warn("a letter could not be looked up", "channel", l.Channel, "error", err)
		}
	}
	if !found {
		return message.DeliveryEnd{State: message.StateUnknown}, nil
	}
	return a.settle(ctx, followed, receipt, OutboundMessage{})
}
