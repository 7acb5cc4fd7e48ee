package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"kapflow/access"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/console/limits"
	"kapflow/desk"
)

// Store keeps sessions, passkeys, one-time links and the steps of a sign-in. Tokens reach it in the clear, and it stores hashes.
type Store interface {
	SaveSession(ctx context.Context, token string, row person.SessionRow) error
	Session(ctx context.Context, token string, now time.Time, idle time.Duration) (data []byte, until time.Time, found bool, err error)
	// LapsedSession gives the data of a session that ran out by itself, within a day after that. One that somebody ended is not found.
	LapsedSession(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error)
	// TouchSession moves the end of an open session and changes nothing else.
	TouchSession(ctx context.Context, token string, until time.Time) error
	EndSession(ctx context.Context, token string) error
	EndSessions(ctx context.Context, personID string, now time.Time) (ended int, err error)
	SessionEpoch(ctx context.Context, personID string) (int, error)
	OpenSessions(ctx context.Context, personID string, now time.Time) (int, error)

	// NewCeremony keeps data for the second step of a sign-in. TakeCeremony gives it once.
	NewCeremony(ctx context.Context, id string, data []byte, now, until time.Time) error
	TakeCeremony(ctx context.Context, id string, now time.Time) (data []byte, found bool, err error)

	Passkeys(ctx context.Context, personID string) ([]person.Passkey, error)
	Passkey(ctx context.Context, id []byte) (p person.Passkey, found bool, err error)
	// AddPasskey uses up a one-time link, if a token is given; person.ErrNoInvite if the link is not good any more.
	AddPasskey(ctx context.Context, p person.Passkey, token string) error
	// UsePasskey notes a use. It reports false if the passkey was used or blocked since before was read.
	UsePasskey(ctx context.Context, before, after person.Passkey) (fresh bool, err error)
	RemovePasskey(ctx context.Context, personID string, id []byte) (removed bool, err error)

	NewInvite(ctx context.Context, i person.Invite) (token string, err error)
	// Invite and UseInvite fail with person.ErrNoInvite.
	Invite(ctx context.Context, kind person.InviteKind, token string, now time.Time) (person.Invite, error)
	UseInvite(ctx context.Context, kind person.InviteKind, token string, now time.Time) (person.Invite, error)
}

// Desk decides who may do what and writes the audit log.
type Desk interface {
	Do(ctx context.Context, who access.Person, ask desk.Ask, fn func(by person.Actor) error) error
	SignedIn(ctx context.Context, who access.Person, how string, open func() error) error
	NoteRefusedSignIn(ctx context.Context, how, why, as string) error
}

// OIDC is the practice's own identity provider. The zero value is none.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	Redirect     string // empty: /sign-in/oidc/back of the console
}

// Options are what sign-in needs.
type Options struct {
	Store    Store
	Desk     Desk
	Practice func() policy.Policy // the practice file as it is now
	Zone     clock.Zone           // the practice's, for times on pages
	URL      string               // origin of the staff console, such as https://desk.kapflow.example
	Listen   string               // address of its listener
	OIDC     OIDC
	Idle     time.Duration // a session ends after this without a page
	Longest  time.Duration // and at the latest after this
	Fresh    time.Duration // how long after a sign-in grave acts are allowed
	// TellOwner tells an owner at once that somebody took emergency access.
	TellOwner     func(ctx context.Context, owner policy.Member, who person.Actor, at time.Time) error
	AddressHeader string           // in which the practice's own proxy writes a browser's address; empty: there is none
	Now           func() time.Time // of sessions
	DeskNow       func() time.Time // of the desk, which is virtual in a demo; emergency access is held against it
	Log           *slog.Logger
}

// SignIn serves the pages of sign-in and knows who is signed in. It is a part of the staff console.
type SignIn struct {
	Options
	sessions *scs.SessionManager
	keys     *webauthn.WebAuthn
	oidc     *provider // nil: none
	demo     bool      // one-time links sign sample people in
}

// Path is where somebody signs in.
const Path = "/sign-in"

// The defaults of the three times.
const (
	DefaultIdle    = 15 * time.Minute
	DefaultLongest = 12 * time.Hour
	DefaultFresh   = 5 * time.Minute
)

