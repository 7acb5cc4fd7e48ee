package messaging

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"kapflow/care/message"
)

// Outcome is what is known after a provider was asked to send one message. A message that surely did not leave has no
// state: it may be sent later. Its words hold nothing about a person.
type Outcome struct {
	State      message.State // sent, rejected, unknown, or empty
	Fault      message.Fault // empty when it was taken
	Code       string        // the provider's own
	Why        string        // in words, for the coordinator
	ProviderID string        // by which the provider knows it
	RetryAfter time.Duration // how long a throttled sender is to wait; 0 when it did not say
}

// Outgoing is one message on its way to a provider.
type Outgoing struct {
	Ref        string // our opaque id: it comes back with every report
	To         string
	Subject    string // e-mail only
	Text       string
	UsefulFor  time.Duration // a text still in the provider's queue after this is dropped there; 0: as long as it may
	Categories []string      // e-mail only: what kind of notice it is, in neutral words
}

// patience is how long one call to a provider may take; it is well within the time of the activity that makes it.
const patience = 15 * time.Second

// call carries one request of an SDK that takes no context and hides its answer: it binds the caller's context, sends
// to the configured address, and keeps the status and the headers. One is made for each message and used by nobody else.
//
// HAZARD: what was not written was not sent; what was written may have been, whatever came back.
type call struct {
	ctx     context.Context //nolint:containedctx // the SDK builds its requests without one
	base    *url.URL
	next    http.RoundTripper
	status  int
	header  http.Header
	written atomic.Bool
}

// RoundTrip sends the request.
func (c *call) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { c.written.Store(true) }}
	r = r.Clone(httptrace.WithClientTrace(c.ctx, trace))
	if c.base != nil {
		r.URL.Scheme, r.URL.Host, r.Host = c.base.Scheme, c.base.Host, ""
	}
	res, err := c.next.RoundTrip(r)
	if err == nil {
		c.status, c.header = res.StatusCode, res.Header
	}
	return res, err
}

// client makes the HTTP client of one call. Redirects are not followed: Twilio's SDK would take one for a success.
func (c *call) client(patience time.Duration) *http.Client {
	return &http.Client{Timeout: patience, Transport: c,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// unanswered classifies a call that ended without an answer.
func (c *call) unanswered(provider string) Outcome {
	if c.written.Load() {
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Why: provider + " took the request and did not answer"}
	}
	return Outcome{Fault: message.FaultNotSent, Why: provider + " could not be reached"}
}

// byStatus classifies an answer by its HTTP status alone; ok is false when the body must tell.
func (c *call) byStatus(provider string) (out Outcome, ok bool) {
	switch s := c.status; {
	case s == http.StatusTooManyRequests:
		return Outcome{Fault: message.FaultThrottle, Code: "429", Why: provider + " asks to wait", RetryAfter: retryAfter(c.header)}, true
	case s >= 500:
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Code: http.StatusText(s), Why: provider + " failed while it had the message"}, true
	case s >= 300 && s < 400:
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Code: http.StatusText(s), Why: provider + " answered with another address; look at its base URL"}, true
	}
	return Outcome{}, false
}

// parseBase reads a provider's base address; empty is the provider's own.
func parseBase(text, standard string) (*url.URL, error) {
	if text == "" {
		text = standard
	}
	base, err := url.Parse(text)
	if err != nil || base.Host == "" {
		return nil, errors.New("is no web address")
	}
	return base, nil
}

// transport opens a connection for each call. A kept one may have died unnoticed: then the request is written to nobody,
// and a message that surely did not leave would count as one that may have.
func transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	return t
}
