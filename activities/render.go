package activities

import (
	"context"
	"fmt"
	"strings"

	"kapflow/care"
)

// render makes the text as the client's consent allows, with a link of its own; why says what is missing. Every channel
// says the same time, because both are made from one value (due.When).
func (a *Activities) render(ctx context.Context, l care.Letter, claim care.Claim, due DueDuty) (mail Mail, why string, err error) {
	mail = Mail{Key: l.Key, Channel: l.Channel, To: claim.Contact.Phone}
	if l.Channel == care.Email {
		mail.To = claim.Contact.Email
	}
	if mail.To == "" {
		return mail, "no address on this channel", nil
	}
	token, err := a.Links.NewLink(ctx, care.LinkOf(l))
	if err != nil {
		return mail, "", fmt.Errorf("make link: %w", err)
	}
	place, _ := a.Practice.Place(l.Duty.Place)
	subject, text, err := a.Texts.Render(l.Duty.Template, l.Channel, claim.Consent.Detail, map[string]string{
		"Practice": a.Practice.Practice.DisplayName, "Phone": a.Practice.Practice.Phone, "Name": claim.Contact.PreferredName,
		"When": due.When, "Place": place.Neutral, "Link": strings.TrimRight(a.Practice.Messages.LinkBase, "/") + "/" + token,
	})
	if err != nil {
		a.Log.Error("a message text cannot be rendered", "template", l.Duty.Template, "channel", l.Channel, "error", err)
		return mail, "the text could not be made", nil
	}
	mail.Subject, mail.Text = subject, text
	return mail, "", nil
}
