package care_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// TestEntryKeepsWhatItsFactChanged: each kind of effect once.
func TestEntryKeepsWhatItsFactChanged(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	start, later := stamp(at(4, 10, 0).UTC()), stamp(at(5, 10, 0).UTC())
	for _, x := range []struct {
		by   person.Role
		fact string
		with with
		want care.Effect
	}{
		{person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": start}, care.Effect{About: "evaluation-1", To: start}},
		{person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": later}, care.Effect{About: "evaluation-1", From: start, To: later}},
		{person.Coordinator, "appointment-confirmed", with{"appointment": "evaluation-1"}, care.Effect{About: "evaluation-1"}},
		{person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "client"}, care.Effect{About: "evaluation-1", From: "booked", To: "cancelled"}},
		{person.Coordinator, "package-chosen", with{"package": "six"}, care.Effect{About: "six", To: "six"}},
		{person.Coordinator, "package-switched", with{"to": "ten"}, care.Effect{From: "six", To: "ten"}},
		{person.Physician, "plan-set", with{"infusions": 6}, care.Effect{To: "6 infusions"}},
		{person.Physician, "plan-set", with{"infusions": 7, "reason": "ref:1"}, care.Effect{From: "6 infusions", To: "7 infusions"}},
		{person.Physician, "labs-ordered", with{}, care.Effect{}},
		{person.Coordinator, "labs-resulted", with{"status": "preliminary"}, care.Effect{To: "preliminary"}},
		{person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))}, care.Effect{From: "preliminary", To: "final"}},
		{person.Physician, "labs-reviewed", with{"outcome": "cleared"}, care.Effect{To: "cleared"}},
		{person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true, "flags": []string{"pregnancy"}}, care.Effect{To: "criteria met, the client wants this therapy"}},
		{person.Physician, "flag-decided", with{"flag": "pregnancy", "decision": "hold", "reason": "ref:1"}, care.Effect{About: "pregnancy", To: "hold"}},
		{person.Physician, "flag-decided", with{"flag": "pregnancy", "decision": "proceed", "reason": "ref:1"}, care.Effect{About: "pregnancy", From: "hold", To: "proceed"}},
		{person.Physician, "gate-overridden", with{"gate": "spacing", "reason": "ref:1"}, care.Effect{About: "spacing", From: "shut", To: "open"}},
		{person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 60000, "method": "card", "key": "k-1"}, care.Effect{About: "k-1", To: "$600.00"}},
		{person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false}, care.Effect{About: "email", To: "not agreed"}},
		{person.Physician, "hold-placed", with{"reason": "ref:1"}, care.Effect{}},
		{person.Psychotherapist, "alert-acknowledged", with{"alert": "latest"}, care.Effect{About: "alert-1"}},
	} {
		if got := k.do(x.by, x.fact, x.with).Entry.Effect; got != x.want {
			t.Errorf("%s keeps %+v, want %+v", x.fact, got, x.want)
		}
	}
}

func TestEffectNamesWhatTheReportLeftOpen(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.to(10, 12, 0)
	if got := k.do(person.Client, "check-in-answered", with{"check_in": "latest", "mood": 5}).Entry.Effect.About; got != "check-in-1-24h" {
		t.Errorf("the latest check-in is kept as %q", got)
	}
	taken := k.do(person.Coordinator, "appointment-booked", with{"kind": "consult", "start": stamp(at(11, 10, 0))})
	if taken.Appointment != "consult-2" {
		t.Errorf("the booking answers with %q", taken.Appointment)
	}
	k.to(11, 11, 0)
	if got := k.do(person.Physician, "consult-decided", with{"outcome": "deferred", "reason": "ref:1"}).Entry.Effect; got != (care.Effect{About: "consult-2", To: "deferred"}) {
		t.Errorf("the consult is kept as %+v", got)
	}
}

