package care_test

import (
	"slices"
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// insured is a client with cover whose sessions cost $200.00.
func insured(t failer, coverage with) *course {
	t.Helper()
	k := accepted(t, changed(func(p *policy.Policy) {
		p.Money.SessionPrice, p.Money.ClaimVarianceOver, p.Money.ClaimAnswerDays = 20000, 500, 30
	}))
	k.do(person.Psychotherapist, "coverage-reviewed", coverage)
	return k
}

func TestSessionCostIsAnEstimateFromTheCoverage(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		coverage with
		want     []money.Cents // the client's part of sessions one after another
	}{
		"CopayAlone":                {with{"result": "pays", "allowed": 14000, "copay": 3000, "deductible_total": 50000}, []money.Cents{3000, 3000}},
		"CopayAfterTheDeductible":   {with{"result": "pays", "allowed": 14000, "copay": 3000, "copay_after_deductible": true, "deductible_total": 20000}, []money.Cents{14000, 9000, 3000}},
		"DeductibleThenCoinsurance": {with{"result": "partly", "allowed": 14000, "deductible_total": 20000, "coinsurance_bp": 2000}, []money.Cents{14000, 7600, 2800}},
		"CappedOutOfPocket":         {with{"result": "pays", "allowed": 14000, "coinsurance_bp": 5000, "oop_total": 100000, "oop_met": 92000}, []money.Cents{7000, 1000, 0}},
		"SessionLimit":              {with{"result": "pays", "copay": 3000, "session_limit": 10, "sessions_used": 9}, []money.Cents{3000, 20000}},
		"ServiceNotCovered":         {with{"result": "pays", "copay": 3000, "services": []with{{"service": "session", "not_covered": true}}}, []money.Cents{20000}},
		"ServiceOfItsOwn":           {with{"result": "pays", "copay": 3000, "services": []with{{"service": "session", "code": "90837", "copay": 4500, "allowed": 14000}}}, []money.Cents{4500}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := insured(t, x.coverage)
			var got []money.Cents
			for i := range x.want {
				cost := k.chart.SessionCost(visit.Preparation)
				if !cost.Estimate || cost.AsOf.IsZero() || cost.Client+cost.Insurer+cost.Contractual != cost.List {
					t.Errorf("%+v", cost)
				}
				k.session("preparation", 2+i)
				got = append(got, cost.Client)
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("estimated %v, want %v", got, x.want)
			}
		})
	}
}

func TestExpectedStandsBesideWhatTheInsurerAnswers(t *testing.T) {
	t.Parallel()
	k := insured(t, with{"result": "pays", "allowed": 14000, "copay": 3000})
	k.session("preparation", 2)
	claim := func(status string, allowed, paid, owes int) with {
		return with{"appointment": "preparation-1", "status": status, "allowed": allowed, "paid": paid, "patient_owes": owes}
	}
	k.do(person.Coordinator, "claim-recorded", claim("submitted", 0, 0, 0))
	k.to(31, 9, 0)
	if _, ok := k.task("chase-claim:preparation-1"); ok {
		t.Error("asked after too early")
	}
	k.to(32, 12, 0)
	if _, ok := k.task("chase-claim:preparation-1"); !ok {
		t.Error("nobody asks after a claim without an answer")
	}
	k.do(person.Coordinator, "claim-recorded", claim("adjudicated", 14000, 0, 3400))
	if _, ok := k.task("claim-variance:preparation-1"); ok {
		t.Error("four dollars off is within the limit")
	}
	k.do(person.Coordinator, "claim-recorded", claim("paid", 13000, 8000, 5000))
	task, ok := k.task("claim-variance:preparation-1")
	if !ok || task.Role != person.Coordinator {
		t.Error("nobody looks at the difference")
	}
	got := k.chart.Claims[0]
	if got.Expected.Allowed != 14000 || got.Expected.Client != 3000 || got.Expected.Insurer != 11000 || got.Allowed != 13000 || got.PatientOwes != 5000 || got.Paid != 8000 {
		t.Errorf("%+v", got)
	}
	if owed := k.chart.Balance(money.Psychotherapies); owed != 5000 {
		t.Errorf("the client owes %s", owed)
	}
	k.do(person.Coordinator, "payment-received", with{"fee_set": "psychotherapy", "amount": 8000, "method": "insurer", "key": "eob"})
	if left := net(k.postings)["psychotherapy:receivable:insurer"]; left != 0 {
		t.Errorf("the insurer still owes %s", left)
	}
	k.do(person.Coordinator, "claim-recorded", claim("closed", 0, 0, 0))
	if _, ok := k.task("claim-variance:preparation-1"); ok {
		t.Error("still asked after the claim was closed")
	}
	if next := k.chart.SessionCost(visit.Preparation); next.Allowed != 14000 {
		t.Errorf("what the coverage says counts before what the last claim taught: %+v", next)
	}
}

