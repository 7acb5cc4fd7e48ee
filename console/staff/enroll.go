package staff

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/form"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/desk"
	"kapflow/desk/intake"
)

// enrollPage is the form of one new client.
type enrollPage struct {
	formPage
	Reference string
	Consents  []input // to messages, by the way in which they come
	Known     string  // id of the client who seems to be the same person
	KnownName string
	Sure      bool // it is the same person
}

// enrollKind is the fact that opens a record.
var enrollKind = care.OpeningKind()

// noConsent is the answer of a client who agrees to no messages of a kind.
const noConsent = "no"

// notAsked are the fields of the fact that the desk fills in: when it happened, and the ways to reach the client.
var notAsked = []string{"at", "channels"}

// enrollForm makes the form of a new client with what was typed.
func (v *visitor) enrollForm(typed form.Values) (enrollPage, error) {
	if _, err := v.site.Desk.OpenForm(v.r.Context(), v.who, enrollKind.Name); err != nil {
		return enrollPage{}, err
	}
	p := enrollPage{formPage: v.formOf(enrollKind, typed), Reference: first(typed["_reference"])}
	p.BackTo = "/board"
	d := v.site.Desk
	all := v.inputsOf(enrollKind, &care.Chart{Policy: d.Policy, Zone: d.Zone, ClientZone: d.Zone}, typed)
	all = slices.DeleteFunc(all, func(in input) bool { return slices.Contains(notAsked, in.Field.Name) })
	contact := []string{"preferred_name", "pronouns", "birth_date", "phone", "email"} // who it is comes first
	rank := func(in input) int {
		if i := slices.Index(contact, in.Field.Name); i >= 0 {
			return i
		}
		return len(contact)
	}
	slices.SortStableFunc(all, func(a, b input) int { return rank(a) - rank(b) })
	p.Inputs = all
	consent := care.KindFor[*care.MessagingConsent]()
	detail, _ := consent.Field("detail")
	answers := []care.Choice{{Value: noConsent, Label: "No"}}
	for _, c := range detail.Choices {
		answers = append(answers, care.Choice{Value: c.Value, Label: "Yes: " + wording.LowerFirst(c.Label)})
	}
	for ch, label := range map[person.Channel]string{person.SMS: "Does the client agree to text messages?", person.Email: "Does the client agree to email?"} {
		f := detail
		f.Label, f.Hint, f.When, f.Required, f.Choices = label, "Without a yes, nothing is sent this way.", "", false, answers
		name := "_consent_" + string(ch)
		p.Consents = append(p.Consents, input{Field: f, Input: name, ID: "f-" + name, Values: typed[name]})
	}
	slices.SortFunc(p.Consents, func(a, b input) int { return strings.Compare(b.Input, a.Input) })
	return p, nil
}

// enrolls says whether the person enrolls clients.
func (v *visitor) enrolls() bool {
	_, may := v.who.ActsAs(enrollKind.By)
	return may
}

// showEnroll shows the empty form of a new client.
func showEnroll(v *visitor) error {
	typed, note, err := v.typedBefore()
	if err != nil {
		return err
	}
	p, err := v.enrollForm(typed)
	if err != nil {
		return err
	}
	p.Draft = note
	return v.show(page{Title: enrollKind.Title(), Template: "enroll", Data: p})
}

// enrollPosted enrolls one client. Sent again, it leads to the same client.
func enrollPosted(v *visitor) error {
	typed, err := v.posted()
	if err != nil {
		return err
	}
	p, err := v.enrollForm(typed)
	if err != nil {
		return err
	}
	by, _ := v.who.ActsAs(enrollKind.By)
	filled := form.Read(enrollKind, typed, p.Zone, by.Role)
	if len(filled.Faults) > 0 {
		return v.showEnrollFaults(p, filled.Faults, nil)
	}
	e, err := enrollmentOf(filled.With, typed)
	if err != nil {
		return err
	}
	if first(typed["_do"]) == "preview" {
		return v.previewEnroll(p, e)
	}
	answer, err := v.site.Desk.Enroll(v.r.Context(), v.who, e)
	refused := refusalForForm(err)
	switch {
	case refused != nil && answer.ClientID != "":
		return v.showKnown(p, answer.ClientID, refused)
	case refused != nil:
		beside, above := placeEnrollment(refused)
		return v.showEnrollFaults(p, beside, above)
	case err != nil:
		return confirmable(err)
	}
	v.recorded()
	return v.seeOther(recordedAt(clientPath(answer.ClientID), enrollKind, answer, 0))
}

// previewEnroll shows what enrolling the client would bring, with the form as it is filled in.
func (v *visitor) previewEnroll(p enrollPage, e desk.Enrollment) error {
	preview, known, err := v.site.Desk.PreviewEnroll(v.r.Context(), v.who, e)
	refused := refusalForForm(err)
	switch {
	case refused != nil && known != "":
		return v.showKnown(p, known, refused)
	case refused != nil:
		beside, above := placeEnrollment(refused)
		return v.showEnrollFaults(p, beside, above)
	case err != nil:
		return err
	}
	p.Preview, p.Looked = []named{{Parts: v.partsFor(preview)}}, true
	return v.show(page{Title: enrollKind.Title(), Template: "enroll", Data: p})
}

