package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
)

// Background is the header of requests that a page sends by itself, such as the stream of changes. They read the session and do not
// extend it: a screen that nobody uses signs itself out.
const Background = "Kapflow-Background"

// The names of the session's cookie. The browser itself sees to it that one beginning with __Host- came over https from this host.
const (
	cookieName      = "__Host-kapflow"
	plainCookieName = "kapflow" // on http://localhost
)

// state is what a session holds.
type state struct {
	Person    string           `json:"person,omitempty"` // empty: nobody is signed in
	Epoch     int              `json:"epoch,omitempty"`
	ProvedAt  time.Time        `json:"proved_at"` // when they last proved who they are; zero: not known
	Ends      time.Time        `json:"ends"`      // however busy they are
	Emergency access.Emergency `json:"emergency"`
	Ceremony  string           `json:"ceremony,omitempty"` // id of the sign-in under way in this browser
}

// stateKey is the one value of a session.
const stateKey = "state"

func newSessions(s *SignIn, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Lifetime, m.IdleTimeout = s.Longest, s.Idle
	m.Store = sessionStore{s}
	m.Cookie.Name, m.Cookie.Secure = plainCookieName, secure
	if secure {
		m.Cookie.Name = cookieName
	}
	m.Cookie.HttpOnly, m.Cookie.Path, m.Cookie.SameSite, m.Cookie.Persist = true, "/", http.SameSiteLaxMode, false
	m.Codec = stateCodec{}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
	return m
}

// stateCodec writes a session as the JSON of its state. scs keeps its own end of a session beside it; ours is in the state.
type stateCodec struct{}

// Encode gives the state as JSON.
func (stateCodec) Encode(_ time.Time, values map[string]any) ([]byte, error) {
	st, _ := values[stateKey].(state)
	return json.Marshal(st)
}

// Decode reads the state.
func (stateCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var st state
	err := json.Unmarshal(b, &st)
	return st.Ends, map[string]any{stateKey: st}, err
}

// sessionStore lets scs keep sessions in Postgres.
type sessionStore struct{ s *SignIn }

var _ scs.CtxStore = sessionStore{}

// errNoContext says that scs called a method that it does not call for a store with contexts.
var errNoContext = errors.New("sessions need a context")

// Delete is not used.
func (sessionStore) Delete(string) error { return errNoContext }

// Find is not used.
func (sessionStore) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit is not used.
func (sessionStore) Commit(string, []byte, time.Time) error { return errNoContext }

// DeleteCtx ends a session.
func (x sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return x.s.Store.EndSession(ctx, token)
}

// FindCtx finds a session that is open now.
func (x sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	data, _, found, err := x.s.Store.Session(ctx, token, x.s.Now(), x.s.Idle)
	return data, found, err
}

// CommitCtx saves a session until it has been idle for too long, or its last moment. scs computes the same from the wall clock; here
// it follows the clock of SignIn.
func (x sessionStore) CommitCtx(ctx context.Context, token string, b []byte, _ time.Time) error {
	var st state
	if err := json.Unmarshal(b, &st); err != nil {
		return err
	}
	return x.s.Store.SaveSession(ctx, token, person.SessionRow{Person: st.Person, Epoch: st.Epoch, ExpiresAt: x.s.openUntil(st), Data: b})
}

// openUntil gives when a session ends that is used now and not again.
func (s *SignIn) openUntil(st state) time.Time {
	until := s.Now().Add(s.Idle)
	if st.Ends.Before(until) {
		return st.Ends
	}
	return until
}

// withSession gives the pages of sign-in a session that they may change.
func (s *SignIn) withSession(next http.HandlerFunc) http.Handler {
	return s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		next(w, r)
	}))
}

// mostBody is the largest post of sign-in, in bytes.
const mostBody = 64 << 10

// extendStep is the part of the idle time by which a session's end must move before a page writes it anew: half a minute of fifteen.
const extendStep = 30

// Session gives the session that a request carries. ok is false if nobody is signed in. A request of a person extends the session; one
// with the header Background does not.
func (s *SignIn) Session(r *http.Request) (session access.Session, ok bool, err error) {
	return s.session(r, r.Header.Get(Background) == "")
}

