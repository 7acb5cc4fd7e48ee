package form_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/form"
	"kapflow/care/person"
)

func zone(t *testing.T, name string) clock.Zone {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return clock.ZoneOf(loc, time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
}

func kind(t *testing.T, name string) care.Kind {
	t.Helper()
	k, ok := care.KindNamed(name)
	if !ok {
		t.Fatalf("no fact %s", name)
	}
	return k
}

// TestValuesAreReadAsPeopleTypeThem goes through each sort of value; an empty want is a fault.
func TestValuesAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	denver := zone(t, "America/Denver")
	for _, x := range []struct{ fact, input, typed, want string }{
		{"payment-received", "amount", "$1,234.50", `{"amount":123450}`},
		{"payment-received", "amount", " 100 ", `{"amount":10000}`},
		{"payment-received", "amount", "1,250", `{"amount":125000}`},
		{"payment-received", "amount", "12.5", ""},
		{"payment-received", "amount", "a hundred", ""},
		{"payment-received", "amount", "$1,000,001", ""},
		{"payment-received", "amount", "", `{}`},
		{"payment-received", "confirmed", "on", `{"confirmed":true}`},
		{"payment-received", "confirmed", "maybe", ""},
		{"screening-recorded", "prefers_kap", "no", `{"prefers_kap":false}`},
		{"appointment-booked", "start", "2027-03-04T10:00", `{"start":"2027-03-04T10:00:00-07:00"}`},
		{"appointment-booked", "start", "3/4/2027 1:30 pm", `{"start":"2027-03-04T13:30:00-07:00"}`},
		{"appointment-booked", "start", "March 4, 2027, 1 PM", `{"start":"2027-03-04T13:00:00-07:00"}`},
		{"appointment-booked", "start", "2027-03-14T02:30", ""}, // the clocks go forward
		{"appointment-booked", "start", "2027-11-07T01:30", ""}, // this time comes twice
		{"appointment-booked", "start", "2027-11-07T01:30:00-07:00", `{"start":"2027-11-07T01:30:00-07:00"}`},
		{"appointment-booked", "start", "tomorrow", ""},
		{"coverage-entered", "coinsurance_bp", "20", `{"coinsurance_bp":2000}`},
		{"coverage-entered", "coinsurance_bp", "12.5 %", `{"coinsurance_bp":1250}`},
		{"coverage-entered", "coinsurance_bp", "33.33", `{"coinsurance_bp":3333}`},
		{"coverage-entered", "coinsurance_bp", "12.345", ""},
		{"coverage-entered", "coinsurance_bp", "-3", ""},
		{"coverage-entered", "coinsurance_bp", "100", `{"coinsurance_bp":10000}`},
		{"coverage-entered", "coinsurance_bp", "2000", ""}, // hundredths, as they were typed before
		{"coverage-entered", "coinsurance_bp", ".5", ""},
		{"coverage-entered", "coinsurance_bp", "a fifth", ""},
		{"appointment-booked", "minutes", "50 minutes", `{"minutes":50}`},
		{"appointment-booked", "minutes", "fifty", ""},
		{"appointment-booked", "minutes", "0x32", ""},
		{"labs-resulted", "drawn_on", "3/4/2027", `{"drawn_on":"2027-03-04T00:00:00-07:00"}`},
		{"labs-resulted", "drawn_on", "4.3.2027", ""},
		{"contact-changed", "birth_date", "1/31/1990", `{"birth_date":"1990-01-31"}`},
		{"contact-changed", "phone", "(303) 555-0142", `{"phone":"+13035550142"}`},
		{"contact-changed", "phone", "1-303-555-0142", `{"phone":"+13035550142"}`},
		{"contact-changed", "phone", "+49 30 5550142", `{"phone":"+49 30 5550142"}`},
		{"contact-changed", "phone.clear", "yes", `{"phone":""}`},
		{"dose-ordered", "dose_mg", "40.5 mg", `{"dose_mg":40.5}`},
		{"dose-ordered", "inputs.experience", "no", `{"inputs":{"experience":"no"}}`},
		{"dose-ordered", "inputs.intent", "Yes", `{"inputs":{"intent":true}}`},
		{"infusion-checked-in", "escort", "their sister", `{"escort":"their sister"}`},
		{"screening-recorded", "flags", "pregnancy\r\n\n suicidal-intent ", `{"flags":["pregnancy","suicidal-intent"]}`},
		{"coverage-entered", "services.1.copay", "30", `{"services":[{"copay":3000}]}`},
		{"coverage-entered", "services.1.nothing", "30", ""},
		{"paused", "reasons", "x", ""},
		{"paused", "_token", "x", `{}`},
		{"readiness-answered", "concern", "yes", ""}, // a client does not fill it in
	} {
		typed := form.Values{x.input: {x.typed}}
		got := form.Read(kind(t, x.fact), typed, denver, person.Client)
		if fault := len(got.Faults) > 0; fault != (x.want == "") || !fault && string(got.With) != x.want {
			t.Errorf("%s %s=%q: %s %v", x.fact, x.input, x.typed, got.With, got.Faults)
		}
		if got.Typed[x.input][0] != x.typed {
			t.Errorf("%s: what was typed is lost", x.input)
		}
		for _, f := range got.Faults {
			if f.Input != x.input || f.Message == "" || f.Message[len(f.Message)-1] != '.' {
				t.Errorf("%s %q: %+v", x.input, x.typed, f)
			}
		}
	}
}

