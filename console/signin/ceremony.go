package signin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
)

// purpose is what a ceremony is for. The second step of one is no second step of another.
type purpose string

const (
	forSignIn purpose = "sign-in"
	forInvite purpose = "invite"
	forDevice purpose = "device"
	forOIDC   purpose = "oidc"
)

// ceremony is what the second step of a sign-in must find again. It stays on the server; the browser's session has its id only.
type ceremony struct {
	For      purpose              `json:"for"`
	Next     string               `json:"next"`
	Person   string               `json:"person,omitempty"` // of a new passkey
	Handle   []byte               `json:"handle,omitempty"` // of that person, for their authenticator
	Passkey  webauthn.SessionData `json:"passkey"`
	Nonce    string               `json:"nonce,omitempty"`
	Verifier string               `json:"verifier,omitempty"` // PKCE
	Again    bool                 `json:"again,omitempty"`    // a sign-in before this one does not count
}

// ceremonyLasts is how long somebody may take between the two steps of a sign-in.
const ceremonyLasts = 5 * time.Minute

// errNoCeremony says that this browser has no such sign-in under way.
var errNoCeremony = errors.New("no sign-in is under way in this browser")

// open keeps a ceremony and binds it to the browser's session. It gives the ceremony's id.
func (s *SignIn) open(ctx context.Context, c ceremony) (id string, err error) {
	body, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	id = rand.Text() + rand.Text() // 260 bits
	now := s.Now()
	if err := s.Store.NewCeremony(ctx, id, body, now, now.Add(ceremonyLasts)); err != nil {
		return "", err
	}
	st := s.state(ctx)
	st.Ceremony = id
	s.put(ctx, st)
	return id, nil
}

// take gives the browser's ceremony, once.
func (s *SignIn) take(ctx context.Context, want purpose) (c ceremony, err error) {
	st := s.state(ctx)
	if st.Ceremony == "" {
		return c, errNoCeremony
	}
	body, found, err := s.Store.TakeCeremony(ctx, st.Ceremony, s.Now())
	if err != nil {
		return c, err
	}
	st.Ceremony = ""
	s.put(ctx, st)
	if !found {
		return c, errNoCeremony
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, err
	}
	if c.For != want {
		return ceremony{}, errNoCeremony
	}
	return c, nil
}

// readJSON reads a post of the console's own script. A form of another site cannot have this type.
func readJSON(r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errNotJSON
	}
	return json.NewDecoder(r.Body).Decode(v)
}

var errNotJSON = errors.New("this address takes application/json")
