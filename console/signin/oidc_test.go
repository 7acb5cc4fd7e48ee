package signin_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"kapflow/care/policy"
	"kapflow/console/signin"
)

// issuer is an identity provider that says what a test wants, true or not. A real one is in e2e.
type issuer struct {
	*httptest.Server
	t      *testing.T
	signer jose.Signer
	keys   jose.JSONWebKeySet

	mu     sync.Mutex
	asked  url.Values     // of the last authorization request
	claims map[string]any // on top of the usual ones; nil removes one
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	i := &issuer{t: t}
	i.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	must(t, err)
	i.keys.Keys = []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}
	mux := http.NewServeMux()
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { reply(w, i.keys) })
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		_, secret, _ := r.BasicAuth()
		if secret != "s3cret" || base64.RawURLEncoding.EncodeToString(sum[:]) != i.asked.Get("code_challenge") || r.PostFormValue("code") != "code-1" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		reply(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": i.token()})
	})
	return i
}

// token signs what the provider says. The caller holds the lock.
func (i *issuer) token() string {
	claims := map[string]any{"iss": i.URL, "aud": "kapflow", "sub": "s", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "nonce": i.asked.Get("nonce"),
		"email": "physician@practice.example", "email_verified": true}
	maps.Copy(claims, i.claims)
	body, err := json.Marshal(claims)
	must(i.t, err)
	signed, err := i.signer.Sign(body)
	must(i.t, err)
	text, err := signed.CompactSerialize()
	must(i.t, err)
	return text
}

// through begins a sign-in in a browser and gives the state that the provider sends back.
func (i *issuer) through(b *browser, path string) (state string) {
	i.t.Helper()
	a := b.get(path)
	to, err := url.Parse(a.to)
	must(i.t, err)
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, i.URL+"/auth?") {
		i.t.Fatalf("the sign-in leads to %q: %d %s", a.to, a.status, a.body)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked = to.Query()
	return i.asked.Get("state")
}

func back(state, code string) string {
	return "/sign-in/oidc/back?" + url.Values{"state": {state}, "code": {code}}.Encode()
}

func withOIDC(t *testing.T) (*office, *issuer) {
	i := newIssuer(t)
	return open(t, func(o *signin.Options) {
		o.OIDC = signin.OIDC{Issuer: i.URL, ClientID: "kapflow", ClientSecret: "s3cret"}
	}), i
}

// TestTheIdentityProviderSignsInWhomThePracticeLists goes through what it can say.
func TestTheIdentityProviderSignsInWhomThePracticeLists(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		claims map[string]any
		who    string // who is signed in then; empty: nobody
		says   string
	}{
		"Verified":              {nil, "dr-sample", ""},
		"VerifiedAsText":        {map[string]any{"email_verified": "true"}, "dr-sample", ""},
		"InCapitals":            {map[string]any{"email": "Physician@Practice.example"}, "dr-sample", ""},
		"JustNow":               {map[string]any{"auth_time": time.Now().Unix()}, "dr-sample fresh", ""},
		"AnHourAgo":             {map[string]any{"auth_time": time.Now().Add(-time.Hour).Unix()}, "dr-sample", ""},
		"InTheFuture":           {map[string]any{"auth_time": time.Now().Add(time.Hour).Unix()}, "dr-sample", ""},
		"NotVerified":           {map[string]any{"email_verified": false}, "", "no verified email address"},
		"VerificationUnknown":   {map[string]any{"email_verified": nil}, "", "no verified email address"},
		"VerifiedAsWords":       {map[string]any{"email_verified": "yes"}, "", "no verified email address"},
		"Unlisted":              {map[string]any{"email": "somebody@practice.example"}, "", "does not list you"},
		"WithoutAnAddress":      {map[string]any{"email": ""}, "", "does not list you"},
		"AddressOfTwoPeople":    {map[string]any{"email": "owner@practice.example"}, "", "does not list you"},
		"AnotherSignInsAnswer":  {map[string]any{"nonce": "other"}, "", "did not work"},
		"WithoutANonce":         {map[string]any{"nonce": ""}, "", "did not work"},
		"ForAnotherApplication": {map[string]any{"aud": "other"}, "", "did not work"},
		"OfAnotherIssuer":       {map[string]any{"iss": "https://elsewhere.example"}, "", "did not work"},
		"Expired":               {map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, "", "did not work"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, i := withOIDC(t)
			o.staff.Staff = append(o.staff.Staff, policy.Member{ID: "owner-two", Name: "Second Owner", Email: "owner@practice.example", Roles: o.staff.Staff[3].Roles})
			i.claims = x.claims
			b := o.browser()
			a := b.get(back(i.through(b, "/sign-in/oidc?next=/board"), "code-1"))
			if x.who != "" && (a.status != http.StatusSeeOther || a.to != "/board" || b.who() != x.who || o.audited("sign-in") != 1) {
				t.Errorf("%d to %q as %q: %s", a.status, a.to, b.who(), a.body)
			}
			if x.who == "" && (a.status != http.StatusForbidden || !strings.Contains(a.body, x.says) || b.who() != "nobody" || o.audited("sign-in-refused") != 1) {
				t.Errorf("%d as %q, %d rows: %s", a.status, b.who(), o.audited("sign-in-refused"), a.body)
			}
		})
	}
}

