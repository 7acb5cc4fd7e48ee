package staff

import (
	"embed"
	"errors"
	"log/slog"
	"net/http"

	"kapflow/access"
	"kapflow/care"
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

	waiting waiting
}

//go:embed assets
var assets embed.FS

// Mount adds every page of the table to the console's mux.
func (s *Site) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeFileFS(w, r, assets, "assets/"+r.PathValue("file"))
	})
	for _, route := range routes {
		mux.HandleFunc(route.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, route) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, nowhere) })
}

const mostBody = 256 << 10 // largest form, in bytes

// serve finds out who asks, and answers with the page of a route.
func (s *Site) serve(w http.ResponseWriter, r *http.Request, route route) {
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
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
	session, ok, err := s.Sessions.Session(r)
	if err != nil {
		return nil, err
	}
	if !ok {
		http.Redirect(w, r, s.signIn(r), http.StatusSeeOther)
		return nil, nil
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
	if r.Method == http.MethodGet && r.URL.RawQuery != "" {
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
		if v == nil {
			http.Error(w, "Something failed here. Please try again.", http.StatusInternalServerError)
			return
		}
		v.write(http.StatusInternalServerError, page{Title: "Something failed", Template: "said", Data: said{
			Words: "This page could not be made. Nothing was changed. Please try again in a minute."}})
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
		http.Redirect(v.w, v.r, s.SignIn+"/again?next="+queryEscape(v.r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	title := "This cannot be done now"
	switch refusalStatus(refused) {
	case http.StatusForbidden:
		title = "This is not open to you"
	case http.StatusNotFound:
		title = "There is no such page"
	}
	v.write(refusalStatus(refused), page{Title: title, Template: "said", Data: said{Words: refused.Message, MustAct: refused.MustAct}})
}
