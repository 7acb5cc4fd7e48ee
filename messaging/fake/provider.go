// Package fake stands in for the message providers in tests and rehearsals: real HTTP servers that speak their API,
// check every request, can be told to fail in each way a provider fails, and report back, signed, as providers do.
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

// Ways in which a provider can behave. In a course file: reject:<code>, throttle:<seconds>; the three that take the
// message may be written with :silent, and then nothing is ever reported of it.
const (
	OK          = "ok"
	Reject      = "reject"       // refuse, or take and then fail to deliver, as the code does at the provider
	Throttle    = "throttle"     // refuse once with Retry-After; taken when asked again after it
	LostAnswer  = "lost-answer"  // take the message, and close the connection without an answer
	ErrorSent   = "error-sent"   // take the message, and answer 500
	ErrorUnsent = "error-unsent" // answer 500 and take nothing
	Down        = "down"         // refuse connections
)

// Behaviour is how a provider answers from now on.
type Behaviour struct {
	Kind    string
	Code    string // of a rejection
	Seconds int    // of a throttle
	Silent  bool   // no report follows
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
	return b, fmt.Errorf("%q is no behaviour; write ok, reject:<code>, throttle:<s>, lost-answer, error-sent, error-unsent or down", text)
}

// Sent is one message that a provider took.
type Sent struct {
	ID, To, Subject, Text, Ref string
	At                         time.Time
	Status                     string // delivered, undelivered, failed, bounce
	Code                       string // why not
}

// report is one word about a message that the provider still owes us.
type report func(ctx context.Context) error

// provider is what both fakes have in common.
type provider struct {
	mu        sync.Mutex
	behaviour Behaviour
	asked     map[string]bool // who was told to wait once
	sent      []Sent
	calls     int // requests that came, whatever became of them
	faults    []string
	owed      []report
	reporting sync.Mutex

	address string
	handler http.Handler
	server  *http.Server
	client  *http.Client
}

// ids counts what all fakes of a process were given: like real providers', their ids never come twice.
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

// Close ends the server.
func (p *provider) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		_ = p.server.Close()
	}
}

// Behave says how requests are answered from now on.
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

// Sent gives what was taken, in order.
func (p *provider) Sent() []Sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}

// Calls counts the requests that came, refused ones too.
func (p *provider) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Faults are what was wrong with requests, by the provider's own rules. A test or a course with one has failed.
func (p *provider) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

// fault notes what is wrong with a request; p.mu is held.
func (p *provider) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// Report delivers every report that is owed, and what they lead to, until none is left. Several at once wait for one
// another: when it returns, what was owed before has been delivered, whoever delivered it.
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

// owe notes a report that is to follow, unless the provider keeps silent; p.mu is held.
func (p *provider) owe(r report) {
	if !p.behaviour.Silent {
		p.owed = append(p.owed, r)
	}
}

// mustWait says whether a throttled request is refused: the first one for each receiver is. p.mu is held.
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

// post sends a report; any answer but a success is an error.
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
