package wiring

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kapflow/activities"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
	"kapflow/config"
	"kapflow/console"
	"kapflow/messaging"
)

// Providers are an app's message providers. A nil provider delivers to the mailbox.
type Providers struct {
	Twilio         *messaging.Twilio
	SendGrid       *messaging.SendGrid
	TwilioSigned   *messaging.TwilioSignature
	SendGridSigned *messaging.SendGridSignature
	PublicURL      string
}

// OpenProviders makes the providers that the settings name. Its error names the variable that is missing or wrong.
func OpenProviders(s config.Settings, practice policy.PracticeInfo) (Providers, error) {
	p := Providers{PublicURL: strings.TrimSuffix(s.PublicURL, "/")}
	var err error
	if s.TwilioAccount != "" {
		if p.Twilio, err = messaging.NewTwilio(messaging.TwilioOptions{AccountSID: s.TwilioAccount, KeySID: s.TwilioKey, KeySecret: s.TwilioSecret.Reveal(),
			MessagingService: s.TwilioService, StatusURL: p.PublicURL + console.TwilioStatusPath, BaseURL: s.TwilioBaseURL}); err != nil {
			return p, err
		}
		p.TwilioSigned = messaging.NewTwilioSignature(s.TwilioToken.Reveal(), s.TwilioOtherToken.Reveal())
	}
	if !s.SendGridKey.Set() {
		return p, nil
	}
	for name, text := range map[string]string{"SENDGRID_FROM": s.SendGridFrom, "SENDGRID_REPLY_TO": s.SendGridReplyTo} {
		if word := wording.BannedWord(strings.NewReplacer("@", " ", ".", " ", "-", " ", "_", " ").Replace(text)); word != "" {
			return p, fmt.Errorf("%s says %q, which shows anyone who sees the email what treatment it is about; send from a neutral domain", name, word)
		}
	}
	if p.SendGrid, err = messaging.NewSendGrid(messaging.SendGridOptions{Key: s.SendGridKey.Reveal(), FromName: practice.DisplayName, From: s.SendGridFrom,
		ReplyTo: s.SendGridReplyTo, BaseURL: s.SendGridBaseURL}); err != nil {
		return p, err
	}
	if _, err = messaging.NewSendGridSignature(s.SendGridOtherWebhookKey); err != nil {
		return p, fmt.Errorf("SENDGRID_WEBHOOK_KEY_SECONDARY %w", err)
	}
	if p.SendGridSigned, err = messaging.NewSendGridSignature(s.SendGridWebhookKey, s.SendGridOtherWebhookKey); err != nil {
		return p, fmt.Errorf("SENDGRID_WEBHOOK_KEY %w", err)
	}
	return p, nil
}

// Carrier returns the name of what sends a channel's messages.
func (p Providers) Carrier(ch person.Channel) string {
	switch {
	case ch == person.SMS && p.Twilio != nil:
		return "Twilio"
	case ch == person.Email && p.SendGrid != nil:
		return "SendGrid"
	}
	return "mailbox"
}

// sender sends through the provider of each channel, or delivers to the mailbox.
type sender struct {
	providers Providers
	box       *messaging.Mailbox
	pace      *pace // nil is no limit
}

// Idempotent reports whether sending twice does no harm. That is true of the mailbox, which keeps one copy for each key.
func (s sender) Idempotent(ch person.Channel) bool {
	return s.providers.Carrier(ch) == "mailbox"
}

// Turn waits for the channel's turn at its provider. The mailbox has no rate.
func (s sender) Turn(ctx context.Context, ch person.Channel) (activities.Turn, error) {
	if s.Idempotent(ch) {
		return s, nil
	}
	return s, s.pace.turn(ctx, ch)
}

// Send checks and sends one message. A message that says too much is rejected, which becomes a task for a person.
func (s sender) Send(ctx context.Context, m activities.OutboundMessage) (activities.Receipt, error) {
	mail := messaging.Mail{Key: m.Key, Channel: string(m.Channel), To: m.To, Subject: m.Subject, Text: m.Text}
	err := messaging.Fit(m.Template, mail)
	if err == nil && s.Idempotent(m.Channel) {
		err = s.box.Deliver(ctx, m.Template, mail)
	}
	var unfit *messaging.Unfit
	if errors.As(err, &unfit) {
		return activities.Receipt{State: message.StateRejected, Why: unfit.Error()}, nil
	}
	if err != nil || s.Idempotent(m.Channel) {
		return activities.Receipt{}, err
	}
	out := messaging.Outgoing{Ref: m.Ref, To: m.To, Subject: m.Subject, Text: m.Text, UsefulFor: m.UsefulFor}
	if m.Channel == person.SMS {
		return receipt(s.providers.Twilio.Send(ctx, out)), nil
	}
	out.Categories = []string{"notice"}
	return receipt(s.providers.SendGrid.Send(ctx, out)), nil
}

// Find looks for a text at Twilio. SendGrid has no list of emails; only its events say what happened.
func (s sender) Find(ctx context.Context, ch person.Channel, l message.SentDelivery) (activities.Receipt, bool, error) {
	if ch != person.SMS || s.providers.Twilio == nil {
		return activities.Receipt{}, false, nil
	}
	out, found, err := s.providers.Twilio.Find(ctx, l.SentTo, l.Text, l.At)
	return receipt(out), found, err
}

// receipt makes a receipt of an outcome. An outcome without a state means that the message did not leave, so it stays planned.
func receipt(o messaging.Outcome) activities.Receipt {
	if o.State == "" {
		o.State = message.StatePlanned
	}
	return activities.Receipt{State: o.State, Why: o.Why, Fault: o.Fault, ProviderID: o.ProviderID, Tracked: true, RetryAfter: o.RetryAfter}
}
