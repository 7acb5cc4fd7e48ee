package browser_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/bench/stage"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console"
	"kapflow/console/signin"
	"kapflow/console/staff"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/starter/rehearsal"
)

// door is the staff console behind its real sign-in, whose clock goes as fast as a test wants.
type door struct {
	*office
	url   string
	sign  *signin.SignIn
	later atomic.Int64 // nanoseconds
}

// behindSignIn serves the staff console of an office.
func behindSignIn(o *office) *door {
	o.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(o.t.Context(), "tcp", "127.0.0.1:0")
	must(o.t, err)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	d := &door{office: o, url: "http://localhost:" + port}
	settings, _, err := config.Peek([]string{"KAPFLOW_CONSOLE_LISTEN=127.0.0.1:" + port, "KAPFLOW_CONSOLE_URL=" + d.url})
	must(o.t, err)
	options := o.SignInOptions(settings)
	options.Now = func() time.Time { return time.Now().Add(time.Duration(d.later.Load())) }
	d.sign, err = signin.ForDemo(options)
	must(o.t, err)
	staff, endStreams := o.StaffConsole(d.sign, engine.NewCodec(keyring.New()), "")
	web := &httptest.Server{Listener: listener, Config: &http.Server{Handler: staff, ReadHeaderTimeout: time.Second}}
	web.Start()
	o.t.Cleanup(func() { endStreams(); web.Close() })
	return d
}

// invitation gives the one-time link on which a person of the practice adds a passkey.
func (d *door) invitation(id string) string {
	d.t.Helper()
	token, err := d.Store.NewInvite(d.t.Context(), person.Invite{Kind: person.InvitePasskey, Person: id, ExpiresAt: time.Now().Add(signin.InviteLasts)})
	must(d.t, err)
	return d.url + signin.InvitePath + token
}

// tab is somebody's browser without scripts.
type tab struct {
	*door
	client http.Client
}

// seen is what a browser shows.
type seen struct {
	status   int
	to, body string
}

