package care_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// TestWhatAPlanPaysBackOutOfNetwork: the figures of the coverage review say what sessions one after another bring back. The
// client owes the list price whatever is expected.
func TestWhatAPlanPaysBackOutOfNetwork(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		coverage with
		want     []money.Cents
		lacks    []string
	}{
		"CoinsuranceAlone":          {coverage: with{"coinsurance_bp": 4000, "allowed": 15000, "deductible_total": 0}, want: []money.Cents{9000, 9000}},
		"DeductibleFirst":           {coverage: with{"coinsurance_bp": 4000, "allowed": 15000, "deductible_total": 50000, "deductible_met": 30000}, want: []money.Cents{0, 6000, 9000}},
		"NothingMetYet":             {coverage: with{"coinsurance_bp": 4000, "allowed": 15000, "deductible_total": 20000, "deductible_met": 0}, want: []money.Cents{0, 6000}},
		"AllowedAboveTheList":       {coverage: with{"coinsurance_bp": 0, "allowed": 30000, "deductible_total": 0}, want: []money.Cents{20000}},
		"Copay":                     {coverage: with{"copay": 4000, "allowed": 15000}, want: []money.Cents{11000}},
		"CopayAfterTheDeductible":   {coverage: with{"copay": 4000, "copay_after_deductible": true, "allowed": 15000, "deductible_total": 10000, "deductible_met": 0}, want: []money.Cents{1000, 11000}},
		"MostOutOfPocket":           {coverage: with{"coinsurance_bp": 5000, "allowed": 14000, "deductible_total": 0, "oop_total": 100000, "oop_met": 92000}, want: []money.Cents{7000, 13000, 14000}},
		"SessionsUsedUp":            {coverage: with{"coinsurance_bp": 4000, "allowed": 15000, "deductible_total": 0, "session_limit": 10, "sessions_used": 9}, want: []money.Cents{9000, 0}},
		"NotCovered":                {coverage: with{"coinsurance_bp": 4000, "services": []with{{"service": "session", "not_covered": true}}}, want: []money.Cents{0}},
		"AllowedUnknown":            {coverage: with{"coinsurance_bp": 4000, "deductible_total": 0}, lacks: []string{"the amount that the plan allows"}},
		"ShareUnknown":              {coverage: with{"allowed": 15000, "deductible_total": 0}, lacks: []string{"the co-pay or co-insurance"}},
		"DeductibleUnknown":         {coverage: with{"coinsurance_bp": 4000, "allowed": 15000}, lacks: []string{"the deductible"}},
		"MetUnknown":                {coverage: with{"coinsurance_bp": 4000, "allowed": 15000, "deductible_total": 50000}, lacks: []string{"how much of the deductible was met"}},
		"MetUnknownButANewPlanYear": {coverage: with{"coinsurance_bp": 4000, "allowed": 15000, "deductible_total": 15000, "plan_year_ends": "2027-03-02"}, want: []money.Cents{0, 9000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x.coverage["result"], x.coverage["network"] = "pays", "out"
			k := insured(t, x.coverage)
			k.consult(2, "cleared") // the first meeting, after which an expired review keeps no visit back
			for i := range max(1, len(x.want)) {
				cost := k.chart.SessionCostAt(visit.Preparation, at(3+i, 10, 0))
				if cost.Client != 20000 || cost.PaidBack == nil || cost.Estimate || cost.Insurer != 0 {
					t.Fatalf("%+v", cost)
				}
				if b := *cost.PaidBack; !slices.Equal(b.Lacks, x.lacks) || b.Known() && b.Cents != x.want[i] {
					t.Errorf("session %d: %+v, want %v, lacking %v", i+1, b, x.want, x.lacks)
				}
				k.session("preparation", 3+i)
			}
		})
	}
}

// TestPaidBackIsSetOutOfNetworkOnly: inside the network the insurer pays the practice.
func TestPaidBackIsSetOutOfNetworkOnly(t *testing.T) {
	t.Parallel()
	for _, coverage := range []with{{"result": "pays", "network": "in", "copay": 3000}, {"result": "pays", "copay": 3000}, {"result": "does-not-pay", "network": "out"}, {"result": "unknown", "network": "out"}} {
		k := insured(t, coverage)
		if cost := k.chart.SessionCost(visit.Preparation); cost.PaidBack != nil {
			t.Errorf("%v: %+v", coverage, cost)
		}
		for _, it := range k.chart.DraftEstimate(at(1, 12, 0)).Items {
			if it.PaidBack != nil {
				t.Errorf("%v: %+v", coverage, it)
			}
		}
	}
}

// TestPaidBackIsNeverAGuess: over any figures, what is paid back lies between 0 and the list price, it is unknown exactly when
// a figure that it needs was left out, and the estimate's lines and total stay what the client owes.
func TestPaidBackIsNeverAGuess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		coverage := with{"result": "pays", "network": "out"}
		given := func(field string, most int) bool {
			said := rapid.Bool().Draw(r, field+" is said")
			if said {
				coverage[field] = rapid.IntRange(0, most).Draw(r, field)
			}
			return said
		}
		allowed, share := given("allowed", 40000) && coverage["allowed"] != 0, given("coinsurance_bp", 10000)
		total := given("deductible_total", 60000)
		met := total && rapid.Bool().Draw(r, "met is said")
		if met {
			coverage["deductible_met"] = rapid.IntRange(0, coverage["deductible_total"].(int)).Draw(r, "met")
		}
		k := insured(r, coverage)
		cost := k.chart.SessionCost(visit.Preparation)
		b := cost.PaidBack
		wantKnown := allowed && share && total && (met || coverage["deductible_total"] == 0)
		if b == nil || b.Known() != wantKnown || b.Cents < 0 || b.Cents > b.Allowed || b.Allowed > cost.List || !wantKnown && b.Cents != 0 || cost.Client != cost.List {
			r.Fatalf("%v: %+v, back %+v", coverage, cost, b)
		}
		estimate := k.chart.DraftEstimate(at(1, 12, 0))
		var sum money.Cents
		for _, it := range estimate.Items {
			sum += it.Amount
			if it.FeeSet == money.Psychotherapies && (it.PaidBack == nil || it.PaidBack.Cents > it.Amount) {
				r.Fatalf("%+v", it)
			}
		}
		if sum != estimate.Total {
			r.Fatalf("the lines are %s, the total %s", sum, estimate.Total)
		}
	})
}

// TestDraftAndReviewTogetherSayTheDeductible: what the coordinator entered counts as said when the psychotherapist signs it.
func TestDraftAndReviewTogetherSayTheDeductible(t *testing.T) {
	t.Parallel()
	k := insured(t, with{"result": "pays", "copay": 3000})
	k.do(person.Coordinator, "coverage-entered", with{"network": "out", "deductible_total": 0, "allowed": 15000})
	k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "pays", "coinsurance_bp": 4000})
	if b := k.chart.SessionCost(visit.Preparation).PaidBack; b == nil || !b.Known() || b.Cents != 9000 {
		t.Errorf("%+v", b)
	}
	var none *care.PaidBack
	if b := k.chart.SessionCost(visit.Evaluation).PaidBack; b == none || b.Known() {
		t.Errorf("an evaluation has an allowed amount of its own, which nobody said: %+v", b)
	}
}
