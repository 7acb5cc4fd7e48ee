package care_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// formChart is a chart ready for its first infusion, which is booked.
func formChart(t *testing.T) *course {
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(k.now.Add(72 * time.Hour))})
	return k
}

func TestEveryFactAndFieldIsShownInWords(t *testing.T) {
	t.Parallel()
	titles := map[string]string{}
	for _, k := range care.Vocabulary() {
		if k.Title() == "" || !slices.Contains(care.Groups(), k.Group()) {
			t.Errorf("%s has the title %q and the group %q", k.Name, k.Title(), k.Group())
		}
		if other := titles[k.Title()]; other != "" {
			t.Errorf("%s and %s have the same title", k.Name, other)
		}
		titles[k.Title()] = k.Name
		lookAtFields(t, k.Name, k.Fields())
		for _, field := range care.FormFieldsWithout(k) {
			t.Errorf("%s describes the field %s, which it does not have", k.Name, field)
		}
	}
}

func lookAtFields(t *testing.T, of string, fields []care.Field) {
	t.Helper()
	labels := map[string]bool{}
	for _, f := range fields {
		name := of + "." + f.Name
		if f.Label == "" || f.Input == "" || labels[f.Label] {
			t.Errorf("%s has the label %q and the input %q; labels are unique in a fact", name, f.Label, f.Input)
		}
		labels[f.Label] = true
		question := strings.HasPrefix(f.Label, "Question ") // with its words as the hint
		if strings.ContainsAny(f.Label, "_:") || strings.HasSuffix(f.Label, ".") || f.Hint != "" && !question && !strings.HasSuffix(f.Hint, ".") || question && f.Hint == "" {
			t.Errorf("%s: label %q, hint %q", name, f.Label, f.Hint)
		}
		if f.Required && f.When != "" {
			t.Errorf("%s is always required, and when %s", name, f.When)
		}
		seen := map[string]bool{}
		for _, c := range f.Choices {
			if c.Label == "" || seen[c.Label] {
				t.Errorf("%s: the choice %q has the label %q", name, c.Value, c.Label)
			}
			seen[c.Label] = true
		}
		choosing := slices.Contains([]care.Input{care.InputChoice, care.InputChoices}, f.Input)
		if choosing != (len(f.Choices) > 0 || f.Chosen) {
			t.Errorf("%s is typed as %s, and has %d choices", name, f.Input, len(f.Choices))
		}
		if f.Type == "number" && f.Unit == "" && !slices.Contains(countedByLabel, f.Name) && f.Input == care.InputNumber {
			t.Errorf("%s is a number of what?", name)
		}
		lookAtFields(t, name, f.Items)
	}
}

// countedByLabel are numbers whose label says what they count.
var countedByLabel = []string{"quantity"}

func TestFullReportsAreFull(t *testing.T) {
	t.Parallel()
	k := formChart(t)
	for _, kind := range care.Vocabulary() {
		report, ok := fullReports[kind.Name]
		if !ok {
			t.Errorf("there is no full report of %s", kind.Name)
			continue
		}
		for _, f := range kind.Fields() {
			if _, given := report[f.Name]; !given && f.Input != care.InputNone && f.Name != "at" {
				t.Errorf("%s: %s is missing", kind.Name, f.Name)
			}
		}
		if fields := refusedFields(k, kind, report); len(fields) > 0 && !slices.Equal(fields, []string{kind.About}) && kind.Name != "policy-adopted" {
			t.Errorf("%s: refused for %v", kind.Name, fields)
		}
	}
}

// refusedFields gives the fields that a report is refused for by itself, whatever stands in the chart.
func refusedFields(k *course, kind care.Kind, fields with) []string {
	by := kind.By[0]
	var err error
	if kind.Opens {
		_, _, err = care.Enroll(care.Enrollment{ClientID: "client-y", Policy: samplePolicy(), Zone: denver, ClientZone: denver, At: k.now, Report: report(by, "", fields)})
	} else {
		err = k.chart.Check(kind.Name, report(by, "", fields), k.now)
	}
	var refused *care.Refusal
	if !errors.As(err, &refused) {
		return nil
	}
	var out []string
	for _, p := range refused.Problems {
		if p.Field != "" && !slices.Contains([]string{care.CodeWrongState, care.CodeUnknownAppointment}, p.Code) {
			out = append(out, p.Field)
		}
	}
	return out
}

// less is a report without some fields.
func less(fields with, names ...string) with {
	out := maps.Clone(fields)
	for _, name := range names {
		delete(out, name)
	}
	return out
}

// more is a report with other values.
func more(fields with, others with) with {
	out := maps.Clone(fields)
	maps.Copy(out, others)
	return out
}

