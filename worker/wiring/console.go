package wiring

import (
	"context"
	"errors"
	"time"

	"kapflow/activities"
	"kapflow/care/message"
	"kapflow/config"
	"kapflow/console"
	"kapflow/console/page"
	"kapflow/messaging"
	"kapflow/store"
)

// Console returns the parts of the console.
func (a *App) Console(settings config.Settings) []console.Part {
	return []console.Part{a.ClientPages(settings.AddressHeader), a.providersPart()}
}

// ClientPages returns the pages that links in messages open. addressHeader is the header in which the practice's own proxy
// puts a browser's address.
func (a *App) ClientPages(addressHeader string) *page.Site {
	return &page.Site{Links: a.Store, Records: a.Store, Desk: a.Desk, Codes: codes{a}, Texts: a.Practice.Texts, Practice: a.Practice.Policy, Now: a.Desk.Now, Log: a.Log,
		AddressHeader: addressHeader}
}

// codes sends a link's second factor, never by the channel that the link came by.
type codes struct{ app *App }

// SendCode sends a fresh code. It reads the address and the consent at that moment, and sends at any hour because the client
// asks for it. The code is not a delivery of a notification: asking again sends another code. The error is page.ErrNoCode if
// no code can be sent.
func (c codes) SendCode(ctx context.Context, token string, l message.Link, now time.Time) error {
	chart, err := c.app.Store.Chart(ctx, l.ClientID)
	if err != nil {
		return err
	}
	contact, err := c.app.Store.Contact(ctx, l.ClientID)
	if err != nil {
		return err
	}
	channel := l.CodeChannel()
	address := page.AddressOn(contact, channel)
	if address == "" || !chart.Consent(channel).Granted {
		return page.ErrNoCode
	}
	code, err := c.app.Store.NewLinkCode(ctx, token, now)
	if errors.Is(err, store.ErrTooMany) {
		return page.ErrNoCode
	}
	if err != nil {
		return err
	}
	p := c.app.Practice.Policy.Practice
	subject, text, err := texts{c.app.Practice.Texts}.Render(message.TemplateCode, channel, message.DetailMinimal, map[string]string{"Practice": p.DisplayName, "Phone": p.Phone, "Code": code})
	if err != nil {
		return err
	}
	receipt, err := activities.SendNow(ctx, c.app.Activities().Sender, activities.OutboundMessage{Key: message.CodeKey(l.ClientID, now), Channel: channel, To: address, Subject: subject, Text: text})
	if err != nil {
		return err
	}
	if receipt.State != "" && receipt.State != message.StateSent {
		return page.ErrNoCode
	}
	return nil
}

// providersPart returns the part of the console to which message providers report.
func (a *App) providersPart() console.Part {
	p := console.Providers{Desk: a.Desk, PublicURL: a.Providers.PublicURL, Now: a.Desk.Now, Log: a.Log,
		TwilioStatus: func(status string, code int) console.Verdict { return verdict(messaging.TwilioStatus(status, code)) },
		SendGridEvent: func(event, kind, reason string) (console.Verdict, bool) {
			out, tells := messaging.SendGridEvent(event, kind, reason)
			return verdict(out), tells
		}}
	if s := a.Providers.TwilioSigned; s != nil {
		p.TwilioSigned = s.Valid
	}
	if s := a.Providers.SendGridSigned; s != nil {
		p.SendGridSigned = func(body []byte, signature, timestamp string, now time.Time) bool {
			return s.Valid(body, signature, timestamp, now)
		}
	}
	return p
}

func verdict(o messaging.Outcome) console.Verdict {
	return console.Verdict{State: o.State, Fault: o.Fault, Why: o.Why}
}
