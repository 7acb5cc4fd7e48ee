package care_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// recordOf makes the health record of facts that were reported one after the other on a chart.
func recordOf(t failer, k *course, facts []care.Taken, texts map[string]string) record.HealthRecord {
	var lines []care.JournalLine
	for n, taken := range facts {
		body, err := json.Marshal(taken.Entry)
		if err != nil {
			t.Fatalf("%v", err)
		}
		lines = append(lines, care.JournalLine{Seq: int64(n + 1), At: taken.Entry.Now, Type: "fact", Body: body})
	}
	r, err := record.NewHealthRecord(k.chart, person.Contact{}, lines, nil, texts)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

func TestHistoryListsEachMoveWithWhoWhenFromToAndWhy(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	var facts []care.Taken
	do := func(by person.Role, fact string, fields with) { facts = append(facts, k.do(by, fact, fields)) }
	do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(3, 10, 0))})
	do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(4, 11, 0)), "reason": "ref:1"})
	do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(5, 12, 0)), "reason": "ref:2"})
	k.to(5, 12, 20)
	do(person.Coordinator, "appointment-missed", with{"appointment": "evaluation-1"})
	do(person.Psychotherapist, "appointment-corrected", with{"appointment": "evaluation-1", "status": "fulfilled", "reason": "ref:1"})
	do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(6, 10, 0))})
	k.to(6, 20, 0)
	do(person.Psychotherapist, "session-completed", with{"appointment": "preparation-1", "at": stamp(at(6, 11, 0))})
	lines, err := record.History(recordOf(t, k, facts, map[string]string{"ref:1": "the client's car", "ref:2": "our own mistake"}))
	if err != nil {
		t.Fatalf("%v", err)
	}
	say := func(day, hour int) string { return k.chart.Zone.SayLong(at(day, hour, 0)) }
	for n, want := range []record.HistoryLine{
		{What: "appointment-booked", About: "evaluation-1", To: say(3, 10)},
		{What: "appointment-moved", About: "evaluation-1", From: say(3, 10), To: say(4, 11), Why: "the client's car"},
		{What: "appointment-moved", About: "evaluation-1", From: say(4, 11), To: say(5, 12), Why: "our own mistake"},
		{What: "appointment-missed", About: "evaluation-1", From: "booked", To: "noshow"},
		{What: "appointment-corrected", About: "evaluation-1", From: "noshow", To: "fulfilled", Why: "the client's car", Mark: record.MarkCorrected},
		{What: "appointment-booked", About: "preparation-1", To: say(6, 10)},
		{What: "session-completed", About: "preparation-1", From: "booked", To: "fulfilled", Mark: record.MarkLate},
	} {
		got := lines[n]
		if got.What != want.What || got.About != want.About || got.From != want.From || got.To != want.To || got.Why != want.Why || got.Mark != want.Mark || got.By.Role == "" || got.At.IsZero() {
			t.Errorf("line %d is %+v, want %+v", n, got, want)
		}
	}
	if !strings.Contains(lines[0].To, "2027") {
		t.Errorf("a line of a record that is kept for years has no year: %s", lines[0].To)
	}
}

func TestOverridesStandInTheHistoryForEver(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	facts := []care.Taken{k.do(person.Physician, "gate-overridden", with{"gate": care.GateSpacing, "reason": "ref:1"})}
	lines, err := record.History(recordOf(t, k, facts, map[string]string{"ref:1": "a holiday"}))
	if err != nil {
		t.Fatalf("%v", err)
	}
	if l := lines[0]; l.Mark != record.MarkOverridden || l.About != care.GateSpacing || l.Why != "a holiday" || l.By.Role != person.Physician {
		t.Errorf("the override is told as %+v", l)
	}
}

func TestTrendReadsScoresInTheOrderOfTheAnswers(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "none")
	k.infuse(9)
	var facts []care.Taken
	nine := func(n int) []int { return []int{n, n, n, n, n, n, n, 0, 0} }
	for n, x := range []struct {
		by  person.Role
		day int
		phq []int
	}{{person.Client, 10, nine(2)}, {person.Coordinator, 12, nine(1)}, {person.Client, 16, nil}} {
		k.to(x.day, 12, 0)
		fields := with{"check_in": "latest", "mood": 4 + n}
		if x.phq != nil {
			fields["phq9"] = x.phq
		}
		facts = append(facts, k.do(x.by, "check-in-answered", fields))
	}
	trend, err := record.TrendOf(recordOf(t, k, facts, nil))
	if err != nil {
		t.Fatalf("%v", err)
	}
	if p := trend.PHQ9; p == nil || *p != (record.Progress{First: 14, Last: 7, Change: -7, Count: 2}) {
		t.Errorf("PHQ-9 went %+v", p)
	}
	if len(trend.Readings) != 3 || trend.Readings[0].CheckIn != "check-in-1-24h" || trend.Readings[1].CheckIn != "check-in-1-72h" || !trend.Readings[1].ByTelephone || trend.Readings[2].PHQ9 != nil {
		t.Errorf("readings %+v", trend.Readings)
	}
	if len(trend.Infusions) != 1 || trend.Infusions[0].At.Sub(at(9, 10, 0)).Abs() > time.Hour {
		t.Errorf("infusions %+v", trend.Infusions)
	}
}

// TestHistorySaysWhatWasFoundAndNotOnlyThatItWas: a line is read without opening the fact.
func TestHistorySaysWhatWasFoundAndNotOnlyThatItWas(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	var facts []care.Taken
	do := func(by person.Role, fact string, fields with) { facts = append(facts, k.do(by, fact, fields)) }
	do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true})
	do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))})
	do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))})
	do(person.Coordinator, "labs-resulted", with{"status": "amended"})
	do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 60000, "method": "card", "key": "k-1"})
	do(person.Nurse, "adverse-event-recorded", with{"severity": "mild", "kind": "nausea"})
	do(person.Physician, "risk-assessed", with{"outcome": "low"})
	do(person.Psychotherapist, "goals-recorded", with{"intention": "ref:1"})
	lines, err := record.History(recordOf(t, k, facts, nil))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for n, want := range []string{"Screening recorded, criteria met, the client wants this therapy", "Messaging consent recorded: text message, not agreed", "Labs resulted, final", "Labs resulted, final",
		"Labs resulted, from final to amended", "Payment received: k-1, $600.00", "Adverse event recorded, mild, nausea", "Risk assessed, low", "Goals recorded"} {
		if lines[n].Words != want {
			t.Errorf("line %d says %q, want %q", n, lines[n].Words, want)
		}
	}
}