func TestContractualAmountIsNeverBilledToTheClient(t *testing.T) {
	t.Parallel()
	k := insured(t, with{"result": "pays", "allowed": 14000, "copay": 3000})
	k.session("preparation", 2)
	for name, bad := range map[string]with{
		"OwesMoreThanAllowed":  {"appointment": "preparation-1", "status": "adjudicated", "allowed": 13000, "patient_owes": 13001},
		"NothingAllowed":       {"appointment": "preparation-1", "status": "adjudicated", "patient_owes": 20000},
		"AllowedAboveTheList":  {"appointment": "preparation-1", "status": "adjudicated", "allowed": 20001},
		"PaidAndOwedTooMuch":   {"appointment": "preparation-1", "status": "paid", "allowed": 13000, "paid": 11000, "patient_owes": 3000},
		"NegativeAmount":       {"appointment": "preparation-1", "status": "paid", "allowed": -1},
		"DeniedAboveThePrice":  {"appointment": "preparation-1", "status": "denied", "patient_owes": 20001},
		"StatusThatIsNotThere": {"appointment": "preparation-1", "status": "lost"},
	} {
		if r := k.refused(care.CodeInvalid, person.Coordinator, "claim-recorded", bad); r.Problems[0].Field == "" {
			t.Errorf("%s: the refusal names no field: %+v", name, r)
		}
	}
	k.do(person.Coordinator, "claim-recorded", with{"appointment": "preparation-1", "status": "adjudicated", "allowed": 13000, "paid": 10000, "patient_owes": 3000})
	if co := net(k.postings)["psychotherapy:contra:contractual"]; co != 7000 || k.chart.Balance(money.Psychotherapies) != 3000 {
		t.Errorf("contractual %s, the client owes %s", co, k.chart.Balance(money.Psychotherapies))
	}
}

func TestInfusionAndConsultAreNeverClaimed(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	id := k.infuse(9)
	for _, visit := range []string{id, "consult-1"} {
		for _, status := range []string{"draft", "submitted", "paid"} {
			k.refused("never-insured", person.Coordinator, "claim-recorded", with{"appointment": visit, "status": status, "allowed": 100})
		}
	}
	k.refused("never-insured", person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 100, "method": "insurer"})
}

func TestClaimGoesBackOnlyForWhatHappens(t *testing.T) {
	t.Parallel()
	k := insured(t, with{"result": "pays", "allowed": 14000, "copay": 3000})
	k.session("preparation", 2)
	step := func(status string) with { return with{"appointment": "preparation-1", "status": status} }
	k.refused(care.CodeUnknownAppointment, person.Coordinator, "claim-recorded", with{"appointment": "preparation-9", "status": "draft"})
	k.refused(care.CodeWrongState, person.Coordinator, "claim-recorded", step("appealed"))
	for _, status := range []string{"draft", "submitted", "rejected", "submitted", "accepted"} {
		k.do(person.Coordinator, "claim-recorded", step(status))
	}
	k.refused(care.CodeWrongState, person.Coordinator, "claim-recorded", step("draft"))
	k.do(person.Coordinator, "claim-recorded", step("denied"))
	if _, ok := k.task("claim-variance:preparation-1"); !ok {
		t.Error("a denied claim is nobody's business")
	}
	if owed := k.chart.Balance(money.Psychotherapies); owed != 3000 {
		t.Errorf("a denial alone changed what the client owes: %s", owed)
	}
	for _, status := range []string{"appealed", "paid", "closed"} {
		k.do(person.Coordinator, "claim-recorded", step(status))
	}
	k.refused(care.CodeWrongState, person.Coordinator, "claim-recorded", step("draft"))
	k.do(person.Coordinator, "claim-recorded", step("appealed"))
}