// TestWordsGoWithAYes: read as an answer, words mean yes, so "sertraline" beside nothing new must not be read alone.
func TestWordsGoWithAYes(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ chosen, words, want, fault string }{
		{"", "", `{}`, ""},
		{"yes", "", `{"nothing_new":true}`, ""},
		{"no", "", `{"nothing_new":"no"}`, ""},
		{"yes", "asked twice", `{"nothing_new":"asked twice"}`, ""},
		{"no", "sertraline", `{}`, "nothing_new.words"},
		{"", "sertraline", `{}`, "nothing_new"},
		{"perhaps", "sertraline", `{}`, "nothing_new"},
	} {
		k := kind(t, "infusion-checked-in")
		got := form.Read(k, form.Values{"nothing_new": {x.chosen}, "nothing_new.words": {x.words}}, clock.Zone{}, person.Nurse)
		fault := ""
		for _, f := range got.Faults {
			fault += f.Input
		}
		if string(got.With) != x.want || fault != x.fault {
			t.Errorf("%q and %q: %s, faults %v", x.chosen, x.words, got.With, got.Faults)
		}
		if x.fault != "" || x.want == `{}` {
			continue
		}
		shown, err := form.Show(k, got.With, clock.Zone{})
		if err != nil || len(shown["nothing_new"]) != 1 || shown["nothing_new"][0] != x.chosen {
			t.Errorf("%s is shown as %v, %v", got.With, shown, err)
		}
	}
}

func TestQuestionnairesAreAnsweredWholly(t *testing.T) {
	t.Parallel()
	typed := form.Values{}
	for _, n := range []string{"0", "1", "2", "3", "4", "5", "6"} {
		typed["gad7."+n] = []string{"1"}
	}
	got := form.Read(kind(t, "check-in-answered"), typed, clock.Zone{}, person.Nurse)
	if string(got.With) != `{"gad7":[1,1,1,1,1,1,1]}` || len(got.Faults) > 0 {
		t.Errorf("%s %v", got.With, got.Faults)
	}
	delete(typed, "gad7.3")
	got = form.Read(kind(t, "check-in-answered"), typed, clock.Zone{}, person.Nurse)
	if len(got.Faults) != 1 || got.Faults[0].Input != "gad7.3" || got.Faults[0].Message != "Question 4 is not answered." {
		t.Errorf("%v", got.Faults)
	}
}

func TestTimesAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	typed := form.Values{"start": {"2027-03-04T10:00"}}
	for name, want := range map[string]string{"America/Denver": `{"start":"2027-03-04T10:00:00-07:00"}`, "America/New_York": `{"start":"2027-03-04T10:00:00-05:00"}`} {
		if got := form.Read(kind(t, "appointment-moved"), typed, zone(t, name), person.Coordinator); string(got.With) != want {
			t.Errorf("%s: %s", name, got.With)
		}
	}
}

func TestRefusalsStandBesideTheirFields(t *testing.T) {
	t.Parallel()
	k := kind(t, "labs-reviewed")
	refusal := &care.Refusal{Problems: []care.Problem{
		{Field: "outcome", Message: "outcome: is needed"}, {Field: "by", Message: "by: a named person"}, {Message: "the labs have no result yet", MustAct: person.Coordinator}}}
	got := form.Place(k, refusal)
	if len(got.Beside) != 1 || got.Beside[0].Message != "Finding is needed." || got.Beside[0].Input != "outcome" || len(got.Above) != 2 {
		t.Errorf("%+v", got)
	}
	if _, err := form.Show(k, json.RawMessage(`{"outcome":{}}`), clock.Zone{}); err == nil {
		t.Error("what cannot be read is shown")
	}
}

// FuzzRead: whatever is typed, what could be read is JSON that the kind decodes or refuses by name.
func FuzzRead(f *testing.F) {
	for _, seed := range [][2]string{{"amount", "$1"}, {"start", "3/4/2027 10 AM"}, {"services.0.copay", "1"}, {"phq9.0", "9"}, {"inputs.intent", "\xff"}, {"minutes", "1e9"}, {"lines.199.cents", "-3"}} {
		for n := range len(care.Vocabulary()) {
			f.Add(n, seed[0], seed[1])
		}
	}
	f.Fuzz(func(t *testing.T, n int, name, value string) {
		kinds := care.Vocabulary()
		k := kinds[((n%len(kinds))+len(kinds))%len(kinds)]
		got := form.Read(k, form.Values{name: {value}}, clock.Zone{}, person.Physician)
		_, _, err := k.DecodeReport(got.With, clock.Zone{}, time.Unix(1_800_000_000, 0))
		var refused *care.Refusal
		if err != nil && (!errors.As(err, &refused) || slices.ContainsFunc(refused.Problems, func(p care.Problem) bool { return p.Field == "with" })) {
			t.Fatalf("%s %s=%q: %s: %v", k.Name, name, value, got.With, err)
		}
	})
}
