package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care"
)

var noon = time.Date(2027, 3, 2, 19, 0, 0, 0, time.UTC)

// register is a message register in memory: claims are answered as scripted, settlements are kept.
type register struct {
	activities.Register
	claims  map[care.Channel]care.Claim
	settled map[string]string // key → state
	whys    map[string]string
	handled map[string]string
	err     error
}

func (r *register) Claim(_ context.Context, l care.Letter, _ func(*care.Chart, care.Letter) (state, why string)) (care.Claim, error) {
	return r.claims[l.Channel], r.err
}

func (r *register) Settle(_ context.Context, e care.LetterNews) error {
	r.settled[e.Key], r.whys[e.Key] = e.State, e.Why
	return nil
}

func (r *register) NoteHandled(_ context.Context, _, duty, outcome string) error {
	r.handled[duty] = outcome
	return nil
}

// sender counts what leaves.
type sender struct {
	sent       []activities.OutboundMessage
	idempotent bool
	receipt    activities.Receipt
	err        error
}

func (s *sender) Idempotent(care.Channel) bool { return s.idempotent }
func (s *sender) Find(context.Context, care.Channel, care.SentLetter) (activities.Receipt, bool, error) {
	return activities.Receipt{}, false, nil
}
func (s *sender) Send(_ context.Context, m activities.OutboundMessage) (activities.Receipt, error) {
	s.sent = append(s.sent, m)
	return s.receipt, s.err
}

// plainTexts renders every template as its name; one is broken.
type plainTexts struct{}

func (plainTexts) Render(template string, _ care.Channel, _ string, v map[string]string) (subject, text string, err error) {
	if template == "broken" {
		return "", "", errors.New("no such text")
	}
	return "subject", template + " " + v["When"], nil
}

// links gives every letter the same token.
type links struct{ made []care.Link }

func (l *links) NewLink(_ context.Context, link care.Link) (string, error) {
	l.made = append(l.made, link)
	return "token", nil
}

type bundle struct {
	register *register
	sender   *sender
	acts     *activities.Activities
}

func setup() *bundle {
	granted := care.Claim{Granted: true, Contact: care.Contact{Phone: "+13035550142", Email: "sample@example.org"}, Consent: care.Consent{Detail: care.DetailTime}}
	b := &bundle{
		register: &register{claims: map[care.Channel]care.Claim{care.SMS: granted, care.Email: granted}, settled: map[string]string{}, whys: map[string]string{}, handled: map[string]string{}},
		sender:   &sender{idempotent: true},
	}
	b.acts = &activities.Activities{Register: b.register, Links: &links{}, Sender: b.sender, Texts: plainTexts{}, Clock: activities.WorkflowClock, Log: slog.New(slog.DiscardHandler)}
	return b
}

func (b *bundle) send(t *testing.T, due activities.DueDuty) (activities.SendResult, error) {
	t.Helper()
	due.Duty.Key = "remind/infusion-1/v1/1d"
	if due.Duty.Template == "" {
		due.Duty.Template = "visit-reminder"
	}
	if due.Duty.Channels == nil {
		due.Duty.Channels = []care.Channel{care.SMS, care.Email}
	}
	if due.Duty.Until.IsZero() {
		due.Duty.Until = noon.Add(24 * time.Hour)
	}
	if due.SendBefore.IsZero() {
		due.SendBefore = noon.Add(time.Hour)
	}
	return b.acts.Send(t.Context(), activities.SendInput{ClientID: "client-a", Asked: noon, Due: []activities.DueDuty{due}})
}

// TestSendWaitsForTheChartThatMadeTheDutyDue: the row of tries goes on, and nothing is noted as handled.
func TestSendWaitsForTheChartThatMadeTheDutyDue(t *testing.T) {
	t.Parallel()
	b := setup()
	b.register.err = care.ErrUnsaved
	if _, err := b.send(t, activities.DueDuty{}); !errors.Is(err, care.ErrUnsaved) {
		t.Errorf("the end is %v", err)
	}
	if len(b.sender.sent) > 0 || len(b.register.handled) > 0 {
		t.Errorf("sent %v, handled %v", b.sender.sent, b.register.handled)
	}
}

