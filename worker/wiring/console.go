package wiring

import (
	"context"
	"errors"
	"time"

	"kapflow/activities"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console"
	"kapflow/console/page"
	"kapflow/messaging"
	"kapflow/store"
)

// Console gives the parts of the console that this house serves.
func (h *House) Console(settings config.Settings) []console.Part {
	return []console.Part{h.ClientPages(settings.AddressHeader), h.providersPart()}
}

// ClientPages are the pages behind the links in messages. addressHeader is the header in which the practice's own proxy
// writes a browser's address.
func (h *House) ClientPages(addressHeader string) *page.Site {
	return &page.Site{Links: h.Store, Records: h.Store, Desk: h.Desk, Codes: codes{h}, Texts: h.Practice.Texts, Practice: h.Practice.Policy, Now: h.Desk.Now, Log: h.Log,
		AddressHeader: addressHeader}
}

// codes sends a link's second factor by text message.
type codes struct{ h *House }

// SendCode sends a fresh code, to the number and by the consent as they are now. It answers the client's own request, so
// it is sent at any hour; and it is no letter, since asking again gives another code.
func (c codes) SendCode(ctx context.Context, token string, l message.Link, now time.Time) error {
	chart, err := c.h.Store.Chart(ctx, l.ClientID)
	if err != nil {
		return err
	}
	contact, err := c.h.Store.Contact(ctx, l.ClientID)
	if err != nil {
		return err
	}
	if contact.Phone == "" || !chart.Consent(person.SMS).Granted {
		return page.ErrNoCode
	}
	code, err := c.h.Store.NewLinkCode(ctx, token, now)
	if errors.Is(err, store.ErrTooMany) {
		return page.ErrNoCode
	}
	if err != nil {
		return err
	}
	p := c.h.Practice.Policy.Practice
	_, text, err := texts{c.h.Practice.Texts}.Render(message.TemplateCode, person.SMS, message.DetailMinimal, map[string]string{"Practice": p.DisplayName, "Phone": p.Phone, "Code": code})
	if err != nil {
		return err
	}
	receipt, err := c.h.Activities().Sender.Send(ctx, activities.OutboundMessage{Key: message.CodeKey(l.ClientID, now), Channel: person.SMS, To: contact.Phone, Text: text})
	if err != nil {
		return err
	}
	if receipt.State != "" && receipt.State != message.StateSent {
		return page.ErrNoCode
	}
	return nil
}

// providersPart is where the message providers report.
func (h *House) providersPart() console.Part {
	p := console.Providers{Desk: h.Desk, PublicURL: h.Providers.PublicURL, Now: h.Desk.Now, Log: h.Log,
		TwilioStatus: func(status string, code int) console.Verdict { return verdict(messaging.TwilioStatus(status, code)) },
		SendGridEvent: func(event, kind, reason string) (console.Verdict, bool) {
			out, tells := messaging.SendGridEvent(event, kind, reason)
			return verdict(out), tells
		}}
	if s := h.Providers.TwilioSigned; s != nil {
		p.TwilioSigned = s.Valid
	}
	if s := h.Providers.SendGridSigned; s != nil {
		p.SendGridSigned = func(body []byte, signature, timestamp string, now time.Time) bool {
			return s.Valid(body, signature, timestamp, now)
		}
	}
	return p
}

func verdict(o messaging.Outcome) console.Verdict {
	return console.Verdict{State: o.State, Fault: o.Fault, Why: o.Why}
}
