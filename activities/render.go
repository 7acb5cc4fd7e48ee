package activities

import (
	"context"
	"fmt"
	"strings"

	"kapflow/care/message"
	"kapflow/care/person"
)

// render makes the text as the client's consent allows, with a link of its own; why says what is missing. Every channel
// says the same time, because both are made from one value (due.When).
func (a *Activities) render(ctx context.Context, l message.Delivery, claim message.SendDecision, due message.DueNotification) (mail OutboundMessage, why string, err error) {
	mail = OutboundMessage{Key: l.Key, Ref: claim.Ref, Channel: l.Channel, To: a.address(l, claim.Contact), Template: l.Notification.Template, UsefulFor: l.Notification.Until.Sub(l.Now)}
	if mail.To == "" {
		return mail, "no address on this channel", nil
	}
	link, err := a.link(ctx, l)
	if err != nil {
		return mail, "", fmt.Errorf("make link: %w", err)
	}
	place, _ := a.Practice.Place(l.Notification.Place)
	subject, text, err := a.Texts.Render(l.Notification.Template, l.Channel, claim.Consent.Detail, map[string]string{
		"Practice": a.Practice.Practice.DisplayName, "Phone": a.Practice.Practice.Phone, "Name": claim.Contact.PreferredName,
		"When": due.When, "Place": place.Neutral, "Link": link,
		"Crisis": a.Practice.Practice.CrisisText, "Ref": l.ClientID,
	})
	if err != nil {
		a.Log.Error("a message text cannot be rendered", "template", l.Notification.Template, "channel", l.Channel, "error", err)
		return mail, "the text could not be made", nil
	}
	mail.Subject, mail.Text = subject, text
	return mail, "", nil
}

// address gives where a letter goes: the client's address, or a staff member's as the practice file has it today.
func (a *Activities) address(l message.Delivery, client person.Contact) string {
	switch {
	case l.To == person.Client && l.Channel == person.Email:
		return client.Email
	case l.To == person.Client:
		return client.Phone
	case l.Notification.Person == message.OnCall:
		return a.Practice.Practice.OnCall
	case l.To == person.Coordinator:
		return a.Practice.Practice.Coordinator
	}
	who, _ := a.Practice.Clinician(l.Notification.Person)
	return who.Email
}

// link makes a client's own link. A message to staff has none, and neither has a crisis text: whom to call is in it.
func (a *Activities) link(ctx context.Context, l message.Delivery) (string, error) {
	if l.To != person.Client || l.Notification.Template == message.TemplateCrisis {
		return "", nil
	}
	token, err := a.Links.NewLink(ctx, message.LinkOf(l))
	return strings.TrimRight(a.Practice.Messages.LinkBase, "/") + "/" + token, err
}
