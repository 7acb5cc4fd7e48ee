package care_test

import (
	"slices"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// Whatever the first course was, the second one begins with every gate of its own shut, and the account stays.
func TestSecondCourseBeginsAnewInTheSameRecord(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "six", 1)
	k.refused(care.CodeWrongState, person.Coordinator, "course-begun", with{"reason": "ref:1"})
	k.to(20, 9, 0).do(person.Client, "withdrawn", with{})
	owed := k.chart.Balance(money.Medical)
	k.refused(care.CodeInvalid, person.Coordinator, "course-begun", with{})
	k.to(400, 9, 0).do(person.Coordinator, "course-begun", with{"reason": "ref:1"})
	if got := k.chart.Stage(); got != care.StageCoverageReview {
		t.Errorf("the second course begins in stage %s", got)
	}
	if got := k.chart.Balance(money.Medical); got != owed {
		t.Errorf("the account says %s, and said %s", got, owed)
	}
	for _, gate := range []string{care.GateAcceptance, care.GateCoverage, care.GateInsurer, care.GateFees, care.GateEvaluation, care.GatePrep, care.GateConsult,
		care.GateLabs, care.GateEducation, care.GateConsent, care.GateDose, care.GateEstimate} {
		if k.gate(gate).Open {
			t.Errorf("the gate %s is open at the beginning of a second course", gate)
		}
	}
	k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true})
	k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "does-not-pay"})
	k.do(person.Psychotherapist, "insurer-contact-waived", with{"reason": "ref:1"})
	k.do(person.Psychotherapist, "fees-discussed", with{"summary": "ref:1"})
	if id := k.session("evaluation", 402); id != "evaluation-2" {
		t.Errorf("the visit of the second course is named %s", id)
	}
	for day := 403; day <= 406; day++ {
		k.session("preparation", day)
	}
	k.consult(406, "cleared")
	k.labs(407)
	k.papers("six")
	k.to(408, 9, 0)
	for _, g := range k.chart.Gates(k.now) {
		if !g.Open {
			t.Errorf("the gate %s is shut: %s", g.Gate, g.Reason)
		}
	}
	k.infuse(409)
	for _, ci := range k.chart.CheckIns() {
		if ci.ID == "check-in-1-24h" || k.chart.Answered(ci.ID) {
			t.Errorf("the second course asks %s, which the first one asked", ci.ID)
		}
	}
	if d := net(k.postings)["medical:deferred:package"]; d != -k.chart.Package.Deferred {
		t.Errorf("%s are deferred in the books, %s in the chart", -d, k.chart.Package.Deferred)
	}
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "infusion-1", "status": "noshow", "reason": "ref:1"})
	if d := net(k.postings)["medical:deferred:package"]; d != -k.chart.Package.Deferred {
		t.Errorf("after a correction of the first course %s are deferred in the books, %s in the chart", -d, k.chart.Package.Deferred)
	}
}

// A package that was given back can be bought again: each is charged, drawn from and settled by itself.
func TestPackageGivenBackAndBoughtAgain(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "six", 1)
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card", "key": "1"})
	k.refused(care.CodeWrongState, person.Client, "package-chosen", with{"package": "six"})
	k.do(person.Coordinator, "refund-approved", with{"amount": 242500, "key": "r", "reason": "ref:1"})
	k.do(person.Coordinator, "refund-paid", with{"key": "r"})
	k.do(person.Client, "package-chosen", with{"package": "six"})
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	same := func(when string) {
		t.Helper()
		if d := net(k.postings)["medical:deferred:package"]; d != -(k.chart.Package.Deferred) {
			t.Errorf("%s: %s are deferred in the books, %s in the chart", when, -d, k.chart.Package.Deferred)
		}
	}
	same("bought again")
	if owed := k.chart.Balance(money.Medical); owed != 350000 {
		t.Errorf("the second package costs %s", owed)
	}
	k.infuse(20)
	k.session("integration", 22)
	same("drawn from")
	k.do(person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
	same("switched")
	if owed := k.chart.Balance(money.Medical); owed != 550000 {
		t.Errorf("the larger package costs %s", owed)
	}
	k.do(person.Client, "withdrawn", with{})
	same("settled")
	k.do(person.Coordinator, "resumed", with{"reason": "ref:1"})
	same("opened again")
}

