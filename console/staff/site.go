package staff

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/console/signin"
	"kapflow/desk"
)

// Sessions knows who is signed in.
type Sessions interface {
	// Session gives the session that a request carries. ok is false if nobody is signed in.
	Session(r *http.Request) (s access.Session, ok bool, err error)
}

// Site is the staff console. It is a part of a console of its own, apart from the clients' pages.
type Site struct {
	Desk *desk.Desk

	Sessions Sessions
	Log      *slog.Logger
	// SignIn is the path to which somebody is sent who is not signed in.
	SignIn string
	// Lapsed gives whose session a request carries that ran out by itself, so that a form they sent is kept for them. Nil: nobody's.
	Lapsed func(r *http.Request) (s access.Session, ok bool, err error)
	// Patience is how long a page may take, in which the records or a journey may be away; 0: 25 seconds.
	Patience time.Duration

	// StreamChecks is how often a stream of changes looks whether its session is still open; 0: every 15 seconds.
	StreamChecks time.Duration

	// URL is the console's origin, for the addresses of calendar feeds.
	URL string
	// AddressHeader is the header in which the practice's own proxy writes an address; empty: there is none.
	AddressHeader string

	waiting waiting
	bell    bell
}

//go:embed assets
var assets embed.FS

// Mount adds every page of the table to the console's mux.
func (s *Site) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeFileFS(w, r, assets, "assets/"+r.PathValue("file"))
	})
	mux.Handle(feedPattern, s.feeds())
	for _, route := range routes {
		mux.HandleFunc(route.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, route) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, nowhere) })
}

const mostBody = 256 << 10 // largest form, in bytes

// patience is how long a page may take. The web server cuts off what takes 30 seconds, without a word to the person.
const patience = 25 * time.Second

// serve finds out who asks, and answers with the page of a route.
func (s *Site) serve(w http.ResponseWriter, r *http.Request, route route) {
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	if route.pattern != streamPattern {
		ctx, cancel := context.WithTimeout(r.Context(), cmp.Or(s.Patience, patience))
		defer cancel()
		r = r.WithContext(ctx)
	}
	v, err := s.visitor(w, r, route)
	if err == nil && v == nil {
		return // sent to the sign-in
	}
	if err == nil {
		err = route.page(v)
	}
	if err != nil {
		s.answerFault(w, r, v, err)
	}
}

// visitor is the person who asks, or nil after sending somebody to the sign-in.
func (s *Site) visitor(w http.ResponseWriter, r *http.Request, route route) (*visitor, error) {
	if background[route.pattern] {
		r.Header.Set(signin.Background, "1")
	}
	session, ok, err := s.Sessions.Session(r)
	if err != nil {
		return nil, err
	}
	if !ok && background[route.pattern] {
		w.WriteHeader(http.StatusForbidden)
		return nil, nil
	}
	if !ok {
		return nil, s.sendToSignIn(w, r)
	}
	who, err := access.FromSession(s.Desk.Policy, session)
	if err != nil {
		return nil, err
	}
	return &visitor{site: s, w: w, r: r, route: route, who: who, now: s.Desk.Now()}, nil
}

// signIn is the address of the sign-in that leads back to where somebody was.
func (s *Site) signIn(r *http.Request) string {
	next := r.URL.Path
	if r.URL.RawQuery != "" {
		next += "?" + r.URL.RawQuery
	}
	return s.SignIn + "?next=" + queryEscape(next)
}

// answerFault shows a refusal as a page, with who must act, or says that something failed and keeps what it was for the log.
func (s *Site) answerFault(w http.ResponseWriter, r *http.Request, v *visitor, err error) {
	var refused *care.Refusal
	switch {
	case errors.As(err, &refused) && v != nil:
		s.refuse(v, refused)
	case errors.As(err, &refused):
		http.Error(w, refused.Message, http.StatusForbidden)
	default:
		s.Log.Error("a page of the staff console failed", "route", r.Pattern, "error", err)
		why := notSaved
		if errors.As(err, new(unconfirmed)) {
			why = notConfirmed
		}
		if s.giveBack(w, r, why, err) {
			return
		}
		if v == nil {
			http.Error(w, "Something failed here. Please try again.", http.StatusInternalServerError)
			return
		}
		status, title, words := http.StatusInternalServerError, "Something failed", "This page could not be made. Nothing was changed. Please try again in a minute."
		switch {
		case errors.Is(err, care.ErrDiskFull):
			words = "This page could not be made, because the disk of Kapflow’s records is full. Nothing was changed. Call the person who runs Kapflow for the practice, who must make room on it."
		case errors.Is(r.Context().Err(), context.DeadlineExceeded):
			status, title, words = http.StatusServiceUnavailable, "This took too long", "Kapflow is very busy, and this page was not ready in time. Nothing was changed. Please try again in a minute."
		}
		v.write(status, page{Title: title, Template: "said", Data: said{Words: words}})
	}
}

// refusalStatus is the HTTP status of a refusal.
func refusalStatus(r *care.Refusal) int {
	switch {
	case r.Has(care.CodeUnknownClient), r.Has(care.CodeUnknownFact):
		return http.StatusNotFound
	case r.Has(care.CodeNotYourRole), r.Has(care.CodeSignInAgain):
		return http.StatusForbidden
	default:
		return http.StatusConflict
	}
}

func (s *Site) refuse(v *visitor, refused *care.Refusal) {
	if refused.Has(care.CodeSignInAgain) {
		next, err := v.r.URL.RequestURI(), error(nil)
		if v.r.Method == http.MethodPost {
			next, err = s.keptForLater(v.r, v.who)
		}
		if err != nil {
			s.answerFault(v.w, v.r, v, err)
			return
		}
		http.Redirect(v.w, v.r, s.SignIn+"/again?next="+queryEscape(cmp.Or(next, "/")), http.StatusSeeOther)
		return
	}
	title := "This cannot be done now"
	switch refusalStatus(refused) {
	case http.StatusForbidden:
		title = "This is not open to you"
	case http.StatusNotFound:
		title = "There is no such page"
	}
	words := upperFirst(refused.Message)
	if refused.Has(care.CodeUnknownClient) {
		words = "No client has this code, or the record was erased. Look for the client on the board, or search by name."
	}
	v.write(refusalStatus(refused), page{Title: title, Template: "said", Data: said{Words: words, MustAct: refused.MustAct}})
}