// New makes the sign-in of a practice. It fails if the origin is not one that browsers protect: https, or http on this machine
// alone.
func New(o Options) (*SignIn, error) {
	origin, err := url.Parse(o.URL)
	if err != nil || origin.Host == "" || origin.Path != "" {
		return nil, errors.New("the staff console's address must be scheme and host only, such as https://desk.kapflow.example")
	}
	secure := origin.Scheme == "https"
	if !secure && (origin.Scheme != "http" || !loopback(origin.Hostname()) || !loopbackListener(o.Listen)) {
		return nil, errors.New("the staff console needs an address that begins with https://. Only on this machine, with a listener such as 127.0.0.1:8234, may it be http://localhost")
	}
	o.Idle, o.Longest, o.Fresh = orDefault(o.Idle, DefaultIdle), orDefault(o.Longest, DefaultLongest), orDefault(o.Fresh, DefaultFresh)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &SignIn{Options: o}
	s.sessions = newSessions(s, secure)
	s.keys, err = webauthn.New(&webauthn.Config{RPID: origin.Hostname(), RPDisplayName: o.Practice().Practice.DisplayName, RPOrigins: []string{o.URL},
		AttestationPreference:  protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, fmt.Errorf("set passkeys up: %w", err)
	}
	if o.OIDC.Issuer != "" {
		s.oidc = newProvider(o.OIDC, o.URL)
	}
	return s, nil
}

// ForDemo is New for a demo or a rehearsal, where DemoLink signs sample people in without a passkey. persons_test.go holds who may
// call it.
func ForDemo(o Options) (*SignIn, error) {
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	s.demo = true
	return s, nil
}

func orDefault(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return d
}

// loopback says whether a host is this machine alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func loopbackListener(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	return err == nil && loopback(host)
}

// attempts is how many posts of sign-in one address may send in a minute. Three people behind one address, who each try a few times,
// stay below it.
const attempts = 30

// Mount adds the pages of sign-in to the console's mux. The style sheet /assets/staff.css is another part's.
func (s *SignIn) Mount(mux *http.ServeMux) {
	for _, file := range []string{"passkey.js", "sign-in.css"} {
		mux.HandleFunc("GET /sign-in/"+file, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=3600")
			http.ServeFileFS(w, r, assets, "assets/"+file)
		})
	}
	limited := limits.ByAddress(attempts, s.AddressHeader, func(w http.ResponseWriter, _ *http.Request) {
		s.say(w, http.StatusTooManyRequests, "Too many attempts", "Please wait a minute and try again.")
	})
	for pattern, handle := range s.routes() {
		handler := s.withSession(handle)
		if strings.HasPrefix(pattern, "POST ") || strings.Contains(pattern, "{token}") || strings.Contains(pattern, oidcPath) {
			handler = limited(handler)
		}
		mux.Handle(pattern, handler)
	}
}

// routes are all pages of sign-in.
func (s *SignIn) routes() map[string]http.HandlerFunc {
	routes := map[string]http.HandlerFunc{
		"GET /sign-in":                        s.showSignIn,
		"GET /sign-in/again":                  s.showAgain,
		"POST /sign-in/passkey/begin":         s.beginPasskey,
		"POST /sign-in/passkey/finish":        s.finishPasskey,
		"GET /sign-in/invite/{token}":         s.showInvite,
		"POST /sign-in/invite/{token}/begin":  s.beginInvited,
		"POST /sign-in/invite/{token}/finish": s.finishInvited,
		"POST /sign-out":                      s.signOut,
		"GET /me/sign-in":                     s.showDevices,
		"POST /me/sign-in/begin":              s.beginDevice,
		"POST /me/sign-in/finish":             s.finishDevice,
		"POST /me/sign-in/remove":             s.removeDevice,
		"POST /me/sign-in/end":                s.endOwnSessions,
		"GET /emergency":                      s.showEmergency,
		"POST /emergency":                     s.takeEmergency,
	}
	if s.oidc != nil {
		routes["GET "+oidcPath] = s.beginOIDC
		routes["GET "+oidcBack] = s.finishOIDC
	}
	if s.demo {
		routes["GET /sign-in/demo/{token}"] = s.showDemo
		routes["POST /sign-in/demo/{token}"] = s.useDemo
	}
	return routes
}
