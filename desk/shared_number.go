package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/values"
	"kapflow/care/wording"
)

// Whose is somebody's decision whose words a text from a shared number has.
type Whose struct {
	Item     string // the item's id on the list
	ClientID string // one of those who share the number; empty: nobody's
	Reason   string // why it is nobody's
}

// unassigned is what waits on the list of a text from a number that several clients share. Nobody's record has it.
func unassigned(e message.ProviderEvent, clients []string) *message.WorklistItem {
	item := message.WorklistItem{Kind: message.WorklistShared, About: e.Provider + ":" + e.ID, Since: e.At, Clients: clients,
		Words: fmt.Sprintf("%s, a number that %s share, wrote: %s", e.From, wording.JoinWords(clients, "and"), e.Text)}
	if wording.SoundsOfDanger(e.Text) {
		item.Kind, item.Words = message.WorklistAlarm, "Call this number now. "+item.Words
	}
	return &item
}

// AssignReply says whose words a text from a shared number has. A client's are recorded as if they had come from that client at
// their own time; nobody's leave the list and are in no record. The error is a *care.Refusal for a text that waits no more, a
// client who does not share the number, and nobody without a reason.
func (d *Desk) AssignReply(ctx context.Context, who access.Person, w Whose) error {
	detail := map[string]string{"item": keepable(w.Item)}
	if w.ClientID != "" {
		detail["client"] = keepable(w.ClientID)
	}
	ask := Ask{Action: access.AssignReply, Subject: w.Item, Detail: detail, check: func(context.Context, person.Actor) error { return w.check() }}
	return d.Do(ctx, who, ask, func(by person.Actor) error {
		item, found, err := d.worklistItem(ctx, w.Item)
		if err != nil {
			return err
		}
		gone := care.Refuse("matter", care.CodeWrongState, "this text waits no more: it is assigned already, or there is no such text", "")
		if !found || !item.Unassigned() {
			return gone
		}
		if w.ClientID != "" && !slices.Contains(item.Clients, w.ClientID) {
			return care.Refuse("matter", care.CodeInvalid, "choose one of the clients who share the number: "+wording.JoinWords(item.Clients, "or"), "")
		}
		e, done, err := d.Store.AssignReply(ctx, message.Assignment{Item: item, ClientID: w.ClientID, Reason: strings.TrimSpace(w.Reason), By: by, At: d.Now().UTC()})
		if err != nil {
			return fmt.Errorf("assign text: %w", err)
		}
		if !done {
			return gone
		}
		if w.ClientID != "" {
			ctx, cancel := context.WithTimeout(ctx, relayPatience)
			defer cancel()
			_ = d.relay(ctx, e) // it is kept: Relay tries again
		}
		return nil
	})
}

func (w Whose) check() error {
	if w.ClientID != "" {
		return nil
	}
	if strings.TrimSpace(w.Reason) == "" {
		return care.Refuse("matter", care.CodeInvalid, "say why the text is nobody's", "")
	}
	if _, err := values.Text(w.Reason, values.MostWords); err != nil {
		return care.Refuse("matter", care.CodeInvalid, fmt.Sprintf("reason: %v", err), "")
	}
	return nil
}
