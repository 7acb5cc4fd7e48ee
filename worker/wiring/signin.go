package wiring

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"kapflow/access"
	"kapflow/activities"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/config"
	"kapflow/console"
	"kapflow/console/signin"
	"kapflow/console/staff"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/messaging"
)

// SignInOptions are what sign-in to the staff console needs of an app.
func (a *App) SignInOptions(s config.Settings) signin.Options {
	return signin.Options{
		Store: a.Store, Desk: a.Desk, Practice: func() policy.Policy { return a.Practice.Policy }, Zone: a.Practice.Zone, URL: s.ConsoleURL, Listen: s.ConsoleListen,
		OIDC: signin.OIDC{Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: s.OIDCClientSecret.Reveal(), Redirect: s.OIDCRedirect},
		Idle: s.SessionIdle, Longest: s.SessionLongest, Fresh: s.SessionFresh,
		TellOwner: a.tellOfEmergency, AddressHeader: s.AddressHeader, Now: time.Now, DeskNow: a.Desk.Now, Log: a.Log,
	}
}

// spare has the process collect garbage after 64 MB of it instead of after a few pages. Go collects when the heap has doubled, and pages
// keep little and throw much away. It is kept for good, and nobody writes to it, so it takes addresses and no memory.
var spare = sync.OnceValue(func() []byte { return make([]byte, 64<<20) })

// StaffConsole serves the staff console: sign-in and the pages. Payload decoding for the Temporal UI is there too, behind the same
// session. end ends the pages' streams of changes, for which a web server would wait when it stops.
func (a *App) StaffConsole(s *signin.SignIn, codec *engine.Codec, uiOrigin string) (handler http.Handler, end func()) {
	spare()
	mux := http.NewServeMux()
	site := &staff.Site{Desk: a.Desk, Sessions: s, Log: a.Log, SignIn: signin.Path, Lapsed: s.Lapsed, URL: s.URL, AddressHeader: s.AddressHeader}
	mux.Handle("/", console.Handler(s, site))
	mux.Handle("/codec/", http.StripPrefix("/codec", a.decodeFor(s, codec, uiOrigin)))
	return mux, site.EndStreams
}

// decoderKey carries who asks for decoding from the check of the session to the audit log.
type decoderKey struct{}

// decodeFor decodes payloads for whoever is signed in. It never extends their session: the Temporal UI asks by itself.
func (a *App) decodeFor(s *signin.SignIn, codec *engine.Codec, uiOrigin string) http.Handler {
	authorize := func(r *http.Request) error {
		session, ok := r.Context().Value(decoderKey{}).(access.Session)
		if !ok {
			return engine.ErrUnauthorized
		}
		return s.MayDecode(r.Context(), session)
	}
	audit := func(ctx context.Context, n int, of []string) error {
		session, _ := ctx.Value(decoderKey{}).(access.Session)
		return s.Decode(ctx, session, n, of)
	}
	handler := engine.DecodeHandler(codec, func() string { return uiOrigin }, authorize, audit)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, ok, err := s.Peek(r)
		if err != nil {
			http.Error(w, "decoding is not possible now", http.StatusServiceUnavailable)
			return
		}
		if ok {
			r = r.WithContext(context.WithValue(r.Context(), decoderKey{}, session))
		}
		handler.ServeHTTP(w, r)
	})
}

// tellOfEmergency mails an owner that somebody took emergency access. If the mail does not leave, the coordinator's list says so.
func (a *App) tellOfEmergency(ctx context.Context, owner policy.Member, who person.Actor, at time.Time) error {
	text := fmt.Sprintf("%s (%s) opened emergency access to records just now. It lasts one hour. If you did not expect this, call them.\n\nTo see why: starter audit %s\n\n%s",
		who.ID, who.Role, desk.Practice, a.Practice.Policy.Practice.DisplayName)
	receipt, err := activities.SendNow(ctx, sender{a.Providers, messaging.NewMailbox(a.Store), a.pace}, activities.OutboundMessage{Key: message.EmergencyKey(who.ID, owner.ID, at),
		Channel: person.Email, To: owner.Email, Subject: "Emergency access was opened", Text: text, Template: message.TemplateEmergency})
	if err == nil && receipt.State != message.StatePlanned && receipt.State != message.StateRejected {
		return nil
	}
	a.Log.ErrorContext(ctx, "the owner could not be told of emergency access; it is on the coordinator's list", "error", err, "fault", receipt.Fault)
	return a.Store.NoteEmergency(ctx, message.WorklistItem{Kind: message.WorklistEmergency, About: message.EmergencyKey(who.ID, owner.ID, at), Since: at,
		Words: fmt.Sprintf("%s opened emergency access, and the mail to the owner %s could not be sent. Please tell them now.", who.ID, owner.ID)})
}
