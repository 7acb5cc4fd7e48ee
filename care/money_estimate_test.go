package care_test

import (
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// TestLegalClockOfTheEstimate: 45 CFR 149.610 by business days, over a weekend and a federal holiday. The client chose
// nothing yet, so only the booking asks for an estimate.
func TestLegalClockOfTheEstimate(t *testing.T) {
	t.Parallel()
	holiday := changed(func(p *policy.Policy) { p.Money.Holidays = []string{"2027-03-12"} }) // a Friday
	for name, x := range map[string]struct {
		booked, visit int // days of March; the 1st is a Monday
		due           time.Time
	}{
		"TenAheadWithinThree":           {1, 16, at(4, 17, 0)}, // the holiday makes the 15th the ninth, the 16th the tenth
		"NineAheadWithinOne":            {1, 15, at(2, 17, 0)},
		"ThreeAheadWithinOne":           {1, 4, at(2, 17, 0)},
		"OverTheWeekend":                {5, 10, at(8, 17, 0)},
		"OverTheHoliday":                {11, 17, at(15, 17, 0)},
		"TwoAheadBeforeTheVisit":        {1, 3, at(3, 10, 0)},
		"HolidayDoesNotCountAsBusiness": {10, 15, at(15, 10, 0)}, // 11th and 15th only
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := enrolled(t, holiday)
			k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true})
			k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "pays", "copay": 3000})
			k.do(person.Psychotherapist, "insurer-contact-waived", with{"reason": "ref:1"})
			k.do(person.Psychotherapist, "fees-discussed", with{"summary": "ref:1"})
			k.to(x.booked, 9, 0)
			if _, ok := k.task("issue-estimate"); ok {
				t.Error("asked for before anything was booked")
			}
			k.do(person.Coordinator, "appointment-booked", with{"kind": "consult", "start": stamp(at(x.visit, 10, 0))})
			if task, ok := k.task("issue-estimate"); !ok || !task.Due.Equal(x.due) || task.Role != person.Coordinator {
				t.Errorf("due %s, want %s", denver.SayLong(task.Due), denver.SayLong(x.due))
			}
			k.do(person.Coordinator, "estimate-issued", with{"number": "1", "total": 47500})
			if _, ok := k.task("issue-estimate"); ok {
				t.Error("still asked for after it was issued")
			}
		})
	}
}

func TestChoosingAPlanAsksForAnEstimateWithinThreeBusinessDays(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.to(5, 9, 0).do(person.Client, "package-chosen", with{"package": "six"}) // a Friday
	if task, ok := k.task("issue-estimate"); !ok || !task.Due.Equal(at(10, 17, 0)) {
		t.Errorf("%+v", task)
	}
}

func TestSelfPayPsychotherapyIsEstimatedToo(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy()) // the coverage does not pay
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(4, 10, 0))})
	if _, ok := k.task("issue-estimate"); !ok {
		t.Error("a self-pay evaluation was booked and nobody estimates it")
	}
}

func TestEstimateIsRenewedBeforeTheServiceWhenThePlanChanges(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six") // Monday the 8th
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(15, 10, 0))})
	k.do(person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
	if g := k.gate(care.GateEstimate); g.Open {
		t.Errorf("%+v", g)
	}
	if task, ok := k.task("issue-estimate"); !ok || task.Due.After(at(12, 17, 0)) {
		t.Errorf("due %s, not a business day before Monday the 15th", denver.SayLong(task.Due))
	}
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	if g := k.gate(care.GateEstimate); !g.Open {
		t.Errorf("%+v", g)
	}
}

func TestEstimateIsGoodForTwelveMonths(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six") // the estimate is of 7 March 2027
	k.now = at(7, 15, 0).AddDate(1, 0, -1)
	k.publish()
	if g := k.gate(care.GateEstimate); !g.Open {
		t.Errorf("%+v", g)
	}
	k.now = at(7, 15, 0).AddDate(1, 0, 1)
	k.publish()
	if g := k.gate(care.GateEstimate); g.Open || !strings.Contains(g.Reason, "was good until") {
		t.Errorf("%+v", g)
	}
}

