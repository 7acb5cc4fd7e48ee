package activities

import (
	"strings"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// render makes the text as the client's consent allows; why says what is missing. Every channel says the same time, because
// both are made from one value (when).
func (a *Activities) render(l message.Delivery, claim message.SendDecision, when string) (mail OutboundMessage, why string) {
	mail = OutboundMessage{Key: l.Key().String(), Ref: claim.Ref, Channel: l.Channel, To: a.address(l, claim.Contact), Template: l.Notification.Template, UsefulFor: l.Notification.Until.Sub(l.Now)}
	if mail.To == "" {
		return mail, "no address on this channel"
	}
	link := ""
	if claim.Link != "" {
		link = strings.TrimRight(a.Practice.Messages.LinkBase, "/") + "/" + claim.Link
	}
	place, _ := a.Practice.Place(l.Notification.Place)
	subject, text, err := a.Texts.Render(l.Notification.Template, l.Channel, claim.Consent.Detail, map[string]string{
		"Practice": a.Practice.Practice.DisplayName, "Phone": a.Practice.Practice.Phone, "Name": claim.Contact.PreferredName,
		"When": when, "Place": place.Neutral, "Link": link,
		"Answer": wording.AnswerLine(claim.Answer), "Crisis": a.Practice.Practice.CrisisText, "Ref": l.ClientID,
	})
	if err != nil {
		a.Log.Error("a message text cannot be rendered", "template", l.Notification.Template, "channel", l.Channel, "error", err)
		return mail, "the text could not be made"
	}
	mail.Subject, mail.Text = subject, text
	return mail, ""
}

// address gives where a delivery goes: the client's address, or a staff member's as the practice file has it today.
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
