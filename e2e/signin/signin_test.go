// Package signin_test signs people in to the staff console with a real browser: passkeys on Chromium's virtual authenticator, and
// npm's oidc-provider as the practice's own accounts.
package signin_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/console"
	"kapflow/console/signin"
	"kapflow/desk"
	"kapflow/e2e/browser"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// tools is where the browser's driver and the identity provider are.
var tools = filepath.Join("..", "..", "tools", "browser")

// office is a practice with a sign-in on a real web server, and a browser before it.
type office struct {
	*store.Store
	*browser.Browser
	t   *testing.T
	url string
}

// whoPage is a page of the console: it says who is signed in.
type whoPage struct{ s *signin.SignIn }

// Mount adds the page, and an empty style sheet.
func (p whoPage) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/staff.css", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/css") })
	mux.HandleFunc("GET /{page}", p.show)
	mux.HandleFunc("GET /{$}", p.show)
}

func (p whoPage) show(w http.ResponseWriter, r *http.Request) {
	session, _, err := p.s.Session(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	said := "signed in: " + session.ID
	if session.Fresh {
		said += " fresh"
	}
	_, _ = io.WriteString(w, "<!doctype html><title>x</title><main>"+said+"</main>")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, oidc signin.OIDC) *office {
	t.Helper()
	o := &office{t: t, Browser: browser.Start(t)}
	sample, err := practice.Sample(time.Now())
	must(t, err)
	o.Store, err = store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: []byte(strings.Repeat("0123456789abcdef", 2)), MaxConns: 4})
	must(t, err)
	t.Cleanup(o.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	o.url = "http://localhost:" + port
	d := &desk.Desk{Store: o.Store, Policy: sample.Policy, Zone: sample.Zone, Now: time.Now}
	s, err := signin.New(signin.Options{Store: o.Store, Desk: d, Practice: func() policy.Policy { return sample.Policy }, Zone: sample.Zone, URL: o.url, Listen: listener.Addr().String(),
		OIDC: oidc, Now: time.Now, DeskNow: time.Now})
	must(t, err)
	web := &httptest.Server{Listener: listener, Config: &http.Server{Handler: console.Handler(s, whoPage{s}), ReadHeaderTimeout: time.Second}}
	web.Start()
	t.Cleanup(web.Close)
	return o
}

// says fails unless a part of the page says something.
func (o *office) says(selector, want string) {
	o.t.Helper()
	if got := o.Do("text", browser.Args{"selector": selector}).Text; !strings.Contains(got, want) {
		o.t.Fatalf("the page says %q, not %q", got, want)
	}
}

func (o *office) goTo(path string) {
	o.t.Helper()
	o.Do("goto", browser.Args{"url": o.url + path})
}

func (o *office) click(selector string) {
	o.t.Helper()
	o.Do("click", browser.Args{"selector": selector})
}

// fault waits for the words about what went wrong.
func (o *office) fault(want string) {
	o.t.Helper()
	o.says("[data-passkey-error]:not([hidden])", want)
}

// TestAPersonSetsAPasskeyUpAndSignsInWithIt: invitation, sign-in, sign-in again, a copied device, removal.
func TestAPersonSetsAPasskeyUpAndSignsInWithIt(t *testing.T) {
	t.Parallel()
	o := open(t, signin.OIDC{})
	ctx := t.Context()
	o.Do("open", browser.Args{"script": true})
	o.Do("authenticator", nil)
	token, err := o.NewInvite(ctx, person.Invite{Kind: person.InvitePasskey, Person: "dr-sample", ExpiresAt: time.Now().Add(signin.InviteLasts)})
	must(t, err)
	for range 2 { // looking uses nothing up
		o.goTo(signin.InvitePath + token)
		o.says("main", "Welcome, Sample Physician")
	}
	if found := o.Do("audit", nil).Violations; len(found) > 0 {
		t.Errorf("invitation: %v", found)
	}
	o.Do("fill", browser.Args{"selector": "[data-passkey-label]", "value": "Front desk"})
	o.click(browser.PasskeyButton)
	o.Do("arrive", browser.Args{"path": "/"})
	o.says("main", "signed in: dr-sample fresh")
	o.goTo(signin.InvitePath + token)
	o.says("h1", "This link is closed")

	o.goTo("/me/sign-in")
	o.says("main", "Front desk")
	if found := o.Do("audit", nil).Violations; len(found) > 0 {
		t.Errorf("devices: %v", found)
	}
	o.click(browser.PasskeyButton)
	o.fault("This device has a passkey already")

	o.click("form[action='/sign-out'] button")
	o.Do("arrive", browser.Args{"path": "/sign-in"})
	if found := o.Do("audit", nil).Violations; len(found) > 0 {
		t.Errorf("sign-in: %v", found)
	}
	o.goTo("/sign-in?next=/board")
	o.click(browser.PasskeyButton)
	o.Do("arrive", browser.Args{"path": "/board"})
	o.says("main", "signed in: dr-sample fresh")
	o.goTo("/sign-in/again?next=/board")
	o.says("main", "Sample Physician, please confirm that it is you")
	o.click(browser.PasskeyButton)
	o.Do("arrive", browser.Args{"path": "/board"})

	keys, err := o.Passkeys(ctx, "dr-sample")
	must(t, err)
	if len(keys) != 1 || keys[0].Count < 2 || keys[0].UsedAt.IsZero() {
		t.Fatalf("kept: %d passkeys, count %d", len(keys), keys[0].Count)
	}
	o.Do("copied", nil)
	o.Do("forget", nil)
	o.goTo("/sign-in")
	o.click(browser.PasskeyButton)
	o.fault("may have been copied")
	for range 4 { // the count of the copy grows past the first one's; it stays blocked
		o.goTo("/sign-in")
		o.click(browser.PasskeyButton)
		o.fault("may have been copied")
	}
	o.goTo("/board")
	if got := o.Do("text", browser.Args{"selector": "main"}).Text; got != "signed in:" {
		t.Errorf("a copied device: %s", got)
	}
	removed, err := o.RemovePasskey(ctx, "dr-sample", keys[0].ID)
	if err != nil || !removed {
		t.Fatal(removed, err)
	}
	o.goTo("/sign-in")
	o.click(browser.PasskeyButton)
	o.fault("not known here")
	o.rows(map[string]int{"sign-in": 3, "add-passkey": 1, "sign-out": 1, "sign-in-refused": 7})
}

