package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

var noon = time.Date(2027, 3, 2, 19, 0, 0, 0, time.UTC)

var reminder = message.Key{Verb: message.Remind, Subject: "infusion-1", Version: 1, Rule: "1d"}

// register is a message register in memory: claims are answered as scripted, settlements are kept.
type register struct {
	activities.Register
	claims  map[person.Channel]message.SendDecision
	settled map[string]message.State
	whys    map[string]string
	kept    []care.SendRecord
	asked   int
	err     error
}

func (r *register) Claim(_ context.Context, l message.Delivery, _ care.Decide) (message.SendDecision, error) {
	r.asked++
	return r.claims[l.Channel], r.err
}

func (r *register) Settle(_ context.Context, e message.DeliveryResult) error {
	r.settled[e.Key.String()], r.whys[e.Key.String()] = e.State, e.Why
	return nil
}

func (r *register) KeepSendRecord(_ context.Context, _ string, record care.SendRecord) error {
	r.kept = append(r.kept, record)
	return nil
}

// sender counts what leaves.
type sender struct {
	sent       []activities.OutboundMessage
	idempotent bool
	receipt    activities.Receipt
	err        error
	noTurn     error
}

func (s *sender) Turn(context.Context, person.Channel) (activities.Turn, error) { return s, s.noTurn }

func (s *sender) Idempotent(person.Channel) bool { return s.idempotent }
func (s *sender) Find(context.Context, person.Channel, message.SentDelivery) (activities.Receipt, bool, error) {
	return activities.Receipt{}, false, nil
}
func (s *sender) Send(_ context.Context, m activities.OutboundMessage) (activities.Receipt, error) {
	s.sent = append(s.sent, m)
	return s.receipt, s.err
}

// plainTexts renders every template as its name; one is broken.
type plainTexts struct{}

func (plainTexts) Render(template message.Template, _ person.Channel, _ string, v map[string]string) (subject, text string, err error) {
	if template == "broken" {
		return "", "", errors.New("no such text")
	}
	return "subject", string(template) + " " + v["When"] + " " + v["Link"], nil
}

type bundle struct {
	register *register
	sender   *sender
	acts     *activities.Activities
}

func setup() *bundle {
	granted := message.SendDecision{Granted: true, Contact: person.Contact{Phone: "+13035550142", Email: "sample@example.org"}, Consent: message.Consent{Detail: message.DetailTime}}
	b := &bundle{
		register: &register{claims: map[person.Channel]message.SendDecision{person.SMS: granted, person.Email: granted}, settled: map[string]message.State{}, whys: map[string]string{}},
		sender:   &sender{idempotent: true},
	}
	b.acts = &activities.Activities{Register: b.register, Sender: b.sender, Texts: plainTexts{}, Clock: activities.WorkflowClock, Log: slog.New(slog.DiscardHandler)}
	return b
}

func (b *bundle) send(t *testing.T, due message.DueNotification) (activities.SendResult, error) {
	t.Helper()
	due.Notification.Key = reminder
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
	return b.acts.Send(t.Context(), activities.SendInput{ClientID: "client-a", Asked: noon, Due: []message.DueNotification{due}})
}

// TestSendWaitsForTheChartThatMadeTheNotificationDue: the row of tries goes on, and nothing is noted as handled.
func TestSendWaitsForTheChartThatMadeTheNotificationDue(t *testing.T) {
	t.Parallel()
	b := setup()
	b.register.err = message.ErrUnsaved
	if _, err := b.send(t, message.DueNotification{}); !errors.Is(err, message.ErrUnsaved) {
		t.Errorf("the end is %v", err)
	}
	if len(b.sender.sent) > 0 || len(b.register.kept) > 0 {
		t.Errorf("sent %v, kept %v", b.sender.sent, b.register.kept)
	}
}

// Without a turn nothing is claimed and no result is written down: the same batch is asked for again, and what an earlier try sent stays
// as it was.
func TestSendWithoutATurnIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := setup()
	b.register.claims = nil
	b.sender.noTurn = context.DeadlineExceeded
	_, err := b.send(t, message.DueNotification{})
	if again := new(temporal.ApplicationError); !errors.As(err, &again) || again.NextRetryDelay() <= 0 || again.NonRetryable() {
		t.Errorf("the end is %v", err)
	}
	if len(b.sender.sent)+len(b.register.kept)+len(b.register.settled)+b.register.asked > 0 {
		t.Errorf("sent %v, kept %v, settled %v, claimed %d", b.sender.sent, b.register.kept, b.register.settled, b.register.asked)
	}
}

