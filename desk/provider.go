package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// relayPatience is how long a provider's request waits for the journey: providers give up after fifteen seconds. What
// takes longer is relayed later.
const relayPatience = 8 * time.Second

// Receive takes in what a message provider told us, whose signature was checked. Once it returns nil the event is kept
// and will reach the client's journey, at once or, when Temporal is away, by Relay. The same event again changes nothing.
func (d *Desk) Receive(ctx context.Context, e message.ProviderEvent) error {
	if e.At.IsZero() {
		e.At = d.Now().UTC()
	}
	if e.Kind == message.EventReply {
		r := wording.ReadReply(e.Text)
		e.Class, e.Also = r.Class, r.Also
	}
	fresh, err := d.Store.TakeEvent(ctx, e)
	if err != nil || !fresh {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, relayPatience)
	defer cancel()
	_ = d.relay(ctx, e) // it is kept: Relay tries again
	return nil
}

// Relay brings every event that is kept to the journeys that have not heard of it. A worker calls it every few seconds;
// several at once do no harm.
func (d *Desk) Relay(ctx context.Context) error {
	events, err := d.Store.WaitingEvents(ctx, 100)
	if err != nil {
		return err
	}
	var faults []error
	for _, e := range events {
		faults = append(faults, d.relay(ctx, e))
	}
	return errors.Join(faults...)
}

func (d *Desk) relay(ctx context.Context, e message.ProviderEvent) error {
	if e.Kind == message.EventReply {
		return d.relayReply(ctx, e)
	}
	key, found, err := d.Store.DeliveryByRef(ctx, e.Ref)
	if err != nil {
		return err
	}
	if found {
		with := map[string]any{"message": key, "status": e.State}
		if e.Fault != "" {
			with["fault"] = e.Fault
		}
		if _, err := d.report(ctx, key.Client, "message-status-reported", e, with); err != nil {
			return err
		}
	}
	return d.Store.EventRelayed(ctx, e, d.Now().UTC(), nil)
}

// relayReply tells the client with the number. A text that points to danger wakes the journey of a closed record. A text
// that reaches no journey is for the coordinator, and staff are alerted if it points to danger. So is a text from a number that
// several clients share: it reaches no journey until a person said whose words it has.
func (d *Desk) relayReply(ctx context.Context, e message.ProviderEvent) error {
	clients, err := d.Store.ClientsByPhone(ctx, e.From)
	if err != nil {
		return err
	}
	if e.Assigned != "" {
		clients = []string{e.Assigned}
	}
	if len(clients) > 1 {
		return d.Store.EventRelayed(ctx, e, d.Now().UTC(), unassigned(e, clients))
	}
	heard, danger := 0, wording.SoundsOfDanger(e.Text)
	for _, id := range clients {
		with := map[string]any{"channel": person.SMS, "text_class": e.Class}
		if len(e.Also) > 0 {
			with["also"] = e.Also
		}
		if e.Text != "" {
			with["text"] = e.Text
		}
		if e.Assigned != "" {
			with["at"] = e.At.UTC().Format(time.RFC3339) // the person's decision came later
		}
		taken, err := d.report(ctx, id, "reply-received", e, with)
		if err == nil && !taken && danger {
			taken, err = d.reportToClosed(ctx, id, "reply-received", e, with)
		}
		if err != nil {
			return err
		}
		if taken {
			heard++
		}
	}
	var unheard *message.WorklistItem
	if heard == 0 && (danger || e.Class != wording.ReplyStop && e.Class != wording.ReplyStart) {
		unheard = &message.WorklistItem{Kind: message.WorklistReply, About: e.ID, Since: e.At, Words: fmt.Sprintf("%s wrote: %s", e.From, e.Text)}
		if danger {
			unheard.Kind, unheard.Words = message.WorklistDanger, "Call this person now. "+unheard.Words
		}
		if len(clients) > 0 {
			unheard.ClientID = clients[0]
		}
	}
	return d.Store.EventRelayed(ctx, e, d.Now().UTC(), unheard)
}

// report records one fact for a provider. taken is false when the journey refused it, as one that has ended does.
func (d *Desk) report(ctx context.Context, clientID, fact string, e message.ProviderEvent, with map[string]any) (taken bool, err error) {
	body, err := json.Marshal(with)
	if err != nil {
		return false, err
	}
	_, err = d.Record(ctx, Command{ClientID: clientID, Fact: fact, By: access.FromProvider(e.Provider), ID: e.Provider + ":" + e.ID, With: body})
	var refusal *care.Refusal
	if errors.As(err, &refusal) {
		return false, nil
	}
	return err == nil, err
}

// reportToClosed records a fact for a provider in the record of a client whose journey has ended. The journey is started
// again from its saved chart, so that the alert, the mails to staff and the crisis text go their ordinary way. taken is
// false if the client's record is not a closed one.
func (d *Desk) reportToClosed(ctx context.Context, clientID, fact string, e message.ProviderEvent, with map[string]any) (taken bool, err error) {
	chart, err := d.Store.Chart(ctx, clientID)
	if err != nil || !chart.Closed() {
		return false, err
	}
	ask := Ask{Action: access.Restart, Subject: clientID, Detail: map[string]string{"reason": "a text to a closed record points to danger"}}
	err = d.Do(ctx, access.FromProvider(e.Provider), ask, func(person.Actor) error {
		return d.takeOverAndStart(ctx, clientID, func(c *care.Chart) { c.StayAwake(d.Now()) })
	})
	if err != nil {
		return false, err
	}
	return d.report(ctx, clientID, fact, e, with)
}