// rows compares the audit log with how many rows of each action it must have.
func (o *office) rows(want map[string]int) {
	o.t.Helper()
	events, err := o.AuditOf(o.t.Context(), desk.Practice)
	must(o.t, err)
	got := map[string]int{}
	for _, e := range events {
		got[e.Action]++
	}
	for action, n := range want {
		if got[action] != n {
			o.t.Errorf("%d rows of %s, want %d", got[action], action, n)
		}
	}
}

// TestTheLoginPageOfThePracticesAccountsSignsIn with npm's oidc-provider.
func TestTheLoginPageOfThePracticesAccountsSignsIn(t *testing.T) {
	t.Parallel()
	provider, connect := startProvider(t)
	o := open(t, provider)
	connect(o.url)
	o.Do("open", browser.Args{"script": false})
	o.goTo("/sign-in?next=/board")
	login := func(email string) {
		t.Helper()
		o.click("a.button")
		o.Do("fill", browser.Args{"selector": "input[name=login]", "value": email})
		o.Do("fill", browser.Args{"selector": "input[name=password]", "value": "x"})
		o.click("button[type=submit]")
		o.click("button[type=submit]") // that Kapflow may read the email address
	}
	login("physician@practice.example")
	o.Do("arrive", browser.Args{"path": "/board"})
	o.says("main", "signed in: dr-sample")
	o.goTo("/sign-in/again?next=/board")
	o.click("a.button")
	o.Do("fill", browser.Args{"selector": "input[name=login]", "value": "physician@practice.example"})
	o.Do("fill", browser.Args{"selector": "input[name=password]", "value": "x"})
	o.click("button[type=submit]")
	o.Do("arrive", browser.Args{"path": "/board"})
	o.says("main", "signed in: dr-sample fresh")
	for email, words := range map[string]string{"stranger@practice.example": "does not list you", "unverified@practice.example": "no verified email address"} {
		o.Do("forget", nil)
		o.goTo("/sign-in")
		login(email)
		o.says("main", words)
	}
	o.rows(map[string]int{"sign-in": 2, "sign-in-refused": 2})
}

// startProvider reserves an address for npm's oidc-provider. connect starts it once the console's address is known.
func startProvider(t *testing.T) (set signin.OIDC, connect func(consoleURL string)) {
	t.Helper()
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(tools, "node_modules", "oidc-provider")); err != nil || missing != nil {
		const why = "no Node.js or oidc-provider on this machine; `sh tools/setup.sh` fetches them"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	listener, err := net.Listen("tcp", "localhost:0")
	must(t, err)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	must(t, listener.Close())
	return signin.OIDC{Issuer: "http://localhost:" + port, ClientID: "kapflow", ClientSecret: "secret-of-the-test"}, func(consoleURL string) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
		cmd := exec.CommandContext(ctx, node, "oidc.js", port, consoleURL+"/sign-in/oidc/back")
		cmd.Dir, cmd.Stderr = tools, os.Stderr
		in, err := cmd.StdinPipe()
		must(t, err)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		t.Cleanup(func() {
			_ = in.Close()
			_ = cmd.Wait()
			cancel()
		})
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
			t.Fatalf("the identity provider says %q: %v", line, err)
		}
	}
}