// Someone who gave a package back pays for single infusions for a while, and then takes a package again: the first one's
// charge stays as it was settled.
func TestPackageGivenBackThenSinglesThenAPackage(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"package-switched", "package-chosen"} {
		k := fullCourse(t, "six", 1)
		k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card", "key": "1"})
		k.do(person.Coordinator, "refund-approved", with{"amount": 242500, "key": "r", "reason": "ref:1"})
		k.do(person.Coordinator, "refund-paid", with{"key": "r"})
		k.do(person.Client, "package-chosen", with{"package": "none"})
		if way == "package-switched" {
			k.do(person.Coordinator, way, with{"to": "ten", "reason": "ref:2"})
		} else {
			k.do(person.Client, way, with{"package": "ten"})
		}
		if d := net(k.postings)["medical:deferred:package"]; d != -k.chart.Package.Deferred {
			t.Errorf("%s: %s are deferred in the books, %s in the chart", way, -d, k.chart.Package.Deferred)
		}
	}
}

// An absence is replaced by other days, shortened and taken back; what it called off stays a task.
func TestAbsenceHasAnOpposite(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	away := func(from, to int) with {
		return with{"clinician": "kim", "absence": "away-1", "from": stamp(at(from, 0, 0)), "to": stamp(at(to, 0, 0))}
	}
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	k.do(person.Coordinator, "clinician-unavailable", away(8, 12))
	k.refused(care.CodeOverlap, person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	k.do(person.Coordinator, "clinician-unavailable", away(20, 30))
	if _, ok := k.task("rebook:evaluation-1"); !ok {
		t.Error("the visit that the absence called off is nobody's business")
	}
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	k.refused(care.CodeOverlap, person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(25, 10, 0))})
	k.do(person.Coordinator, "absence-ended", with{"absence": "away-1", "at": stamp(at(25, 0, 0)), "reason": "ref:1"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(25, 10, 0))})
	k.refused(care.CodeOverlap, person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(21, 10, 0))})
	k.do(person.Coordinator, "absence-ended", with{"absence": "away-1", "reason": "ref:1"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(21, 10, 0))})
	if len(k.chart.Absences) != 0 {
		t.Errorf("left over: %v", k.chart.Absences)
	}
}

// A client is handed over in either role: coming visits follow from the day on, what was before stays with who had it, and a
// visit for which the new clinician is not free is called off.
func TestClientIsHandedOver(t *testing.T) {
	t.Parallel()
	k := ready(t, manyClinicians(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(15, 10, 0))})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(16, 10, 0))})
	hand := with{"role": "psychotherapist", "clinician": "lee", "from": stamp(at(10, 0, 0)), "reason": "ref:1"}
	k.refused("unknown-clinician", person.Coordinator, "clinician-assigned", with{"role": "physician", "clinician": "lee", "reason": "ref:1"})
	k.refused(care.CodeInvalid, person.Coordinator, "clinician-assigned", with{"role": "psychotherapist", "clinician": "lee", "from": stamp(at(7, 0, 0)), "reason": "ref:1"})
	r := report(person.Coordinator, "", hand)
	r.NotFree = []string{"integration-2"}
	if _, err := k.chart.Record("clinician-assigned", r, k.now); err != nil {
		t.Fatal(err)
	}
	k.publish()
	for id, want := range map[string][]string{"infusion-1": {"kim", "dr-stone"}, "integration-1": {"lee"}, "evaluation-1": {"kim"}} {
		v := k.chart.Visit(id)
		if got := k.chart.BusyAt(v.Kind, v.Start); !slices.Equal(got, want) {
			t.Errorf("%s takes the time of %v, want %v", id, got, want)
		}
	}
	if v := k.chart.Visit("integration-2"); v.Status != visit.Cancelled || !v.Rebook || v.Notice != "cancelled" {
		t.Errorf("a visit for which nobody is free is %+v", v)
	}
	if k.chart.Psychotherapist != "kim" {
		t.Error("the new psychotherapist begins too soon")
	}
	if k.to(10, 0, 1); k.chart.Psychotherapist != "lee" {
		t.Error("the new psychotherapist did not begin")
	}
	k.refused(care.CodeWrongState, person.Coordinator, "clinician-assigned", with{"role": "psychotherapist", "clinician": "lee", "reason": "ref:1"})
	without := changed(func(p *policy.Policy) {
		p.Version = "9"
		p.Clinicians = slices.DeleteFunc(p.Clinicians, func(c policy.Clinician) bool { return c.ID == "lee" })
	})
	k.refused("unknown-clinician", person.Coordinator, "policy-adopted", with{"version": "9", "policy": without})
	k.do(person.Coordinator, "clinician-assigned", with{"role": "psychotherapist", "clinician": "kim", "reason": "ref:1"})
	k.do(person.Coordinator, "policy-adopted", with{"version": "9", "policy": without})
}

