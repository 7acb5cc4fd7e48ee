package staff

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"kapflow/access"
	"kapflow/care"
)

// trouble is why a form that was sent could not be answered.
type trouble string

// The troubles.
const (
	notSaved     trouble = "not saved"     // nothing was recorded
	notConfirmed trouble = "not confirmed" // it may have been recorded
	signedOut    trouble = "signed out"    // and nobody knows who sent it
)

// troublePage gives a form back that could not be answered, with a button that sends it again under the same report id. It is made
// without Postgres and without Temporal.
type troublePage struct {
	Trouble trouble
	Full    bool // the disk of the records is full: pressing again helps when somebody made room
	Action  string
	SignIn  string
	Shown   []typedField // what people read
	Sent    []typedField // what is sent again
}

// typedField is a field with one value.
type typedField struct{ Label, Value string }

// unconfirmed is a failure after which nobody knows whether the fact was recorded.
type unconfirmed struct{ error }

// Unwrap gives the failure.
func (u unconfirmed) Unwrap() error { return u.error }

// giveBack answers a form that could not be answered for some cause. It reports false if nothing was typed that could be given back.
func (s *Site) giveBack(w http.ResponseWriter, r *http.Request, why trouble, cause error) bool {
	if r.Method != http.MethodPost || r.ParseForm() != nil || len(r.PostForm) == 0 {
		return false
	}
	f, ok := formAt(r)
	if !ok {
		return false
	}
	kind, _ := care.KindNamed(f.fact)
	p := troublePage{Trouble: why, Full: errors.Is(cause, care.ErrDiskFull), Action: f.path, SignIn: s.SignIn}
	byPlace := func(a, b string) int { return cmp.Or(rankOf(kind, a)-rankOf(kind, b), strings.Compare(a, b)) }
	for _, name := range slices.SortedFunc(maps.Keys(r.PostForm), byPlace) {
		for _, value := range r.PostForm[name] {
			if name == "_do" && why == signedOut {
				continue // whoever signs in sees what will happen first
			}
			p.Sent = append(p.Sent, typedField{name, value})
			if label := labelOf(kind, name); label != "" && value != "" && why != signedOut {
				p.Shown = append(p.Shown, typedField{label, wordsOf(kind, name, value)})
			}
		}
	}
	if why == signedOut {
		p.Sent = append(p.Sent, typedField{"_do", "preview"})
	}
	status := http.StatusServiceUnavailable
	if why == signedOut {
		status = http.StatusForbidden
	}
	s.writeAlone(w, status, page{Title: titleOf(why), Template: "trouble", Data: p})
	return true
}

// titleOf is the title of the page of a trouble.
func titleOf(why trouble) string {
	if why == notConfirmed {
		return "Not confirmed yet"
	}
	return "Not saved"
}

// rankOf is the place of a field in its form.
func rankOf(kind care.Kind, name string) int {
	whole, _, _ := strings.Cut(name, ".")
	return slices.IndexFunc(kind.Fields(), func(f care.Field) bool { return f.Name == whole })
}

// labelOf is what a form calls one of its fields; empty for what people do not type.
func labelOf(kind care.Kind, name string) string {
	whole, part, _ := strings.Cut(name, ".")
	f, ok := kind.Field(whole)
	if !ok {
		return ""
	}
	part = part[strings.LastIndex(part, ".")+1:]
	for _, item := range f.Items {
		if item.Name == part {
			return cmp.Or(f.Label, whole) + ": " + item.Label
		}
	}
	return f.Label
}

// wordsOf says a value as the form's choice does.
func wordsOf(kind care.Kind, name, value string) string {
	f, _ := kind.Field(name)
	for _, c := range f.Choices {
		if c.Value == value {
			return c.Label
		}
	}
	return value
}

// writeAlone answers with a page of words without the navigation, so that it needs nobody signed in and no database.
func (s *Site) writeAlone(w http.ResponseWriter, status int, p page) {
	s.answer(w, status, frame{page: p, Practice: s.Desk.Policy.Practice.DisplayName})
}

// sendToSignIn sends somebody to the sign-in. A form that they sent is kept for whoever's session ran out, and given back after the
// sign-in; a form of nobody known stays in their browser.
func (s *Site) sendToSignIn(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		http.Redirect(w, r, s.signIn(r), http.StatusSeeOther)
		return nil
	}
	next := "/"
	if _, ok := formAt(r); ok {
		next = r.URL.Path
	}
	session, known, err := access.Session{}, false, error(nil)
	if s.Lapsed != nil {
		session, known, err = s.Lapsed(r)
	}
	if err != nil {
		return err
	}
	if !known {
		if s.giveBack(w, r, signedOut, nil) {
			return nil
		}
		http.Redirect(w, r, s.SignIn+"?next="+queryEscape(next), http.StatusSeeOther)
		return nil
	}
	who, err := access.FromSession(s.Desk.Policy, session)
	if err != nil {
		return err
	}
	kept, err := s.keptForLater(r, who)
	if err != nil {
		return err
	}
	http.Redirect(w, r, s.SignIn+"?next="+queryEscape(cmp.Or(kept, next)), http.StatusSeeOther)
	return nil
}
