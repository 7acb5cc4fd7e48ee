// Package fake replaces the message providers in tests and rehearsals. Its HTTP servers speak the providers' APIs,
// check every request, can fail in each way that a provider fails, and send signed reports as providers do.
package fake

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Ways in which a provider can behave. Course files write reject:<code> and throttle:<seconds>. The three that accept
// the message can be written with :silent, and then no report follows.
const (
	OK          = "ok"
	Reject      = "reject"       // refuse, or accept and fail to deliver, as the provider does for the code
	Throttle    = "throttle"     // refuse once with Retry-After; accept the next request after it
	LostAnswer  = "lost-answer"  // accept the message, and close the connection without an answer
	ErrorSent   = "error-sent"   // accept the message, and answer 500
	ErrorUnsent = "error-unsent" // answer 500 and accept nothing
	Down        = "down"         // refuse connections
)

// Behaviour is how a provider answers from now on.
type Behaviour struct {
	Kind    string
	Code    string // the code of a rejection
	Seconds int    // the wait of a throttle
	Silent  bool   // true if no report follows
}

// ParseBehaviour reads a behaviour as course files write it.
func ParseBehaviour(text string) (Behaviour, error) {
	kind, argument, given := strings.Cut(strings.TrimSpace(text), ":")
	b := Behaviour{Kind: kind}
	switch kind {
	case OK, LostAnswer, ErrorSent:
		if b.Silent = argument == "silent"; given && !b.Silent {
			return b, fmt.Errorf("%s takes no %q, only silent", kind, argument)
		}
		return b, nil
	case ErrorUnsent, Down:
		if given {
			return b, fmt.Errorf("%s takes no %q", kind, argument)
		}
		return b, nil
	case Reject:
		if b.Code = strings.TrimSpace(argument); b.Code == "" {
			return b, fmt.Errorf("reject needs the provider's code, such as reject:21211")
		}
		return b, nil
	case Throttle:
		seconds, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(argument), "s"))
		if err != nil || seconds < 1 {
			return b, fmt.Errorf("throttle needs the seconds to wait, such as throttle:7")
		}
		b.Seconds = seconds
		return b, nil
	}
	return b, fmt.Errorf("%q is not a behavior; use ok, reject:<code>, throttle:<s>, lost-answer, error-sent, error-unsent or down", text)
}

// Sent is one message that a provider accepted.
type Sent struct {
	ID, To, Subject, Text, Ref string
	At                         time.Time
	Status                     string // delivered, undelivered, failed, bounce
	Code                       string // the error code, if not delivered
}

// report is one report about a message that the provider has still to send.
type report func(ctx context.Context) error

// provider is the common part of both fakes.
type provider struct {
	mu        sync.Mutex
	behaviour Behaviour
	asked     map[string]bool // recipients that were told to wait once
	sent      []Sent
	calls     int // all requests, refused ones too
	faults    []string
	owed      []report
	reporting sync.Mutex

	address string
	handler http.Handler
	server  *http.Server
	client  *http.Client
}

// ids counts the messages of all fakes in a process, so that ids never repeat, as with real providers.
var ids atomic.Int64

func (p *provider) start(handler http.Handler) error {
	p.behaviour, p.asked, p.handler = Behaviour{Kind: OK}, map[string]bool{}, handler
	p.client = &http.Client{Timeout: 20 * time.Second}
	return p.listen("127.0.0.1:0")
}

func (p *provider) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("fake provider: %w", err)
	}
	p.address = listener.Addr().String()
	p.server = &http.Server{Handler: p.handler, ReadHeaderTimeout: 5 * time.Second}
	go func(s *http.Server) { _ = s.Serve(listener) }(p.server)
	return nil
}

// URL is the base address to send to.
func (p *provider) URL() string { return "http://" + p.address }

// Close stops the server.
func (p *provider) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		_ = p.server.Close()
	}
}

// Behave sets how requests are answered from now on.
func (p *provider) Behave(b Behaviour) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.behaviour.Kind
	p.behaviour, p.asked = b, map[string]bool{}
	switch {
	case b.Kind == Down && was != Down:
		err := p.server.Close()
		p.server = nil
		return err
	case b.Kind != Down && was == Down:
		return p.listen(p.address)
	}
	return nil
}

// Sent gives the accepted messages in order.
func (p *provider) Sent() []Sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}

// Calls counts all requests, refused ones too.
func (p *provider) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Faults are the requests' errors by the provider's own rules. They fail the test or course.
func (p *provider) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

// fault records an error in a request. The caller must hold p.mu.
func (p *provider) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// Report delivers all outstanding reports, and the reports that follow from them. Concurrent calls wait for each other:
// when one returns, everything outstanding before it is delivered.
func (p *provider) Report(ctx context.Context) error {
	p.reporting.Lock()
	defer p.reporting.Unlock()
	for {
		p.mu.Lock()
		if len(p.owed) == 0 {
			p.mu.Unlock()
			return nil
		}
		next := p.owed[0]
		p.owed = p.owed[1:]
		p.mu.Unlock()
		if err := next(ctx); err != nil {
			return err
		}
	}
}

// owe adds a report to deliver, unless the provider is silent. The caller must hold p.mu.
func (p *provider) owe(r report) {
	if !p.behaviour.Silent {
		p.owed = append(p.owed, r)
	}
}

// mustWait reports whether a throttled request is refused: the first one for each recipient is. The caller must hold
// p.mu.
func (p *provider) mustWait(key string) bool {
	if p.asked[key] {
		return false
	}
	p.asked[key] = true
	return true
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// post sends a report. Any answer but success is an error.
func (p *provider) post(ctx context.Context, address, contentType string, body []byte, header http.Header) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(string(body)))
	if err != nil {
		return "", err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", contentType)
	res, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("the console answered %s to a provider: %s", res.Status, strings.TrimSpace(string(answer)))
	}
	return string(answer), err
}