// Peek is Session for requests that never extend it.
func (s *SignIn) Peek(r *http.Request) (session access.Session, ok bool, err error) {
	return s.session(r, false)
}

// Lapsed gives whose session a request carries that ran out by itself in the last day, so that what they typed is kept for them. It
// shows nothing and lets nobody in.
func (s *SignIn) Lapsed(r *http.Request) (session access.Session, ok bool, err error) {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return access.Session{}, false, nil //nolint:nilerr // the browser has no session
	}
	data, found, err := s.Store.LapsedSession(r.Context(), cookie.Value, s.Now())
	if err != nil || !found {
		return access.Session{}, false, err
	}
	var st state
	if err := json.Unmarshal(data, &st); err != nil {
		return access.Session{}, false, err
	}
	return access.Session{ID: st.Person}, st.Person != "", nil
}

func (s *SignIn) session(r *http.Request, extend bool) (session access.Session, ok bool, err error) {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return access.Session{}, false, nil //nolint:nilerr // the browser has no session
	}
	data, until, found, err := s.Store.Session(r.Context(), cookie.Value, s.Now(), s.Idle)
	if err != nil || !found {
		return access.Session{}, false, err
	}
	var st state
	if err := json.Unmarshal(data, &st); err != nil || st.Person == "" {
		return access.Session{}, false, err
	}
	if longer := s.openUntil(st); extend && longer.Sub(until) > s.Idle/extendStep {
		if err := s.Store.TouchSession(r.Context(), cookie.Value, longer); err != nil {
			return access.Session{}, false, err
		}
	}
	return s.said(st), true, nil
}

// said is what a session's state says of its person.
func (s *SignIn) said(st state) access.Session {
	fresh := s.Now().Sub(st.ProvedAt)
	return access.Session{ID: st.Person, Fresh: fresh >= 0 && fresh < s.Fresh, Emergency: st.Emergency}
}

// person gives who is signed in, as the practice file has them now. ok is false if nobody is, or if the practice file lists them no
// more. It is for requests that a page of sign-in serves.
func (s *SignIn) person(r *http.Request) (who access.Person, st state, ok bool, err error) {
	st = s.state(r.Context())
	if st.Person == "" {
		return access.Person{}, st, false, nil
	}
	who, err = access.FromSession(s.Practice(), s.said(st))
	var refused *care.Refusal
	if errors.As(err, &refused) {
		return access.Person{}, st, false, nil
	}
	return who, st, err == nil, err
}

func (s *SignIn) state(ctx context.Context) state {
	st, _ := s.sessions.Get(ctx, stateKey).(state)
	return st
}

// put changes the session. The token stays.
func (s *SignIn) put(ctx context.Context, st state) {
	if st.Ends.IsZero() {
		st.Ends = s.Now().Add(s.Longest)
	}
	s.sessions.Put(ctx, stateKey, st)
}

// begin opens the session of a person who proved who they are. It has a new token, so that a token that somebody planted in the
// browser is worth nothing. provedAt is zero if it is not known when the proof was given.
func (s *SignIn) begin(ctx context.Context, who access.Person, how string, provedAt time.Time) error {
	return s.Desk.SignedIn(ctx, who, how, func() error {
		epoch, err := s.Store.SessionEpoch(ctx, who.ID())
		if err != nil {
			return err
		}
		before := s.state(ctx)
		if err := s.sessions.RenewToken(ctx); err != nil {
			return err
		}
		st := state{Person: who.ID(), Epoch: epoch, ProvedAt: provedAt, Ends: s.Now().Add(s.Longest)}
		if before.Person == st.Person {
			st.Emergency = before.Emergency
		}
		s.put(ctx, st)
		return nil
	})
}

// listed makes the person of an id, freshly proved; a refusal if the practice file does not list them.
func (s *SignIn) listed(id string) (access.Person, error) {
	return access.FromSession(s.Practice(), access.Session{ID: id, Fresh: true})
}