// TestHistoryOfEntriesWithoutEffects reads a record that an older version wrote: its entries kept no effect.
func TestHistoryOfEntriesWithoutEffects(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	var facts []care.Taken
	do := func(by person.Role, fact string, fields with) {
		taken := k.do(by, fact, fields)
		body, err := json.Marshal(taken.Entry)
		if err != nil {
			t.Fatal(err)
		}
		old := map[string]json.RawMessage{}
		if err := json.Unmarshal(body, &old); err != nil {
			t.Fatal(err)
		}
		delete(old, "effect")
		taken.Entry = care.Entry{}
		if body, err = json.Marshal(old); err == nil {
			err = json.Unmarshal(body, &taken.Entry)
		}
		if err != nil {
			t.Fatal(err)
		}
		facts = append(facts, taken)
	}
	do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(3, 10, 0))})
	do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(5, 12, 0)), "reason": "ref:1"})
	k.to(5, 12, 20)
	do(person.Coordinator, "appointment-missed", with{"appointment": "evaluation-1"})
	do(person.Psychotherapist, "appointment-corrected", with{"appointment": "evaluation-1", "status": "fulfilled", "reason": "ref:1"})
	do(person.Physician, "gate-overridden", with{"gate": "spacing", "reason": "ref:1"})
	do(person.Physician, "labs-ordered", with{})
	do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))})
	lines, err := record.History(recordOf(t, k, facts, map[string]string{"ref:1": "a holiday"}))
	if err != nil {
		t.Fatal(err)
	}
	say := func(day, hour int) string { return k.chart.Zone.SayLong(at(day, hour, 0)) }
	for n, want := range []record.HistoryLine{
		{Words: "Appointment booked, " + say(3, 10)},
		{Words: "Appointment moved: evaluation 1, " + say(5, 12), Why: "a holiday"},
		{Words: "Appointment missed: evaluation 1"},
		{Words: "Appointment corrected: evaluation 1", Why: "a holiday", Mark: record.MarkCorrected},
		{Words: "Gate overridden: days between infusions, open", Why: "a holiday", Mark: record.MarkOverridden},
		{Words: "Labs ordered"},
		{Words: "Labs resulted, final"},
	} {
		if got := lines[n]; got.Words != want.Words || got.Why != want.Why || got.Mark != want.Mark {
			t.Errorf("line %d is %q (%s) [%s], want %q (%s) [%s]", n, got.Words, got.Why, got.Mark, want.Words, want.Why, want.Mark)
		}
	}
}

// TestEffectOnAVisitIsWhatBecameOfIt holds every effect on a visit to the visit before and after, over random courses.
func TestEffectOnAVisitIsWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for n := range rapid.IntRange(4, 16).Draw(t, "facts") {
			if n%4 == 0 {
				m.step()
			}
			before, chart := m.chart, m.chart.Clone()
			d := dice{T: m.T, chart: chart, now: m.now}
			kind := m.kind(pick(d, "appointment-booked", "appointment-moved", "appointment-cancelled", "appointment-missed", "appointment-corrected", "appointment-arrived", "session-completed"))
			taken, err := chart.Record(kind.Name, report(m.role(d, kind), "", d.fields(kind.Name)), m.now)
			if err != nil {
				continue
			}
			effect := taken.Entry.Effect
			was, is := before.Visit(effect.About), chart.Visit(effect.About)
			want := care.Effect{About: effect.About}
			switch {
			case is == nil:
				t.Fatalf("%s is about %q, which is no visit", kind.Name, effect.About)
			case was == nil || !was.Start.Equal(is.Start):
				want.To = is.Start.UTC().Format(time.RFC3339)
				if was != nil {
					want.From = was.Start.UTC().Format(time.RFC3339)
				}
			case was.Status != is.Status:
				want.From, want.To = string(was.Status), string(is.Status)
			case kind.Name == "appointment-moved": // to the time that it had
				want.From, want.To = effect.From, effect.From
			}
			if effect != want {
				t.Fatalf("%s keeps %+v, want %+v", kind.Name, effect, want)
			}
		}
	})
}

// TestRowsOfTheVocabularyHoldTogether: what a row says of fields is true of them.
func TestRowsOfTheVocabularyHoldTogether(t *testing.T) {
	t.Parallel()
	opening, names := 0, map[string]bool{}
	for _, k := range care.Vocabulary() {
		fields := map[string]care.Field{}
		for _, f := range k.Fields() {
			fields[f.Name] = f
		}
		need := append([]string{k.About, k.Words}, k.Adds.Fields()...)
		if k.Concern {
			need = append(need, "concern")
		}
		for _, name := range need {
			if _, known := fields[name]; name != "" && !known {
				t.Errorf("%s has no field %s", k.Name, name)
			}
		}
		if k.Words != "" && !fields[k.Words].Private || k.Words == "" && k.ReadTask != "" {
			t.Errorf("%s: the client's own words are in a private field, and named where a task needs them", k.Name)
		}
		if names[k.Name] || k.Section == "" || k.Summary == "" || len(k.By) == 0 {
			t.Errorf("%s stands twice or lacks section, summary or role", k.Name)
		}
		if k.Books && !k.TakesTime() {
			t.Errorf("%s books a visit and takes nobody's time", k.Name)
		}
		names[k.Name] = true
		if k.Opens {
			opening++
		}
	}
	if opening != 1 {
		t.Errorf("%d facts open a record", opening)
	}
	if got := care.ContactFacts(); !slices.Equal(got, []string{"enrolled", "contact-changed"}) {
		t.Errorf("addresses follow %v", got)
	}
	if k := care.KindFor[*care.LabsReviewed](); k.Name != "labs-reviewed" {
		t.Errorf("the row of LabsReviewed is %q", k.Name)
	}
}
