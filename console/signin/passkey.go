package signin

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"kapflow/care/person"
	"kapflow/care/values"
)

// keptKey is what is stored of a passkey besides its use.
type keptKey struct {
	Handle     []byte              `json:"handle"` // by which an authenticator knows the person; it says nothing about them
	Label      string              `json:"label"`
	Credential webauthn.Credential `json:"credential"`
}

// user is a person as the library of passkeys wants them.
type user struct {
	handle []byte
	id     string
	name   string
	keys   []webauthn.Credential
}

// WebAuthnID is the person's handle.
func (u user) WebAuthnID() []byte { return u.handle }

// WebAuthnName is what an authenticator shows.
func (u user) WebAuthnName() string { return u.id }

// WebAuthnDisplayName is the person's name.
func (u user) WebAuthnDisplayName() string { return u.name }

// WebAuthnCredentials are the person's passkeys.
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }

// userOf reads somebody's passkeys. Their handle is the one that their first passkey has, or a new one.
func (s *SignIn) userOf(ctx context.Context, id string) (user, error) {
	u := user{id: id, name: s.nameOf(id)}
	list, err := s.Store.Passkeys(ctx, id)
	if err != nil {
		return u, err
	}
	for _, p := range list {
		kept, err := readKey(p)
		if err != nil {
			return u, err
		}
		u.handle = kept.Handle
		u.keys = append(u.keys, kept.Credential)
	}
	if u.handle == nil {
		u.handle = make([]byte, 32)
		_, _ = rand.Read(u.handle) // never fails
	}
	return u, nil
}

func readKey(p person.Passkey) (k keptKey, err error) {
	err = json.Unmarshal(p.Data, &k)
	return k, err
}

// beginPasskey gives the browser what it needs to ask for a passkey. Whose it is comes from the authenticator.
func (s *SignIn) beginPasskey(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Next string }
	if err := readJSON(r, &asked); err != nil {
		s.refuseJSON(w, r, refusal{how: byPasskey, why: "the request could not be read", words: tryAgain})
		return
	}
	options, session, err := s.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err == nil {
		_, err = s.open(r.Context(), ceremony{For: forSignIn, Next: local(asked.Next), Passkey: *session})
	}
	if err != nil {
		s.failJSON(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, options.Response)
}

// finishPasskey signs in whoever's passkey answered.
func (s *SignIn) finishPasskey(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	c, err := s.take(ctx, forSignIn)
	if errors.Is(err, errNoCeremony) {
		s.refuseJSON(w, r, refusal{how: byPasskey, why: "no sign-in under way, or an answer sent twice", words: tryAgain})
		return
	}
	if err != nil {
		s.failJSON(w, r, err)
		return
	}
	key, no, err := s.checkPasskey(r, c)
	if err != nil {
		s.failJSON(w, r, err)
		return
	}
	if no != nil {
		s.refuseJSON(w, r, *no)
		return
	}
	who, err := s.listed(key.Person)
	if err != nil {
		s.refuseJSON(w, r, refusal{how: byPasskey, why: "not in the practice file", as: key.Person, words: notListed})
		return
	}
	before := s.state(ctx).Person
	if err := s.begin(ctx, who, byPasskey, s.Now()); err != nil {
		s.failJSON(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"next": after(before, who.ID(), c.Next)})
}

// after gives where a sign-in leads. The page of one person is not opened for another.
func after(before, now, next string) string {
	if before != "" && before != now {
		return home
	}
	return next
}

