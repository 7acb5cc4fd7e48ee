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
	From     string // address; its domain must give nothing away
	ReplyTo  string // the practice's own mailbox; empty: From
	BaseURL  string // empty: SendGrid's own
}

// SendGrid sends e-mail. It is safe for concurrent use: the SDK's own client is not, and is not used.
type SendGrid struct {
	options  SendGridOptions
	base     *url.URL
	next     http.RoundTripper
	patience time.Duration
}

// NewSendGrid makes a sender of e-mail, or says which option is wrong.
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

// Send asks SendGrid to send one mail now. Everything that can come of it is an outcome.
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
	case c.status == http.StatusAccepted, c.status == http.StatusOK: // 200: the sandbox took it
		return Outcome{State: message.StateSent, ProviderID: c.header.Get("X-Message-Id")}
	case c.status < 300:
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Code: strconv.Itoa(c.status), Why: "SendGrid answered as it never does"}
	}
	body := ""
	if err == nil {
		body = res.Body
	}
	return c.refusedMail(body)
}

// delivery makes the mail: plain text only, nothing in it that can be tracked. Tracking is off in each request, for the
// account's settings may change: click tracking sends our links through a host that must not see them.
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

// refusedMail reads a 4xx. The body is JSON from SendGrid itself and HTML from the proxy before it (413).
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
			out.Fault, out.Why = message.FaultAddress, "SendGrid does not take the address ("+code+")"
		case strings.HasPrefix(*field, "from") || strings.HasPrefix(*field, "reply_to"):
			out.State, out.Fault, out.Why = "", message.FaultConfiguration, "SendGrid does not take our own address ("+code+")"
		case strings.HasPrefix(*field, "content") || strings.HasPrefix(*field, "subject"):
			out.Fault, out.Why = message.FaultContent, "SendGrid does not take the text ("+code+")"
		}
	}
	return out
}

// SendGridEvent reads one event of SendGrid's webhook. ok is false for what says nothing about delivery (an opening).
func SendGridEvent(event, kind, reason string) (out Outcome, ok bool) {
	switch event {
	case "processed", "deferred":
		return Outcome{State: message.StateSent}, true
	case "delivered":
		return Outcome{State: message.StateDelivered}, true
	case "bounce":
		if kind == "blocked" {
			return Outcome{State: message.StateRejected, Fault: message.FaultContent, Code: "blocked", Why: "the receiver's mail server blocked the mail"}, true
		}
		return Outcome{State: message.StateRejected, Fault: message.FaultAddress, Code: "bounce", Why: "the address takes no mail"}, true
	case "dropped":
		// The reason is SendGrid's own word for which of its lists the address is on; it is compared, never shown.
		if reason == "Unsubscribed Address" || reason == "Spam Reporting Address" {
			return Outcome{State: message.StateRejected, Fault: message.FaultOptedOut, Code: "dropped", Why: "the receiver unsubscribed or reported spam"}, true
		}
		return Outcome{State: message.StateRejected, Fault: message.FaultAddress, Code: "dropped", Why: "SendGrid does not send to this address any more"}, true
	case "spamreport", "unsubscribe", "group_unsubscribe":
		return Outcome{State: message.StateDelivered, Fault: message.FaultOptedOut, Code: event, Why: "the receiver unsubscribed or reported spam"}, true
	}
	return Outcome{}, false
}
