package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kapflow/care/policy"
)

// The addresses of a sign-in through the practice's own identity provider.
const (
	oidcPath = "/sign-in/oidc"
	oidcBack = oidcPath + "/back"
)

// provider is the practice's own identity provider.
type provider struct {
	set    OIDC
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider // nil until it answered once
}

func newProvider(set OIDC, origin string) *provider {
	if set.Redirect == "" {
		set.Redirect = origin + oidcBack
	}
	return &provider{set: set, client: &http.Client{Timeout: 10 * time.Second}}
}

// discover asks the provider for its addresses, the first time. Kapflow starts while the provider is away, and signs in when it is back.
func (p *provider) discover() (*oidc.Provider, oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		// Its keys are fetched later with this context, so it is no request's.
		found, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.set.Issuer)
		if err != nil {
			return nil, oauth2.Config{}, err
		}
		p.found = found
	}
	return p.found, oauth2.Config{ClientID: p.set.ClientID, ClientSecret: p.set.ClientSecret, Endpoint: p.found.Endpoint(), RedirectURL: p.set.Redirect,
		Scopes: []string{oidc.ScopeOpenID, "email"}}, nil
}

// beginOIDC sends the browser to the identity provider. It is a link and no form, because the page's policy lets forms lead nowhere else.
func (s *SignIn) beginOIDC(w http.ResponseWriter, r *http.Request) {
	_, config, err := s.oidc.discover()
	if err != nil {
		s.Log.ErrorContext(r.Context(), "the identity provider does not answer", "error", err)
		s.say(w, http.StatusServiceUnavailable, "Sign-in is not possible now", "The practice's account service does not answer. Please try again in a minute.")
		return
	}
	c := ceremony{For: forOIDC, Next: local(r.URL.Query().Get("next")), Again: r.URL.Query().Has("again"), Nonce: rand.Text() + rand.Text(), Verifier: oauth2.GenerateVerifier()}
	id, err := s.open(r.Context(), c)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(c.Nonce), oauth2.S256ChallengeOption(c.Verifier)}
	if c.Again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	http.Redirect(w, r, config.AuthCodeURL(id, options...), http.StatusSeeOther)
}

// identity is what the provider says of somebody.
type identity struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some providers write a text
	AuthTime int64  `json:"auth_time"`      // seconds since 1970; 0: not said
}

func (i identity) verified() bool { return i.Verified == true || i.Verified == "true" }

// errIdentity says that what the provider sent cannot be trusted.
var errIdentity = errors.New("the identity provider's answer cannot be trusted")

// finishOIDC takes the browser back from the identity provider.
func (s *SignIn) finishOIDC(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	given := r.URL.Query()
	under := s.state(ctx).Ceremony
	c, err := s.take(ctx, forOIDC)
	if err == nil && subtle.ConstantTimeCompare([]byte(under), []byte(given.Get("state"))) != 1 {
		err = errNoCeremony
	}
	if errors.Is(err, errNoCeremony) {
		s.refusePage(w, r, refusal{how: byOIDC, why: "no sign-in under way, or an answer sent twice", words: tryAgain})
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if given.Get("code") == "" {
		s.refusePage(w, r, refusal{how: byOIDC, why: "the identity provider refused", words: "The practice's account service did not sign you in. Please try again."})
		return
	}
	who, err := s.identify(ctx, given.Get("code"), c)
	if err != nil {
		s.Log.WarnContext(ctx, "an answer of the identity provider was refused", "error", err)
		s.refusePage(w, r, refusal{how: byOIDC, why: "the answer cannot be trusted", words: tryAgain})
		return
	}
	s.enter(w, r, c, who)
}

// identify trades the code for who signed in.
func (s *SignIn) identify(ctx context.Context, code string, c ceremony) (who identity, err error) {
	found, config, err := s.oidc.discover()
	if err != nil {
		return who, err
	}
	token, err := config.Exchange(oidc.ClientContext(ctx, s.oidc.client), code, oauth2.VerifierOption(c.Verifier))
	if err != nil {
		return who, errors.Join(errIdentity, err)
	}
	raw, _ := token.Extra("id_token").(string)
	proof, err := found.Verifier(&oidc.Config{ClientID: s.oidc.set.ClientID}).Verify(ctx, raw)
	if err != nil {
		return who, errors.Join(errIdentity, err)
	}
	if subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(c.Nonce)) != 1 {
		return who, errors.Join(errIdentity, errors.New("another sign-in's answer"))
	}
	return who, proof.Claims(&who)
}

// enter signs in the one person of the practice who has a verified email address.
func (s *SignIn) enter(w http.ResponseWriter, r *http.Request, c ceremony, i identity) {
	if !i.verified() {
		s.refusePage(w, r, refusal{how: byOIDC, why: "the email address is not verified", words: "Your account has no verified email address. Ask the owner of the practice to have it verified."})
		return
	}
	member, ok := memberBy(s.Practice(), i.Email)
	if !ok {
		s.refusePage(w, r, refusal{how: byOIDC, why: "no single person has the email address", words: notListed})
		return
	}
	proved := time.Time{}
	if i.AuthTime > 0 {
		proved = time.Unix(i.AuthTime, 0)
	}
	if c.Again && (proved.IsZero() || s.Now().Sub(proved) >= s.Fresh) {
		s.refusePage(w, r, refusal{how: byOIDC, why: "no fresh sign-in", as: member.ID, words: "The practice's account service did not ask you to sign in again, so this is not possible with it. Use a passkey."})
		return
	}
	who, err := s.listed(member.ID)
	if err != nil {
		s.refusePage(w, r, refusal{how: byOIDC, why: "not in the practice file", as: member.ID, words: notListed})
		return
	}
	before := s.state(r.Context()).Person
	if err := s.begin(r.Context(), who, byOIDC, proved); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, after(before, who.ID(), c.Next), http.StatusSeeOther)
}

// memberBy finds the only person of the practice who has an email address. Two people with one address are nobody.
func memberBy(p policy.Policy, email string) (m policy.Member, ok bool) {
	found := 0
	for _, one := range p.Everybody() {
		if email != "" && strings.EqualFold(one.Email, email) {
			m, found = one, found+1
		}
	}
	return m, found == 1
}
