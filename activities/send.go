package activities

import (
	"context"
	"fmt"
	"time"

	"kapflow/care"
)

// SendInput is everything due at one moment for one client: one activity, whichever channels it uses.
type SendInput struct {
	ClientID string    `json:"client"`
	Asked    time.Time `json:"asked"` // the journey's time, UTC
	Due      []DueDuty `json:"due"`
}

// DueDuty is a duty with what the journey knows about it now.
type DueDuty struct {
	Duty       care.Duty `json:"duty"`
	When       string    `json:"when,omitempty"` // the visit's time in words, from one value for every channel
	SendBefore time.Time `json:"send_before"`    // later than this nothing may leave
	Late       bool      `json:"late,omitempty"`
	Expired    bool      `json:"expired,omitempty"` // only to be written down: it has lost its use
}

// SendResult says what became of each duty.
type SendResult struct {
	Outcomes []DutyOutcome `json:"outcomes"`
}

// DutyOutcome is the end of one duty (care.OutcomeSent and so on).
type DutyOutcome struct {
	Key     string `json:"key"`
	Outcome string `json:"outcome"`
}

// Send does what is due: it claims each letter in the register, sends it, and notes the end. Tried again
// after a crash it goes on where it was; a letter is never sent twice.
func (a *Activities) Send(ctx context.Context, in SendInput) (SendResult, error) {
	var out SendResult
	for _, due := range in.Due {
		outcome, err := a.perform(ctx, in, due)
		if err != nil {
			return SendResult{}, err
		}
		if outcome != care.OutcomeDeferred {
			if err := a.Register.NoteHandled(ctx, in.ClientID, due.Duty.Key, outcome); err != nil {
				return SendResult{}, fmt.Errorf("note duty: %w", err)
			}
		}
		out.Outcomes = append(out.Outcomes, DutyOutcome{Key: due.Duty.Key, Outcome: outcome})
	}
	return out, nil
}

func (a *Activities) perform(ctx context.Context, in SendInput, due DueDuty) (string, error) {
	now := a.now(in.Asked)
	if !due.Expired && !now.Before(due.SendBefore) && now.Before(due.Duty.Until) {
		return care.OutcomeDeferred, nil
	}
	sum := care.OutcomeSuppressed
	for _, ch := range due.Duty.Channels {
		state, err := a.letter(ctx, care.Letter{Key: care.LetterKey(in.ClientID, due.Duty.Key, ch), ClientID: in.ClientID, Duty: due.Duty,
			Channel: ch, To: due.Duty.Receiver(), Now: now, Late: due.Late}, due)
		if err != nil {
			return "", err
		}
		sum = better(sum, state)
	}
	return sum, nil
}

// better sums up the channels of one duty: one letter that went out is enough.
func better(sum, state string) string {
	switch {
	case sum == care.OutcomeSent || state == care.LetterSent || state == care.LetterDelivered:
		return care.OutcomeSent
	case state == care.LetterRejected || state == care.LetterUnknown:
		return care.OutcomeFailed
	case state == care.LetterExpired && sum != care.OutcomeFailed:
		return care.OutcomeExpired
	default:
		return sum
	}
}

// letter takes one letter from claim to settlement and gives its state.
func (a *Activities) letter(ctx context.Context, l care.Letter, due DueDuty) (string, error) {
	claim, err := a.Register.Claim(ctx, l, care.LastWord)
	if err != nil {
		return "", fmt.Errorf("claim letter: %w", err)
	}
	settle := func(state, why, text, id string) (string, error) {
		if err := a.Register.Settle(ctx, l.Key, state, why, text, id, l.Now); err != nil {
			return "", fmt.Errorf("settle letter: %w", err)
		}
		return state, nil
	}
	if claim.Again && !a.Sender.Idempotent() {
		return settle(care.LetterUnknown, "an earlier try ended without an answer", "", "")
	}
	if !claim.Granted && !claim.Again {
		return claim.State, nil
	}
	mail, why, err := a.render(ctx, l, claim, due)
	if err != nil {
		return "", err
	}
	if why != "" {
		return settle(care.LetterRejected, why, "", "")
	}
	receipt, err := a.Sender.Send(ctx, mail)
	if err != nil {
		return "", fmt.Errorf("send on %s: %w", l.Channel, err)
	}
	if receipt.State == "" {
		receipt.State = care.LetterSent
	}
	return settle(receipt.State, receipt.Why, mail.Text, receipt.ProviderID)
}
