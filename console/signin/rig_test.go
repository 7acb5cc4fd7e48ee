package signin_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/console"
	"kapflow/console/signin"
	"kapflow/desk"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// office is a practice with a real Postgres and its sign-in on a real web server. Its clock goes as fast as a test wants.
type office struct {
	*store.Store
	t     *testing.T
	desk  *desk.Desk
	sign  *signin.SignIn
	web   *httptest.Server
	url   string
	later atomic.Int64 // nanoseconds
	mu    sync.Mutex
	told  []string // owners who were told of emergency access
	mute  bool     // owners cannot be told
	staff policy.Policy
}

// whoPage is a page of the console: it says who is signed in.
type whoPage struct{ s *signin.SignIn }

// Mount adds the page.
func (p whoPage) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		session, ok, err := p.s.Session(r)
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		case !ok:
			http.Error(w, "nobody", http.StatusUnauthorized)
		default:
			said := session.ID
			if session.Fresh {
				said += " fresh"
			}
			if session.Emergency.Reason != "" {
				said += " emergency"
			}
			_, _ = io.WriteString(w, said)
		}
	})
}

// open opens a practice. set changes the options before the sign-in is made.
func open(t *testing.T, set ...func(*signin.Options)) *office {
	t.Helper()
	sample, err := practice.Sample(time.Now())
	must(t, err)
	o := &office{t: t, staff: sample.Policy}
	o.Store, err = store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: []byte(strings.Repeat("0123456789abcdef", 2)), MaxConns: 4})
	must(t, err)
	t.Cleanup(o.Close)
	o.desk = &desk.Desk{Store: o.Store, Policy: sample.Policy, Zone: sample.Zone, Now: o.now}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	o.url = "http://localhost:" + port
	options := signin.Options{Store: o.Store, Desk: o.desk, Practice: o.practice, Zone: sample.Zone, URL: o.url, Listen: listener.Addr().String(), TellOwner: o.tell,
		Now: o.now, DeskNow: o.now, Log: slog.New(slog.DiscardHandler)}
	for _, change := range set {
		change(&options)
	}
	o.sign, err = signin.ForDemo(options)
	must(t, err)
	o.web = &httptest.Server{Listener: listener, Config: &http.Server{Handler: console.Handler(o.sign, whoPage{o.sign}), ReadHeaderTimeout: time.Second}}
	o.web.Start()
	t.Cleanup(o.web.Close)
	return o
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) now() time.Time { return time.Now().Add(time.Duration(o.later.Load())) }

// wait lets time pass.
func (o *office) wait(d time.Duration) { o.later.Add(int64(d)) }

func (o *office) practice() policy.Policy {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.staff
}

func (o *office) tell(_ context.Context, owner policy.Member, _ person.Actor, _ time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.mute {
		return errors.New("no mail today")
	}
	o.told = append(o.told, owner.ID)
	return nil
}

// browser is one browser with its cookies. It follows no redirects.
type browser struct {
	*http.Client
	o *office
}

func (o *office) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(o.t, err)
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, o}
}

// answer is what came back.
type answer struct {
	status int
	body   string
	to     string // where it leads
	cookie *http.Cookie
}

func (b *browser) do(r *http.Request) (a answer) {
	b.o.t.Helper()
	res, err := b.Do(r)
	must(b.o.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	must(b.o.t, err)
	a = answer{status: res.StatusCode, body: strings.TrimSpace(string(body)), to: res.Header.Get("Location")}
	if cookies := res.Cookies(); len(cookies) > 0 {
		a.cookie = cookies[0]
	}
	return a
}

func (b *browser) get(path string, header ...string) answer {
	b.o.t.Helper()
	r, err := http.NewRequestWithContext(b.o.t.Context(), http.MethodGet, b.o.url+path, nil)
	must(b.o.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return b.do(r)
}

func (b *browser) post(path string, form url.Values, header ...string) answer {
	b.o.t.Helper()
	r, err := http.NewRequestWithContext(b.o.t.Context(), http.MethodPost, b.o.url+path, strings.NewReader(form.Encode()))
	must(b.o.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return b.do(r)
}

// postJSON posts as the page's script does.
func (b *browser) postJSON(path, body string) answer {
	b.o.t.Helper()
	r, err := http.NewRequestWithContext(b.o.t.Context(), http.MethodPost, b.o.url+path, strings.NewReader(body))
	must(b.o.t, err)
	r.Header.Set("Content-Type", "application/json")
	return b.do(r)
}

// token gives the token of the browser's session.
func (b *browser) token() string {
	b.o.t.Helper()
	u, err := url.Parse(b.o.url)
	must(b.o.t, err)
	for _, c := range b.Jar.Cookies(u) {
		return c.Value
	}
	return ""
}

// carry gives the browser another token.
func (b *browser) carry(token string) {
	u, _ := url.Parse(b.o.url)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "kapflow", Value: token, Path: "/"}})
}

// who says who is signed in here.
func (b *browser) who() string { return b.get("/").body }

// demoPath gives the path of a link that signs somebody in.
func (o *office) demoPath(id string) string {
	o.t.Helper()
	link, err := o.sign.DemoLink(o.t.Context(), id)
	must(o.t, err)
	return strings.TrimPrefix(link, o.url)
}

// signedIn gives a browser in which somebody has just signed in.
func (o *office) signedIn(id string) *browser {
	o.t.Helper()
	b := o.browser()
	if a := b.post(o.demoPath(id), nil); a.status != http.StatusSeeOther {
		o.t.Fatalf("%s could not sign in: %d %s", id, a.status, a.body)
	}
	return b
}

// audited counts the audit rows of an action.
func (o *office) audited(action string) (n int) {
	o.t.Helper()
	events, err := o.AuditOf(o.t.Context(), desk.Practice)
	must(o.t, err)
	for _, e := range events {
		if e.Action == action {
			n++
		}
	}
	return n
}
