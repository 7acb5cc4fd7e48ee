package signin

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
)

// How somebody signed in or tried to, as the audit log has it.
const (
	byPasskey = "passkey"
	byInvite  = "invitation"
	byOIDC    = "identity provider"
	byDemo    = "demo link"
)

// What people read who could not sign in. It does not say why in detail: the audit log does.
const (
	tryAgain  = "That did not work. Please try again."
	notListed = "The practice does not list you as one of its staff. Ask the owner of the practice to add you."
)

//go:embed assets
var assets embed.FS

//go:embed templates/*.html
var templateFiles embed.FS

var templates = template.Must(template.New("").ParseFS(templateFiles, "templates/*.html"))

// page is a template of templates/ with its data.
type page struct {
	Title    string
	Template string // file name without .html
	Data     any
}

// frame is what stands around every page.
type frame struct {
	Title    string
	Practice string
	Content  template.HTML
}

func (s *SignIn) write(w http.ResponseWriter, status int, p page) {
	var content, whole bytes.Buffer
	err := templates.ExecuteTemplate(&content, p.Template+".html", p.Data)
	if err == nil {
		err = templates.ExecuteTemplate(&whole, "frame.html", frame{p.Title, s.Practice().Practice.DisplayName, template.HTML(content.String())}) //nolint:gosec // made by a template just now
	}
	if err != nil {
		s.Log.Error("a page of sign-in could not be written", "page", p.Template, "error", err)
		http.Error(w, "Something failed here. Please try again.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = whole.WriteTo(w) // a write error means that the browser is gone
}

// say answers with words only.
func (s *SignIn) say(w http.ResponseWriter, status int, title, words string) {
	s.write(w, status, page{Title: title, Template: "said", Data: words})
}

// fail answers an error that is nobody's refusal. The browser is not told the reason.
func (s *SignIn) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "sign-in failed", "route", r.Pattern, "error", err)
	s.say(w, http.StatusServiceUnavailable, "Please try again later", "That is not possible right now. Please try again in a minute.")
}

func (s *SignIn) failJSON(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "sign-in failed", "route", r.Pattern, "error", err)
	writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "That is not possible right now. Please try again in a minute."})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "Something failed here. Please try again.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// refusal is why somebody could not sign in: for the audit log, and in the words that they read.
type refusal struct {
	how, why string
	as       string // whom they said they were; empty: not known
	words    string
}

// refuseJSON writes a refusal down and answers the page's script.
func (s *SignIn) refuseJSON(w http.ResponseWriter, r *http.Request, no refusal) {
	if err := s.Desk.NoteRefusedSignIn(r.Context(), no.how, no.why, no.as); err != nil {
		s.failJSON(w, r, err)
		return
	}
	writeJSON(w, http.StatusForbidden, map[string]string{"error": no.words})
}

// refusePage writes a refusal down and answers with a page.
func (s *SignIn) refusePage(w http.ResponseWriter, r *http.Request, no refusal) {
	if err := s.Desk.NoteRefusedSignIn(r.Context(), no.how, no.why, no.as); err != nil {
		s.fail(w, r, err)
		return
	}
	s.say(w, http.StatusForbidden, "You are not signed in", no.words)
}

// nameOf gives a person's name in the practice file, or else the id.
func (s *SignIn) nameOf(id string) string {
	if m, ok := s.Practice().Member(id); ok && m.Name != "" {
		return m.Name
	}
	return id
}
