package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/person"
)

var noon = time.Date(2027, 3, 2, 19, 0, 0, 0, time.UTC)

// register is a message register in memory: claims are answered as scripted, settlements are kept.
type register struct {
	activities.Register
	claims  map[person.Channel]care.SendDecision
	settled map[string]string // key → state
	whys    map[string]string
	handled map[string]string
	err     error
}

func (r *register) Claim(_ context.Context, l care.Delivery, _ func(*care.Chart, care.Delivery) (state, why string)) (care.SendDecision, error) {
	return r.claims[l.Channel], r.err
}

func (r *register) Settle(_ context.Context, e care.DeliveryResult) error {
	r.settled[e.Key], r.whys[e.Key] = e.State, e.Why
	return nil
}

func (r *register) NoteHandled(_ context.Context, _, notification, outcome string) error {
	r.handled[notification] = outcome
	return nil
}

// sender counts what leaves.
type sender struct {
	sent       []activities.OutboundMessage
	idempotent bool
	receipt    activities.Receipt
	err        error
}

func (s *sender) Idempotent(person.Channel) bool { return s.idempotent }
func (s *sender) Find(context.Context, person.Channel, care.SentDelivery) (activities.Receipt, bool, error) {
	return activities.Receipt{}, false, nil
}
func (s *sender) Send(_ context.Context, m activities.OutboundMessage) (activities.Receipt, error) {
	s.sent = append(s.sent, m)
	return s.receipt, s.err
}

// plainTexts renders every template as its name; one is broken.
type plainTexts struct{}

func (plainTexts) Render(template string, _ person.Channel, _ string, v map[string]string) (subject, text string, err error) {
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
	granted := care.SendDecision{Granted: true, Contact: care.Contact{Phone: "+13035550142", Email: "sample@example.org"}, Consent: care.Consent{Detail: care.DetailTime}}
	b := &bundle{
		register: &register{claims: map[person.Channel]care.SendDecision{person.SMS: granted, person.Email: granted}, settled: map[string]string{}, whys: map[string]string{}, handled: map[string]string{}},
		sender:   &sender{idempotent: true},
	}
	b.acts = &activities.Activities{Register: b.register, Links: &links{}, Sender: b.sender, Texts: plainTexts{}, Clock: activities.WorkflowClock, Log: slog.New(slog.DiscardHandler)}
	return b
}

func (b *bundle) send(t *testing.T, due activities.DueNotification) (activities.SendResult, error) {
	t.Helper()
	due.Notification.Key = "remind/infusion-1/v1/1d"
	if due.Notification.Template == "" {
		due.Notification.Template = "visit-reminder"
	}
	if due.Notification.Channels == nil {
		due.Notification.Channels = []person.Channel{person.SMS, person.Email}
	}
	if due.Notification.Until.IsZero() {
		due.Notification.Until = noon.Add(24 * time.Hour)
	}
	if due.SendBefore.IsZero() {
		due.SendBefore = noon.Add(time.Hour)
	}
	return b.acts.Send(t.Context(), activities.SendInput{ClientID: "client-a", Asked: noon, Due: []activities.DueNotification{due}})
}

// TestSendWaitsForTheChartThatMadeTheNotificationDue: the row of tries goes on, and nothing is noted as handled.
func TestSendWaitsForTheChartThatMadeTheNotificationDue(t *testing.T) {
	t.Parallel()
	b := setup()
	b.register.err = care.ErrUnsaved
	if _, err := b.send(t, activities.DueNotification{}); !errors.Is(err, care.ErrUnsaved) {
		t.Errorf("the end is %v", err)
	}
	if len(b.sender.sent) > 0 || len(b.register.handled) > 0 {
		t.Errorf("sent %v, handled %v", b.sender.sent, b.register.handled)
	}
}

