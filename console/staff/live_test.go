package staff_test

import (
	"bufio"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/console"
	"kapflow/console/staff"
)

// oneSession is a session that a test ends.
type oneSession struct {
	who   string
	ended atomic.Bool
	kept  atomic.Int64 // requests that extended it
}

// Session is the person's until the test ends it.
func (s *oneSession) Session(r *http.Request) (access.Session, bool, error) {
	if r.Header.Get("Kapflow-Background") == "" {
		s.kept.Add(1)
	}
	return access.Session{ID: s.who, Fresh: true}, !s.ended.Load(), nil
}

// streams serves a house's console with short deadlines, as a web server has them.
func (h *house) streams(s *oneSession) (url string, site *staff.Site) {
	site = &staff.Site{Desk: h.desk, Sessions: s, Log: slog.New(slog.DiscardHandler), SignIn: "/sign-in", StreamChecks: 100 * time.Millisecond}
	web := httptest.NewUnstartedServer(console.Handler(site))
	web.Config.ReadTimeout, web.Config.WriteTimeout = time.Second, time.Second
	web.Start()
	h.t.Cleanup(func() { site.EndStreams(); web.Close() })
	return web.URL, site
}

// stream opens a stream of changes. Its lines come through the channel, which is closed at its end.
func stream(ctx context.Context, t *testing.T, url string) (status int, lines <-chan string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/live", nil)
	must(t, err)
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	out := make(chan string, 100)
	go func() {
		defer close(out)
		defer func() { _ = res.Body.Close() }()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			if s.Text() != "" {
				out <- s.Text()
			}
		}
	}()
	return res.StatusCode, out
}

// await reads lines up to one that begins as wanted, and gives them all.
func await(t *testing.T, lines <-chan string, wanted string) (all []string) {
	t.Helper()
	patience := time.After(20 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if all = append(all, line); strings.HasPrefix(line, wanted) && open {
				return all
			}
			if !open {
				t.Fatalf("the stream ended without %q: %v", wanted, all)
			}
		case <-patience:
			t.Fatalf("no %q: %v", wanted, all)
		}
	}
}

// TestTheStreamTellsThatSomethingChangedAndNothingElse: for longer than a page may take, and not after the session.
func TestTheStreamTellsThatSomethingChangedAndNothingElse(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := &oneSession{who: h.of(books)}
	url, _ := h.streams(s)
	_, lines := stream(t.Context(), t, url)
	for range 15 { // 1.5 seconds
		await(t, lines, ": open")
	}
	h.enroll("client-a", canary)
	told := await(t, lines, "data: ")
	h.enroll("client-b", canary)
	told = append(told, await(t, lines, "data: ")...)
	if last := told[len(told)-1]; last != "data: 2" || strings.Contains(strings.Join(told, ""), "client") {
		t.Errorf("told %v", told)
	}
	s.ended.Store(true)
	await(t, lines, "event: end")
	for range lines { // it ends
	}
	if s.kept.Load() != 0 {
		t.Errorf("%d requests extended the session", s.kept.Load())
	}
	if status, _ := stream(t.Context(), t, url); status != http.StatusForbidden {
		t.Errorf("after the session: %d", status)
	}
}

// TestAPersonHasAFewStreams, and one that is left makes room. All end when the server stops.
func TestAPersonHasAFewStreams(t *testing.T) {
	t.Parallel()
	h := open(t)
	url, site := h.streams(&oneSession{who: h.of(coord)})
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	for range 3 {
		_, lines := stream(t.Context(), t, url)
		await(t, lines, ": open")
	}
	_, lines := stream(ctx, t, url)
	await(t, lines, ": open")
	if status, _ := stream(t.Context(), t, url); status != http.StatusConflict {
		t.Errorf("a fifth: %d", status)
	}
	leave()
	status := 0
	for status != http.StatusOK && t.Context().Err() == nil {
		status, lines = stream(t.Context(), t, url)
	}
	site.EndStreams()
	for range lines {
	}
}

// TestTheStreamEndsWhileTheRecordsAreAway, so that the browser says so.
func TestTheStreamEndsWhileTheRecordsAreAway(t *testing.T) {
	t.Parallel()
	h := open(t)
	url, _ := h.streams(&oneSession{who: h.of(coord)})
	_, lines := stream(t.Context(), t, url)
	await(t, lines, ": open")
	h.store.Store.Close()
	for range lines {
	}
}

// TestTheFirstPageIsLight: with its styles and its script it has at most 100 kB, of 50 clients on the board.
func TestTheFirstPageIsLight(t *testing.T) {
	t.Parallel()
	h := open(t)
	for n := range 50 {
		h.enroll("client-"+string(rune('a'+n/26))+string(rune('a'+n%26)), canary)
	}
	assets := 0
	must(t, fs.WalkDir(os.DirFS("assets"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		got := h.ask(h.of(coord), http.MethodGet, "/assets/"+path, nil)
		assets += len(got.body)
		return nil
	}))
	if assets < 10000 {
		t.Fatalf("styles and script are %d bytes", assets)
	}
	for _, role := range []string{h.of(coord), h.of(psych), h.of(phys), h.of(nurse), h.of(books), h.of(owner)} {
		landing := h.ask(role, http.MethodGet, "/", nil).to
		if page := h.ask(role, http.MethodGet, landing, nil); len(page.body)+assets > 100_000 {
			t.Errorf("%s for %s: %d bytes, and %d of styles and script", landing, role, len(page.body), assets)
		}
	}
}
