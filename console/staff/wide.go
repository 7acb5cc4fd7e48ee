package staff

import (
	"kapflow/care"
	"kapflow/care/form"
	"kapflow/desk"
)

// wideKind is the practice-wide kind of fact in the address.
func (v *visitor) wideKind() (care.Kind, error) {
	kind, ok := care.KindNamed(v.r.PathValue("fact"))
	if !ok || !kind.PracticeWide {
		return kind, care.UnknownFact(v.r.PathValue("fact"))
	}
	return kind, nil
}

// wideForm makes the form of a fact about the practice, with what was typed.
func (v *visitor) wideForm(typed form.Values) (formPage, error) {
	kind, err := v.wideKind()
	if err != nil {
		return formPage{}, err
	}
	absences, err := v.site.Desk.OpenForm(v.r.Context(), v.who, kind.Name)
	if err != nil {
		return formPage{}, err
	}
	p := v.formOf(kind, typed)
	p.Action, p.BackTo, p.AtOnce = "/practice/record/"+kind.Name, "/calendar", false // it touches many clients: look first
	chart := &care.Chart{Policy: v.site.Desk.Policy, Zone: v.site.Desk.Zone, ClientZone: v.site.Desk.Zone, Absences: absences}
	p.Inputs = v.inputsOf(kind, chart, typed)
	return p, nil
}

// showWideForm shows the empty form of a fact about the practice.
func showWideForm(v *visitor) error {
	typed, note, err := v.typedBefore()
	if err != nil {
		return err
	}
	p, err := v.wideForm(typed)
	if err != nil {
		return err
	}
	if p.Draft = note; note != nil && note.Back {
		return v.answerWide(p, typed, "preview")
	}
	return v.show(page{Title: p.Kind.Title(), Template: "form", Data: p})
}

// widePosted answers the form of a fact about the practice: with the clients whom it touches and what would change for each, with
// what is wrong, or by recording it.
func widePosted(v *visitor) error {
	typed, err := v.posted()
	if err != nil {
		return err
	}
	p, err := v.wideForm(typed)
	if err != nil {
		return err
	}
	return v.answerWide(p, typed, first(typed["_do"]))
}

// answerWide answers a form that is filled in: with what is wrong, by recording it, or else with what would happen.
func (v *visitor) answerWide(p formPage, typed form.Values, do string) error {
	by, _ := v.who.ActsAs(p.Kind.By)
	filled := form.Read(p.Kind, typed, p.Zone, by.Role)
	if len(filled.Faults) > 0 {
		return v.showFaults(p, filled.Faults, nil)
	}
	cmd := desk.Command{Fact: p.Fact, By: v.who, ID: p.Once, With: filled.With}
	if do != "record" {
		return v.showWidePreview(p, cmd)
	}
	_, err := v.site.Desk.RecordWide(v.r.Context(), cmd)
	if refused := refusalForForm(err); refused != nil {
		return v.showRefusal(p, refused)
	}
	if err != nil {
		return confirmable(err)
	}
	v.recorded()
	return v.seeOther(p.BackTo + "?noted=1")
}

// showWidePreview shows each client whom a fact about the practice touches, and what would change for them.
func (v *visitor) showWidePreview(p formPage, cmd desk.Command) error {
	previews, err := v.site.Desk.PreviewWide(v.r.Context(), cmd)
	if refused := refusalForForm(err); refused != nil {
		return v.showRefusal(p, refused)
	}
	if err != nil {
		return err
	}
	ids := make([]string, len(previews))
	for i, c := range previews {
		ids[i] = c.ClientID
	}
	names, err := v.site.Desk.BoardNames(v.r.Context(), v.who, ids)
	if err != nil {
		return err
	}
	for _, c := range previews {
		n := named{Client: c.ClientID, Name: names[c.ClientID], Parts: c.Parts()}
		if n.Name == "" {
			n.Name = c.ClientID
		}
		if c.Refused != nil {
			n.Above = c.Refused.Problems
		}
		p.Preview = append(p.Preview, n)
	}
	p.Looked = true
	return v.show(page{Title: p.Kind.Title(), Template: "form", Data: p})
}
