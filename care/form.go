package care

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"kapflow/care/person"
	"kapflow/care/wording"
)

// Group is a part of the work in which people look for a fact.
type Group string

// The groups, in the order in which they are shown.
const (
	GroupClient   Group = "client"
	GroupCoverage Group = "insurance and fees"
	GroupVisits   Group = "visits"
	GroupMedical  Group = "physician and labs"
	GroupInfusion Group = "infusion day"
	GroupSafety   Group = "follow-up and safety"
	GroupCourse   Group = "course"
	GroupMoney    Group = "money"
	GroupMessages Group = "messages"
)

// Groups lists the groups in the order in which they are shown.
func Groups() []Group {
	return []Group{GroupClient, GroupCoverage, GroupVisits, GroupMedical, GroupInfusion, GroupSafety, GroupCourse, GroupMoney, GroupMessages}
}

// Input is how a value is typed.
type Input string

// The inputs.
const (
	InputText     Input = "text"
	InputLong     Input = "long text"
	InputPhone    Input = "phone"
	InputEmail    Input = "email"
	InputNumber   Input = "number"
	InputMoney    Input = "money"
	InputPercent  Input = "percent" // of which the report holds hundredths
	InputDate     Input = "date"
	InputDateTime Input = "date and time"
	InputChoice   Input = "choice"
	InputChoices  Input = "several choices"
	InputYesNo    Input = "yes or no"
	InputAnswer   Input = "yes, no or words"
	InputAnswers  Input = "list of answers" // one for each question, which are the field's items
	InputTexts    Input = "list of texts"
	InputGroup    Input = "group" // of fields, which are its items
	InputRows     Input = "rows"  // each of them a group
	InputNone     Input = "none"  // filled in by the desk, or by a program
)

// Unit is what a number counts. An amount of money is in cents.
type Unit string

// The units.
const (
	Cents       Unit = "cents"
	BasisPoints Unit = "hundredths of a percent"
	Milligrams  Unit = "mg"
	Pressure    Unit = "mmHg"
	PerMinute   Unit = "per minute"
	Percent     Unit = "%"
	Minutes     Unit = "minutes"
	Hours       Unit = "hours"
	HoursAgo    Unit = "hours ago"
	Days        Unit = "days"
	Kilograms   Unit = "kg"
	Sessions    Unit = "sessions"
	Infusions   Unit = "infusions"
	Points      Unit = "points"
)

// Choice is a value that a field takes, and its label.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// fieldForm is what the type of a field does not say about it.
type fieldForm struct {
	label, hint string
	unit        Unit
	input       Input  // empty: follows from the type
	when        string // when it must be given, if not always
	before      string // what it is needed for, where a report may leave it to another
	words       string // what the words of a yes say; empty: more about it
	of          *choosing
	offers      []string // values that are offered beside any other
	by          roles    // who fills it in; empty: everybody who may record the fact
	loosens     bool     // a yes may make a report possible that is refused without it
	items       map[string]fieldForm
}

// factForm is how people are shown a fact.
type factForm struct {
	title  string // as a button says it
	group  Group
	fields map[string]fieldForm
}

// forms hold every fact that has a row in the vocabulary.
var forms = joinForms(clientForms, coverageForms, visitForms, medicalForms, infusionForms, safetyForms, courseForms, moneyForms, messageForms)

