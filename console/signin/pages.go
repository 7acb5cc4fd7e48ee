package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/values"
	"kapflow/desk"
)

// signInPage is the data of the page of sign-in.
type signInPage struct {
	Name string // whom to sign in again; empty for a first sign-in
	Next string
	OIDC string // address of a sign-in with the practice's own accounts; empty: there is none
}

// showSignIn shows the page of sign-in. Whoever is signed in goes on at once.
func (s *SignIn) showSignIn(w http.ResponseWriter, r *http.Request) {
	next := local(r.URL.Query().Get("next"))
	_, _, ok, err := s.person(r)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case ok:
		http.Redirect(w, r, next, http.StatusSeeOther)
	default:
		s.write(w, http.StatusOK, page{Title: "Sign in", Template: "sign-in", Data: signInPage{Next: next, OIDC: s.oidcLink(next, "")}})
	}
}

// showAgain asks somebody who is signed in to prove again who they are. It returns them to the page that they came from.
func (s *SignIn) showAgain(w http.ResponseWriter, r *http.Request) {
	next := local(r.URL.Query().Get("next"))
	who, _, ok, err := s.person(r)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case !ok:
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(next), http.StatusSeeOther)
	default:
		s.write(w, http.StatusOK, page{Title: "Sign in again", Template: "sign-in", Data: signInPage{Name: s.nameOf(who.ID()), Next: next, OIDC: s.oidcLink(next, "&again=1")}})
	}
}

func (s *SignIn) oidcLink(next, more string) string {
	if s.oidc == nil {
		return ""
	}
	return oidcPath + "?next=" + url.QueryEscape(next) + more
}

// signedIn gives the person of a request, or answers it by sending them to the sign-in.
func (s *SignIn) signedIn(w http.ResponseWriter, r *http.Request, back string) (who access.Person, st state, ok bool) {
	who, st, ok, err := s.person(r)
	if err != nil {
		s.fail(w, r, err)
		return who, st, false
	}
	if !ok {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(back), http.StatusSeeOther)
	}
	return who, st, ok
}

// answer shows why something was not done, or sends somebody to a fresh sign-in.
func (s *SignIn) answer(w http.ResponseWriter, r *http.Request, back string, err error) {
	var refused *care.Refusal
	switch {
	case errors.As(err, &refused) && refused.Has(care.CodeSignInAgain):
		http.Redirect(w, r, "/sign-in/again?next="+url.QueryEscape(back), http.StatusSeeOther)
	case errors.As(err, &refused):
		s.say(w, http.StatusForbidden, "This is not open to you", refused.Message)
	default:
		s.fail(w, r, err)
	}
}