func TestDraftedEstimateIsItemisedByProviderAndFeeSet(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.do(person.Client, "package-chosen", with{"package": "six"})
	e := k.chart.DraftEstimate(k.now)
	if e.Medical != 350000 || e.Psychotherapy != 25000+4*18000+6*18000 || e.Total != e.Medical+e.Psychotherapy || e.Disputable != 40000 || e.Infusions != 6 {
		t.Errorf("%+v", e)
	}
	sums := map[string]money.Cents{}
	for _, it := range e.Items {
		if it.Amount != money.Cents(it.Quantity)*it.Each || it.Words == "" {
			t.Errorf("%+v", it)
		}
		sums[it.Provider+" "+string(it.FeeSet)] += it.Amount
	}
	if sums["dr-stone medical"] != e.Medical || sums["kim psychotherapy"] != e.Psychotherapy || len(sums) != 2 {
		t.Errorf("by provider: %v", sums)
	}
	if !e.ValidUntil.After(k.now.AddDate(0, 11, 0)) || e.Hash() != k.chart.DraftEstimate(k.now).Hash() || len(e.Hash()) != 64 {
		t.Errorf("valid until %s, hash %s", e.ValidUntil, e.Hash())
	}
	k.do(person.Coordinator, "estimate-issued", with{"number": "1"})
	if got := k.chart.Estimate; got.Total != e.Total || got.Medical != e.Medical || got.Therapy != e.Psychotherapy || got.Hash != e.Hash() {
		t.Errorf("kept %+v", got)
	}
	k.do(person.Physician, "plan-set", with{"infusions": 7})
	if changed := k.chart.DraftEstimate(k.now); changed.Medical != 410000 || changed.Hash() == e.Hash() {
		t.Errorf("%+v", changed)
	}
}

func TestEstimateOfAPersonIsKeptByFeeSet(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.do(person.Coordinator, "estimate-issued", with{"number": "1", "total": 107500 + 4*18000, "hash": strings.Repeat("ab", 32), "lines": []with{
		{"service": "consult", "amount": 47500, "provider": "dr-stone"}, {"service": "infusion", "amount": 60000, "fee_set": "medical"},
		{"service": "preparation", "quantity": 4, "cents": 18000, "provider": "kim"}}})
	if e := k.chart.Estimate; e.Medical != 107500 || e.Therapy != 72000 || e.Hash != strings.Repeat("ab", 32) {
		t.Errorf("%+v", e)
	}
}

// TestClientIsWarnedBeforeABillCanBeDisputed: $400 or more above the provider's estimate (45 CFR 149.620).
func TestClientIsWarnedBeforeABillCanBeDisputed(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		estimated money.Cents
		warned    bool
	}{"399.99": {107500 - 39999, false}, "400.00": {107500 - 40000, true}} {
		k := ready(t, samplePolicy(), "none")
		k.do(person.Coordinator, "estimate-issued", with{"number": "2", "total": x.estimated})
		k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(11, 10, 0))})
		task, ok := k.task("warn-estimate:medical")
		if ok != x.warned || ok && (!task.Due.Before(at(11, 10, 0)) || task.Role != person.Coordinator) {
			t.Errorf("%s above the estimate: warned %v, %+v", name, ok, task)
		}
		if _, other := k.task("warn-estimate:psychotherapy"); other {
			t.Errorf("%s: warned about the other provider", name)
		}
	}
}

func TestPaymentBeforeTheVisitIsAGate(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		before, pkg string
		need        money.Cents
	}{
		"VisitSingle":    {"visit", "none", 107500},
		"VisitPackage":   {"visit", "six", 350000},
		"PackagePackage": {"package", "ten", 550000},
		"PackageSingle":  {"package", "none", 107500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := ready(t, changed(func(p *policy.Policy) { p.Money.PayBefore = x.before }), x.pkg)
			booking := with{"kind": "infusion", "start": stamp(at(11, 10, 0))}
			k.do(person.Coordinator, "payment-received", pay("medical", x.need-1, "1"))
			if r := k.refused(care.GatePayment, person.Coordinator, "appointment-booked", booking); r.Code != care.CodeGatesShut || r.MustAct != person.Coordinator {
				t.Errorf("%+v", r)
			}
			booking["tentative"] = true
			k.do(person.Coordinator, "appointment-booked", booking)
			if task, ok := k.task("collect-payment:infusion-1"); !ok || !strings.Contains(task.Words, "$0.01") || !task.Due.Equal(at(10, 17, 0)) {
				t.Errorf("%+v", task)
			}
			k.do(person.Coordinator, "payment-received", pay("medical", 1, "2"))
			k.do(person.Coordinator, "appointment-confirmed", with{"appointment": "infusion-1"})
			if _, ok := k.task("collect-payment:infusion-1"); ok {
				t.Error("still collecting")
			}
		})
	}
}