func TestSendGivesEachLetterOneEnd(t *testing.T) {
	t.Parallel()
	const sms, email = "client-a/remind/infusion-1/v1/1d/sms", "client-a/remind/infusion-1/v1/1d/email"
	for name, c := range map[string]struct {
		prepare func(*bundle)
		due     activities.DueDuty
		outcome string
		sent    int
		settled map[string]string
	}{
		"BothChannelsSent": {outcome: care.OutcomeSent, sent: 2, settled: map[string]string{sms: care.LetterSent, email: care.LetterSent}},
		"OneSuppressedOneSent": {prepare: func(b *bundle) {
			b.register.claims[care.SMS] = care.Claim{State: care.LetterSuppressed, Why: "no consent on this channel"}
		}, outcome: care.OutcomeSent, sent: 1, settled: map[string]string{email: care.LetterSent}},
		"CappedTextGoesByMailAtOnce": {prepare: func(b *bundle) {
			b.register.claims[care.SMS] = care.Claim{State: care.LetterSuppressed, Fault: care.FaultCapped}
		}, due: activities.DueDuty{Duty: care.Duty{Channels: []care.Channel{care.SMS}}, IfCapped: []care.Channel{care.Email}}, outcome: care.OutcomeSent, sent: 1,
			settled: map[string]string{"client-a/remind/infusion-1/v1/1d/instead/email": care.LetterSent}},
		"BothSuppressed": {prepare: func(b *bundle) {
			b.register.claims = map[care.Channel]care.Claim{care.SMS: {State: care.LetterSuppressed}, care.Email: {State: care.LetterSuperseded}}
		}, outcome: care.OutcomeSuppressed},
		"ExpiredIsWrittenDownAndNotSent": {prepare: func(b *bundle) {
			b.register.claims = map[care.Channel]care.Claim{care.SMS: {State: care.LetterExpired}, care.Email: {State: care.LetterExpired}}
		}, due: activities.DueDuty{Expired: true}, outcome: care.OutcomeExpired},
		"OpenHoursOver": {due: activities.DueDuty{SendBefore: noon.Add(-time.Minute)}, outcome: care.OutcomeDeferred},
		"NoAddress": {prepare: func(b *bundle) {
			b.register.claims = map[care.Channel]care.Claim{care.SMS: {Granted: true}, care.Email: {Granted: true}}
		}, outcome: care.OutcomeFailed, settled: map[string]string{sms: care.LetterRejected, email: care.LetterRejected}},
		"TextCannotBeMade": {due: activities.DueDuty{Duty: care.Duty{Template: "broken", Channels: []care.Channel{care.SMS}}},
			outcome: care.OutcomeFailed, settled: map[string]string{sms: care.LetterRejected}},
		"SenderRejects": {prepare: func(b *bundle) { b.sender.receipt = activities.Receipt{State: care.LetterRejected, Why: "landline"} },
			due: activities.DueDuty{Duty: care.Duty{Channels: []care.Channel{care.SMS}}}, outcome: care.OutcomeFailed, sent: 1, settled: map[string]string{sms: care.LetterRejected}},
		"ClaimedBeforeAndIdempotentIsSentAgain": {prepare: func(b *bundle) { again(b) },
			due: activities.DueDuty{Duty: care.Duty{Channels: []care.Channel{care.SMS}}}, outcome: care.OutcomeSent, sent: 1, settled: map[string]string{sms: care.LetterSent}},
		"ClaimedBeforeAndNotIdempotentIsUnknown": {prepare: func(b *bundle) { again(b); b.sender.idempotent = false },
			due: activities.DueDuty{Duty: care.Duty{Channels: []care.Channel{care.SMS}}}, outcome: care.OutcomeUnknown, settled: map[string]string{sms: care.LetterUnknown}},
		"ProviderAway": {prepare: func(b *bundle) {
			b.sender.idempotent, b.sender.receipt = false, activities.Receipt{State: care.LetterPlanned, Fault: care.FaultNotSent}
		},
			due: activities.DueDuty{Duty: care.Duty{Channels: []care.Channel{care.SMS}}}, outcome: care.OutcomeDeferred, sent: 1, settled: map[string]string{sms: care.LetterPlanned}},
		"SettledBefore": {prepare: func(b *bundle) {
			b.register.claims = map[care.Channel]care.Claim{care.SMS: {State: care.LetterDelivered}, care.Email: {State: care.LetterSent}}
		}, outcome: care.OutcomeSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup()
			if c.prepare != nil {
				c.prepare(b)
			}
			got, err := b.send(t, c.due)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Outcomes) != 1 || got.Outcomes[0].Outcome != c.outcome {
				t.Errorf("outcomes %v, want %s", got.Outcomes, c.outcome)
			}
			if len(b.sender.sent) != c.sent {
				t.Errorf("%d left, want %d", len(b.sender.sent), c.sent)
			}
			for key, state := range c.settled {
				if b.register.settled[key] != state {
					t.Errorf("%s is %q (%s), want %s", key, b.register.settled[key], b.register.whys[key], state)
				}
			}
			if len(b.register.settled) != len(c.settled) {
				t.Errorf("settled %v, want %v", b.register.settled, c.settled)
			}
			if _, noted := b.register.handled["remind/infusion-1/v1/1d"]; noted == (c.outcome == care.OutcomeDeferred) {
				t.Errorf("handled: %v", b.register.handled)
			}
		})
	}
}

// again makes the register say that an earlier try claimed the letter and never settled it.
func again(b *bundle) {
	claim := b.register.claims[care.SMS]
	claim.Granted, claim.Again = false, true
	b.register.claims[care.SMS] = claim
}

func TestSendFailsWholeWhenTheRegisterIsAway(t *testing.T) {
	t.Parallel()
	b := setup()
	b.register.err = errors.New("no connection")
	if _, err := b.send(t, activities.DueDuty{}); err == nil || len(b.sender.sent) > 0 {
		t.Errorf("error %v, %d left", err, len(b.sender.sent))
	}
}
