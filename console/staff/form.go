package staff

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/form"
	"kapflow/care/record"
	"kapflow/desk"
)

// formPage is the form of a fact.
type formPage struct {
	Client  string
	Name    string // the client's preferred name
	Kind    care.Kind
	Fact    string
	Action  string // where it is sent
	Once    string // the report's id: however often the form is sent, it is one fact
	Seen    int    // the number of the client's last fact when the form was made
	Back    string // the page to which it leads back: one below the client's, or the inbox; empty: the client's own
	BackTo  string // that page's address
	Inputs  []input
	Faults  []lineFault
	Above   []care.Problem // what is wrong with no field
	Preview []named        // what recording it would change
	Looked  bool           // the preview is that of what is filled in
	Draft   *draftNote     // what was typed before; nil: nothing
	AtOnce  bool           // it may be recorded without looking at what will happen
	Since   []string       // what was recorded since somebody opened it
	Zone    clock.Zone
}

// named is what recording a report would change for one client. The name is empty if there is only one whom it can be about.
type named struct {
	Client string
	Name   string
	Parts  []record.Part
	Above  []care.Problem
}

// backs are the pages besides the client's own to which a form may lead back.
var backs = regexp.MustCompile(`^(infusion|visits)/[A-Za-z0-9-]+$`)

// backInbox leads a form back to the inbox, where the next decision waits.
const backInbox = "inbox"

// clientPath is the address of a client's page.
func clientPath(client string) string { return "/c/" + url.PathEscape(client) }

// formPath is the address of the form of a fact about a client.
func formPath(client, fact string) string { return clientPath(client) + "/record/" + fact }

// showForm shows the empty form of a fact, or one that is filled in by the address: a page that knows the visit names it.
func showForm(v *visitor) error {
	typed, note, err := v.typedBefore()
	if err != nil {
		return err
	}
	p, err := v.formFor(typed)
	if err != nil {
		return err
	}
	if p.Draft = note; note != nil && note.Back {
		return v.answerForm(p, typed, "preview")
	}
	return v.show(page{Title: p.Kind.Title(), Template: "form", Data: p})
}

// formFor makes the form of a fact about a client, with what was typed.
func (v *visitor) formFor(typed form.Values) (formPage, error) {
	kind, ok := care.KindNamed(v.r.PathValue("fact"))
	if !ok {
		return formPage{}, care.UnknownFact(v.r.PathValue("fact"))
	}
	rec, err := v.site.Desk.OpenRecord(v.r.Context(), v.who, v.r.PathValue("client"))
	if err != nil {
		return formPage{}, err
	}
	p := v.formOf(kind, typed)
	p.Client, p.Name, p.Seen = rec.Chart.ClientID, rec.Contact.PreferredName, lastFact(rec)
	p.Action, p.BackTo = formPath(p.Client, kind.Name), clientPath(p.Client)
	switch back := first(typed["_back"]); {
	case back == backInbox:
		p.Back, p.BackTo = back, "/inbox"
	case backs.MatchString(back):
		p.Back, p.BackTo = back, p.BackTo+"/"+back
	}
	if seen := seenOf(typed); typed["_seen"] != nil && seen < p.Seen {
		if p.Since, err = v.since(rec, seen, 0); err != nil {
			return formPage{}, err
		}
	}
	p.Inputs = v.inputsOf(kind, rec.Chart, typed)
	return p, nil
}

// formOf makes the form of a kind of fact without its fields.
func (v *visitor) formOf(kind care.Kind, typed form.Values) formPage {
	p := formPage{Kind: kind, Fact: kind.Name, Once: first(typed["_once"]), Zone: v.site.Desk.Zone, AtOnce: !kind.Grave && !kind.AsksAgain}
	if p.Once == "" {
		p.Once = desk.NewID("fact")
	}
	return p
}

// inputsOf gives the inputs of a kind of fact for the role in which somebody records it.
func (v *visitor) inputsOf(kind care.Kind, chart *care.Chart, typed form.Values) []input {
	by, _ := v.who.ActsAs(kind.By)
	now, with := v.chartNow(chart), chart.WithStaff(v.site.Desk.Policy)
	m := inputs{typed: typed, page: "f-", choices: func(field string) []care.Choice { return with.Choices(kind, field, by, now) }}
	all := m.of(kind.FieldsFor(by.Role), "")
	slices.SortStableFunc(all, func(a, b input) int { return compareBool(a.Field.Name == "at", b.Field.Name == "at") }) // rarely filled in: last
	return all
}