// While an infusion runs nobody takes the client over, but who comes after it can be recorded: the form is offered, and says which time to give.
func TestTheNextClinicianCanBeRecordedWhileAnInfusionRuns(t *testing.T) {
	t.Parallel()
	k := runningWith(t, manyClinicians())
	offers := k.chart.Offers(person.Actor{ID: roleIDs[person.Coordinator], Role: person.Coordinator}, k.now)
	if o := offers[slices.IndexFunc(offers, func(o care.Offer) bool { return o.Fact == "clinician-assigned" })]; !o.Now {
		t.Errorf("it is not offered: %s", o.Why.Message)
	}
	hand := with{"role": "psychotherapist", "clinician": "lee", "reason": "ref:1"}
	_, err := k.chart.Record("clinician-assigned", report(person.Coordinator, "", hand), k.now)
	if r, ok := err.(*care.Refusal); !ok || !r.Has(care.CodeWrongState) || !slices.ContainsFunc(r.Problems, func(p care.Problem) bool { return p.Field == "from" }) {
		t.Errorf("at once it is answered with %v", err)
	}
	hand["from"] = stamp(k.now.Add(24 * time.Hour))
	k.do(person.Coordinator, "clinician-assigned", hand)
}

// A visit changes its place or its length and keeps its time; both are held to the limits of its kind.
func TestVisitChangesPlaceAndLength(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0)), "minutes": 50})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(11, 10, 0))})
	k.refused(care.CodeInvalid, person.Coordinator, "appointment-moved", with{"appointment": "integration-1", "reason": "ref:1"})
	k.refused("place-not-outpatient", person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "place": "video", "reason": "ref:1"})
	k.refused("infusion-minutes", person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "minutes": 61, "reason": "ref:1"})
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "minutes": 60, "reason": "ref:1"})
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "integration-1", "start": stamp(at(11, 10, 0)), "place": "video", "reason": "ref:1"})
	if v := k.chart.Visit("integration-1"); v.Place != "video" || !v.Start.Equal(at(11, 10, 0)) || v.Version != 2 || v.Notice != "moved" {
		t.Errorf("%+v", v)
	}
	if v := k.chart.Visit("infusion-1"); v.Minutes != 60 || v.Place != "main" {
		t.Errorf("%+v", v)
	}
}

// An estimate is worth its price: below what the client is about to be charged it is refused, and one that leaves the
// infusions out opens no gate to them.
func TestEstimateBelowThePriceOpensNoGate(t *testing.T) {
	t.Parallel()
	for pkg, price := range map[string]money.Cents{"none": 47500, "six": 350000, "ten": 550000} {
		k := accepted(t, samplePolicy())
		k.do(person.Client, "package-chosen", with{"package": pkg})
		for _, total := range []money.Cents{1, 47499, price - 1} {
			k.refused(care.CodeInvalid, person.Coordinator, "estimate-issued", with{"number": "1", "total": total})
		}
		k.refused(care.CodeInvalid, person.Coordinator, "estimate-issued", with{"number": "1", "total": price,
			"lines": []with{{"item": "all", "fee_set": "medical", "cents": price - 1}, {"item": "talk", "fee_set": "psychotherapy", "cents": 1}}})
		k.do(person.Coordinator, "estimate-issued", with{"number": "1", "total": price})
	}
	k := accepted(t, samplePolicy())
	k.do(person.Physician, "plan-set", with{"infusions": 4, "spacing_days": 7})
	k.do(person.Coordinator, "estimate-issued", with{"number": "1", "total": 47500})
	k.do(person.Client, "package-chosen", with{"package": "none"})
	if k.gate(care.GateEstimate).Open {
		t.Error("an estimate for the consult alone opens the gate to infusions")
	}
}

