package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/form"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/desk/intake"
	"kapflow/practice"
)

// sort is a sort of value.
type sort string

const (
	aName   sort = "name"
	aPhone  sort = "phone"
	anEmail sort = "email"
	aZone   sort = "zone"
	aBirth  sort = "birth date"
	pronoun sort = "pronouns"
	aPlace  sort = "postal address"
	aNumber sort = "member id"
	aSum    sort = "amount"
	aLength sort = "length"
	aMoment sort = "time"
	someTxt sort = "words"
)

// spoiled are texts that no sort of text takes.
var spoiled = []string{"Zo\xeb", "Zo\ufffd", "a\x00b"}

// badValues are the values that no entrance takes.
var badValues = map[sort][]string{
	aName:  append([]string{"12345", "a\nb", "a\tb", "Zoe\u202eenaj", "a\x1b[2Jb", "...", "\u200b", strings.Repeat("n", 121)}, spoiled...),
	aPhone: append([]string{"3035550177", "+1303555017", "+13035550177 ext. 4", "call me", "+1 303", "+", "+0", "0013035550177", "+13035550177x4", "+1303555017712345678", "+1303555017\u0667", "+1303555O177"}, spoiled...),
	anEmail: append([]string{"sam@", "sam at example.org", "a@b@example.org", "sam@exa mple.org", "sam@example", "sam@@example.org", "sam@example..org", ".sam@example.org", "sam.@example.org", "s..m@example.org", "<sam@example.org>", "Sam <sam@example.org>",
		"sam@example.org\nbcc: x@example.org", "a,b@example.org", "sam@-example.org", "sam@example.org.", "sam@localhost", "@example.org", "mailto:sam@example.org", strings.Repeat("s", 250) + "@example.org", "sam@[127.0.0.1]"}, spoiled...),
	aZone:   append([]string{"EST", "MST", "UTC-5", "Etc/GMT+7", "Denver", "GMT", "Local", "MST7MDT", "HST", "UTC+01:00", "-07:00", "america/denver", "../etc/passwd", "posixrules"}, spoiled...),
	aBirth:  append([]string{"31.1.1990", "2090-01-01", "1850-01-01", "1990-02-30", "1990-13-01", "01/31/1990", "0000-00-00", "19900131", "1990-01-31T00:00:00Z", "tomorrow", "+1990-01-31"}, spoiled...),
	pronoun: append([]string{"a\nb", "they\u202eme", strings.Repeat("n", 41)}, spoiled...),
	aPlace:  append([]string{strings.Repeat("1 Elm Street\n", 7) + "Denver", strings.Repeat("n", 721)}, spoiled...),
	aNumber: append([]string{"a\nb", strings.Repeat("n", 61)}, spoiled...),
	aSum:    {"NaN", "Inf", "1e300", "a hundred", "$1,0.00", "12.345", "$2,000,000.00", "1e5", "0x10", "-Inf", "--5", "$", ".", "1.2.3", "5 000,00", "1_000", "\u0661\u0660", "$1.", "ten", "99999999999999999999"},
	aLength: {"-30", "NaN", "1e9", "fifty", "30.5", "1e3", "0x1e", "-1", "2147483648", "9223372036854775808", "1_0", "\u0663\u0660", "30 min", "--30"},
	aMoment: {"tomorrow", "0000-01-01", "1905-01-01 10:00", "2190-01-01 10:00", "2027-02-30 10:00", "2027-13-01 10:00", "2027-01-01 25:00", "2027-03-14 02:30", "2027-11-07 01:30", "+12027-01-01 10:00", "2027-01-01 10:00:61", "2027-01-01T10:00:00+25:00", "1767225600", "2027-01-01 10:00 PM", "01/02/2027 10:00"},
	someTxt: append([]string{strings.Repeat("x", 20001)}, spoiled...),
}

// fineInForms are written as people in the United States write them, which forms read.
var fineInForms = []string{"3035550177", "01/31/1990", "2027-01-01 10:00 PM", "01/02/2027 10:00"}

// entrance is a way in: its field for each sort of value that it takes, and how a value is handed to it.
type entrance struct {
	fields map[sort]string
	give   func(t *testing.T, field, value string) error
	named  func(field string) string // how the message names the field; nil: as it is called
}

// people are the fields of a client's contact and billing details.
var people = map[sort]string{aName: "preferred_name", aPhone: "phone", anEmail: "email", aZone: "timezone", aBirth: "birth_date", pronoun: "pronouns", aPlace: "address", aNumber: "member_id"}

