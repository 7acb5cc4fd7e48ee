package staff_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/console"
	"kapflow/console/staff"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/store"
)

// cable is the connection to a real Postgres, which a test pulls out and puts back.
type cable struct {
	to    string
	mu    sync.Mutex
	out   bool
	conns []net.Conn
}

// plug gives the address of a database with a cable before it.
func plug(t *testing.T, database string) (*cable, string) {
	t.Helper()
	u, err := url.Parse(database)
	must(t, err)
	c := &cable{to: u.Host}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	u.Host = listener.Addr().String()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.join(conn)
		}
	}()
	return c, u.String()
}

func (c *cable) join(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	far, err := net.Dial("tcp", c.to) //nolint:noctx // it lives as long as the test
	if c.out || err != nil {
		_ = conn.Close()
		return
	}
	c.conns = append(c.conns, conn, far)
	go func() { _, _ = io.Copy(far, conn) }()
	go func() { _, _ = io.Copy(conn, far) }()
}

// pull takes the cable out, or puts it back.
func (c *cable) pull(out bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = out
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// TestAFormSentWhilePostgresIsAwayIsGivenBack: it says that nothing was saved, shows what was typed, and its button sends the same
// report again.
func TestAFormSentWhilePostgresIsAwayIsGivenBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	cable, address := plug(t, database.New(t))
	records, err := store.Open(t.Context(), store.Options{URL: address, Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 2})
	must(t, err)
	t.Cleanup(records.Close)
	h.store.Store = records
	h.enroll("client-a", canary)
	for path, form := range map[string]url.Values{
		"/c/client-a/record/paused":              {"_do": {"preview"}, "_once": {"fact-1"}, "_seen": {"1"}, "reason": {`travels "far" & wide`}},
		"/practice/record/clinician-unavailable": {"_do": {"preview"}, "_once": {"fact-2"}, "clinician": {"dr-sample"}, "from": {"2027-06-01T00:00"}, "to": {"2027-06-02T00:00"}},
		"/enroll":                                {"_once": {"fact-3"}, "preferred_name": {"Robin Sample"}, "presenting": {"depression"}, "_reference": {"77"}},
	} {
		cable.pull(true)
		got := h.ask(h.of(coord), http.MethodPost, path, form)
		again := url.Values{}
		for _, m := range hidden.FindAllStringSubmatch(got.body, -1) {
			again.Add(m[1], html.UnescapeString(m[2]))
		}
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "Nothing was recorded") || again.Encode() != form.Encode() {
			t.Errorf("%s: %d, given back %v, sent %v", path, got.status, again, form)
		}
		for name, values := range form {
			if name[0] != '_' && name != "clinician" && name != "presenting" && !strings.Contains(got.body, "<dd>"+html.EscapeString(values[0])+"</dd>") {
				t.Errorf("%s does not show %s", path, values[0])
			}
		}
		if title, _, _ := strings.Cut(got.body, "</title>"); strings.Contains(title, "Robin") {
			t.Error("a name in the title")
		}
		cable.pull(false)
		if path == "/enroll" {
			continue // enrolling needs a journey
		}
		if got := h.ask(h.of(coord), http.MethodPost, path, again); got.status != http.StatusOK || !strings.Contains(got.body, "What will happen") {
			t.Errorf("%s, later: %d %s", path, got.status, got.body)
		}
	}
	cable.pull(true)
	if got := h.ask(h.of(coord), http.MethodGet, "/board", nil); got.status != http.StatusInternalServerError || !strings.Contains(got.body, "Nothing was changed") {
		t.Errorf("a page: %d", got.status)
	}
	if strings.Contains(h.log.String(), "travels") || strings.Contains(h.log.String(), "Robin") {
		t.Error("what was typed is in the log")
	}
}

// brokenSessions cannot say who is signed in.
type brokenSessions struct{ why error }

// Session fails.
func (b brokenSessions) Session(*http.Request) (access.Session, bool, error) {
	return access.Session{}, false, b.why
}

// TestAFormIsGivenBackThoughNobodyKnowsWhoSentIt: the session itself is in Postgres. If its disk is full, the page says so and whom to
// call.
func TestAFormIsGivenBackThoughNobodyKnowsWhoSentIt(t *testing.T) {
	t.Parallel()
	const full = "The disk of Kapflow’s records is full"
	for why, wantFull := range map[error]bool{errors.New("no session can be read"): false, fmt.Errorf("read session: %w", care.ErrDiskFull): true} {
		h := open(t)
		h.web.Close()
		h.web = httptest.NewServer(console.Handler(&staff.Site{Desk: h.desk, Sessions: brokenSessions{why}, Log: slog.New(slog.DiscardHandler), SignIn: "/sign-in"}))
		t.Cleanup(h.web.Close)
		got := h.ask("", http.MethodPost, "/c/client-a/record/paused", url.Values{"_once": {"fact-1"}, "reason": {"travels"}})
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `name="_once" value="fact-1"`) || !strings.Contains(got.body, "<dd>travels</dd>") ||
			strings.Contains(got.body, full) != wantFull || strings.Contains(got.body, "Call the person who runs Kapflow") != wantFull {
			t.Errorf("%v: %d %s", why, got.status, got.body)
		}
	}
}

// slowStore answers nothing in time.
type slowStore struct{ *audited }

// Audit waits until whoever asked has given up.
func (slowStore) Audit(ctx context.Context, _ person.Actor, _, _ string, _ json.RawMessage) error {
	<-ctx.Done()
	return fmt.Errorf("audit: %v", ctx.Err()) //nolint:errorlint // as a driver may say it
}

// TestAPageThatTakesTooLongSaysSo: it is not a failure of the page, and the reader is told to try again.
func TestAPageThatTakesTooLongSaysSo(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.desk.Store = slowStore{h.store}
	h.web.Close()
	h.web = httptest.NewServer(console.Handler(&staff.Site{Desk: h.desk, Sessions: &h.seat, Log: slog.New(slog.DiscardHandler), SignIn: "/sign-in", Patience: 50 * time.Millisecond}))
	t.Cleanup(h.web.Close)
	for _, path := range []string{"/board", "/c/client-a"} {
		if got := h.ask(h.of(coord), http.MethodGet, path, nil); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "was not ready in time") || strings.Contains(got.body, "Open tasks") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// fullStore has no room for a row.
type fullStore struct{ *audited }

// Audit fails.
func (fullStore) Audit(context.Context, person.Actor, string, string, json.RawMessage) error {
	return fmt.Errorf("audit: %w", care.ErrDiskFull)
}

// TestAPageSaysThatTheDiskIsFull: nothing is shown to anybody without a row in the audit log.
func TestAPageSaysThatTheDiskIsFull(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.desk.Store = fullStore{h.store}
	for _, path := range []string{"/board", "/c/client-a"} {
		if got := h.ask(h.of(coord), http.MethodGet, path, nil); got.status != http.StatusInternalServerError || !strings.Contains(got.body, "the disk of Kapflow’s records is full") || strings.Contains(got.body, "Open tasks") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
