package activities

import (
	"context"
	"fmt"
	"time"

	"kapflow/care"
	"kapflow/care/message"
)

// perform sends one notification on each of its channels. What a cap holds back goes by another channel at once.
func (a *Activities) perform(ctx context.Context, in SendInput, due message.DueNotification) (message.NotificationResult, error) {
	out := message.NotificationResult{Key: due.Notification.Key}
	now := due.NotBeforeItsEnd(a.now(ctx, in.Asked))
	if !due.Expired && !now.Before(due.SendBefore) && now.Before(due.Notification.Until) {
		out.Result = message.ResultDeferred
		return out, nil
	}
	deliver := a.deliver
	if due.Notification.Look {
		deliver = a.look
	}
	for _, l := range deliveries(in, due, now) {
		end, err := deliver(ctx, l, due.When)
		if err != nil {
			return out, err
		}
		out.Deliveries = append(out.Deliveries, end)
	}
	if len(out.Deliveries) == 1 && len(due.IfCapped) > 0 && follows(out.Deliveries[0]).Have(message.OtherIfNothingWent) {
		for _, l := range deliveries(in, instead(due), now) {
			end, err := a.deliver(ctx, l, due.When)
			if err != nil {
				return out, err
			}
			out.Deliveries = append(out.Deliveries, end)
		}
	}
	out.Result = message.ResultOf(out.Deliveries)
	if n := due.Notification; n.To != "" && n.Urgent && !due.Expired && out.Result != message.ResultSuppressed {
		return out, a.textStaff(ctx, a.alertText(in.ClientID, n), now)
	}
	return out, nil
}

// deliveries are the channels of one notification.
func deliveries(in SendInput, due message.DueNotification, now time.Time) (out []message.Delivery) {
	for _, ch := range due.Notification.Channels {
		out = append(out, message.Delivery{ClientID: in.ClientID, Notification: due.Notification, Channel: ch, To: due.Notification.Receiver(),
			Now: now, Late: due.Late, ChartVersion: in.ChartVersion})
	}
	return out
}

// instead is a notification as it goes by another channel, under the key that a follow-up would have.
func instead(due message.DueNotification) message.DueNotification {
	of := due.Notification.Key
	due.Notification.Key, due.Notification.Of, due.Notification.Channels = of.Then(message.FollowInstead), of, due.IfCapped
	return due
}

func follows(e message.DeliveryEnd) message.Steps { return message.Follows(e.State, e.Fault) }

// deliver takes one delivery from its turn to its end: the register claims it and has it decided, practice makes the text,
// the provider is asked, and the register settles it. when is the visit's time in words. The turn comes first: what is decided then
// leaves at once, and nothing waits between its claim and its sending, where a crash would leave it unknown.
func (a *Activities) deliver(ctx context.Context, l message.Delivery, when string) (message.DeliveryEnd, error) {
	turn, err := a.Sender.Turn(ctx, l.Channel)
	if err != nil {
		return message.DeliveryEnd{}, askAgain("no turn to send came in time", 0, attempt(ctx))
	}
	claim, err := a.Register.Claim(ctx, l, care.DecideSend)
	if err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("claim delivery: %w", err)
	}
	keyed := a.Sender.Idempotent(l.Channel)
	switch {
	case claim.Again && !keyed:
		return a.settle(ctx, l, OutboundMessage{}, Receipt{State: message.StateUnknown, Fault: message.FaultAmbiguous, Why: "an earlier try ended without an answer", Tracked: true})
	case !claim.Granted && !claim.Again:
		return message.DeliveryEnd{Channel: l.Channel, State: claim.State, Fault: claim.Fault, Tracked: !keyed}, nil
	}
	mail, why := a.render(l, claim, when)
	if why != "" {
		return a.settle(ctx, l, OutboundMessage{}, Receipt{State: message.StateRejected, Why: why})
	}
	receipt, err := turn.Send(ctx, mail)
	if err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("send on %s: %w", l.Channel, err)
	}
	if receipt.State == "" {
		receipt.State = message.StateSent
	}
	return a.settle(ctx, l, mail, receipt)
}

// look asks the provider about a delivery that may have left. Not finding it proves nothing: its list lags.
func (a *Activities) look(ctx context.Context, l message.Delivery, _ string) (message.DeliveryEnd, error) {
	l.Notification.Key = l.Notification.Of
	end := message.DeliveryEnd{Channel: l.Channel, State: message.StateUnknown}
	sent, err := a.Register.Sent(ctx, l.Key())
	if err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("read delivery: %w", err)
	}
	if sent.State != end.State {
		end.State, end.Tracked = sent.State, true
		return end, nil
	}
	if sent.SentTo == "" {
		return end, nil
	}
	receipt, found, err := a.Sender.Find(ctx, l.Channel, sent)
	if err != nil {
		a.Log.Warn("a delivery could not be looked up", "channel", l.Channel, "error", err)
	}
	if !found {
		return end, nil
	}
	return a.settle(ctx, l, OutboundMessage{}, receipt)
}

// settle writes down what is known of a delivery's end. The provider has answered: what it said is written down even when
// this try's time is over.
func (a *Activities) settle(ctx context.Context, l message.Delivery, mail OutboundMessage, r Receipt) (message.DeliveryEnd, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := a.Register.Settle(ctx, message.DeliveryResult{Key: l.Key(), State: r.State, Why: r.Why, Fault: r.Fault, Text: mail.Text, SentTo: mail.To, ProviderID: r.ProviderID, At: l.Now}); err != nil {
		return message.DeliveryEnd{}, fmt.Errorf("settle delivery: %w", err)
	}
	return message.DeliveryEnd{Channel: l.Channel, State: r.State, Fault: r.Fault, Tracked: r.Tracked, RetryAfter: r.RetryAfter}, nil
}