// enrollmentOf makes an enrollment of what the form says.
func enrollmentOf(with json.RawMessage, typed form.Values) (desk.Enrollment, error) {
	var x struct {
		Presenting      []string `json:"presenting"`
		Physician       string   `json:"physician"`
		Psychotherapist string   `json:"psychotherapist"`
		Timezone        string   `json:"timezone"`
		PreferredName   string   `json:"preferred_name"`
		Pronouns        string   `json:"pronouns"`
		Phone           string   `json:"phone"`
		Email           string   `json:"email"`
		BirthDate       string   `json:"birth_date"`
	}
	if err := json.Unmarshal(with, &x); err != nil {
		return desk.Enrollment{}, fmt.Errorf("read the form of a new client: %w", err)
	}
	e := desk.Enrollment{Reference: strings.TrimSpace(first(typed["_reference"])), PreferredName: x.PreferredName, Pronouns: x.Pronouns, Phone: x.Phone, Email: x.Email, BirthDate: x.BirthDate, Timezone: x.Timezone,
		Presenting: x.Presenting, Physician: x.Physician, Psychotherapist: x.Psychotherapist, Consent: map[person.Channel]string{}, OtherPerson: first(typed["_other_person"]) == "yes"}
	for _, ch := range []person.Channel{person.SMS, person.Email} {
		if detail := first(typed["_consent_"+string(ch)]); detail != "" && detail != noConsent {
			e.Consent[ch] = detail
		}
	}
	return e, nil
}

// placeEnrollment puts a refusal beside the fields that its sentences name. A part that names none goes on with the one before it.
func placeEnrollment(refused *care.Refusal) (beside []form.Fault, above []care.Problem) {
	for _, problem := range refused.Problems {
		var about []care.Problem
		for part := range strings.SplitSeq(problem.Message, "; ") {
			one := problem
			one.Message = part
			name, _, cut := strings.Cut(part, ": ")
			if _, ok := enrollKind.Field(name); cut && ok {
				one.Field = name
			} else if n := len(about); n > 0 {
				about[n-1].Message += "; " + part
				continue
			}
			about = append(about, one)
		}
		placed := form.Place(enrollKind, &care.Refusal{Problems: about})
		beside, above = append(beside, placed.Beside...), append(above, placed.Above...)
	}
	for i := range above {
		above[i].Message = upperFirst(above[i].Message)
	}
	return beside, above
}

func (v *visitor) showEnrollFaults(p enrollPage, beside []form.Fault, above []care.Problem) error {
	p.Faults, p.Above = markFaults(p.Inputs, beside), above
	v.write(http.StatusUnprocessableEntity, page{Title: enrollKind.Title(), Template: "enroll", Data: p})
	return nil
}

// showKnown names the client who is, or seems to be, the person whom somebody is about to enroll.
func (v *visitor) showKnown(p enrollPage, client string, refused *care.Refusal) error {
	rec, err := v.site.Desk.OpenRecord(v.r.Context(), v.who, client)
	if err != nil {
		return err
	}
	p.Known, p.KnownName, p.Sure = client, rec.Contact.PreferredName, refused.Has(care.CodeAlreadyEnrolled)
	v.write(http.StatusConflict, page{Title: enrollKind.Title(), Template: "enroll", Data: p})
	return nil
}

// filePage is the page on which a file of new clients is given in.
type filePage struct {
	Results  []intake.Result
	Enrolled int
	Known    int
	Bad      int
	Fault    string       // why the file could not be read
	Rest     template.URL // the rows that were refused, as a file to mend and give in again
}

// showEnrollFile shows the form that takes a file of new clients.
func showEnrollFile(v *visitor) error {
	if _, err := v.site.Desk.OpenForm(v.r.Context(), v.who, enrollKind.Name); err != nil {
		return err
	}
	return v.show(page{Title: "Enroll from a file", Template: "enroll-file", Data: filePage{}})
}

// enrollFilePosted enrolls every good row of a file, names the others, and gives them back as a file. A file that is given in
// again enrolls nobody twice.
func enrollFilePosted(v *visitor) error {
	if _, err := v.site.Desk.OpenForm(v.r.Context(), v.who, enrollKind.Name); err != nil {
		return err
	}
	body, err := v.uploaded()
	if err != nil {
		return v.fileFault(err)
	}
	rows, err := intake.ReadCSV(body)
	if err != nil {
		return v.fileFault(err)
	}
	results, bad, err := intake.Enroll(v.r.Context(), v.site.Desk, v.who, rows)
	if err != nil {
		return err
	}
	p := filePage{Results: results, Bad: bad}
	for _, r := range results {
		switch {
		case r.Refused():
		case r.State == care.CodeAlreadyEnrolled:
			p.Known++
		default:
			p.Enrolled++
		}
	}
	if bad > 0 {
		p.Rest = template.URL("data:text/csv;charset=utf-8;base64," + base64.StdEncoding.EncodeToString(intake.Refused(body, results))) //nolint:gosec // base64 holds nothing that a page could read
	}
	return v.show(page{Title: "Enroll from a file", Template: "enroll-file", Data: p})
}

func (v *visitor) fileFault(err error) error {
	v.write(http.StatusUnprocessableEntity, page{Title: "Enroll from a file", Template: "enroll-file", Data: filePage{Fault: upperFirst(err.Error())}})
	return nil
}

// errTooLarge says in a sentence for people that a form or a file was not read.
var errTooLarge = fmt.Errorf("the file could not be read; at most %d kB are read", mostBody>>10)

// uploaded reads the file that was given in. The error is a sentence for people.
func (v *visitor) uploaded() ([]byte, error) {
	file, _, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return nil, errors.New("choose a file first")
	}
	if err != nil {
		return nil, errTooLarge
	}
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(file)
	if err != nil {
		return nil, errors.New("the file could not be read")
	}
	if len(body) == 0 {
		return nil, errors.New("choose a file first")
	}
	return body, nil
}
