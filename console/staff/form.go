package staff

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/form"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
)

// formPage is the form of a fact.
type formPage struct {
	Client   string
	Name     string // the client's preferred name
	Kind     care.Kind
	Fact     string
	Once     string // the report's id: however often the form is sent, it is one fact
	Seen     int    // the number of the client's last fact when the form was made
	Inputs   []input
	Faults   []form.Fault
	Above    []care.Problem // what is wrong with no field
	Preview  []record.Part  // what recording it would change
	Looked   bool           // the preview is that of what is filled in
	Since    []record.HistoryLine
	MustAct  person.Role
	Zone     clock.Zone
	Practice bool // the fact is about the practice, not about one client
}

// input is one field as the form shows it, with what was typed.
type input struct {
	care.Field
	Input  string // its name in the form
	Values []string
	Fault  string
	Items  []input   // of a group, or the questions of a questionnaire
	Rows   [][]input // of rows
}

// Value is the first value that was typed.
func (i input) Value() string {
	if len(i.Values) == 0 {
		return ""
	}
	return i.Values[0]
}

// Has says whether a value is among those typed.
func (i input) Has(value string) bool { return slices.Contains(i.Values, value) }

// showForm shows the empty form of a fact, or one that is filled in by the address: a page that knows the visit names it.
func showForm(v *visitor) error {
	p, err := v.formFor(form.Values(v.r.URL.Query()))
	if err != nil {
		return err
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
	p := formPage{Client: rec.Chart.ClientID, Name: rec.Contact.PreferredName, Kind: kind, Fact: kind.Name, Once: first(typed["_once"]), Zone: v.site.Desk.Zone}
	if len(rec.Facts) > 0 {
		p.Seen = rec.Facts[len(rec.Facts)-1].Seq
	}
	if p.Once == "" {
		p.Once = desk.NewID("fact")
	}
	by, _ := v.who.ActsAs(kind.By)
	if seen, err := strconv.Atoi(first(typed["_seen"])); err == nil && seen < p.Seen {
		if p.Since, err = rec.Since(seen); err != nil {
			return formPage{}, fmt.Errorf("read what came since: %w", err)
		}
	}
	chart := rec.Chart.WithStaff(v.site.Desk.Policy)
	p.Inputs = inputs(kind.FieldsFor(by.Role), "", typed, func(field string) []care.Choice { return chart.Choices(kind, field, by, v.chartNow(rec.Chart)) })
	return p, nil
}

// inputs are the fields of a form, or of a group in it, with what was typed.
func inputs(fields []care.Field, prefix string, typed form.Values, choices func(field string) []care.Choice) []input {
	var out []input
	for _, f := range fields {
		if f.Input == care.InputNone {
			continue
		}
		in := input{Field: f, Input: prefix + f.Name, Values: typed[prefix+f.Name]}
		if f.Chosen && prefix == "" {
			in.Choices = choices(f.Name)
		}
		switch f.Input {
		case care.InputGroup:
			in.Items = inputs(f.Items, in.Input+".", typed, choices)
		case care.InputAnswers:
			for n, q := range f.Items {
				name := fmt.Sprintf("%s.%d", in.Input, n)
				in.Items = append(in.Items, input{Field: q, Input: name, Values: typed[name]})
			}
		case care.InputRows:
			for n := range rowsShown {
				in.Rows = append(in.Rows, inputs(f.Items, fmt.Sprintf("%s.%d.", in.Input, n), typed, choices))
			}
		}
		out = append(out, in)
	}
	return out
}

// rowsShown is how many rows a table of a form has. Empty ones are left out of the report.
const rowsShown = 5

// posted answers a form that was sent: with what would happen, with what is wrong, or by recording it.
func formPosted(v *visitor) error {
	if err := v.r.ParseForm(); err != nil {
		return care.Refuse("form", care.CodeInvalid, "The form could not be read. Go back and send it again.", "")
	}
	typed := form.Values(v.r.PostForm)
	p, err := v.formFor(typed)
	if err != nil {
		return err
	}
	by, _ := v.who.ActsAs(p.Kind.By)
	filled := form.Read(p.Kind, typed, p.Zone, by.Role)
	if len(filled.Faults) > 0 {
		return v.showFaults(p, filled.Faults, nil, "")
	}
	cmd := desk.Command{ClientID: p.Client, Fact: p.Fact, By: v.who, ID: p.Once, With: filled.With, Seen: seenOf(typed)}
	if first(typed["_do"]) != "record" {
		return v.showPreview(p, cmd)
	}
	answer, err := v.site.Desk.Record(v.r.Context(), cmd)
	var refused *care.Refusal
	if errors.As(err, &refused) && !refused.Has(care.CodeSignInAgain) && !refused.Has(care.CodeNotYourRole) {
		placed := form.Place(p.Kind, refused)
		return v.showFaults(p, placed.Beside, placed.Above, refused.MustAct)
	}
	if err != nil {
		return err
	}
	return v.seeOther(fmt.Sprintf("/c/%s?recorded=%d", answer.ClientID, answer.Seq))
}

// showPreview shows what recording the form would change, with the form as it is filled in.
func (v *visitor) showPreview(p formPage, cmd desk.Command) error {
	preview, err := v.site.Desk.Preview(v.r.Context(), cmd)
	if err != nil {
		return err
	}
	if refused := preview.Refused; refused != nil {
		placed := form.Place(p.Kind, refused)
		return v.showFaults(p, placed.Beside, placed.Above, refused.MustAct)
	}
	p.Preview, p.Looked = v.partsFor(preview), true
	return v.show(page{Title: p.Kind.Title(), Template: "form", Data: p})
}

// showFaults shows a form again with what was typed, and what is wrong beside each field and above them.
func (v *visitor) showFaults(p formPage, beside []form.Fault, above []care.Problem, mustAct person.Role) error {
	p.Faults, p.Above, p.MustAct = beside, above, mustAct
	for _, f := range beside {
		markFault(p.Inputs, f)
	}
	v.write(http.StatusUnprocessableEntity, page{Title: p.Kind.Title(), Template: "form", Data: p})
	return nil
}

func markFault(inputs []input, f form.Fault) {
	for i := range inputs {
		if inputs[i].Input == f.Input {
			inputs[i].Fault = f.Message
		}
		markFault(inputs[i].Items, f)
		for _, row := range inputs[i].Rows {
			markFault(row, f)
		}
	}
}

// seenOf is the number of the last fact that the author saw; 0 if the form does not say.
func seenOf(typed form.Values) int {
	n, _ := strconv.Atoi(first(typed["_seen"]))
	return n
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
