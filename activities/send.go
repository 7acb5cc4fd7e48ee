package activities

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"kapflow/care"
)

// SendInput is everything due at one moment for one client: one activity, whichever channels it uses.
type SendInput struct {
	ClientID string    `json:"client"`
	Asked    time.Time `json:"asked"` // the journey's time, UTC
	Due      []DueDuty `json:"due"`

	ChartVersion int `json:"chart_version,omitempty"` // of the last save asked for before this: nothing is sent until it is there
}

// DueDuty is a duty with what the journey knows about it now.
type DueDuty struct {
	Duty       care.Duty      `json:"duty"`
	When       string         `json:"when,omitempty"` // the visit's time in words, from one value for every channel
	SendBefore time.Time      `json:"send_before"`    // later than this nothing may leave
	Late       bool           `json:"late,omitempty"`
	IfCapped   []care.Channel `json:"if_capped,omitempty"` // how it goes when a cap holds its text back
	Expired    bool           `json:"expired,omitempty"`   // only to be written down: it has lost its use
}

// SendResult says what became of each duty.
type SendResult struct {
	Outcomes []DutyOutcome `json:"outcomes"`
}

// DutyOutcome is the end of one duty (care.OutcomeSent and so on) and of each of its letters.
type DutyOutcome struct {
	Key     string           `json:"key"`
	Outcome string           `json:"outcome"`
	Letters []care.LetterEnd `json:"letters,omitempty"`
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
		for _, e := range done.Letters {
			if e.Fault == care.FaultThrottle && done.Outcome == care.OutcomeDeferred {
				pause = max(pause, e.RetryAfter, time.Millisecond)
			}
		}
		if done.Outcome != care.OutcomeDeferred {
			if err := a.Register.NoteHandled(ctx, in.ClientID, due.Duty.Key, done.Outcome); err != nil {
				return SendResult{}, fmt.Errorf("note duty: %w", err)
			}
		}
		out.Outcomes = append(out.Outcomes, done)
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

func (a *Activities) perform(ctx context.Context, in SendInput, due DueDuty) (DutyOutcome, error) {
	out := DutyOutcome{Key: due.Duty.Key, Outcome: care.OutcomeSuppressed}
	now := a.now(ctx, in.Asked)
	if !due.Expired && !now.Before(due.SendBefore) && now.Before(due.Duty.Until) {
		out.Outcome = care.OutcomeDeferred
		return out, nil
	}
	for _, ch := range due.Duty.Channels {
		l := care.Letter{Key: care.LetterKey(in.ClientID, due.Duty.Key, ch), ClientID: in.ClientID, Duty: due.Duty,
			Channel: ch, To: due.Duty.Receiver(), Now: now, Late: due.Late, ChartVersion: in.ChartVersion}
		work := a.letter
		if due.Duty.Look {
			work = a.look
		}
		end, err := work(ctx, l, due)
		if err != nil {
			return out, err
		}
		end.Channel = ch
		out.Outcome = better(out.Outcome, end)
		out.Letters = append(out.Letters, end)
	}
	if len(out.Letters) == 1 && out.Letters[0].Fault == care.FaultCapped && len(due.IfCapped) > 0 {
		return a.otherWay(ctx, in, due, out)
	}
	return out, nil
}

// otherWay sends by another channel what a cap held back, under the key that a follow-up would have.
func (a *Activities) otherWay(ctx context.Context, in SendInput, due DueDuty, out DutyOutcome) (DutyOutcome, error) {
	of := due.Duty.Key
	due.Duty.Key, due.Duty.Of, due.Duty.Channels, due.IfCapped = of+"/instead", of, due.IfCapped, nil
	other, err := a.perform(ctx, in, due)
	if err != nil {
		return out, err
	}
	out.Outcome, out.Letters = other.Outcome, append(out.Letters, other.Letters...)
	return out, nil
}

// better sums up the channels of one duty: one letter that went out is enough, but one that waits keeps it owed.
func better(sum string, end care.LetterEnd) string {
	switch {
	case sum == care.OutcomeDeferred || end.State == care.LetterPlanned:
		return care.OutcomeDeferred
	case sum == care.OutcomeSent || end.State == care.LetterSent || end.State == care.LetterDelivered:
		return care.OutcomeSent
	case sum == care.OutcomeUnknown || end.State == care.LetterUnknown:
		return care.OutcomeUnknown
	case end.State == care.LetterRejected:
		return care.OutcomeFailed
	case end.State == care.LetterExpired && sum != care.OutcomeFailed:
		return care.OutcomeExpired
	default:
		return sum
	}
}

// letter takes one letter from claim to settlement and gives its end.
func (a *Activities) letter(ctx context.Context, l care.Letter, due DueDuty) (care.LetterEnd, error) {
	claim, err := a.Register.Claim(ctx, l, care.LastWord)
	if err != nil {
		return care.LetterEnd{}, fmt.Errorf("claim letter: %w", err)
	}
	if claim.Again && !a.Sender.Idempotent(l.Channel) {
		return a.settle(ctx, l, Receipt{State: care.LetterUnknown, Fault: care.FaultAmbiguous, Why: "an earlier try ended without an answer", Tracked: true}, OutboundMessage{})
	}
	if !claim.Granted && !claim.Again {
		return care.LetterEnd{State: claim.State, Fault: claim.Fault, Tracked: !a.Sender.Idempotent(l.Channel)}, nil
	}
	mail, why, err := a.render(ctx, l, claim, due)
	if err != nil {
		return care.LetterEnd{}, err
	}
	if why != "" {
		return a.settle(ctx, l, Receipt{State: care.LetterRejected, Why: why}, OutboundMessage{})
	}
	receipt, err := a.Sender.Send(ctx, mail)
	if err != nil {
		return care.LetterEnd{}, fmt.Errorf("send on %s: %w", l.Channel, err)
	}
	if receipt.State == "" {
		receipt.State = care.LetterSent
	}
	if receipt.Fault == care.FaultOptedOut && l.Channel == care.SMS {
		if err := a.Register.OptOut(ctx, mail.To, "carrier", l.Now); err != nil {
			return care.LetterEnd{}, fmt.Errorf("note opt-out: %w", err)
		}
	}
	return a.settle(ctx, l, receipt, mail)
}

func (a *Activities) settle(ctx context.Context, l care.Letter, r Receipt, mail OutboundMessage) (care.LetterEnd, error) {
	// The provider has answered: what it said is written down even when this try's time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := a.Register.Settle(ctx, care.LetterNews{Key: l.Key, State: r.State, Why: r.Why, Fault: r.Fault, Text: mail.Text, SentTo: mail.To, ProviderID: r.ProviderID, At: l.Now}); err != nil {
		return care.LetterEnd{}, fmt.Errorf("settle letter: %w", err)
	}
	return care.LetterEnd{State: r.State, Fault: r.Fault, Tracked: r.Tracked, RetryAfter: r.RetryAfter}, nil
}

// look asks the provider about a letter that may have left. Not finding it proves nothing: its list lags.
func (a *Activities) look(ctx context.Context, l care.Letter, due DueDuty) (care.LetterEnd, error) {
	followed := l
	followed.Key = care.LetterKey(l.ClientID, due.Duty.Of, l.Channel)
	sent, err := a.Register.Sent(ctx, followed.Key)
	if err != nil {
		return care.LetterEnd{}, fmt.Errorf("read letter: %w", err)
	}
	if sent.State != care.LetterUnknown {
		return care.LetterEnd{State: sent.State, Tracked: true}, nil
	}
	found := false
	var receipt Receipt
	if sent.SentTo != "" {
		if receipt, found, err = a.Sender.Find(ctx, l.Channel, sent); err != nil {
			a.Log.Warn("a letter could not be looked up", "channel", l.Channel, "error", err)
		}
	}
	if !found {
		return care.LetterEnd{State: care.LetterUnknown}, nil
	}
	return a.settle(ctx, followed, receipt, OutboundMessage{})
}