// checkPasskey checks an authenticator's answer and notes the use of the passkey. The refusal is for somebody who may not sign in.
func (s *SignIn) checkPasskey(r *http.Request, c ceremony) (key person.Passkey, no *refusal, err error) {
	ctx := r.Context()
	if r.Header.Get("Content-Type") != "application/json" {
		return key, &refusal{how: byPasskey, why: errNotJSON.Error(), words: tryAgain}, nil
	}
	answer, err := protocol.ParseCredentialRequestResponseBody(r.Body)
	if err != nil {
		return key, &refusal{how: byPasskey, why: "the answer could not be read", words: tryAgain}, nil
	}
	key, found, err := s.Store.Passkey(ctx, answer.RawID)
	if err != nil {
		return key, nil, err
	}
	if !found {
		return key, &refusal{how: byPasskey, why: "unknown passkey", words: "This passkey is not known here. Use another one, or ask the owner of the practice for an invitation."}, nil
	}
	copied := &refusal{how: byPasskey, why: "the passkey may have been copied", as: key.Person,
		words: "This passkey may have been copied, so it is blocked. Ask the owner of the practice for a new invitation."}
	if key.Blocked {
		return key, copied, nil
	}
	u, err := s.userOf(ctx, key.Person)
	if err != nil {
		return key, nil, err
	}
	_, used, err := s.keys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if !bytes.Equal(handle, u.handle) {
			return nil, errors.New("another person's passkey")
		}
		return u, nil
	}, c.Passkey, answer)
	if err != nil {
		s.Log.InfoContext(ctx, "a passkey was refused", "reason", err)
		return key, &refusal{how: byPasskey, why: "the answer does not fit", as: key.Person, words: tryAgain}, nil
	}
	fresh, err := s.noteUse(ctx, key, used)
	if err != nil {
		return key, nil, err
	}
	if used.Authenticator.CloneWarning {
		return key, copied, nil
	}
	if !fresh {
		return key, &refusal{how: byPasskey, why: "the passkey was used or blocked at the same moment", as: key.Person, words: tryAgain}, nil
	}
	return key, nil, nil
}

// noteUse keeps the count, the flags and the time of a use. A passkey whose count did not grow is blocked.
func (s *SignIn) noteUse(ctx context.Context, key person.Passkey, used *webauthn.Credential) (fresh bool, err error) {
	kept, err := readKey(key)
	if err != nil {
		return false, err
	}
	kept.Credential = *used
	now := key
	now.Count, now.Blocked, now.UsedAt = used.Authenticator.SignCount, used.Authenticator.CloneWarning, s.Now().UTC()
	if now.Data, err = json.Marshal(kept); err != nil {
		return false, err
	}
	return s.Store.UsePasskey(ctx, key, now)
}

// beginRegistration gives the browser what it needs to make a passkey for somebody.
func (s *SignIn) beginRegistration(w http.ResponseWriter, r *http.Request, id string, why purpose) {
	u, err := s.userOf(r.Context(), id)
	if err != nil {
		s.failJSON(w, r, err)
		return
	}
	var known []protocol.CredentialDescriptor
	for _, k := range u.keys {
		known = append(known, k.Descriptor())
	}
	options, session, err := s.keys.BeginRegistration(u, webauthn.WithExclusions(known))
	if err == nil {
		_, err = s.open(r.Context(), ceremony{For: why, Person: id, Handle: u.handle, Passkey: *session})
	}
	if err != nil {
		s.failJSON(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, options.Response)
}

// newPasskey is what the browser sends of a new passkey.
type newPasskey struct {
	Label      string          `json:"label"`
	Credential json.RawMessage `json:"credential"`
}

// errBadKey says that an authenticator's answer cannot be used for a new passkey.
var errBadKey = errors.New("the new passkey could not be checked")

// readPasskey checks a new passkey against the ceremony in which it was asked for.
func (s *SignIn) readPasskey(r *http.Request, c ceremony) (p person.Passkey, err error) {
	var sent newPasskey
	if err := readJSON(r, &sent); err != nil {
		return p, errors.Join(errBadKey, err)
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(sent.Credential)
	if err != nil {
		return p, errors.Join(errBadKey, err)
	}
	made, err := s.keys.CreateCredential(user{handle: c.Handle, id: c.Person, name: s.nameOf(c.Person)}, c.Passkey, answer)
	if err != nil {
		return p, errors.Join(errBadKey, err)
	}
	now := s.Now().UTC()
	label, err := values.Line(sent.Label, mostLabel)
	if err != nil || label == "" {
		label = "Passkey of " + s.Zone.Local(now).Format(longDay)
	}
	data, err := json.Marshal(keptKey{Handle: c.Handle, Label: label, Credential: *made})
	return person.Passkey{ID: made.ID, Person: c.Person, Count: made.Authenticator.SignCount, MadeAt: now, Data: data}, err
}

const (
	mostLabel = 60 // characters in the label of a passkey
	longDay   = "January 2, 2006"
)
