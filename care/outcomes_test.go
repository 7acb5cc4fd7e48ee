package care_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/visit"
)

// answered is a client who enrolled some weeks before one infusion and answered twice: with two sums of the PHQ-9, and the
// same side effects.
type answered struct {
	id          string
	weeks       int
	first, last int
	effects     []string
}

// answeredRecord is the record of such a client.
func answeredRecord(t failer, a answered) record.HealthRecord {
	k := enrolled(t, samplePolicy())
	c := k.chart
	c.ClientID = a.id
	begin := c.EnrolledAt.AddDate(0, 0, 7*a.weeks)
	c.Visits = append(c.Visits, care.Visit{ID: "infusion-1", Kind: visit.Infusion, Version: 1, Start: begin, Minutes: 60, Status: visit.Fulfilled})
	answers := func(total int) []int {
		out := make([]int, 9)
		for i := range out {
			out[i] = min(3, total)
			total -= out[i]
		}
		return out
	}
	var facts []care.Entry
	for n, total := range []int{a.first, a.last} {
		with, err := json.Marshal(map[string]any{"check_in": "check-in-1-24h", "phq9": answers(total), "side_effects": a.effects})
		if err != nil {
			t.Fatalf("%v", err)
		}
		at := begin.Add(time.Duration(24*(n+1)) * time.Hour)
		facts = append(facts, care.Entry{Seq: n + 2, Fact: "check-in-answered", By: person.Actor{Role: person.Client}, At: at, Now: at, With: with})
	}
	return record.HealthRecord{Chart: c, Facts: facts}
}

func outcomesOf(t failer, records ...record.HealthRecord) record.Outcomes {
	return tallyOf(t, records...).Outcomes()
}

// tallyOf adds records up as they are when they were stored and read again.
func tallyOf(t failer, records ...record.HealthRecord) *record.OutcomesTally {
	tally := record.NewOutcomesTally()
	for _, r := range records {
		o, err := record.OutcomeOf(r)
		if err != nil {
			t.Fatalf("%v", err)
		}
		stored, err := json.Marshal(o)
		if err != nil {
			t.Fatalf("%v", err)
		}
		var read record.ClientOutcome
		if err := json.Unmarshal(stored, &read); err != nil {
			t.Fatalf("%v", err)
		}
		tally.Add(read)
	}
	return tally
}

func TestOutcomesTellMediansOfFiveClientsAndNoFewer(t *testing.T) {
	t.Parallel()
	var records []record.HealthRecord
	for n := range 4 {
		records = append(records, answeredRecord(t, answered{fmt.Sprint("client-", n), n + 2, 15, 15 - n, []string{"nausea"}}))
	}
	few := outcomesOf(t, records...)
	if few.Clients.Count != nil || !few.Clients.Suppressed {
		t.Errorf("four clients are told: %+v", few.Clients)
	}
	for _, m := range few.Medians {
		if m.Median != nil || m.Clients != nil && *m.Clients > 0 {
			t.Errorf("%s of four clients is told: %+v", m.Name, m)
		}
	}
	enough := outcomesOf(t, append(records, answeredRecord(t, answered{"client-4", 6, 15, 5, []string{"nausea", "nausea", "something of their own"}}))...)
	want := map[string]string{"enrolment-to-first-infusion": "4 (3 to 5)", "infusions-per-client": "1 (1 to 1)", "phq9-change": "-2 (-3 to -1)", "gad7-change": "none"}
	for _, m := range enough.Medians {
		got := "none"
		if m.Median != nil {
			got = fmt.Sprintf("%v (%v to %v)", *m.Median, *m.Low, *m.High)
		}
		if got != want[m.Name] {
			t.Errorf("%s is %s, want %s", m.Name, got, want[m.Name])
		}
	}
	for _, c := range enough.SideEffects {
		switch {
		case c.Name == "nausea" && c.Count != nil && *c.Count == 5:
			t.Error("the other cell is small, so that nausea's could be worked out from the total; both are held back")
		case c.Name == "other" && !c.Suppressed:
			t.Errorf("one client's own word is told: %+v", c)
		}
	}
}

// TestNoSmallNumberIsToldOrReckonedOut: whatever the numbers, no cell tells one from 1 to 4, and when the total is
// known at least two are missing or none.
func TestNoSmallNumberIsToldOrReckonedOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"a", "b", "c", "d"}
		counts := map[string]int{}
		for _, n := range names {
			counts[n] = rapid.IntRange(0, 9).Draw(t, n)
		}
		hidden, above := 0, 0
		for _, c := range record.SuppressSmallCells(names, counts) {
			if c.Suppressed {
				hidden++
			} else if *c.Count != counts[c.Name] || *c.Count > 0 && *c.Count < record.SmallCell {
				t.Fatalf("%s is told as %d, it is %d", c.Name, *c.Count, counts[c.Name])
			}
			if counts[c.Name] > 0 {
				above++
			}
		}
		if hidden == 1 && above > 1 {
			t.Fatalf("one cell is missing and can be worked out: %v", counts)
		}
	})
}

func TestRecordOpensOnlyWhatTheRoleMayRead(t *testing.T) {
	t.Parallel()
	with := json.RawMessage(`{"outcome":"low","instrument":"x","reason":"ref:1"}`)
	r := record.HealthRecord{Chart: enrolled(t, samplePolicy()).chart, Facts: []care.Entry{{Seq: 2, Fact: "risk-assessed", With: with}}, Texts: map[string]string{"ref:1": "a word", "ref:2": "of nobody"}}
	for _, role := range person.Roles() {
		texts := r.ReadableTexts(role)
		if _, open := texts["ref:1"]; open != (role == person.Psychotherapist || role == person.Physician) {
			t.Errorf("a %s reads a clinician's reason: %v", role, open)
		}
		if len(texts) > 1 {
			t.Errorf("a %s reads a text that no fact of the record refers to", role)
		}
		opened := r
		opened.Texts = texts
		if reason := opened.Fields(r.Facts[0])["reason"].(string); strings.HasPrefix(reason, "ref:") || (reason == "a word") != (len(texts) == 1) {
			t.Errorf("a %s is shown %q", role, reason)
		}
	}
}