func TestFieldsTakeTheirChoicesAndNothingElse(t *testing.T) {
	t.Parallel()
	k := formChart(t)
	for _, kind := range care.Vocabulary() {
		for _, f := range kind.Fields() {
			if f.Input != care.InputChoice && f.Input != care.InputChoices || f.Chosen {
				continue
			}
			try := func(value string) bool {
				var given any = value
				if f.Input == care.InputChoices {
					given = []string{value}
				}
				return slices.Contains(refusedFields(k, kind, more(fullReports[kind.Name], with{f.Name: given})), f.Name)
			}
			for _, c := range f.Choices {
				if try(c.Value) && !(kind.Name == "payment-received" && c.Value == "insurer") { // an insurer never pays medical fees
					t.Errorf("%s.%s refuses its choice %s", kind.Name, f.Name, c.Value)
				}
			}
			if try("something-else") == f.Open {
				t.Errorf("%s.%s: open is %v, but another value is refused: %v", kind.Name, f.Name, f.Open, !f.Open)
			}
		}
	}
}

func TestRequiredFieldsAreThoseThatCheckNeeds(t *testing.T) {
	t.Parallel()
	k := formChart(t)
	required := 0
	for _, kind := range care.Vocabulary() {
		full := fullReports[kind.Name]
		for _, f := range kind.Fields() {
			named := slices.Contains(refusedFields(k, kind, less(full, f.Name)), f.Name)
			switch {
			case f.Input == care.InputNone:
			case f.Required && !named:
				t.Errorf("%s.%s is required, but a report without it is not refused for it", kind.Name, f.Name)
			case !f.Required && f.When == "" && named:
				t.Errorf("%s.%s is optional, but a report without it is refused for it", kind.Name, f.Name)
			case f.Required:
				required++
			}
		}
	}
	if required < 50 {
		t.Errorf("only %d fields are required", required)
	}
}

// TestFieldsThatTheStartNeeds leaves out of a check-in sheet one field at a time: the start asks for just those that the form says are
// needed before it, and for the physician's words where the blood pressure is outside the limits.
func TestFieldsThatTheStartNeeds(t *testing.T) {
	t.Parallel()
	kind := care.KindFor[*care.InfusionCheckedIn]()
	high := with{"systolic": 145, "physician_decision": true}
	stop := with{"systolic": 165, "physician_decision": true, "physician_reason": "ref:9"}
	problems := func(report with) int {
		k := bookedInfusion(t)
		k.do(person.Physician, kind.Name, report)
		return len(k.chart.StartProblems(k.chart.Visit("infusion-1"), k.now))
	}
	checked := 0
	for _, f := range kind.Fields() {
		if f.Name == "appointment" || f.Input == care.InputNone {
			continue
		}
		whole := sheet("infusion-1", map[string]with{"physician_decision": high, "physician_reason": stop}[f.Name])
		if n := problems(whole); n > 0 {
			t.Fatalf("a whole sheet has %d problems (%s)", n, f.Name)
		}
		if needed := problems(less(whole, f.Name)) > 0; needed != (f.Before != "") {
			t.Errorf("%s: the start needs it: %v; the form says needed before %q", f.Name, needed, f.Before)
		} else if needed {
			checked++
		}
	}
	if checked < 15 {
		t.Errorf("only %d fields are needed before the start", checked)
	}
}

// TestEveryItemOfTheSheetIsNamedAsInItsForm: what a page lists of a sheet has the words that people filled in.
func TestEveryItemOfTheSheetIsNamedAsInItsForm(t *testing.T) {
	t.Parallel()
	k := bookedInfusion(t)
	k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	items := k.chart.Visit("infusion-1").Day.Sheet
	seen := map[string]bool{}
	for _, item := range items {
		if label := item.Label(); label == "" || seen[label] {
			t.Errorf("%s is called %q, which is nothing or another one's name", item.Item, label)
		}
		seen[item.Label()] = true
	}
	if len(items) < 15 {
		t.Errorf("only %d items", len(items))
	}
}