// TestAnAnswerOfTheProviderCountsOnceInTheBrowserThatAsked.
func TestAnAnswerOfTheProviderCountsOnceInTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	o, i := withOIDC(t)
	b := o.browser()
	state := i.through(b, "/sign-in/oidc")
	stranger := o.browser()
	if a := stranger.get(back(state, "code-1")); a.status != http.StatusForbidden {
		t.Errorf("in another browser: %d", a.status)
	}
	other := o.browser()
	i.through(other, "/sign-in/oidc")
	if a := other.get(back(state, "code-1")); a.status != http.StatusForbidden {
		t.Errorf("in a browser with a sign-in of its own: %d", a.status)
	}
	state = i.through(b, "/sign-in/oidc")
	if a := b.get(back(state, "")); a.status != http.StatusForbidden {
		t.Errorf("without a code: %d", a.status)
	}
	if a := b.get(back(state, "code-1")); a.status != http.StatusForbidden {
		t.Errorf("after a refusal: %d", a.status)
	}
	state = i.through(b, "/sign-in/oidc")
	if a := b.get(back(state, "wrong")); a.status != http.StatusForbidden {
		t.Errorf("with a wrong code: %d", a.status)
	}
	state = i.through(b, "/sign-in/oidc")
	o.wait(5 * time.Minute)
	if a := b.get(back(state, "code-1")); a.status != http.StatusForbidden {
		t.Errorf("too late: %d", a.status)
	}
	state = i.through(b, "/sign-in/oidc")
	if a := b.get(back(state, "code-1")); a.status != http.StatusSeeOther {
		t.Errorf("in order: %d %s", a.status, a.body)
	}
	if a := b.get(back(state, "code-1")); a.status != http.StatusForbidden {
		t.Errorf("twice: %d", a.status)
	}
}

// TestSigningInAgainNeedsAProviderThatAsks: it must say when it asked, and lately.
func TestSigningInAgainNeedsAProviderThatAsks(t *testing.T) {
	t.Parallel()
	o, i := withOIDC(t)
	b := o.browser()
	b.get(back(i.through(b, "/sign-in/oidc"), "code-1"))
	if b.who() != "dr-sample" {
		t.Fatal(b.who())
	}
	if a := b.get("/sign-in/again?next=/c/client-a"); a.status != http.StatusOK || !strings.Contains(a.body, "again=1") {
		t.Fatal(a)
	}
	for name, x := range map[string]struct {
		at    any
		fresh bool
	}{"NotSaid": {nil, false}, "LongAgo": {time.Now().Add(-5 * time.Minute).Unix(), false}, "Now": {time.Now().Unix(), true}} {
		i.mu.Lock()
		i.claims = map[string]any{"auth_time": x.at}
		i.mu.Unlock()
		state := i.through(b, "/sign-in/oidc?next=%2Fc%2Fclient-a&again=1")
		if i.asked.Get("prompt") != "login" || i.asked.Get("max_age") != "0" {
			t.Errorf("asked %v", i.asked)
		}
		a := b.get(back(state, "code-1"))
		if x.fresh && (a.to != "/c/client-a" || b.who() != "dr-sample fresh") || !x.fresh && a.status != http.StatusForbidden {
			t.Errorf("%s: %d to %q as %s", name, a.status, a.to, b.who())
		}
	}
}

// TestWithoutTheProviderTheConsoleStillStarts.
func TestWithoutTheProviderTheConsoleStillStarts(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.Close()
	o := open(t, func(o *signin.Options) {
		o.OIDC = signin.OIDC{Issuer: i.URL, ClientID: "kapflow", ClientSecret: "s3cret"}
	})
	if a := o.browser().get("/sign-in/oidc"); a.status != http.StatusServiceUnavailable {
		t.Errorf("%d", a.status)
	}
	if a := o.browser().get("/sign-in"); a.status != http.StatusOK {
		t.Errorf("%d", a.status)
	}
}
