package messaging

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sendgrid/rest"
	"github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"kapflow/care/message"
)

// SendGridOptions is the practice's account with SendGrid.
type SendGridOptions struct {
	Key      string
	FromName string // the practice's neutral name
	From     string // address; its domain must be neutral
	ReplyTo  string // the practice's own mailbox; empty means From
	BaseURL  string // empty means SendGrid's own
}

// SendGrid sends email. It is safe for concurrent use. It does not use the SDK's own client, which is not.
type SendGrid struct {
	options  SendGridOptions
	base     *url.URL
	next     http.RoundTripper
	patience time.Duration
}

// NewSendGrid makes a sender of email. The error says which option is wrong.
func NewSendGrid(o SendGridOptions) (*SendGrid, error) {
	base, err := parseBase(o.BaseURL, "https://api.sendgrid.com")
	if err != nil {
		return nil, fmt.Errorf("SENDGRID_BASE_URL %w", err)
	}
	if o.ReplyTo == "" {
		o.ReplyTo = o.From
	}
	return &SendGrid{options: o, base: base, next: transport(), patience: patience}, nil
}

// Send asks SendGrid to send one mail now. Errors are reported in the Outcome.
func (s *SendGrid) Send(ctx context.Context, m Outgoing) Outcome {
	c := &call{ctx: ctx, base: s.base, next: s.next}
	req := sendgrid.GetRequest(s.options.Key, "/v3/mail/send", s.base.String())
	req.Method, req.Body = rest.Post, mail.GetRequestBody(s.delivery(m))
	res, err := (&rest.Client{HTTPClient: c.client(s.patience)}).SendWithContext(ctx, req)
	if c.status == 0 {
		return c.unanswered("SendGrid")
	}
	if out, ok := c.byStatus("SendGrid"); ok {
		return out
	}
	switch {
	case c.status == http.StatusAccepted, c.status == http.StatusOK: // 200 is the sandbox's
		return Outcome{State: message.StateSent, ProviderID: c.header.Get("X-Message-Id")}
	case c.status < 300:
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Code: strconv.Itoa(c.status), Why: "SendGrid gave an unexpected answer"}
	}
	body := ""
	if err == nil {
		body = res.Body
	}
	return c.refusedMail(body)
}

// delivery makes the mail: plain text without anything that can be tracked. Each request switches tracking off, because
// the account's settings may change. Click tracking would send our links through a host that must not see them.
func (s *SendGrid) delivery(m Outgoing) *mail.SGMailV3 {
	delivery := mail.NewV3Mail().SetFrom(mail.NewEmail(s.options.FromName, s.options.From)).SetReplyTo(mail.NewEmail("", s.options.ReplyTo))
	delivery.Subject = m.Subject
	p := mail.NewPersonalization()
	p.AddTos(mail.NewEmail("", m.To))
	if m.Ref != "" {
		p.SetCustomArg("i", m.Ref)
	}
	delivery.AddPersonalizations(p).AddContent(mail.NewContent("text/plain", m.Text)).AddCategories(m.Categories...)
	delivery.SetTrackingSettings(mail.NewTrackingSettings().
		SetClickTracking(mail.NewClickTrackingSetting().SetEnable(false).SetEnableText(false)).
		SetOpenTracking(mail.NewOpenTrackingSetting().SetEnable(false)).
		SetSubscriptionTracking(mail.NewSubscriptionTrackingSetting().SetEnable(false)).
		SetGoogleAnalytics(mail.NewGaSetting().SetEnable(false)))
	return delivery
}

// refusedMail reads a 4xx answer. The body is JSON from SendGrid itself, and HTML from the proxy in front of it (413).
func (c *call) refusedMail(body string) Outcome {
	code := strconv.Itoa(c.status)
	switch c.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return Outcome{Fault: message.FaultConfiguration, Code: code, Why: "SendGrid refuses our account (" + code + ")"}
	case http.StatusRequestEntityTooLarge:
		return Outcome{State: message.StateRejected, Fault: message.FaultContent, Code: code, Why: "the mail is too large for SendGrid (413)"}
	}
	out := Outcome{State: message.StateRejected, Fault: message.FaultUnrecognised, Code: code, Why: "SendGrid refused the mail (" + code + ")"}
	if kind, _, _ := mime.ParseMediaType(c.header.Get("Content-Type")); kind != "application/json" {
		return out
	}
	var answer struct {
		Errors []struct {
			Field *string `json:"field"`
		} `json:"errors"`
	}
	if json.Unmarshal([]byte(body), &answer) != nil {
		return out
	}
	for _, e := range answer.Errors {
		switch field := e.Field; {
		case field == nil:
		case strings.HasPrefix(*field, "personalizations") && strings.Contains(*field, "to"):
			out.Fault, out.Why = message.FaultAddress, "SendGrid refuses the address ("+code+")"
		case strings.HasPrefix(*field, "from") || strings.HasPrefix(*field, "reply_to"):
			out.State, out.Fault, out.Why = "", message.FaultConfiguration, "SendGrid refuses our own address ("+code+")"
		case strings.HasPrefix(*field, "content") || strings.HasPrefix(*field, "subject"):
			out.Fault, out.Why = message.FaultContent, "SendGrid refuses the text ("+code+")"
		}
	}
	return out
}

// SendGridEvent reads one event of SendGrid's webhook. Ok is false for events that say nothing about delivery, such as
// an opening.
func SendGridEvent(event, kind, reason string) (out Outcome, ok bool) {
	switch event {
	case "processed", "deferred":
		return Outcome{State: message.StateSent}, true
	case "delivered":
		return Outcome{State: message.StateDelivered}, true
	case "bounce":
		if kind == "blocked" {
			return Outcome{State: message.StateRejected, Fault: message.FaultContent, Code: "blocked", Why: "the recipient's mail server blocked the mail"}, true
		}
		return Outcome{State: message.StateRejected, Fault: message.FaultAddress, Code: "bounce", Why: "the address does not accept mail"}, true
	case "dropped":
		// The reason is SendGrid's own text for the list that the address is on. It is compared and never shown.
		if reason == "Unsubscribed Address" || reason == "Spam Reporting Address" {
			return Outcome{State: message.StateRejected, Fault: message.FaultOptedOut, Code: "dropped", Why: "the recipient unsubscribed or reported spam"}, true
		}
		return Outcome{State: message.StateRejected, Fault: message.FaultAddress, Code: "dropped", Why: "SendGrid no longer sends to this address"}, true
	case "spamreport", "unsubscribe", "group_unsubscribe":
		return Outcome{State: message.StateDelivered, Fault: message.FaultOptedOut, Code: event, Why: "the recipient unsubscribed or reported spam"}, true
	}
	return Outcome{}, false
}