var entrances = map[string]entrance{
	"report": {fields: map[sort]string{aName: "contact-changed.preferred_name", aPhone: "contact-changed.phone", anEmail: "contact-changed.email", aBirth: "contact-changed.birth_date", pronoun: "contact-changed.pronouns",
		aSum: "payment-received.amount", aLength: "appointment-booked.minutes", aMoment: "appointment-booked.start", someTxt: "session-completed.note"}, give: giveReport, named: afterDot},
	"form of the console": {fields: map[sort]string{aName: "contact-changed.preferred_name", aPhone: "contact-changed.phone", anEmail: "contact-changed.email", aBirth: "contact-changed.birth_date", pronoun: "contact-changed.pronouns",
		aSum: "payment-received.amount", aLength: "appointment-booked.minutes", aMoment: "appointment-booked.start", someTxt: "session-completed.note"}, give: giveForm, named: afterDot},
	"enrollment": {fields: people, give: giveEnrollment},
	"CSV file":   {fields: people, give: giveCSV},
	"JSON file":  {fields: people, give: giveJSON},
	"billing":    {fields: map[sort]string{aName: "legal_name", aPlace: "address", aNumber: "member_id"}, give: giveBilling},
	"practice file": {fields: map[sort]string{aName: "staff[0].name", aPhone: "staff[0].phone", anEmail: "staff[0].email", aZone: "practice.timezone", aSum: "money.session_price",
		aLength: "visits.late_cancel_hours"}, give: givePractice},
}

// TestContactOfAClientIsChangedToNoBadValue goes through every bad value of a contact at a desk with its servers, which alone knows
// which zones there are. The desk's refusal names the field.
func TestContactOfAClientIsChangedToNoBadValue(t *testing.T) {
	t.Parallel()
	app, client := enrolledApp(t, care.Billing{})
	for what, field := range map[sort]string{aName: "preferred_name", aPhone: "phone", anEmail: "email", aZone: "timezone", aBirth: "birth_date", pronoun: "pronouns"} {
		for _, bad := range append([]string{"America/Nowhere"}, badValues[what]...) {
			if bad == "America/Nowhere" && (what == aName || what == pronoun) {
				continue // these are somebody's own words
			}
			_, err := app.Desk.Record(t.Context(), desk.Command{ClientID: client, Fact: "contact-changed", By: as(app, frontDesk), With: object(field, bad)})
			var refused *care.Refusal
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), field) && !strings.Contains(err.Error(), "UTF-8") {
				t.Errorf("the %s %q: %v", what, short(bad), err)
			}
		}
	}
}

func afterDot(field string) string { return field[strings.Index(field, ".")+1:] }

// TestEveryEntranceRefusesEveryBadValue goes through every entrance, every sort of value that it takes and every bad value. Each is
// refused, the message names the field, and it says more than that.
func TestEveryEntranceRefusesEveryBadValue(t *testing.T) {
	t.Parallel()
	for name, e := range entrances {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for what, field := range e.fields {
				for _, bad := range badValues[what] {
					if name == "form of the console" && slices.Contains(fineInForms, bad) {
						continue
					}
					err := e.give(t, field, bad)
					called := field
					if e.named != nil {
						called = e.named(field)
					}
					switch {
					case err == nil:
						t.Errorf("the %s %q is taken as %s", what, short(bad), field)
					case !strings.Contains(err.Error(), called) && !(strings.Contains(err.Error(), "UTF-8") && strings.HasPrefix(err.Error(), "practice.yaml:"+line(t, field))):
						t.Errorf("the %s %q: the message does not name %s: %v", what, short(bad), called, err)
					case len(strings.Fields(err.Error())) < 4:
						t.Errorf("the %s %q: the message names no remedy: %v", what, short(bad), err)
					}
				}
			}
		})
	}
}

// TestEveryEntranceTakesGoodValues shows that the test above can pass for the right reason.
func TestEveryEntranceTakesGoodValues(t *testing.T) {
	t.Parallel()
	good := map[sort]string{aName: "Zoë O’Hara", aPhone: "+13035550142", anEmail: "zoe@example.org", aZone: "America/Denver", aBirth: "1990-01-31", aPlace: "1 Elm Street\nDenver", aNumber: "SAMPLE-1",
		aSum: "$100.00", aLength: "50", aMoment: time.Now().AddDate(0, 0, 7).Format("2006-01-02") + " 10:00", someTxt: "Two lines\nof words"}
	for name, e := range entrances {
		for what, field := range e.fields {
			value := good[what]
			if name == "practice file" && what == aSum {
				value = "18000"
			}
			if err := e.give(t, field, value); err != nil {
				t.Errorf("%s: the %s %q is refused as %s: %v", name, what, value, field, err)
			}
		}
	}
}