// signOut ends the session of this browser.
func (s *SignIn) signOut(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	who, _, ok, err := s.person(r)
	if err == nil && ok {
		err = s.Desk.Do(ctx, who, desk.Ask{Action: access.SignOut, Subject: desk.Practice}, func(person.Actor) error { return nil })
	}
	// The session ends even if the audit log cannot be written: an open one would be worse.
	if err := errors.Join(err, s.sessions.Destroy(ctx)); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// devicesPath is the page of one's own passkeys and sessions.
const devicesPath = "/me/sign-in"

// device is one passkey as its owner sees it.
type device struct {
	ID      string
	Label   string
	Made    string
	Used    string // empty: not used yet
	Blocked bool
	Synced  bool // it is on several devices of its owner
}

// showDevices shows somebody their passkeys and how many sessions they have.
func (s *SignIn) showDevices(w http.ResponseWriter, r *http.Request) {
	who, _, ok := s.signedIn(w, r, devicesPath)
	if !ok {
		return
	}
	ctx := r.Context()
	var devices []device
	open := 0
	err := s.Desk.Do(ctx, who, desk.Ask{Action: access.ReadPasskeys, Subject: desk.Practice}, func(person.Actor) error {
		list, err := s.Store.Passkeys(ctx, who.ID())
		if err != nil {
			return err
		}
		for _, p := range list {
			kept, err := readKey(p)
			if err != nil {
				return err
			}
			d := device{ID: base64.RawURLEncoding.EncodeToString(p.ID), Label: kept.Label, Made: s.Zone.Local(p.MadeAt).Format(longDay), Blocked: p.Blocked,
				Synced: kept.Credential.Flags.BackupState}
			if !p.UsedAt.IsZero() {
				d.Used = s.Zone.SayLong(p.UsedAt)
			}
			devices = append(devices, d)
		}
		open, err = s.Store.OpenSessions(ctx, who.ID(), s.Now())
		return err
	})
	if err != nil {
		s.answer(w, r, devicesPath, err)
		return
	}
	s.write(w, http.StatusOK, page{Title: "Your sign-in", Template: "devices", Data: map[string]any{"Devices": devices, "Sessions": open, "Name": s.nameOf(who.ID())}})
}

// beginDevice gives the browser what it needs to add a passkey for somebody who has just signed in.
func (s *SignIn) beginDevice(w http.ResponseWriter, r *http.Request) {
	who, st, ok, err := s.person(r)
	if err != nil || !ok || !s.said(st).Fresh {
		writeJSON(w, http.StatusForbidden, map[string]string{"next": "/sign-in/again?next=" + url.QueryEscape(devicesPath)})
		return
	}
	s.beginRegistration(w, r, who.ID(), forDevice)
}

// finishDevice keeps one more passkey of somebody who is signed in.
func (s *SignIn) finishDevice(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	who, _, ok, err := s.person(r)
	if err == nil && !ok {
		writeJSON(w, http.StatusForbidden, map[string]string{"next": "/sign-in?next=" + url.QueryEscape(devicesPath)})
		return
	}
	var c ceremony
	if err == nil {
		c, err = s.take(ctx, forDevice)
	}
	if err == nil && c.Person != who.ID() {
		err = errNoCeremony
	}
	var key person.Passkey
	if err == nil {
		key, err = s.readPasskey(r, c)
	}
	if err == nil {
		err = s.Desk.Do(ctx, who, desk.Ask{Action: access.AddPasskey, Subject: desk.Practice, Detail: map[string]string{"how": "signed in"}}, func(person.Actor) error {
			return s.Store.AddPasskey(ctx, key, "")
		})
	}
	var refused *care.Refusal
	switch {
	case errors.Is(err, errNoCeremony), errors.Is(err, errBadKey):
		s.Log.InfoContext(ctx, "a new passkey was refused", "reason", err)
		s.refuseJSON(w, r, refusal{how: byPasskey, why: "the new passkey was refused", as: who.ID(), words: tryAgain})
	case errors.As(err, &refused):
		writeJSON(w, http.StatusForbidden, map[string]string{"error": refused.Message})
	case err != nil:
		s.failJSON(w, r, err)
	default:
		writeJSON(w, http.StatusOK, map[string]string{"next": devicesPath})
	}
}

// removeDevice removes one of somebody's own passkeys.
func (s *SignIn) removeDevice(w http.ResponseWriter, r *http.Request) {
	who, _, ok := s.signedIn(w, r, devicesPath)
	if !ok {
		return
	}
	ctx := r.Context()
	err := s.Desk.Do(ctx, who, desk.Ask{Action: access.RemovePasskey, Subject: desk.Practice}, func(person.Actor) error {
		id, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("id"))
		if err != nil {
			return care.Refuse("passkey", care.CodeInvalid, "there is no such passkey", "")
		}
		removed, err := s.Store.RemovePasskey(ctx, who.ID(), id)
		if err == nil && !removed {
			return care.Refuse("passkey", care.CodeInvalid, "there is no such passkey", "")
		}
		return err
	})
	if err != nil {
		s.answer(w, r, devicesPath, err)
		return
	}
	http.Redirect(w, r, devicesPath, http.StatusSeeOther)
}