func TestSendGivesEachDeliveryOneEnd(t *testing.T) {
	t.Parallel()
	const sms, email = "client-a/remind/infusion-1/v1/1d/sms", "client-a/remind/infusion-1/v1/1d/email"
	for name, c := range map[string]struct {
		prepare func(*bundle)
		due     message.DueNotification
		outcome message.Result
		sent    int
		settled map[string]message.State
	}{
		"BothChannelsSent": {outcome: message.ResultSent, sent: 2, settled: map[string]message.State{sms: message.StateSent, email: message.StateSent}},
		"OneSuppressedOneSent": {prepare: func(b *bundle) {
			b.register.claims[person.SMS] = message.SendDecision{State: message.StateSuppressed, Why: "no consent on this channel"}
		}, outcome: message.ResultSent, sent: 1, settled: map[string]message.State{email: message.StateSent}},
		"CappedTextGoesByMailAtOnce": {prepare: func(b *bundle) {
			b.register.claims[person.SMS] = message.SendDecision{State: message.StateSuppressed, Fault: message.FaultCapped}
		}, due: message.DueNotification{Notification: message.Notification{Channels: []person.Channel{person.SMS}}, IfCapped: []person.Channel{person.Email}}, outcome: message.ResultSent, sent: 1,
			settled: map[string]message.State{"client-a/remind/infusion-1/v1/1d/instead/email": message.StateSent}},
		"BothSuppressed": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]message.SendDecision{person.SMS: {State: message.StateSuppressed}, person.Email: {State: message.StateSuperseded}}
		}, outcome: message.ResultSuppressed},
		"ExpiredIsWrittenDownAndNotSent": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]message.SendDecision{person.SMS: {State: message.StateExpired}, person.Email: {State: message.StateExpired}}
		}, due: message.DueNotification{Expired: true}, outcome: message.ResultExpired},
		"OpenHoursOver": {due: message.DueNotification{SendBefore: noon.Add(-time.Minute)}, outcome: message.ResultDeferred},
		"NoAddress": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]message.SendDecision{person.SMS: {Granted: true}, person.Email: {Granted: true}}
		}, outcome: message.ResultFailed, settled: map[string]message.State{sms: message.StateRejected, email: message.StateRejected}},
		"TextCannotBeMade": {due: message.DueNotification{Notification: message.Notification{Template: "broken", Channels: []person.Channel{person.SMS}}},
			outcome: message.ResultFailed, settled: map[string]message.State{sms: message.StateRejected}},
		"SenderRejects": {prepare: func(b *bundle) { b.sender.receipt = activities.Receipt{State: message.StateRejected, Why: "landline"} },
			due: message.DueNotification{Notification: message.Notification{Channels: []person.Channel{person.SMS}}}, outcome: message.ResultFailed, sent: 1, settled: map[string]message.State{sms: message.StateRejected}},
		"ClaimedBeforeAndIdempotentIsSentAgain": {prepare: func(b *bundle) { again(b) },
			due: message.DueNotification{Notification: message.Notification{Channels: []person.Channel{person.SMS}}}, outcome: message.ResultSent, sent: 1, settled: map[string]message.State{sms: message.StateSent}},
		"ClaimedBeforeAndNotIdempotentIsUnknown": {prepare: func(b *bundle) { again(b); b.sender.idempotent = false },
			due: message.DueNotification{Notification: message.Notification{Channels: []person.Channel{person.SMS}}}, outcome: message.ResultUnknown, settled: map[string]message.State{sms: message.StateUnknown}},
		"ProviderAway": {prepare: func(b *bundle) {
			b.sender.idempotent, b.sender.receipt = false, activities.Receipt{State: message.StatePlanned, Fault: message.FaultNotSent}
		},
			due: message.DueNotification{Notification: message.Notification{Channels: []person.Channel{person.SMS}}}, outcome: message.ResultDeferred, sent: 1, settled: map[string]message.State{sms: message.StatePlanned}},
		"SettledBefore": {prepare: func(b *bundle) {
			b.register.claims = map[person.Channel]message.SendDecision{person.SMS: {State: message.StateDelivered}, person.Email: {State: message.StateSent}}
		}, outcome: message.ResultSent},
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
			if len(b.register.kept) != 1 || b.register.kept[0].Results[0].Result != c.outcome {
				t.Errorf("kept: %+v", b.register.kept)
			}
		})
	}
}

// again makes the register say that an earlier try claimed the delivery and never settled it.
func again(b *bundle) {
	claim := b.register.claims[person.SMS]
	claim.Granted, claim.Again = false, true
	b.register.claims[person.SMS] = claim
}

func TestSendFailsWholeWhenTheRegisterIsAway(t *testing.T) {
	t.Parallel()
	b := setup()
	b.register.err = errors.New("no connection")
	if _, err := b.send(t, message.DueNotification{}); err == nil || len(b.sender.sent) > 0 {
		t.Errorf("error %v, %d left", err, len(b.sender.sent))
	}
}
