package dryrun

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/messaging"
	"kapflow/practice"
)

// delivery is one delivery as the register has it.
type delivery struct {
	state   message.State
	of      message.Delivery
	text    string
	claimed time.Time
}

// sampleToken is as long as the token of a real link, so that texts are measured as they will be. It opens nothing, and is not shown.
var sampleToken = strings.Repeat("x", 43)

// Claim has a delivery decided by its client's chart. It may be sent, or it ends or waits.
func (h *house) Claim(_ context.Context, l message.Delivery, decide care.Decide) (claim message.SendDecision, err error) {
	c := h.clients[l.ClientID]
	if c == nil {
		return claim, care.ErrNoClient
	}
	d := c.deliveries[l.Key()]
	if d == nil {
		d = &delivery{of: l}
		c.deliveries[l.Key()] = d
	}
	if claim.State = d.state; !d.state.Claimable() {
		return claim, nil
	}
	decision := decide(c.chart, l, c.known(l))
	d.state, _ = message.Next(d.state, decision.Event())
	d.claimed = l.Now
	claim.State, claim.Fault, claim.Why = d.state, decision.Fault, decision.Why
	if claim.Granted = message.After(decision.Event()).Have(message.AskProvider); claim.Granted {
		claim.Contact, claim.Consent = c.contact, c.chart.Consent(l.Channel)
		if l.Notification.Template == message.TemplateAnswer {
			claim.Answer = c.hidden[l.Notification.Text]
		}
		if l.HasLink() {
			claim.Link = sampleToken
		}
	}
	h.deliveryEnded(d, claim.Why, l.Now)
	return claim, nil
}

// known gives what the chart does not know of a delivery's client: how many texts they had.
func (c *client) known(l message.Delivery) (known message.Known) {
	midnight := c.chart.ClientZone.Clock(l.Now, 0, 0)
	week := c.chart.ClientZone.AddDays(midnight, -6)
	left := message.StatesOf(message.ResultUnknown, message.ResultSent)
	for _, d := range c.deliveries {
		if d.of.Channel != person.SMS || !d.of.Notification.Capped() || !slices.Contains(left, d.state) || d.claimed.Before(week) {
			continue
		}
		known.TextsThisWeek++
		if !d.claimed.Before(midnight) {
			known.TextsToday++
		}
	}
	return known
}

// Settle notes how a claimed delivery ended.
func (h *house) Settle(_ context.Context, e message.DeliveryResult) error {
	c := h.clients[e.Key.Client]
	if c == nil || c.deliveries[e.Key] == nil {
		return errors.New("a delivery ended that nobody claimed")
	}
	on, _ := message.EventOf(e.State, e.Fault)
	d := c.deliveries[e.Key]
	d.state, _ = message.Next(d.state, on)
	d.text = strings.ReplaceAll(e.Text, sampleToken, "…")
	h.deliveryEnded(d, e.Why, e.At)
	return nil
}

// deliveryEnded writes the journal's line of a delivery that nobody takes up again.
func (h *house) deliveryEnded(d *delivery, why string, at time.Time) {
	if d.state.Claimable() {
		return
	}
	n := d.of.Notification
	h.write(d.of.ClientID, at, "message", care.Message{Key: d.of.Key(), ClientID: d.of.ClientID, Channel: d.of.Channel, Template: n.Template, To: d.of.To,
		About: n.About, Version: n.Version, Text: d.text, State: d.state, Why: why, Late: d.of.Late, At: at})
}

// Sent is asked of deliveries whose end is unknown, and there are none.
func (h *house) Sent(context.Context, message.DeliveryKey) (message.SentDelivery, error) {
	return message.SentDelivery{}, errors.New("no delivery is looked for in a rehearsal")
}

// KeepSendRecord has nothing to keep: the chart takes the results in at once.
func (h *house) KeepSendRecord(context.Context, string, care.SendRecord) error { return nil }

// staffList is the part of the practice's list that sending asks for.
type staffList struct {
	activities.List
	house *house
}

// StaffNotified says whether staff were texted.
func (l staffList) StaffNotified(_ context.Context, key string) (bool, error) {
	return l.house.told[key], nil
}

// NoteStaffNotified notes that they were.
func (l staffList) NoteStaffNotified(_ context.Context, _ time.Time, keys ...string) error {
	for _, key := range keys {
		l.house.told[key] = true
	}
	return nil
}

// box takes every message that is fit to be sent, and sends none.
type box struct{ activities.Sender }

// Idempotent is true as of the mailbox.
func (box) Idempotent(person.Channel) bool { return true }

// Turn is there at once.
func (b box) Turn(context.Context, person.Channel) (activities.Turn, error) { return b, nil }

// Send checks a message as the providers' adapters do.
func (box) Send(_ context.Context, m activities.OutboundMessage) (activities.Receipt, error) {
	err := messaging.Fit(m.Template, messaging.Mail{Key: m.Key, Channel: string(m.Channel), To: m.To, Subject: m.Subject, Text: m.Text})
	if unfit := new(messaging.Unfit); errors.As(err, &unfit) {
		return activities.Receipt{State: message.StateRejected, Why: unfit.Error()}, nil
	}
	return activities.Receipt{}, err
}

// texts are the practice's texts as activities ask for them.
type texts struct{ practice.Texts }

// Render renders one message. The variables are named as in the text files.
func (t texts) Render(template message.Template, channel person.Channel, tier string, v map[string]string) (subject, text string, err error) {
	return t.Texts.Render(template, channel, tier, practice.VarsNamed(v))
}
