package signin_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/console/signin"
)

// TestASessionIsOpenWhileItIsUsed goes through what ends a session, and what does not.
func TestASessionIsOpenWhileItIsUsed(t *testing.T) {
	t.Parallel()
	background := []string{signin.Background, "1"}
	for name, x := range map[string]struct {
		then func(o *office, b *browser)
		want string
	}{
		"AtOnce":           {func(*office, *browser) {}, "dr-sample fresh"},
		"JustBeforeStale":  {func(o *office, _ *browser) { o.wait(5*time.Minute - 10*time.Second) }, "dr-sample fresh"},
		"Stale":            {func(o *office, _ *browser) { o.wait(5 * time.Minute) }, "dr-sample"},
		"JustBeforeIdle":   {func(o *office, _ *browser) { o.wait(15*time.Minute - 10*time.Second) }, "dr-sample"},
		"Idle":             {func(o *office, _ *browser) { o.wait(15 * time.Minute) }, "nobody"},
		"UsedInBetween":    {func(o *office, b *browser) { o.wait(10 * time.Minute); b.who(); o.wait(10 * time.Minute) }, "dr-sample"},
		"UsedAfterAMinute": {func(o *office, b *browser) { o.wait(time.Minute); b.who(); o.wait(14*time.Minute + 30*time.Second) }, "dr-sample"},
		"UsedAfterSeconds": {func(o *office, b *browser) {
			o.wait(20 * time.Second)
			b.who()
			o.wait(14*time.Minute + 30*time.Second)
		}, "dr-sample"},
		"SignInPageInBetween": {func(o *office, b *browser) { o.wait(10 * time.Minute); b.get("/me/sign-in"); o.wait(10 * time.Minute) }, "dr-sample"},
		"OnlyInBackground": {func(o *office, b *browser) {
			o.wait(10 * time.Minute)
			if said := b.get("/", background...).body; said != "dr-sample" {
				t.Errorf("in the background: %s", said)
			}
			o.wait(10 * time.Minute)
		}, "nobody"},
		"AllDay": {func(o *office, b *browser) {
			for range 71 {
				o.wait(10 * time.Minute)
				b.who()
			}
		}, "dr-sample"},
		"AllDayAndNight": {func(o *office, b *browser) {
			for range 72 {
				o.wait(10 * time.Minute)
				b.who()
			}
		}, "nobody"},
		// A clock that goes back lets nobody stay longer. One that is corrected by seconds ends nothing.
		"AnHourBack":          {func(o *office, _ *browser) { o.wait(-time.Hour) }, "nobody"},
		"BackAndSeenAndLater": {func(o *office, b *browser) { o.wait(-time.Hour); b.who(); o.wait(time.Hour) }, "nobody"},
		"SomeSecondsBack":     {func(o *office, _ *browser) { o.wait(-20 * time.Second) }, "dr-sample"},
		"AnHourAhead":         {func(o *office, _ *browser) { o.wait(time.Hour) }, "nobody"},
		"SignedOut":           {func(_ *office, b *browser) { b.post("/sign-out", nil) }, "nobody"},
		"StolenAfterOut":      {func(_ *office, b *browser) { token := b.token(); b.post("/sign-out", nil); b.carry(token) }, "nobody"},
		"EndedElsewhere":      {func(o *office, _ *browser) { o.end("dr-sample") }, "nobody"},
		"AnotherIsEnded":      {func(o *office, _ *browser) { o.end("nurse-sample") }, "dr-sample fresh"},
		"Altered":             {func(_ *office, b *browser) { b.carry(b.token()[1:] + "A") }, "nobody"},
		"LastLetter":          {func(_ *office, b *browser) { b.carry(b.token()[:len(b.token())-1] + "~") }, "nobody"},
		"Invented":            {func(_ *office, b *browser) { b.carry(strings.Repeat("A", 43)) }, "nobody"},
		"Empty":               {func(_ *office, b *browser) { b.carry("") }, "nobody"},
		"TheHashAsAToken":     {func(_ *office, b *browser) { b.carry(strings.Repeat("0", 64)) }, "nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			b := o.signedIn("dr-sample")
			x.then(o, b)
			if got := b.who(); got != x.want {
				t.Errorf("%q, want %q", got, x.want)
			}
		})
	}
}

func (o *office) end(id string) {
	o.t.Helper()
	_, err := o.EndSessions(o.t.Context(), id, o.now())
	must(o.t, err)
}

