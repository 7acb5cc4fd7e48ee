package staff

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/form"
	"kapflow/care/person"
	"kapflow/desk"
)

// formPlace says which form stands at an address: the fact, and the client whom it is about, or the practice.
type formPlace struct {
	about, fact, path string
}

// formAt gives the form that stands at a request's address. ok is false for every other page.
func formAt(r *http.Request) (f formPlace, ok bool) {
	f = formPlace{about: r.PathValue("client"), fact: r.PathValue("fact"), path: r.URL.Path}
	switch {
	case r.URL.Path == enrollPath:
		f.about, f.fact = desk.Practice, enrollKind.Name
	case f.about == "":
		f.about = desk.Practice
	}
	return f, f.fact != ""
}

// formOf gives the place of the form of a fact.
func formOf(about, fact string) formPlace {
	switch {
	case fact == enrollKind.Name:
		return formPlace{desk.Practice, fact, enrollPath}
	case about == desk.Practice:
		return formPlace{about, fact, "/practice/record/" + fact}
	}
	return formPlace{about, fact, formPath(about, fact)}
}

const enrollPath = "/enroll"

// How a form is opened with what was typed before, as the address says it.
const (
	draftGoOn = "continue" // as it was left
	draftSent = "sent"     // with what would happen: it was sent, and could not be recorded
)

// besideFields are what a form holds besides the fields of its fact.
var besideFields = []string{"_once", "_seen", "_back", "_reference", "_consent_sms", "_consent_email"}

// ownFields gives what a form may keep of what was sent: its own fields and nothing else.
func ownFields(kind care.Kind, by person.Role, typed form.Values) form.Values {
	own := form.Values{}
	fields := kind.FieldsFor(by)
	for name, values := range typed {
		whole, _, _ := strings.Cut(strings.TrimPrefix(name, "_rows."), ".")
		if slices.Contains(besideFields, name) || slices.ContainsFunc(fields, func(f care.Field) bool { return f.Name == whole }) {
			own[name] = values
		}
	}
	return own
}

// keepDraft keeps what somebody typed into a form.
func (s *Site) keepDraft(r *http.Request, who access.Person, f formPlace, typed form.Values) error {
	kind, ok := care.KindNamed(f.fact)
	if !ok {
		return care.UnknownFact(f.fact)
	}
	by, _ := who.ActsAs(kind.By)
	return s.Desk.KeepDraft(r.Context(), who, f.about, f.fact, ownFields(kind, by.Role, typed))
}

// draftPosted keeps a draft, as the page's script sends it every few seconds, or throws one away. It does not extend the session.
func draftPosted(v *visitor) error {
	typed, err := v.posted()
	if err != nil {
		return err
	}
	f := formOf(first(typed["_about"]), first(typed["_form"]))
	if first(typed["_do"]) == "discard" {
		if err := v.site.Desk.EndDraft(v.r.Context(), v.who, f.about, f.fact); err != nil {
			return err
		}
		return v.seeOther(f.path)
	}
	if err := v.site.keepDraft(v.r, v.who, f, typed); err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// draftNote is what a form says of what was typed before.
type draftNote struct {
	About, Form string
	Begun       time.Time // offered: it was begun then
	Zone        clock.Zone
	Now         time.Time
	Back        bool // it is filled in: somebody signed in again after sending it
}

// typedBefore gives what fills a form that is opened: what the address says, or what was typed before if the address asks for it. A
// draft that is not asked for is offered by the note.
func (v *visitor) typedBefore() (typed form.Values, note *draftNote, err error) {
	asked := form.Values(v.r.URL.Query())
	f, _ := formAt(v.r)
	draft, found, err := v.site.Desk.OwnDraft(v.r.Context(), v.who, f.about, f.fact)
	if err != nil || !found {
		delete(asked, "_draft")
		return asked, nil, err
	}
	note = &draftNote{About: f.about, Form: f.fact, Zone: v.site.Desk.Zone, Now: v.now}
	switch first(asked["_draft"]) {
	case draftGoOn:
		return draft.Typed, nil, nil
	case draftSent:
		note.Back = true
		return draft.Typed, note, nil
	}
	note.Begun = draft.BegunAt
	return asked, note, nil
}

// recorded ends the draft of a form that was recorded. A draft that stays is not offered again: its report is known.
func (v *visitor) recorded() {
	f, ok := formAt(v.r)
	if !ok {
		return
	}
	if err := v.site.Desk.EndDraft(v.r.Context(), v.who, f.about, f.fact); err != nil {
		v.site.Log.Error("the draft of a recorded form could not be removed", "error", err)
	}
}

// keptForLater keeps a form that somebody sent who must sign in first, and gives the address that shows it again.
func (s *Site) keptForLater(r *http.Request, who access.Person) (next string, err error) {
	f, ok := formAt(r)
	if err := r.ParseForm(); err != nil || !ok {
		return "", err
	}
	if err := s.keepDraft(r, who, f, form.Values(r.PostForm)); err != nil {
		return "", err
	}
	return f.path + "?_draft=" + draftSent, nil
}
