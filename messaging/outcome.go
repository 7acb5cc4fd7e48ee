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

// Outcome is what is known after a provider was asked to send one message. A message that was certainly not sent has no
// state and may be sent later. The words contain nothing about a person.
type Outcome struct {
	State      message.State // sent, rejected, unknown, or empty
	Fault      message.Fault // empty if the provider accepted it
	Code       string        // the provider's own code
	Why        string        // the reason, for the coordinator
	ProviderID string        // the provider's id of the message
	RetryAfter time.Duration // wait before the next try; 0 if not given
}

// Outgoing is one message for a provider.
type Outgoing struct {
	Ref        string // our opaque id, which every report repeats
	To         string
	Subject    string // email only
	Text       string
	UsefulFor  time.Duration // the provider drops a text that is still queued after this; 0: its own limit
	Categories []string      // email only: kind of message, in neutral words
}

// patience is how long one call to a provider may take. It is well within the time of the activity that makes it.
const patience = 15 * time.Second

// call makes one request of an SDK that takes no context and hides the answer. It applies the caller's context, sends
// to the configured address, and keeps status and headers. Each message has its own.
//
// HAZARD: a request that was not written was not sent. A request that was written may have been sent, whatever the
// answer.
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

// client makes the HTTP client of one call. It does not follow redirects, because Twilio's SDK would count one as
// success.
func (c *call) client(patience time.Duration) *http.Client {
	return &http.Client{Timeout: patience, Transport: c,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// unanswered classifies a call that ended without an answer.
func (c *call) unanswered(provider string) Outcome {
	if c.written.Load() {
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Why: provider + " accepted the request and did not answer"}
	}
	return Outcome{Fault: message.FaultNotSent, Why: provider + " could not be reached"}
}

// byStatus classifies an answer by its HTTP status alone. Ok is false if the body is needed.
func (c *call) byStatus(provider string) (out Outcome, ok bool) {
	switch s := c.status; {
	case s == http.StatusTooManyRequests:
		return Outcome{Fault: message.FaultThrottle, Code: "429", Why: provider + " asks us to wait", RetryAfter: retryAfter(c.header)}, true
	case s >= 500:
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Code: http.StatusText(s), Why: provider + " failed while handling the message"}, true
	case s >= 300 && s < 400:
		return Outcome{State: message.StateUnknown, Fault: message.FaultAmbiguous, Code: http.StatusText(s), Why: provider + " redirected to another address; check its base URL"}, true
	}
	return Outcome{}, false
}

// parseBase reads a provider's base address. Empty means the provider's own.
func parseBase(text, standard string) (*url.URL, error) {
	if text == "" {
		text = standard
	}
	base, err := url.Parse(text)
	if err != nil || base.Host == "" {
		return nil, errors.New("is not a web address")
	}
	return base, nil
}

// transport opens a new connection for each call. A kept connection may be dead: the request would be written to it in
// vain, and a message that was not sent would count as one that may have been.
func transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	return t
}