func TestClaimOfASessionThatWasNotHeldIsTakenBack(t *testing.T) {
	t.Parallel()
	k := insured(t, with{"result": "pays", "allowed": 14000, "copay": 3000})
	k.session("preparation", 2)
	answer := with{"appointment": "preparation-1", "status": "adjudicated", "allowed": 13000, "paid": 0, "patient_owes": 13000}
	k.do(person.Coordinator, "claim-recorded", answer)
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "preparation-1", "status": "noshow", "reason": "ref:1"})
	if left := net(k.postings); len(left) > 0 {
		t.Errorf("left in the ledger: %v", left)
	}
	if _, ok := k.task("withdraw-claim:preparation-1"); !ok {
		t.Error("nobody withdraws the claim")
	}
	k.refused(care.CodeWrongState, person.Coordinator, "claim-recorded", answer)
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "preparation-1", "status": "fulfilled", "reason": "ref:1"})
	k.do(person.Coordinator, "claim-recorded", answer)
	if owed := k.chart.Balance(money.Psychotherapies); owed != 13000 {
		t.Errorf("the client owes %s", owed)
	}
}

func TestReviewSignsTheDraftAndSnapshotsAreKept(t *testing.T) {
	t.Parallel()
	k := enrolled(t, changed(func(p *policy.Policy) { p.Money.CoverageValidDays = 90 }))
	k.do(person.Coordinator, "coverage-entered", with{"result": "pays", "copay": 3000, "deductible_total": 50000, "deductible_met": 10000, "source": "phone", "network": "in"})
	if _, ok := k.task("review-coverage"); !ok {
		t.Error("the psychotherapist is not asked to review the draft")
	}
	k.refused(care.CodeNotYourRole, person.Coordinator, "coverage-reviewed", with{"result": "pays"})
	k.refused(care.CodeInvalid, person.Psychotherapist, "coverage-reviewed", with{"deductible_met": 60000})
	k.do(person.Psychotherapist, "coverage-reviewed", with{"copay": 0, "coinsurance_bp": 2000})
	got := k.chart.Coverage
	if got.Result != "pays" || got.Copay != 0 || got.CoinsuranceBP != 2000 || got.DeductibleTotal != 50000 || got.DeductibleMet != 10000 || got.Source != "phone" || got.Network != "in" {
		t.Errorf("the review did not sign the draft: %+v", got)
	}
	k.to(3, 9, 0).do(person.Psychotherapist, "coverage-reviewed", with{"result": "does-not-pay"})
	if h := k.chart.CoverageHistory; len(h) != 1 || h[0].Result != "pays" || k.chart.Coverage.Result != "does-not-pay" {
		t.Errorf("history %+v, newest %+v", h, k.chart.Coverage)
	}
}

func TestCoverageReviewExpires(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		with with
		last int // day of March on which it still counts
	}{
		"After90Days":     {with{"result": "pays"}, 90},
		"FromItsOwnDay":   {with{"result": "pays", "as_of": stamp(at(-29, 9, 0))}, 60},
		"WithThePlanYear": {with{"result": "pays", "plan_year_ends": stamp(at(31, 9, 0))}, 31},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := enrolled(t, changed(func(p *policy.Policy) { p.Money.CoverageValidDays = 90 }))
			k.do(person.Psychotherapist, "coverage-reviewed", x.with)
			if g := k.to(x.last, 8, 0).gate(care.GateCoverage); !g.Open {
				t.Errorf("day %d: %+v", x.last, g)
			}
			if g := k.to(x.last+1, 23, 0).gate(care.GateCoverage); g.Open || g.MustAct != person.Psychotherapist {
				t.Errorf("the day after: %+v", g)
			}
			if _, ok := k.task("review-coverage:again"); !ok {
				t.Error("nobody reviews it again")
			}
		})
	}
}

func TestInsurerWhoWillCallBackHasNotAnswered(t *testing.T) {
	t.Parallel()
	k := enrolled(t, samplePolicy())
	k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "unknown"})
	k.refused(care.CodeInvalid, person.Psychotherapist, "insurer-contacted", with{"representative": "ref:1"})
	k.do(person.Coordinator, "insurer-contacted", with{"representative": "ref:1", "reference": "ref:2", "call_back": stamp(at(4, 12, 0))})
	if g := k.gate(care.GateInsurer); g.Open {
		t.Errorf("%+v", g)
	}
	if _, ok := k.task("contact-insurer"); !ok {
		t.Error("nobody waits for the call")
	}
	k.do(person.Coordinator, "insurer-contacted", with{"representative": "ref:1", "reference": "ref:3", "answer": "ref:4"})
	if g := k.gate(care.GateInsurer); !g.Open {
		t.Errorf("%+v", g)
	}
}