// The estimate's clock: a fee talk and a request start it unless the practice says otherwise, and a weekend is no business
// day on either side.
func TestEstimateClock(t *testing.T) {
	t.Parallel()
	asks := changed(func(p *policy.Policy) { p.Money.FeeTalkIsRequest = true })
	k := accepted(t, asks) // day 1 is a Monday
	if task, ok := k.task("issue-estimate"); !ok || !task.Due.Equal(at(4, 17, 0)) {
		t.Errorf("after a fee talk: %v, due %v", ok, task.Due)
	}
	k = accepted(t, samplePolicy())
	if _, ok := k.task("issue-estimate"); ok {
		t.Error("a fee talk is a request although the practice says no")
	}
	k.do(person.Client, "estimate-requested", with{})
	if task, ok := k.task("issue-estimate"); !ok || !task.Due.Equal(at(4, 17, 0)) {
		t.Errorf("after a request: %v, due %v", ok, task.Due)
	}
	for name, x := range map[string]struct{ booked, start, due int }{
		"TenBusinessDays":                {1, 15, 4}, // Monday for Monday in two weeks
		"NineBusinessDays":               {1, 12, 2},
		"OnASaturdayForTheNextFortnight": {6, 19, 8}, // the tenth business day before was Friday: one day is left
		"OnASaturdayForMore":             {6, 22, 10},
		"OnASundayForThursday":           {7, 11, 8},
	} {
		k := accepted(t, samplePolicy())
		k.to(x.booked, 10, 0).do(person.Coordinator, "appointment-booked", with{"kind": "consult", "start": stamp(at(x.start, 10, 0))})
		if task, ok := k.task("issue-estimate"); !ok || !task.Due.Equal(at(x.due, 17, 0)) {
			t.Errorf("%s: %v, due %s, want %s", name, ok, denver.DayLong(task.Due), denver.DayLong(at(x.due, 17, 0)))
		}
	}
}

// What nobody said is not 0: without a co-pay or a co-insurance the client owes the list price. Out of network nothing is
// written off, and what was met of the deductible is 0 again in a new plan year.
func TestCoverageThatIsMissingIsNeverFree(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		coverage with
		want     money.Cents
	}{
		"NoFigures":             {with{"result": "pays"}, 20000},
		"OnlyAllowed":           {with{"result": "partly", "allowed": 14000}, 20000},
		"OnlyDeductible":        {with{"result": "pays", "deductible_total": 50000, "deductible_met": 50000}, 20000},
		"CopayOfNothing":        {with{"result": "pays", "copay": 0}, 0},
		"ShareOfNothing":        {with{"result": "pays", "coinsurance_bp": 0, "allowed": 14000}, 0},
		"ServiceWithoutAShare":  {with{"result": "pays", "services": []with{{"service": "session", "allowed": 14000}}}, 20000},
		"ServiceTakesThePlans":  {with{"result": "pays", "copay": 3000, "services": []with{{"service": "session", "allowed": 14000}}}, 3000},
		"ServiceOfNothing":      {with{"result": "pays", "copay": 3000, "services": []with{{"service": "session", "copay": 0}}}, 0},
		"OutOfNetwork":          {with{"result": "pays", "network": "out", "copay": 3000, "allowed": 14000}, 20000},
		"InNetwork":             {with{"result": "pays", "network": "in", "copay": 3000, "allowed": 14000}, 3000},
		"DeductibleMet":         {with{"result": "pays", "coinsurance_bp": 2000, "allowed": 14000, "deductible_total": 50000, "deductible_met": 50000, "plan_year_ends": "2027-03-31"}, 2800},
		"DeductibleOfANewYear":  {with{"result": "pays", "coinsurance_bp": 2000, "allowed": 14000, "deductible_total": 50000, "deductible_met": 50000, "plan_year_ends": "2027-03-02"}, 14000},
		"MostOutOfPocketIsPaid": {with{"result": "pays", "copay": 3000, "oop_total": 100000, "oop_met": 100000, "plan_year_ends": "2027-03-31"}, 0},
		"ItBeginsAgain":         {with{"result": "pays", "copay": 3000, "oop_total": 100000, "oop_met": 100000, "plan_year_ends": "2027-03-02"}, 3000},
	} {
		k := insured(t, x.coverage)
		k.consult(2, "cleared") // the first meeting, after which an expired review keeps no visit back
		k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(3, 10, 0))})
		k.to(3, 11, 0).do(person.Psychotherapist, "session-completed", with{"appointment": "preparation-1"})
		if got := k.chart.Balance(money.Psychotherapies); got != x.want {
			t.Errorf("%s: the client owes %s, want %s", name, got, x.want)
		}
		written := net(k.postings)["psychotherapy:contra:contractual"]
		if name == "OutOfNetwork" && written != 0 {
			t.Errorf("%s are written off without a contract", written)
		}
	}
}