// endOwnSessions ends all sessions of somebody, this one too.
func (s *SignIn) endOwnSessions(w http.ResponseWriter, r *http.Request) {
	who, _, ok := s.signedIn(w, r, devicesPath)
	if !ok {
		return
	}
	ctx := r.Context()
	err := s.Desk.Do(ctx, who, desk.Ask{Action: access.EndOwn, Subject: desk.Practice}, func(person.Actor) error {
		_, err := s.Store.EndSessions(ctx, who.ID(), s.Now())
		return errors.Join(err, s.sessions.Destroy(ctx))
	})
	if err != nil {
		s.answer(w, r, devicesPath, err)
		return
	}
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// emergencyPath is the page of emergency access.
const emergencyPath = "/emergency"

func (s *SignIn) showEmergency(w http.ResponseWriter, r *http.Request) {
	if who, st, ok := s.signedIn(w, r, emergencyPath); ok {
		s.write(w, http.StatusOK, page{Title: "Emergency access", Template: "emergency", Data: s.emergencyPage(who, st, "", "")})
	}
}

func (s *SignIn) emergencyPage(who access.Person, st state, reason, fault string) map[string]any {
	_, open := who.Emergency(s.DeskNow())
	return map[string]any{"Open": open, "Until": s.Zone.SayLong(st.Emergency.Since.Add(access.EmergencyLasts)), "Reason": reason, "Fault": fault}
}

const mostReason = 500 // characters in the reason of emergency access

// takeEmergency opens emergency access for an hour, and tells the owners before it does.
func (s *SignIn) takeEmergency(w http.ResponseWriter, r *http.Request) {
	who, st, ok := s.signedIn(w, r, emergencyPath)
	if !ok {
		return
	}
	ctx := r.Context()
	reason := strings.TrimSpace(values.Clean(r.PostFormValue("reason")))
	if reason == "" || len([]rune(reason)) > mostReason {
		s.write(w, http.StatusUnprocessableEntity, page{Title: "Emergency access", Template: "emergency",
			Data: s.emergencyPage(who, st, reason, "Write why you need it, in at most 500 characters.")})
		return
	}
	err := s.Desk.Do(ctx, who, desk.Ask{Action: access.UseEmergency, Subject: desk.Practice, Detail: map[string]string{"reason": reason}}, func(by person.Actor) error {
		now := s.DeskNow()
		for _, owner := range s.Practice().Holding(person.Owner) {
			if err := s.TellOwner(ctx, owner, by, now); err != nil {
				return err
			}
		}
		if err := s.sessions.RenewToken(ctx); err != nil {
			return err
		}
		st.Emergency = access.Emergency{Reason: reason, Since: now}
		s.put(ctx, st)
		return nil
	})
	if err != nil {
		s.answer(w, r, emergencyPath, err)
		return
	}
	http.Redirect(w, r, emergencyPath, http.StatusSeeOther)
}

// MayDecode says whether the person of a session may read what Temporal holds. A denial is written down.
func (s *SignIn) MayDecode(ctx context.Context, session access.Session) error {
	who, err := access.FromSession(s.Practice(), session)
	if err != nil {
		return err
	}
	if _, refusal := access.RuleOf(access.Decode).Check(who, access.Decode, s.DeskNow()); refusal != nil {
		return s.Decode(ctx, session, 0, nil)
	}
	return nil
}

// Decode writes down that the person of a session reads what Temporal holds of some workflows; a journey's workflow is its client.
// The error is a *care.Refusal if they may not.
func (s *SignIn) Decode(ctx context.Context, session access.Session, payloads int, workflows []string) error {
	who, err := access.FromSession(s.Practice(), session)
	if err != nil {
		return err
	}
	ask := desk.Ask{Action: access.Decode, Subject: desk.Practice, Detail: map[string]string{"payloads": strconv.Itoa(payloads), "workflows": strings.Join(workflows, " ")}}
	return s.Desk.Do(ctx, who, ask, func(person.Actor) error { return nil })
}
