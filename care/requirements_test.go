package care_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// tried records a fact that may be refused.
func tried(k *course, by person.Role, fact string, fields with) error {
	_, err := k.chart.Record(fact, report(by, "", fields), k.now)
	return err
}

// TestKindsOfVisitsHaveTheirFeeSet: R9, R24 and R25. There are five kinds of visits. Three are psychotherapy and two are medical.
func TestKindsOfVisitsHaveTheirFeeSet(t *testing.T) {
	t.Parallel()
	want := map[string]money.FeeSet{"evaluation": money.Psychotherapies, "preparation": money.Psychotherapies, "integration": money.Psychotherapies,
		"consult": money.Medical, "infusion": money.Medical}
	if len(visit.Kinds) != len(want) {
		t.Errorf("there are %v", visit.Kinds)
	}
	for _, kind := range visit.Kinds {
		if set := visit.Kind(kind).FeeSet(); set != want[kind] {
			t.Errorf("%s is charged to %q, want %q", kind, set, want[kind])
		}
	}
}

// TestBothCliniciansReadTheWholeRecord: R6, over every fact.
func TestBothCliniciansReadTheWholeRecord(t *testing.T) {
	t.Parallel()
	for _, kind := range care.Vocabulary() {
		if !kind.Readable(person.Physician) || !kind.Readable(person.Psychotherapist) {
			t.Errorf("%s is closed to one of the two clinicians", kind.Name)
		}
	}
}

// TestFirstMeetingWaitsForReviewContactAndFees: R28 to R31, over every choice of the three and every kind of first visit. Only with
// all three done is one booked.
func TestFirstMeetingWaitsForReviewContactAndFees(t *testing.T) {
	t.Parallel()
	steps := []reporting{{person.Psychotherapist, "coverage-reviewed", with{"result": "does-not-pay"}},
		{person.Psychotherapist, "insurer-contact-waived", with{"reason": "ref:1"}}, {person.Psychotherapist, "fees-discussed", with{"summary": "ref:1"}}}
	for done := range 1 << len(steps) {
		for _, kind := range []visit.Kind{visit.Evaluation, visit.Preparation, visit.Consult} {
			t.Run(fmt.Sprintf("%03b-%s", done, kind), func(t *testing.T) {
				t.Parallel()
				k := fresh(t)
				k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true})
				for i, step := range steps {
					if done&(1<<i) != 0 {
						k.do(step.by, step.name, step.with)
					}
				}
				err := tried(k, person.Coordinator, "appointment-booked", with{"kind": string(kind), "start": stamp(at(9, 10, 0)), "minutes": 60})
				if all := done == 1<<len(steps)-1; (err == nil) != all {
					t.Errorf("booked: %v", err)
				}
			})
		}
	}
}

// TestCoverageHasOneOfFourResults: R26. Nothing else is a result. A draft may leave it open, and its review may not.
func TestCoverageHasOneOfFourResults(t *testing.T) {
	t.Parallel()
	for result, taken := range map[string]bool{"pays": true, "does-not-pay": true, "partly": true, "unknown": true,
		"": false, "Pays": false, "pays ": false, "yes": false, "none": false, "pays,partly": false} {
		for fact, by := range map[string]person.Role{"coverage-reviewed": person.Psychotherapist, "coverage-entered": person.Coordinator} {
			draft := result == "" && by == person.Coordinator
			if err := tried(fresh(t), by, fact, with{"result": result}); (err == nil) != (taken || draft) {
				t.Errorf("%s with the result %q: %v", fact, result, err)
			}
		}
	}
	k := fresh(t)
	k.do(person.Coordinator, "coverage-entered", with{"copay": 3000})
	k.refused(care.CodeInvalid, person.Psychotherapist, "coverage-reviewed", with{})
}

// TestMeasuresOfASessionGoFromOneToFive: R18, over each measure and whole numbers around its ends.
func TestMeasuresOfASessionGoFromOneToFive(t *testing.T) {
	t.Parallel()
	for _, measure := range []string{"flexibility", "acceptance", "clarity"} {
		for n := -1; n <= 7; n++ {
			if n == 0 {
				continue // not measured
			}
			k := bookedSession(t).to(2, 10, 50)
			err := tried(k, person.Psychotherapist, "session-completed", with{"appointment": "evaluation-1", measure: n})
			if (err == nil) != (n >= 1 && n <= 5) {
				t.Errorf("%s of %d: %v", measure, n, err)
			}
			if err != nil {
				continue
			}
			m := k.chart.Visit("evaluation-1").Measures
			if got := map[string]int{"flexibility": m.Flexibility, "acceptance": m.Acceptance, "clarity": m.Clarity}; got[measure] != n {
				t.Errorf("%s of %d is kept as %v", measure, n, got)
			}
		}
	}
}

// TestInsurancePaysForLabsUnlessTheClientDoes: R36.
func TestInsurancePaysForLabsUnlessTheClientDoes(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"": "insurance", "insurance": "insurance", "self": "self"} {
		k := cleared(t)
		k.do(person.Physician, "labs-ordered", with{"payer": said})
		if got := k.chart.Labs[0].Payer; got != want {
			t.Errorf("the payer %q is kept as %q", said, got)
		}
	}
	cleared(t).refused(care.CodeInvalid, person.Physician, "labs-ordered", with{"payer": "practice"})
}

// TestNobodyAgreesBeforeHearingThatInfusionsAreNotInsured: R38. Until a way to pay is chosen, which tells it, the estimate's gate is
// shut; and no insurer pays into the medical fees, whatever the way.
func TestNobodyAgreesBeforeHearingThatInfusionsAreNotInsured(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	if g := k.gate(care.GateEstimate); g.Open || !strings.Contains(g.Reason, "never insured") {
		t.Errorf("before the choice: %+v", g)
	}
	for _, choice := range []string{"none", "six", "ten"} {
		k := cleared(t)
		k.do(person.Client, "package-chosen", with{"package": choice})
		if g := k.gate(care.GateEstimate); strings.Contains(g.Reason, "never insured") {
			t.Errorf("after choosing %s: %+v", choice, g)
		}
		k.refused("never-insured", person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 60000, "method": "insurer", "key": "k"})
	}
}

// TestEachPracticeSetsItsPsychotherapyPrices: R32. The practice file is asked for both prices, and they are what a session costs.
func TestEachPracticeSetsItsPsychotherapyPrices(t *testing.T) {
	t.Parallel()
	for _, price := range []money.Cents{1, 17500, 99999} {
		k := accepted(t, changed(func(p *policy.Policy) { p.Money.EvaluationPrice, p.Money.SessionPrice = price+1, price }))
		for kind, want := range map[visit.Kind]money.Cents{visit.Evaluation: price + 1, visit.Preparation: price, visit.Integration: price} {
			if got := k.chart.SessionCost(kind).List; got != want {
				t.Errorf("a visit of kind %s costs %s, want %s", kind, got, want)
			}
		}
	}
	for _, field := range []string{"money.evaluation_price", "money.session_price"} {
		p := changed(func(p *policy.Policy) { p.Money.EvaluationPrice, p.Money.SessionPrice = 0, 0 })
		if !slices.ContainsFunc(p.Validate(), func(f policy.Fault) bool { return f.Path == field }) {
			t.Errorf("a practice file without %s passes", field)
		}
	}
}