// TestEndingAllSessionsEndsThoseOnTheWay too: a request that read its session before the end does not bring it back.
func TestEndingAllSessionsEndsThoseOnTheWay(t *testing.T) {
	t.Parallel()
	o := open(t)
	ctx := t.Context()
	epoch, err := o.SessionEpoch(ctx, "dr-sample")
	must(t, err)
	row := person.SessionRow{Person: "dr-sample", Epoch: epoch, ExpiresAt: o.now().Add(time.Hour), Data: []byte(`{}`)}
	must(t, o.SaveSession(ctx, "old", row))
	o.end("dr-sample")
	must(t, o.SaveSession(ctx, "old", row)) // as a request that began before
	must(t, o.TouchSession(ctx, "old", o.now().Add(time.Hour)))
	must(t, o.SaveSession(ctx, "new", row)) // as a sign-in that read the epoch before
	for _, token := range []string{"old", "new"} {
		if _, _, found, err := o.Store.Session(ctx, token, o.now(), time.Hour); found || err != nil {
			t.Errorf("%s is open: %v", token, err)
		}
	}
	row.Epoch++
	must(t, o.SaveSession(ctx, "after", row))
	if _, _, found, err := o.Store.Session(ctx, "after", o.now(), time.Hour); !found || err != nil {
		t.Errorf("a sign-in after the end: %v", err)
	}
	must(t, o.EndSession(ctx, "after"))
	must(t, o.SaveSession(ctx, "after", row))
	if _, _, found, _ := o.Store.Session(ctx, "after", o.now(), time.Hour); found {
		t.Error("a session came back after its sign-out")
	}
}

// TestASignInHasANewToken: whoever planted a token in the browser beforehand has nothing.
func TestASignInHasANewToken(t *testing.T) {
	t.Parallel()
	o := open(t)
	attacker := o.browser()
	if a := attacker.postJSON("/sign-in/passkey/begin", `{}`); a.status != http.StatusOK {
		t.Fatal(a)
	}
	planted := attacker.token()
	victim := o.browser()
	victim.carry(planted)
	if a := victim.post(o.demoPath("dr-sample"), nil); a.status != http.StatusSeeOther {
		t.Fatal(a)
	}
	if planted == "" || victim.token() == planted {
		t.Errorf("the token %q stayed", planted)
	}
	if got := attacker.who(); got != "nobody" {
		t.Errorf("the attacker is %s", got)
	}
	if got := victim.who(); got != "dr-sample fresh" {
		t.Errorf("the victim is %s", got)
	}
	invented := o.browser()
	invented.carry(strings.Repeat("b", 43))
	invented.post(o.demoPath("dr-sample"), nil)
	if invented.token() == strings.Repeat("b", 43) {
		t.Error("a token of the browser's own was taken")
	}
	before := victim.token()
	if a := victim.post("/emergency", url.Values{"reason": {"the client fainted"}}); a.status != http.StatusSeeOther || victim.token() == before {
		t.Errorf("emergency access kept the token: %v", a)
	}
}

// TestAOneTimeLinkWorksOnce, is not used up by looking, and is bound to its kind and time.
func TestAOneTimeLinkWorksOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	path := o.demoPath("dr-sample")
	for range 3 {
		if a := o.browser().get(path); a.status != http.StatusOK || !strings.Contains(a.body, "Sample Physician") {
			t.Fatal(a)
		}
	}
	var done atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		b := o.browser()
		all.Go(func() {
			if b.post(path, nil).status == http.StatusSeeOther {
				done.Add(1)
			}
		})
	}
	all.Wait()
	if done.Load() != 1 {
		t.Errorf("the link worked %d times", done.Load())
	}
	replaced, late, otherKind := o.demoPath("dr-sample"), o.demoPath("nurse-sample"), o.demoPath("psy-sample")
	fresh := o.demoPath("dr-sample")
	texts := map[string]bool{}
	for name, p := range map[string]string{"Used": path, "Replaced": replaced, "Unknown": "/sign-in/demo/" + strings.Repeat("x", 43),
		"OtherKind": strings.Replace(otherKind, "/demo/", "/invite/", 1)} {
		a := o.browser().get(p)
		texts[a.body] = true
		if a.status != http.StatusNotFound {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	o.wait(24 * time.Hour)
	if a := o.browser().get(late); a.status != http.StatusNotFound || len(texts) != 1 || !texts[a.body] {
		t.Errorf("late: %d, %d answers tell links apart", a.status, len(texts))
	}
	if a := o.browser().post(fresh, nil); a.status != http.StatusNotFound {
		t.Errorf("after a day: %d", a.status)
	}
	if n := o.audited("sign-in"); n != 1 {
		t.Errorf("%d rows of a sign-in", n)
	}
	if n := o.audited("sign-in-refused"); n < 6 {
		t.Errorf("%d rows of refused ones", n)
	}
}

// TestWhoLeftIsOutAtOnce, with a session that is open.
func TestWhoLeftIsOutAtOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	b := o.signedIn("owner-sample")
	if a := b.get("/me/sign-in"); a.status != http.StatusOK {
		t.Fatal(a)
	}
	link := o.demoPath("owner-sample")
	o.mu.Lock()
	o.staff.Staff = nil
	o.mu.Unlock()
	if a := b.get("/me/sign-in"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/sign-in?") {
		t.Errorf("%d to %s", a.status, a.to)
	}
	if a := o.browser().post(link, nil); a.status != http.StatusNotFound {
		t.Errorf("the link: %d", a.status)
	}
}

