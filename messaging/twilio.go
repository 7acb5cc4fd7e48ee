package messaging

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	twilio "github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"kapflow/care/message"
	"kapflow/output"
)

// TwilioOptions is the practice's account with Twilio.
type TwilioOptions struct {
	AccountSID       string
	KeySID           string // API key
	KeySecret        string
	MessagingService string // MG…: registration, opt-out and inbound texts belong to it
	StatusURL        string // where Twilio reports, without the delivery's id
	BaseURL          string // empty means Twilio's own
}

// Twilio sends texts. It is safe for concurrent use: every message has its own client.
type Twilio struct {
	options  TwilioOptions
	base     *url.URL
	next     http.RoundTripper
	patience time.Duration
}

// NewTwilio makes a sender of texts. The error says which option is wrong.
func NewTwilio(o TwilioOptions) (*Twilio, error) {
	base, err := parseBase(o.BaseURL, "https://api.twilio.com")
	if err != nil {
		return nil, fmt.Errorf("TWILIO_BASE_URL %w", err)
	}
	return &Twilio{options: o, base: base, next: transport(), patience: patience}, nil
}

func (t *Twilio) service(ctx context.Context) (*api.ApiService, *call) {
	c := &call{ctx: ctx, base: t.base, next: t.next}
	client := &twilio.Client{Credentials: twilio.NewCredentials(t.options.KeySID, t.options.KeySecret), HTTPClient: c.client(t.patience)}
	client.SetAccountSid(t.options.AccountSID)
	return api.NewApiService(twilio.NewRequestHandler(client)), c
}

// Twilio's own limits for the time that a text may wait in its queue, in seconds.
const shortestValidity, longestValidity = 1, 36000

// Send asks Twilio to send one text now. Errors are reported in the Outcome.
func (t *Twilio) Send(ctx context.Context, m Outgoing) Outcome {
	service, c := t.service(ctx)
	p := &api.CreateMessageParams{}
	p.SetTo(m.To).SetBody(m.Text).SetMessagingServiceSid(t.options.MessagingService).SetSmartEncoded(true)
	if t.options.StatusURL != "" && m.Ref != "" {
		p.SetStatusCallback(t.options.StatusURL + "?i=" + url.QueryEscape(m.Ref))
	}
	if m.UsefulFor > 0 {
		p.SetValidityPeriod(min(max(int(m.UsefulFor.Seconds()), shortestValidity), longestValidity))
	}
	made, err := service.CreateMessage(p)
	return t.outcome(c, made, err)
}

// outcome reads the SDK's answer. An error without an HTTP status came before anything was sent.
func (t *Twilio) outcome(c *call, made *api.ApiV2010Message, err error) Outcome {
	var refused *twilio.TwilioRestError
	known := errors.As(err, &refused) && refused.Code != 0
	if c.status == 0 {
		if known && !c.written.Load() {
			return byTwilioCode(refused.Code)
		}
		return c.unanswered("Twilio")
	}
	if out, ok := c.byStatus("Twilio"); ok {
		return out
	}
	switch {
	case err == nil && made != nil && made.Sid != nil && *made.Sid != "":
		return Outcome{State: message.StateSent, ProviderID: *made.Sid}
	case c.status < 300:
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Why: "Twilio accepted the message and its answer was cut off"}
	case known:
		return byTwilioCode(refused.Code)
	case c.status == http.StatusUnauthorized || c.status == http.StatusForbidden || c.status == http.StatusNotFound:
		return Outcome{Fault: message.FaultConfiguration, Code: strconv.Itoa(c.status), Why: fmt.Sprintf("Twilio refuses our account (%d)", c.status)}
	}
	return Outcome{State: message.StateRejected, Fault: message.FaultUnrecognised, Code: strconv.Itoa(c.status), Why: fmt.Sprintf("Twilio refused the message without a reason (%d)", c.status)}
}

// byTwilioCode is the outcome of an error in place of a message: nothing was sent.
func byTwilioCode(code int) Outcome {
	fault, words := twilioFault(code)
	out := Outcome{State: message.StateRejected, Fault: fault, Code: strconv.Itoa(code), Why: words}
	switch {
	case fault == message.FaultAmbiguous:
		out.State = message.StateUnknown
	case fault.Waits():
		out.State = ""
	}
	return out
}

// Find looks in Twilio's list for a text that may have been sent: to this number, at or after a time, with this text.
// If found is false, the text may still have been sent.
func (t *Twilio) Find(ctx context.Context, to, text string, since time.Time) (out Outcome, found bool, err error) {
	service, c := t.service(ctx)
	p := &api.ListMessageParams{}
	// HAZARD: the SDK removes ".digits" from every query, so a time must not have a fraction.
	p.SetTo(to).SetDateSentAfter(since.UTC().Truncate(24 * time.Hour)).SetPageSize(50).SetLimit(200)
	list, err := service.ListMessage(p)
	if err != nil {
		return Outcome{}, false, fmt.Errorf("look up a text at Twilio: %w", redacted(c))
	}
	for i := range list {
		m := &list[i]
		if m.Sid == nil || m.Body == nil || !sameText(*m.Body, text) || created(m).Before(since.Add(-time.Minute)) {
			continue
		}
		code := 0
		if m.ErrorCode != nil {
			code = *m.ErrorCode
		}
		status := ""
		if m.Status != nil {
			status = *m.Status
		}
		out := TwilioStatus(status, code)
		out.ProviderID = *m.Sid
		return out, true, nil
	}
	return Outcome{}, false, nil
}

// sameText compares a text at the provider with the one that we keep, which has no tokens in it.
func sameText(theirs, ours string) bool {
	return strings.TrimSpace(output.WithoutTokens(theirs)) == strings.TrimSpace(output.WithoutTokens(ours))
}

// created reads a message's time; one that cannot be read counts as now, so that the text decides.
func created(m *api.ApiV2010Message) time.Time {
	if m.DateCreated != nil {
		if at, err := time.Parse(time.RFC1123Z, *m.DateCreated); err == nil {
			return at
		}
	}
	return time.Now()
}

// redacted says how a call failed, without its address.
func redacted(c *call) error {
	if c.status != 0 {
		return fmt.Errorf("Twilio answered %d", c.status) //nolint:staticcheck // a name
	}
	return errors.New("Twilio did not answer") //nolint:staticcheck // a name
}

// TwilioStatus reads a message's status from a status callback or a list. A message that is under way has the state
// sent.
func TwilioStatus(status string, code int) Outcome {
	switch status {
	case "delivered", "read":
		return Outcome{State: message.StateDelivered}
	case "undelivered", "failed", "canceled":
		fault, words := twilioFault(code)
		if code == 0 {
			words = "Twilio could not deliver it and gave no reason"
		}
		return Outcome{State: message.StateRejected, Fault: fault, Code: strconv.Itoa(code), Why: words}
	default: // accepted, scheduled, queued, sending, sent, and future ones
		return Outcome{State: message.StateSent}
	}
}