// tab opens a browser in which nobody is signed in.
func (d *door) tab() *tab {
	jar, err := cookiejar.New(nil)
	must(d.t, err)
	return &tab{d, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signIn signs a person of the practice in.
func (b *tab) signIn(id string) *tab {
	b.t.Helper()
	link, err := b.sign.DemoLink(b.t.Context(), id)
	must(b.t, err)
	if got := b.ask(http.MethodPost, strings.TrimPrefix(link, b.url), url.Values{}); got.status != http.StatusSeeOther {
		b.t.Fatalf("%s cannot sign in: %d", id, got.status)
	}
	return b
}

func (b *tab) ask(method, path string, form url.Values) seen {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	must(b.t, err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	must(b.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	must(b.t, err)
	return seen{res.StatusCode, res.Header.Get("Location"), string(body)}
}

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	longText    = regexp.MustCompile(`<textarea id="f-([^"]*)"[^>]*>([^<]*)</textarea>`)
)

// form is the form of a page as it is filled in: what is hidden, and long texts.
func (s seen) form(do string) url.Values {
	out := url.Values{}
	for _, pattern := range []*regexp.Regexp{hiddenInput, longText} {
		for _, m := range pattern.FindAllStringSubmatch(s.body, -1) {
			if !strings.HasPrefix(m[1], "_about") && m[1] != "_form" {
				out.Set(m[1], html.UnescapeString(m[2]))
			}
		}
	}
	if do != "" {
		out.Set("_do", do)
	}
	return out
}

// times counts how often a fact was recorded about the client.
func (o *office) times(fact string) (n int) {
	o.t.Helper()
	facts, err := o.Store.Facts(o.t.Context(), o.client)
	must(o.t, err)
	for _, e := range facts {
		if e.Fact == fact {
			n++
		}
	}
	return n
}

// TestAFormSentAfterTheSessionEndedComesBackFilled after the sign-in, to the person who typed it and to nobody else, and one click
// records it once under the same report id.
func TestAFormSentAfterTheSessionEndedComesBackFilled(t *testing.T) {
	t.Parallel()
	d := behindSignIn(open(t))
	b, path, words := d.tab().signIn("coordinator"), "/c/"+d.client+"/record/paused", `travels "far" & wide`
	typed := b.ask(http.MethodGet, path, nil).form("record")
	typed.Set("reason", words)
	d.later.Add(int64(16 * time.Minute))
	sent := b.ask(http.MethodPost, path, typed)
	back := "/sign-in?next=" + url.QueryEscape(path+"?_draft=sent")
	if sent.status != http.StatusSeeOther || sent.to != back {
		t.Fatalf("sent to %d %s", sent.status, sent.to)
	}
	other := d.tab().signIn("psy-sample")
	if got := other.ask(http.MethodGet, path+"?_draft=sent", nil); strings.Contains(got.body, "far") {
		t.Error("another person reads it")
	}
	shown := b.signIn("coordinator").ask(http.MethodGet, path+"?_draft=sent", nil)
	again := shown.form("record")
	for _, want := range []string{"Nothing was recorded yet", "What will happen", `value="record"`} {
		if !strings.Contains(shown.body, want) {
			t.Errorf("the form lacks %q:\n%s", want, shown.body)
		}
	}
	if again.Get("reason") != words || again.Get("_once") != typed.Get("_once") || d.times("paused") != 0 {
		t.Errorf("it came back as %v, sent as %v", again, typed)
	}
	for range 2 {
		if got := b.ask(http.MethodPost, path, again); got.status != http.StatusSeeOther || !strings.Contains(got.to, "recorded=") || d.times("paused") != 1 {
			t.Errorf("one click: %d to %s, recorded %d times", got.status, got.to, d.times("paused"))
		}
	}
	if got := b.ask(http.MethodGet, path, nil); strings.Contains(got.body, "You began this form") || strings.Contains(got.body, "far") {
		t.Error("what was recorded is offered again")
	}
}

// TestAGraveFormComesBackAfterAFreshSignIn: who signed in too long ago for an order of a dose does not type it again.
func TestAGraveFormComesBackAfterAFreshSignIn(t *testing.T) {
	t.Parallel()
	d := behindSignIn(open(t))
	b, path := d.tab().signIn("dr-sample"), "/c/"+d.client+"/record/dose-ordered"
	typed := b.ask(http.MethodGet, path, nil).form("record")
	for name, value := range map[string]string{"dose_mg": "35", "minutes": "50", "route": "intramuscular"} {
		typed.Set(name, value)
	}
	d.later.Add(int64(6 * time.Minute))
	sent := b.ask(http.MethodPost, path, typed)
	if !strings.HasPrefix(sent.to, "/sign-in/again?next=") || !strings.Contains(sent.to, "_draft%3Dsent") {
		t.Fatalf("%d to %q: %s", sent.status, sent.to, sent.body)
	}
	if shown := b.signIn("dr-sample").ask(http.MethodGet, path+"?_draft=sent", nil); !strings.Contains(shown.body, `value="35"`) || shown.form("").Get("_once") != typed.Get("_once") {
		t.Errorf("it came back as %d %s", shown.status, shown.body)
	}
}

// TestAFormOfNobodyKnownStaysInItsBrowser: without a session there is nobody to keep it for, and after a sign-in it is looked at
// before it is recorded.
func TestAFormOfNobodyKnownStaysInItsBrowser(t *testing.T) {
	t.Parallel()
	d := behindSignIn(open(t))
	b, path := d.tab().signIn("coordinator"), "/c/"+d.client+"/record/paused"
	typed := b.ask(http.MethodGet, path, nil).form("record")
	typed.Set("reason", "travels")
	b.ask(http.MethodPost, "/sign-out", url.Values{})
	sent := b.ask(http.MethodPost, path, typed)
	again := sent.form("")
	if sent.status != http.StatusForbidden || !strings.Contains(sent.body, "Nothing was recorded") || again.Get("reason") != "travels" || again.Get("_do") != "preview" {
		t.Fatalf("%d %v", sent.status, again)
	}
	if got := b.signIn("coordinator").ask(http.MethodPost, path, again); !strings.Contains(got.body, "What will happen") || got.form("").Get("_once") != typed.Get("_once") || d.times("paused") != 0 {
		t.Errorf("after the sign-in: %d", got.status)
	}
	if got := b.ask(http.MethodPost, "/find", url.Values{"for": {"nobody"}}); got.status != http.StatusOK {
		t.Errorf("a search: %d", got.status)
	}
	d.later.Add(int64(16 * time.Minute))
	if got := b.ask(http.MethodPost, "/find", url.Values{"for": {"Ana"}}); got.to != "/sign-in?next=%2F" {
		t.Errorf("a search leads to %q, which is a page", got.to)
	}
}

// TestHoweverOftenAFormIsSentItIsOneFact.
func TestHoweverOftenAFormIsSentItIsOneFact(t *testing.T) {
	t.Parallel()
	d := behindSignIn(open(t))
	path := "/c/" + d.client + "/record/paused"
	b := d.tab().signIn("coordinator")
	record := func(form url.Values) seen { return b.ask(http.MethodPost, path, form) }
	for name, send := range map[string]func(form url.Values) []seen{
		"DoubleClick": func(form url.Values) []seen {
			out := make([]seen, 2)
			var both sync.WaitGroup
			for i := range out {
				both.Go(func() { out[i] = record(form) })
			}
			both.Wait()
			return out
		},
		"Reload": func(form url.Values) []seen { return []seen{record(form), record(form), record(form)} },
		"BackAndSentChanged": func(form url.Values) []seen {
			first := record(form)
			form.Set("reason", "other words")
			return []seen{first, record(form)}
		},
		"TwoTabs": func(form url.Values) []seen {
			other := d.tab().signIn("coordinator")
			return []seen{record(form), other.ask(http.MethodPost, path, form)}
		},
	} {
		before := d.times("paused")
		form := b.ask(http.MethodGet, path, nil).form("record")
		form.Set("reason", "travels")
		for _, got := range send(form) {
			if got.status != http.StatusSeeOther {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		if n := d.times("paused") - before; n != 1 {
			t.Errorf("%s: recorded %d times", name, n)
		}
		resume := b.ask(http.MethodGet, "/c/"+d.client+"/record/resumed", nil).form("record")
		if got := b.ask(http.MethodPost, "/c/"+d.client+"/record/resumed", resume); got.status != http.StatusSeeOther {
			t.Fatalf("resume: %d %s", got.status, got.body)
		}
	}
}

// TestDraftsAreOfferedBack to their author, hold the form's own fields only, and are not a sign of life.
func TestDraftsAreOfferedBack(t *testing.T) {
	t.Parallel()
	d := behindSignIn(open(t))
	b, path := d.tab().signIn("coordinator"), "/c/"+d.client+"/record/paused"
	form := b.ask(http.MethodGet, path, nil).form("")
	draft := func(reason string) url.Values {
		return url.Values{"_about": {d.client}, "_form": {"paused"}, "_once": form["_once"], "_seen": form["_seen"], "reason": {reason}, "stowaway": {"x"}}
	}
	for _, words := range []string{"trav", "travels"} {
		if got := b.ask(http.MethodPost, "/draft", draft(words)); got.status != http.StatusNoContent {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	kept, found, err := d.Store.Draft(t.Context(), "coordinator", d.client, "paused", d.Desk.Now())
	must(t, err)
	if _, stowed := kept.Typed["stowaway"]; !found || stowed || kept.Typed["reason"][0] != "travels" {
		t.Errorf("kept %v", kept)
	}
	if got := d.tab().signIn("psy-sample").ask(http.MethodGet, path+"?_draft=continue", nil); strings.Contains(got.body, "travels") || strings.Contains(got.body, "You began") {
		t.Error("another person reads it")
	}
	offer := b.ask(http.MethodGet, path, nil)
	if !strings.Contains(offer.body, "You began this form at") || strings.Contains(offer.body, ">travels<") {
		t.Errorf("the offer: %s", offer.body)
	}
	if got := b.ask(http.MethodGet, path+"?_draft=continue", nil).form(""); got.Get("reason") != "travels" || got.Get("_once") != form.Get("_once") {
		t.Errorf("continued as %v", got)
	}
	if got := b.ask(http.MethodPost, "/draft", url.Values{"_about": {d.client}, "_form": {"paused"}, "_do": {"discard"}}); got.to != path {
		t.Errorf("discarded to %q", got.to)
	}
	if got := b.ask(http.MethodGet, path, nil); strings.Contains(got.body, "You began") {
		t.Error("it is offered after it was discarded")
	}
	form.Set("reason", "travels")
	form.Set("_do", "record")
	if got := b.ask(http.MethodPost, path, form); got.status != http.StatusSeeOther {
		t.Fatal(got.body)
	}
	b.ask(http.MethodPost, "/draft", draft("late")) // the page's script was slower than the click
	if _, found, err := d.Store.Draft(t.Context(), "coordinator", d.client, "paused", d.Desk.Now()); err != nil || found {
		t.Errorf("a draft of what was recorded: %t, %v", found, err)
	}
	d.later.Add(int64(14 * time.Minute))
	b.ask(http.MethodPost, "/draft", draft("again"))
	b.ask(http.MethodGet, "/live", nil)
	d.later.Add(int64(2 * time.Minute))
	if got := b.ask(http.MethodGet, "/live", nil); got.status != http.StatusForbidden {
		t.Errorf("the stream keeps the session open: %d", got.status)
	}
	if got := b.ask(http.MethodPost, "/draft", draft("again")); got.status != http.StatusForbidden {
		t.Errorf("drafts keep the session open: %d", got.status)
	}
}

// enrolled enrolls a client and gives their id.
func (o *office) enrolled(reference string) string {
	o.t.Helper()
	answer, err := o.Desk.Enroll(o.t.Context(), access.FromRehearsal(o.Practice.Policy, person.Actor{ID: "coordinator", Role: person.Coordinator}),
		desk.Enrollment{Reference: reference, PreferredName: "Ana " + reference, Phone: "+13035550142", Presenting: []string{"depression"}, Timezone: stage.Zone, OtherPerson: true})
	must(o.t, err)
	return answer.ClientID
}

// TestAFormWhoseJourneyIsAwayIsRecordedOnceLater: the page says that it is not known, and its button sends the same report again.
func TestAFormWhoseJourneyIsAwayIsRecordedOnceLater(t *testing.T) {
	t.Parallel()
	o := open(t)
	away, err := servers.Open(t.Context(), rehearsal.EnvironmentOptions{Practice: o.Practice})
	must(t, err)
	t.Cleanup(away.Close)
	o = &office{Environment: &stage.Environment{Environment: away}, t: t}
	o.Clock.Set(o.monday(10))
	o.client = o.enrolled("away")
	web := httptest.NewServer(console.Handler(&staff.Site{Desk: o.Desk, Sessions: signedIn("coordinator"), Log: slog.New(slog.DiscardHandler), SignIn: "/sign-in", Patience: 2 * time.Second}))
	t.Cleanup(web.Close)
	b := (&door{office: o, url: web.URL}).tab()
	path := "/c/" + o.client + "/record/paused"
	typed := b.ask(http.MethodGet, path, nil).form("record")
	typed.Set("reason", "travels")
	sent := b.ask(http.MethodPost, path, typed)
	again := sent.form("")
	if sent.status != http.StatusServiceUnavailable || !strings.Contains(sent.body, "not known") && !strings.Contains(sent.body, "do not know yet") || again.Get("_once") != typed.Get("_once") || again.Get("reason") != "travels" {
		t.Fatalf("%d %v %s", sent.status, again, sent.body)
	}
	must(t, away.Work())
	var got seen
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for got.status != http.StatusSeeOther && ctx.Err() == nil {
		got = b.ask(http.MethodPost, path, again)
	}
	if got.status != http.StatusSeeOther || o.times("paused") != 1 {
		t.Errorf("later: %d, recorded %d times", got.status, o.times("paused"))
	}
}