// line is where the practice file has a field, for a fault that has no other place.
func line(t *testing.T, field string) string {
	t.Helper()
	body, err := os.ReadFile("../practice/practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]string{"practice.timezone": "timezone: America/Denver"}[field]
	if before == "" {
		before = "{id: coordinator, name"
	}
	text, _, _ := strings.Cut(string(body), before)
	return fmt.Sprint(1+strings.Count(text, "\n"), ":")
}

func short(text string) string { return text[:min(len(text), 20)] }

// object writes one field as JSON, with bytes that are not UTF-8 as they are.
func object(field, value string) json.RawMessage {
	body := `{"` + field + `":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\x1b", `\u001b`, "\x00", `\u0000`).Replace(value) + `"}`
	return json.RawMessage(body)
}

// taken is what the desk does with a report before it travels: values, then private texts.
func taken(k care.Kind, with json.RawMessage) error {
	prac, err := practice.Sample(time.Now())
	if err != nil {
		return err
	}
	if _, _, err := k.DecodeReport(with, prac.Zone, time.Now()); err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(with, &fields); err != nil {
		return err
	}
	for _, f := range k.Fields() {
		if text, ok := fields[f.Name].(string); ok && f.Private {
			if _, err := k.PrivateValue(f.Name, text, time.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

func giveReport(t *testing.T, field, value string) error {
	fact, field, _ := strings.Cut(field, ".")
	k, ok := care.KindNamed(fact)
	if !ok {
		t.Fatal(fact)
	}
	if field == "minutes" {
		return taken(k, json.RawMessage(`{"minutes":`+number(value)+`}`))
	}
	return taken(k, object(field, value))
}

// number writes what is no number as a text, as JSON has no other way.
func number(value string) string {
	if json.Valid([]byte(value)) {
		return value
	}
	return fmt.Sprintf("%q", value)
}

func giveForm(t *testing.T, field, value string) error {
	fact, field, _ := strings.Cut(field, ".")
	k, ok := care.KindNamed(fact)
	if !ok {
		t.Fatal(fact)
	}
	prac, err := practice.Sample(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	filled := form.Read(k, form.Values{field: {value}}, prac.Zone, person.Coordinator)
	for _, f := range filled.Faults {
		return fmt.Errorf("%s: %s", f.Input, f.Message)
	}
	return taken(k, filled.With)
}

func giveEnrollment(_ *testing.T, field, value string) error {
	e := desk.Enrollment{}
	for name, text := range map[string]*string{"preferred_name": &e.PreferredName, "phone": &e.Phone, "email": &e.Email, "timezone": &e.Timezone, "birth_date": &e.BirthDate, "pronouns": &e.Pronouns,
		"address": &e.Billing.Address, "member_id": &e.Billing.MemberID} {
		if name == field {
			*text = value
		}
	}
	_, err := e.Tidy(time.Now())
	return err
}

func giveCSV(t *testing.T, field, value string) error {
	var body strings.Builder
	w := csv.NewWriter(&body)
	if err := w.WriteAll([][]string{{"reference", field}, {"A-1", value}}); err != nil {
		t.Fatal(err)
	}
	rows, err := intake.ReadCSV([]byte(body.String()))
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	return rows[0].Fault
}

func giveJSON(t *testing.T, field, value string) error {
	rows, err := intake.ReadJSON(object(field, value))
	if err != nil || len(rows) != 1 {
		return err
	}
	return rows[0].Fault
}

func giveBilling(_ *testing.T, field, value string) error {
	change := care.BillingChange{}
	for name, text := range map[string]**string{"legal_name": &change.LegalName, "address": &change.Address, "member_id": &change.MemberID} {
		if name == field {
			*text = &value
		}
	}
	_, err := desk.TidyBilling(change)
	return err
}

func givePractice(t *testing.T, field, value string) error {
	body, err := os.ReadFile("../practice/practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	quoted := strings.TrimSuffix(strings.TrimPrefix(string(object("x", value)), `{"x":`), "}")
	for name, x := range map[string][2]string{
		"staff[0].name":            {"{id: coordinator, name: Sample Coordinator,", "{id: coordinator, name: " + quoted + ","},
		"staff[0].phone":           {"{id: coordinator, name", "{id: coordinator, phone: " + quoted + ", name"},
		"staff[0].email":           {"name: Sample Coordinator, email: coordinator@practice.example", "name: Sample Coordinator, email: " + quoted},
		"practice.timezone":        {"timezone: America/Denver", "timezone: " + quoted},
		"money.session_price":      {"session_price: 18000", "session_price: " + number(value)},
		"visits.late_cancel_hours": {"late_cancel_hours: 24", "late_cancel_hours: " + number(value)},
	} {
		if name == field {
			if !strings.Contains(text, x[0]) {
				t.Fatalf("the sample does not have %q", x[0])
			}
			text = strings.Replace(text, x[0], x[1], 1)
		}
	}
	if _, _, faults := practice.ReadPolicy("practice.yaml", []byte(text), time.Now()); len(faults) > 0 {
		return faults
	}
	return nil
}
