package signin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
)

// InvitePath is where an invitation's link leads, before its token.
const InvitePath = "/sign-in/invite/"

// InviteLasts is how long an invitation can be used.
const InviteLasts = 24 * time.Hour

const demoPath = "/sign-in/demo/"

// invited gives whom an open invitation is for. Nothing is used up. ok is false if it already answered.
func (s *SignIn) invited(w http.ResponseWriter, r *http.Request, kind person.InviteKind) (who access.Person, ok bool) {
	i, err := s.Store.Invite(r.Context(), kind, r.PathValue("token"), s.Now())
	if err == nil {
		who, err = s.listed(i.Person)
		if err != nil {
			err = person.ErrNoInvite
		}
	}
	if errors.Is(err, person.ErrNoInvite) {
		if err := s.Desk.NoteRefusedSignIn(r.Context(), byInvite, "no such invitation", ""); err != nil {
			s.fail(w, r, err)
			return who, false
		}
		s.say(w, http.StatusNotFound, "This link is closed", "It was used already, or it is too old. Ask the owner of the practice for a new invitation.")
		return who, false
	}
	if err != nil {
		s.fail(w, r, err)
		return who, false
	}
	return who, true
}

// showInvite shows a button. Looking changes nothing, since mail scanners open links too.
func (s *SignIn) showInvite(w http.ResponseWriter, r *http.Request) {
	if who, ok := s.invited(w, r, person.InvitePasskey); ok {
		s.write(w, http.StatusOK, page{Title: "Set up your sign-in", Template: "invite", Data: map[string]string{"Name": s.nameOf(who.ID()), "Path": r.URL.Path}})
	}
}

func (s *SignIn) beginInvited(w http.ResponseWriter, r *http.Request) {
	if who, ok := s.invited(w, r, person.InvitePasskey); ok {
		s.beginRegistration(w, r, who.ID(), forInvite)
	}
}

// finishInvited keeps the new passkey, uses the invitation up, and signs the person in.
func (s *SignIn) finishInvited(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	who, ok := s.invited(w, r, person.InvitePasskey)
	if !ok {
		return
	}
	c, err := s.take(ctx, forInvite)
	if err == nil && c.Person != who.ID() {
		err = errNoCeremony
	}
	var key person.Passkey
	if err == nil {
		key, err = s.readPasskey(r, c)
	}
	if err == nil {
		err = s.Desk.Do(ctx, who, desk.Ask{Action: access.AddPasskey, Subject: desk.Practice, Detail: map[string]string{"how": byInvite}}, func(person.Actor) error {
			return s.Store.AddPasskey(ctx, key, r.PathValue("token"))
		})
	}
	if err == nil {
		err = s.begin(ctx, who, byInvite, s.Now())
	}
	switch {
	case errors.Is(err, errNoCeremony), errors.Is(err, errBadKey), errors.Is(err, person.ErrNoInvite):
		s.Log.InfoContext(ctx, "a new passkey was refused", "reason", err)
		s.refuseJSON(w, r, refusal{how: byInvite, why: "the new passkey was refused", as: who.ID(), words: tryAgain})
	case err != nil:
		s.failJSON(w, r, err)
	default:
		writeJSON(w, http.StatusOK, map[string]string{"next": home})
	}
}

// DemoLink gives a link that signs a sample person in, once, without a passkey. It fails outside of a demo.
func (s *SignIn) DemoLink(ctx context.Context, personID string) (string, error) {
	if !s.demo {
		return "", errors.New("only a demo signs people in without a passkey")
	}
	token, err := s.Store.NewInvite(ctx, person.Invite{Kind: person.InviteDemo, Person: personID, ExpiresAt: s.Now().Add(InviteLasts)})
	return s.URL + demoPath + token, err
}

func (s *SignIn) showDemo(w http.ResponseWriter, r *http.Request) {
	if who, ok := s.invited(w, r, person.InviteDemo); ok {
		s.write(w, http.StatusOK, page{Title: "Sign in to the demo", Template: "demo", Data: map[string]string{"Name": s.nameOf(who.ID()), "Path": r.URL.Path}})
	}
}

func (s *SignIn) useDemo(w http.ResponseWriter, r *http.Request) {
	who, ok := s.invited(w, r, person.InviteDemo)
	if !ok {
		return
	}
	if _, err := s.Store.UseInvite(r.Context(), person.InviteDemo, r.PathValue("token"), s.Now()); err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.begin(r.Context(), who, byDemo, s.Now()); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, home, http.StatusSeeOther)
}