// lastFact is the number of a client's last fact; 0 if there is none.
func lastFact(rec record.HealthRecord) int {
	if len(rec.Facts) == 0 {
		return 0
	}
	return rec.Facts[len(rec.Facts)-1].Seq
}

// posted reads a form that was sent.
func (v *visitor) posted() (form.Values, error) {
	if err := v.r.ParseForm(); err != nil {
		return nil, care.Refuse("form", care.CodeInvalid, "The form could not be read. Go back and send it again.", "")
	}
	return form.Values(v.r.PostForm), nil
}

// formPosted answers a form that was sent: with what would happen, with what is wrong, or by recording it.
func formPosted(v *visitor) error {
	typed, err := v.posted()
	if err != nil {
		return err
	}
	p, err := v.formFor(typed)
	if err != nil {
		return err
	}
	if typed["_more"] != nil {
		return v.show(page{Title: p.Kind.Title(), Template: "form", Data: p})
	}
	return v.answerForm(p, typed, first(typed["_do"]))
}

// answerForm answers a form that is filled in: with what is wrong, by recording it, or else with what would happen.
func (v *visitor) answerForm(p formPage, typed form.Values, do string) error {
	by, _ := v.who.ActsAs(p.Kind.By)
	filled := form.Read(p.Kind, typed, p.Zone, by.Role)
	if len(filled.Faults) > 0 {
		return v.showFaults(p, filled.Faults, nil)
	}
	cmd := desk.Command{ClientID: p.Client, Fact: p.Fact, By: v.who, ID: p.Once, With: filled.With, Seen: seenOf(typed)}
	if do != "record" {
		return v.showPreview(p, cmd)
	}
	return v.recordForm(p, cmd)
}

// recordForm records what a form says and leads to the page from which it was opened. A form that is sent again leads there too.
func (v *visitor) recordForm(p formPage, cmd desk.Command) error {
	answer, err := v.site.Desk.Record(v.r.Context(), cmd)
	if refused := refusalForForm(err); refused != nil {
		return v.showRefusal(p, refused)
	}
	if err != nil {
		return confirmable(err)
	}
	v.recorded()
	return v.seeOther(recordedAt(p.BackTo, p.Kind, answer, cmd.Seen))
}

// confirmable marks a failure of recording, after which the fact may have been taken in. A refusal says that it was not.
func confirmable(err error) error {
	if errors.As(err, new(*care.Refusal)) {
		return err
	}
	return unconfirmed{err}
}

// refusalForForm is a refusal that the form itself shows; nil for every other error, and for what a person cannot mend in the form.
func refusalForForm(err error) *care.Refusal {
	var refused *care.Refusal
	if errors.As(err, &refused) && !refused.Has(care.CodeSignInAgain) && !refused.Has(care.CodeNotYourRole) {
		return refused
	}
	return nil
}

// showPreview shows what recording the form would change, with the form as it is filled in.
func (v *visitor) showPreview(p formPage, cmd desk.Command) error {
	preview, err := v.site.Desk.Preview(v.r.Context(), cmd)
	switch {
	case err != nil:
		return err
	case preview.Repeated: // the same form was recorded before
		return v.recordForm(p, cmd)
	case preview.Refused != nil:
		return v.showRefusal(p, preview.Refused)
	}
	p.Preview, p.Looked = []named{{Parts: v.partsFor(preview)}}, true
	return v.show(page{Title: p.Kind.Title(), Template: "form", Data: p})
}

// showRefusal shows a form again with what was typed, and the refusal beside the fields and above them.
func (v *visitor) showRefusal(p formPage, refused *care.Refusal) error {
	placed := form.Place(p.Kind, refused)
	if len(placed.Beside)+len(placed.Above) == 0 {
		placed.Above = []care.Problem{{Code: refused.Code, Message: refused.Message, MustAct: refused.MustAct}}
	}
	return v.showFaults(p, placed.Beside, placed.Above)
}

func (v *visitor) showFaults(p formPage, beside []form.Fault, above []care.Problem) error {
	p.Faults, p.Above = markFaults(p.Inputs, beside), above
	v.write(http.StatusUnprocessableEntity, page{Title: p.Kind.Title(), Template: "form", Data: p})
	return nil
}

// seenOf is the number of the last fact that the author saw; 0 if the form does not say.
func seenOf(typed form.Values) int {
	n, _ := strconv.Atoi(first(typed["_seen"]))
	return n
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