func TestSendGivesEachDeliveryOneEnd(t *testing.T) {
	t.Parallel()
	const sms, email = "client-a/remind/infusion-1/v1/1d/sms", "client-a/remind/infusion-1/v1/1d/email"
	for name, c := range map[string]struct {
		prepare func(*bundle)
		due     activities.DueNotification
		outcome string
		sent    int
		settled map[string]string
	}{
		"BothChannelsSent": {outcome: care.ResultSent, sent: 2, settled: map[string]string{sms: care.StateSent, email: care.StateSent}},
		"OneSuppressedOneSent": {prepare: func(b *bundle) {
			b.register.claims[person.SMS] = care.SendDecision{State: care.StateSuppressed, Why: "no consent on this channel"}
		}, outcome: care.ResultSent, sent: 1, settled: map[string]string{email: care.StateSent}},
		"CappedTextGoesByMailAtOnce": {prepare: func(b *bundle) {
			b.register.claims[person.SMS] = care.SendDecision{State: care.StateSuppressed, Fault: care.FaultCapped}
		}, due: activities.DueNotification{Notification: care.Notification{Channels: []person.Channel{person.SMS}}, IfCapped: []person.Channel{person.Email}}, outcome: care.ResultSent, sent: 1,
			settled: map[string]string{"client-a/remind/infusion-1/v1/1d/instead/email": care.StateSent}},
		"BothSuppressed": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]care.SendDecision{person.SMS: {State: care.StateSuppressed}, person.Email: {State: care.StateSuperseded}}
		}, outcome: care.ResultSuppressed},
		"ExpiredIsWrittenDownAndNotSent": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]care.SendDecision{person.SMS: {State: care.StateExpired}, person.Email: {State: care.StateExpired}}
		}, due: activities.DueNotification{Expired: true}, outcome: care.ResultExpired},
		"OpenHoursOver": {due: activities.DueNotification{SendBefore: noon.Add(-time.Minute)}, outcome: care.ResultDeferred},
		"NoAddress": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]care.SendDecision{person.SMS: {Granted: true}, person.Email: {Granted: true}}
		}, outcome: care.ResultFailed, settled: map[string]string{sms: care.StateRejected, email: care.StateRejected}},
		"TextCannotBeMade": {due: activities.DueNotification{Notification: care.Notification{Template: "broken", Channels: []person.Channel{person.SMS}}},
			outcome: care.ResultFailed, settled: map[string]string{sms: care.StateRejected}},
		"SenderRejects": {prepare: func(b *bundle) { b.sender.receipt = activities.Receipt{State: care.StateRejected, Why: "landline"} },
			due: activities.DueNotification{Notification: care.Notification{Channels: []person.Channel{person.SMS}}}, outcome: care.ResultFailed, sent: 1, settled: map[string]string{sms: care.StateRejected}},
		"ClaimedBeforeAndIdempotentIsSentAgain": {prepare: func(b *bundle) { again(b) },
			due: activities.DueNotification{Notification: care.Notification{Channels: []person.Channel{person.SMS}}}, outcome: care.ResultSent, sent: 1, settled: map[string]string{sms: care.StateSent}},
		"ClaimedBeforeAndNotIdempotentIsUnknown": {prepare: func(b *bundle) { again(b); b.sender.idempotent = false },
			due: activities.DueNotification{Notification: care.Notification{Channels: []person.Channel{person.SMS}}}, outcome: care.ResultUnknown, settled: map[string]string{sms: care.StateUnknown}},
		"ProviderAway": {prepare: func(b *bundle) {
			b.sender.idempotent, b.sender.receipt = false, activities.Receipt{State: care.StatePlanned, Fault: care.FaultNotSent}
		},
			due: activities.DueNotification{Notification: care.Notification{Channels: []person.Channel{person.SMS}}}, outcome: care.ResultDeferred, sent: 1, settled: map[string]string{sms: care.StatePlanned}},
		"SettledBefore": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]care.SendDecision{person.SMS: {State: care.StateDelivered}, person.Email: {State: care.StateSent}}
		}, outcome: care.ResultSent},
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
			if len(got.Results) != 1 || got.Results[0].Result != c.outcome {
				t.Errorf("outcomes %v, want %s", got.Results, c.outcome)
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
			if _, noted := b.register.handled["remind/infusion-1/v1/1d"]; noted == (c.outcome == care.ResultDeferred) {
				t.Errorf("handled: %v", b.register.handled)
			}
		})
	}
}

// again makes the register say that an earlier try claimed the letter and never settled it.
func again(b *bundle) {
	claim := b.register.claims[person.SMS]
	claim.Granted, claim.Again = false, true
	b.register.claims[person.SMS] = claim
}

func TestSendFailsWholeWhenTheRegisterIsAway(t *testing.T) {
	t.Parallel()
	b := setup()
	b.register.err = errors.New("no connection")
	if _, err := b.send(t, activities.DueNotification{}); err == nil || len(b.sender.sent) > 0 {
		t.Errorf("error %v, %d left", err, len(b.sender.sent))
	}
}