func joinForms(tables ...map[string]factForm) map[string]factForm {
	all := map[string]factForm{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

// formOf gives how a fact is shown.
func formOf(fact string) factForm { return forms[fact] }

// field gives how a field is shown: as the fact says, else as every fact does.
func (f factForm) field(name string) fieldForm {
	if form, ok := f.fields[name]; ok {
		return form
	}
	return commonFields[name]
}

// commonFields are the same in every fact that does not say otherwise.
var commonFields = map[string]fieldForm{
	"at":             {label: "When it happened", hint: "Leave this empty if it is now."},
	"reason":         {label: "Reason", input: InputLong},
	"note":           {label: "Note", input: InputLong, hint: "Only those who look after the client can read it."},
	"appointment":    {label: "Visit", of: chooseVisit},
	"preferred_name": {label: "Preferred name"},
	"pronouns":       {label: "Pronouns", hint: "As the client says them, such as she/her. Leave this empty if they did not say."},
	"phone":          {label: "Phone", input: InputPhone, hint: "With area code, such as (303) 555-0142."},
	"email":          {label: "Email", input: InputEmail},
	"pin":            {label: "PIN for links", hint: "6 to 12 digits, agreed in person. It opens the links in messages."},
	"birth_date":     {label: "Date of birth", input: InputDate},
	"timezone":       {label: "Time zone", hint: "Leave this empty if the client lives in the practice's own. Choose one, or write another, such as Europe/Berlin.", offers: usualZones},
	"minutes":        {label: "Length", unit: Minutes},
	"place":          {label: "Place", of: choosePlace},
	"weight_kg":      {label: "Weight", unit: Kilograms},
	"pregnancy_test": {label: "Pregnancy test"},
	"systolic":       {label: "Systolic blood pressure", unit: Pressure, hint: "The upper value."},
	"diastolic":      {label: "Diastolic blood pressure", unit: Pressure, hint: "The lower value."},
	"pulse":          {label: "Pulse", unit: PerMinute},
	"spo2":           {label: "Oxygen", unit: Percent},
	"escort_phone":   {label: "Phone of the person who takes the client home", input: InputPhone},
	"fee_set":        {label: "Which fees"},
	"concern":        {label: "The client may be in danger", by: staff, loosens: true},
	"zone_data":      {label: "Time zone data", input: InputNone},
	"policy":         {label: "Practice policy", input: InputNone},
}

// Title names a fact as a button does: "Record the consult's decision".
func (k Kind) Title() string { return formOf(k.Name).title }

// Group is where people look for a fact.
func (k Kind) Group() Group { return formOf(k.Name).group }

// Field gives one field of a kind; ok is false if there is none of that name.
func (k Kind) Field(name string) (f Field, ok bool) {
	fields := k.Fields()
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

// FieldsFor lists the fields that a role fills in.
func (k Kind) FieldsFor(r person.Role) []Field {
	return slices.DeleteFunc(k.Fields(), func(f Field) bool {
		return f.Input == InputNone || len(f.For) > 0 && !slices.Contains(f.For, r)
	})
}

// describe adds to a field what people are shown of it.
func (f *Field) describe(form fieldForm, t reflect.Type, allowed []string) {
	f.Label, f.Hint, f.Unit, f.When, f.Before, f.For = form.label, form.hint, form.unit, form.when, form.before, form.by
	f.Chosen, f.Open = form.of != nil, len(form.offers) > 0
	for _, value := range append(slices.Clone(allowed), form.offers...) {
		f.Choices = append(f.Choices, Choice{Value: value, Label: labelOf(f.Name, value)})
	}
	if f.Input = form.input; f.Input == "" {
		f.Input = inputOf(t, f.Private, len(f.Choices) > 0 || f.Chosen)
	}
	switch {
	case f.Input == InputAnswer:
		f.Words = cmp.Or(form.words, "In words")
	case f.Input == InputMoney:
		f.Unit = Cents
	case f.Unit == BasisPoints:
		f.Input = InputPercent
	}
}

// inputOf says how a value of a type is typed.
func inputOf(t reflect.Type, private, choice bool) Input {
	if t.Kind() == reflect.Pointer {
		return inputOf(t.Elem(), private, choice)
	}
	switch {
	case t == answerType:
		return InputAnswer
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return InputRows
	case t.Kind() == reflect.Slice && choice:
		return InputChoices
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Int:
		return InputAnswers
	case t.Kind() == reflect.Slice:
		return InputTexts
	case choice:
		return InputChoice
	}
	switch typeName(t) {
	case "time":
		return InputDateTime
	case "amount":
		return InputMoney
	case "number":
		return InputNumber
	case "yes/no":
		return InputYesNo
	case "group":
		return InputGroup
	}
	return InputText
}

// labelOf gives the label of a value: that of its field, else that of any field.
func labelOf(field, value string) string {
	if label, ok := choiceLabels[field][value]; ok {
		return label
	}
	return choiceLabels[""][value]
}

// GateLabel names a gate as people do.
func GateLabel(gate string) string {
	if label := choiceLabels["gate"][gate]; label != "" {
		return label
	}
	return wording.Title(gate)
}