// TestFieldsThatAreSometimesRequired holds every condition: with it the field is asked for, without it it is not.
func TestFieldsThatAreSometimesRequired(t *testing.T) {
	t.Parallel()
	lots := func(k *course) { k.chart.Policy.Infusions.RecordLot, k.chart.Policy.Infusions.RecordWaste = true, true }
	ranged := func(k *course) {
		k.chart.Policy.Infusions.DoseRange = policy.DoseRange{LowMG: 10, HighMG: 20, SetBy: "dr-stone"}
	}
	running := func(k *course) {
		k.chart.Visit("infusion-1").Day = &care.InfusionDay{StartedAt: k.now, OrderedMG: 40}
	}
	full := fullReports
	cases := map[string]struct {
		before func(k *course)
		with   with
	}{
		"goals-recorded.intention":             {with: with{}},
		"coverage-reviewed.result":             {with: with{}},
		"insurer-contacted.answer":             {with: less(full["insurer-contacted"], "answer", "call_back")},
		"estimate-issued.total":                {with: less(full["estimate-issued"], "total")},
		"appointment-moved.start":              {with: with{"appointment": "infusion-1"}},
		"appointment-cancelled.side":           {with: with{"appointment": "infusion-1"}},
		"consult-decided.reason":               {with: with{"outcome": "deferred"}},
		"labs-resulted.drawn_on":               {before: func(k *course) { k.do(person.Physician, "labs-ordered", with{}) }, with: with{"status": "final"}},
		"dose-ordered.outside_range_confirmed": {before: ranged, with: less(full["dose-ordered"], "outside_range_confirmed")},
		"plan-set.infusions":                   {with: with{"reason": "words"}},
		"plan-set.reason":                      {before: func(k *course) { k.do(person.Physician, "plan-set", with{"infusions": 6}) }, with: with{"infusions": 7}},
		"drug-given.lot":                       {before: lots, with: less(full["drug-given"], "lot")},
		"drug-given.expires_on":                {before: lots, with: less(full["drug-given"], "expires_on")},
		"drug-given.waste_mg":                  {before: lots, with: less(full["drug-given"], "waste_mg")},
		"drug-given.witness":                   {with: less(full["drug-given"], "witness")},
		"drug-given.confirmed":                 {before: running, with: more(less(full["drug-given"], "confirmed"), with{"dose_mg": 60, "drawn_mg": 74.5})},
		"payment-received.confirmed":           {with: with{"fee_set": "medical", "amount": 99_000_000, "method": "card"}},
		"claim-recorded.allowed":               {with: with{"appointment": "preparation-1", "status": "paid", "patient_owes": 100}},
	}
	// What one of several fields is needed for, and what only a state tells.
	elsewhere := []string{"contact-changed.phone", "contact-changed.email", "contact-changed.preferred_name", "contact-changed.pronouns", "contact-changed.birth_date", "contact-changed.pin", "contact-changed.timezone", "infusion-stopped.reason", "resumed.reason"}
	for _, kind := range care.Vocabulary() {
		for _, f := range kind.Fields() {
			name := kind.Name + "." + f.Name
			if f.When == "" || slices.Contains(elsewhere, name) {
				continue
			}
			x, ok := cases[name]
			if !ok {
				t.Errorf("%s is required when %s; show it", name, f.When)
				continue
			}
			k := formChart(t)
			if x.before != nil {
				x.before(k)
			}
			field := map[string]string{"outside_range_confirmed": "dose_mg"}[f.Name] // the refusal is of the dose
			if field == "" {
				field = f.Name
			}
			if got := refusedFields(k, kind, x.with); !slices.Contains(got, field) {
				t.Errorf("%s is required when %s, but a report without it is refused for %v", name, f.When, got)
			}
			if got := refusedFields(k, kind, fullReports[kind.Name]); slices.Contains(got, field) {
				t.Errorf("%s: a full report is refused for it", name)
			}
			delete(cases, name)
		}
	}
	for name := range cases {
		t.Errorf("%s is not required at times", name)
	}
}

func TestGraveFactsAndThoseThatAskAgain(t *testing.T) {
	t.Parallel()
	var grave, again []string
	for _, k := range care.Vocabulary() {
		if k.Grave {
			grave = append(grave, k.Name)
		}
		if k.AsksAgain {
			again = append(again, k.Name)
		}
	}
	if want := []string{"dose-ordered", "hold-released", "gate-overridden", "refund-approved"}; !slices.Equal(grave, want) {
		t.Errorf("grave are %v, want %v", grave, want)
	}
	if want := []string{"flag-decided", "dose-ordered", "gate-overridden", "refund-approved"}; !slices.Equal(again, want) {
		t.Errorf("asked again are %v, want %v", again, want)
	}
}

func TestReportOnAnOldViewIsAskedAgainWhereItMatters(t *testing.T) {
	t.Parallel()
	k := formChart(t)
	r := report(person.Physician, "dose-1", with{"dose_mg": 40, "inputs": fiveInputs})
	for seen, want := range map[int]bool{0: true, k.chart.Facts: true, k.chart.Facts + 3: true, k.chart.Facts - 1: false} {
		r.Seen = seen
		var refused *care.Refusal
		if err := k.chart.Check("dose-ordered", r, k.now); errors.As(err, &refused) == want || !want && !refused.Has(care.CodeMovedOn) {
			t.Errorf("seen %d of %d: %v", seen, k.chart.Facts, err)
		}
	}
	plain := report(person.Coordinator, "", with{"reason": "ref:1"})
	plain.Seen = 1
	if err := k.chart.Check("paused", plain, k.now); err != nil {
		t.Errorf("a fact that does not ask again: %v", err)
	}
	r.Seen = k.chart.Facts
	if _, err := k.chart.Record("dose-ordered", r, k.now); err != nil {
		t.Fatal(err)
	}
	if taken, err := k.chart.Record("dose-ordered", r, k.now); err != nil || !taken.Repeated {
		t.Errorf("the same report again: %+v %v", taken, err)
	}
}

func TestFactsPrintAsJSON(t *testing.T) {
	t.Parallel()
	k, _ := care.KindNamed("labs-reviewed")
	f, ok := k.Field("outcome")
	if b, err := json.Marshal(f); !ok || err != nil || !strings.Contains(string(b), `"choices":[{"value":"cleared","label":"Cleared"}`) || !f.Required {
		t.Errorf("%s %v", b, err)
	}
}