// TestNoPostOfAnotherSiteIsTaken, whatever it asks for.
func TestNoPostOfAnotherSiteIsTaken(t *testing.T) {
	t.Parallel()
	o := open(t)
	b := o.signedIn("dr-sample")
	paths := []string{"/sign-out", "/me/sign-in/end", "/me/sign-in/remove", "/me/sign-in/begin", "/me/sign-in/finish", "/emergency", "/sign-in/passkey/begin", "/sign-in/passkey/finish",
		o.demoPath("nurse-sample"), "/sign-in/invite/" + strings.Repeat("x", 43) + "/begin"}
	for _, path := range paths {
		for _, header := range [][]string{{"Origin", "https://elsewhere.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
			if a := b.post(path, url.Values{"reason": {"x"}}, header...); a.status != http.StatusForbidden {
				t.Errorf("%s with %v: %d", path, header, a.status)
			}
		}
	}
	if got := b.who(); got != "dr-sample fresh" {
		t.Errorf("now it is %s", got)
	}
}

// TestTheCookieIsKeptByTheBrowserForThisHostOnly.
func TestTheCookieIsKeptByTheBrowserForThisHostOnly(t *testing.T) {
	t.Parallel()
	o := open(t)
	s, err := signin.ForDemo(signin.Options{Store: o.Store, Desk: o.desk, Practice: o.practice, URL: "https://desk.kapflow.example", Listen: ":8234", Now: o.now, DeskNow: o.now})
	must(t, err)
	mux := http.NewServeMux()
	s.Mount(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, o.demoPath("dr-sample"), nil))
	cookie := w.Header().Get("Set-Cookie")
	parts := strings.Split(cookie, "; ")
	for _, want := range []string{"Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if !strings.HasPrefix(parts[0], "__Host-kapflow=") || len(parts) != 5 {
		t.Errorf("the cookie: %v", parts[1:])
	}
	if got := o.signedIn("dr-sample").token(); len(got) < 43 {
		t.Errorf("a token of %d characters", len(got))
	}
}

// TestOnlyAProtectedAddressServesSignIn.
func TestOnlyAProtectedAddressServesSignIn(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		url, listen string
		ok          bool
	}{
		{"https://desk.kapflow.example", ":8234", true}, {"https://desk.kapflow.example:8443", "0.0.0.0:8234", true},
		{"http://localhost:8234", "127.0.0.1:8234", true}, {"http://localhost:8234", "localhost:8234", true}, {"http://localhost:8234", "[::1]:8234", true},
		{"http://localhost:8234", ":8234", false}, {"http://localhost:8234", "0.0.0.0:8234", false}, {"http://desk.kapflow.example", "127.0.0.1:8234", false},
		{"http://localhost.example", "127.0.0.1:8234", false}, {"https://desk.kapflow.example/x", ":8234", false}, {"desk.kapflow.example", ":8234", false}, {"", "", false},
	} {
		_, err := signin.New(signin.Options{URL: x.url, Listen: x.listen, Practice: func() policy.Policy {
			return policy.Policy{Practice: policy.PracticeInfo{DisplayName: "Cedar Office"}}
		}, Now: time.Now})
		if (err == nil) != x.ok {
			t.Errorf("%s on %s: %v", x.url, x.listen, err)
		}
	}
}

// TestNoSignInWithoutADemoHasDemoLinks.
func TestNoSignInWithoutADemoHasDemoLinks(t *testing.T) {
	t.Parallel()
	o := open(t)
	s, err := signin.New(signin.Options{Store: o.Store, Desk: o.desk, Practice: o.practice, URL: o.url, Listen: "127.0.0.1:1", Now: o.now, DeskNow: o.now})
	must(t, err)
	if link, err := s.DemoLink(t.Context(), "dr-sample"); err == nil {
		t.Errorf("a link: %s", link)
	}
	mux := http.NewServeMux()
	s.Mount(mux)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, o.demoPath("dr-sample"), nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// TestManyAttemptsAreSlowedDown.
func TestManyAttemptsAreSlowedDown(t *testing.T) {
	t.Parallel()
	o := open(t)
	b := o.browser()
	for n := range 31 {
		a := b.post("/sign-in/passkey/finish", nil)
		if want := map[bool]int{true: http.StatusForbidden, false: http.StatusTooManyRequests}[n < 30]; a.status != want {
			t.Fatalf("attempt %d: %d, want %d", n+1, a.status, want)
		}
	}
	if a := b.get("/sign-in"); a.status != http.StatusOK {
		t.Errorf("the page itself: %d", a.status)
	}
}
