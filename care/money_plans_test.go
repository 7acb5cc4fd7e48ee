package care_test

import (
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// TestCheapestPlanForEveryNumberOfInfusions is the table in docs/requirements.md#cheapest-plans.
func TestCheapestPlanForEveryNumberOfInfusions(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][2]money.PlanOffer{
		1:  {{Package: "none", Singles: 1, Total: 107500}, {Package: "six", Total: 350000, Unused: 5}},
		2:  {{Package: "none", Singles: 2, Total: 167500}, {Package: "six", Total: 350000, Unused: 4}},
		3:  {{Package: "none", Singles: 3, Total: 227500}, {Package: "six", Total: 350000, Unused: 3}},
		4:  {{Package: "none", Singles: 4, Total: 287500}, {Package: "six", Total: 350000, Unused: 2}},
		5:  {{Package: "none", Singles: 5, Total: 347500}, {Package: "six", Total: 350000, Unused: 1}},
		6:  {{Package: "six", Total: 350000}, {Package: "none", Singles: 6, Total: 407500}},
		7:  {{Package: "six", Singles: 1, Total: 410000}, {Package: "none", Singles: 7, Total: 467500}},
		8:  {{Package: "six", Singles: 2, Total: 470000}, {Package: "none", Singles: 8, Total: 527500}},
		9:  {{Package: "six", Singles: 3, Total: 530000}, {Package: "ten", Total: 550000, Unused: 1}},
		10: {{Package: "ten", Total: 550000}, {Package: "six", Singles: 4, Total: 590000}},
		11: {{Package: "ten", Singles: 1, Total: 610000}, {Package: "six", Singles: 5, Total: 650000}},
		12: {{Package: "ten", Singles: 2, Total: 670000}, {Package: "six", Singles: 6, Total: 710000}},
	} {
		if got := money.DefaultPrices().Plans(n); got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%d infusions: %+v, want %+v first", n, got, want)
		}
	}
}

// TestRefundsShownBeforeSigning is the table in docs/postings.md#refund-rules, for every number of infusions used after the
// consult.
func TestRefundsShownBeforeSigning(t *testing.T) {
	t.Parallel()
	for rule, packages := range map[string]map[string][]money.Cents{
		money.RefundRateCard: {
			"six": {302500, 242500, 182500, 122500, 62500, 2500, 0},
			"ten": {502500, 442500, 382500, 322500, 262500, 202500, 142500, 82500, 22500, 0, 0}},
		money.RefundProRata: {
			"six": {309203, 257669, 206135, 154601, 103067, 51533, 0},
			"ten": {509652, 458686, 407720, 356755, 305790, 254825, 203860, 152895, 101930, 50965, 0}},
		money.RefundFlat: {
			"six": {302500, 252083, 201666, 151249, 100832, 50416, 0},
			"ten": {502500, 452250, 402000, 351750, 301500, 251250, 201000, 150750, 100500, 50250, 0}},
		money.RefundNoneAfterStart: {"six": {0, 0, 0, 0, 0, 0, 0}, "ten": {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	} {
		for pkg, want := range packages {
			for used, back := range want {
				if got := money.DefaultPrices().RefundAfter(rule, pkg, used); got != back {
					t.Errorf("%s, package of %s, %d used: %s, want %s", rule, pkg, used, got, back)
				}
			}
		}
	}
}

// TestReasonForWhichTheCourseEndsDecidesTheRefund: a package of six, the consult and one infusion used, by rate card.
func TestReasonForWhichTheCourseEndsDecidesTheRefund(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		fact string
		by   person.Role
		with with
		want money.Cents
	}{
		"TheClientStops":       {"withdrawn", person.Client, with{}, 242500},
		"TheClientMoves":       {"moved-away", person.Coordinator, with{}, 242500},
		"TheClinicianStops":    {"withdrawn", person.Coordinator, with{"stopped_by": "clinician"}, 257669},
		"ThePracticeCloses":    {"withdrawn", person.Coordinator, with{"stopped_by": "practice"}, 257669},
		"TheClientDies":        {"deceased", person.Coordinator, with{}, 257669},
		"ClinicallyCompleted":  {"course-completed", person.Physician, with{}, 257669},
		"ThePhysicianDeclines": {"consult-decided", person.Physician, with{"appointment": "consult-1", "outcome": "declined", "reason": "ref:1"}, 257669},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := stopped(t, 1)
			k.do(x.by, x.fact, x.with)
			if got := -k.chart.Balance(money.Medical); got != x.want {
				t.Errorf("owed to the client: %s, want %s", got, x.want)
			}
			k.refused("refund-too-large", person.Coordinator, "refund-approved", with{"amount": x.want + 1, "reason": "ref:1", "key": "r"})
			if task, ok := k.task("approve-refund:medical"); !ok || task.Role != person.Coordinator {
				t.Error("nobody is asked to approve it")
			}
			k.do(person.Coordinator, "refund-approved", with{"amount": x.want, "reason": "ref:1", "key": "r"})
			if _, ok := k.task("pay-refund:r"); !ok {
				t.Error("nobody is asked to pay it")
			}
			k.do(person.Coordinator, "refund-paid", with{"key": "r"})
			if d := k.chart.Package.Deferred; d != 0 || k.chart.Balance(money.Medical) != 0 {
				t.Errorf("left over: deferred %s, balance %s", d, k.chart.Balance(money.Medical))
			}
		})
	}
}

func TestNotACandidateGetsAllBackButTheConsult(t *testing.T) {
	t.Parallel()
	k := paidPackage(t, "six")
	k.consult(9, "declined")
	if got := -k.chart.Balance(money.Medical); got != 302500 {
		t.Errorf("owed to the client: %s, want $3,025.00", got)
	}
	k.do(person.Physician, "consult-decided", with{"appointment": "consult-1", "outcome": "cleared"})
	if got, d := k.chart.Balance(money.Medical), k.chart.Package.Deferred; got != 0 || d != 350000-40797 {
		t.Errorf("after a second thought: balance %s, deferred %s", got, d)
	}
}

func TestClientWhoPaidNothingOwesOnlyWhatTheyUsed(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.infuse(9)
	k.do(person.Client, "withdrawn", with{})
	if got := k.chart.Balance(money.Medical); got != money.ConsultPrice+money.InfusionPrice {
		t.Errorf("the client owes %s, want $1,075.00", got)
	}
}

func TestCorrectionAfterTheEndSettlesThePackageAnew(t *testing.T) {
	t.Parallel()
	k := stopped(t, 2)
	k.do(person.Client, "withdrawn", with{})
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "infusion-2", "status": "noshow", "reason": "ref:1"})
	if got := -k.chart.Balance(money.Medical); got != 242500 {
		t.Errorf("one was used: %s, want $2,425.00", got)
	}
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "infusion-2", "status": "fulfilled", "reason": "ref:1"})
	if got := -k.chart.Balance(money.Medical); got != 182500 {
		t.Errorf("two were used: %s, want $1,825.00", got)
	}
}

func TestAdministrativeFeeIsAskedOnlyWhenTheClientStops(t *testing.T) {
	t.Parallel()
	tenPercent := changed(func(p *policy.Policy) { p.Money.RefundFeeBP = 1000 })
	for fact, want := range map[string]money.Cents{"withdrawn": 272250, "deceased": 309203} {
		k := ready(t, tenPercent, "six")
		k.do(person.Coordinator, "payment-received", pay("medical", money.PackageSixPrice, "package"))
		k.do(person.Coordinator, fact, with{})
		if got := -k.chart.Balance(money.Medical); got != want {
			t.Errorf("%s: %s, want %s", fact, got, want)
		}
		if fee := -net(k.postings)["medical:revenue:fees"]; fact == "withdrawn" && fee != 30250 {
			t.Errorf("the fee is %s", fee)
		}
	}
}

func TestLargeRefundNeedsTwoPeople(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) { p.Money.SecondApprovalOver = 100000 }))
	k.do(person.Client, "package-chosen", with{"package": "six"})
	k.do(person.Coordinator, "payment-received", pay("medical", money.PackageSixPrice, "1"))
	k.do(person.Client, "withdrawn", with{})
	refund := with{"amount": 350000, "reason": "ref:1", "key": "r"}
	k.do(person.Coordinator, "refund-approved", refund)
	k.refused("second-approval-missing", person.Coordinator, "refund-paid", with{"key": "r"})
	k.refused(care.CodeNotYourRole, person.Coordinator, "refund-approved", refund)
	k.refused(care.CodeInvalid, person.Physician, "refund-approved", with{"amount": 1, "reason": "ref:1", "key": "r"})
	if _, ok := k.task("second-approval:r"); !ok {
		t.Error("no second person is asked")
	}
	waiting := func(role person.Role) int {
		kind, _ := care.KindNamed("refund-approved")
		return len(k.chart.Choices(kind, "key", person.Actor{ID: roleIDs[role], Role: role}, k.now))
	}
	if waiting(person.Physician) != 1 || waiting(person.Coordinator) != 0 {
		t.Errorf("the form offers %d refunds to the second person and %d to the first; want 1 and 0", waiting(person.Physician), waiting(person.Coordinator))
	}
	k.do(person.Physician, "refund-approved", refund)
	if waiting(person.Physician) != 0 {
		t.Error("the form offers an approved refund again")
	}
	k.refused(care.CodeWrongState, person.Physician, "refund-approved", refund)
	k.do(person.Coordinator, "refund-paid", with{"key": "r"})
}

func TestClientKeepsThePricesOfTheirChoice(t *testing.T) {
	t.Parallel()
	raised := changed(func(p *policy.Policy) {
		p.Money.Prices = []money.PriceList{{From: "2020-01-01", Consult: 47500, Infusion: 60000, PackageSix: 350000, PackageTen: 550000},
			{From: "2027-03-15", Consult: 50000, Infusion: 70000, PackageSix: 400000, PackageTen: 600000}}
	})
	k := ready(t, raised, "none") // on 6 March
	k.infuse(16)
	if got := k.chart.Balance(money.Medical); got != 107500 {
		t.Errorf("a single after the prices went up costs an old client %s in all, want $1,075.00", got)
	}
	k.do(person.Client, "package-chosen", with{"package": "six"})
	if got := k.chart.Balance(money.Medical); got != 350000 {
		t.Errorf("the package costs them %s", got)
	}
	late := accepted(t, raised)
	late.to(15, 9, 0).do(person.Client, "package-chosen", with{"package": "six"})
	if got := late.chart.Balance(money.Medical); got != 400000 {
		t.Errorf("a new client pays %s", got)
	}
}

func TestUsedUpPackageIsEnlargedWithinThePracticesTime(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) { p.Money.SwitchUpDays = 30 }), "six")
	for n := range 6 {
		k.infuse(9 + 7*n)
		k.session("integration", 11+7*n)
	}
	k.to(75, 11, 0).refused("switch-too-late", person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
	k.to(74, 9, 0).do(person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
	if got := k.chart.Balance(money.Medical); got != 550000 {
		t.Errorf("%s", got)
	}
}

func TestSeventhInfusionAsksSingleOrUpgrade(t *testing.T) {
	t.Parallel()
	const question = "infusion 7 is beyond the package of 6: single for $600.00, or upgrade to the package of 10 for $2,000.00 more"
	k := fullCourse(t, "six", 6)
	booking := with{"kind": "infusion", "start": stamp(at(52, 10, 0))}
	k.to(50, 9, 0)
	if _, asked := k.task("single-or-upgrade:infusion-7"); asked {
		t.Error("asked although nobody wants a seventh")
	}
	if r := k.refused(care.GateEstimate, person.Coordinator, "appointment-booked", booking); r.MustAct != person.Coordinator || !strings.Contains(r.Message, question) {
		t.Errorf("refused with %q", r.Message)
	}
	k.do(person.Physician, "plan-set", with{"infusions": 7, "reason": "ref:1"})
	if task, ok := k.task("single-or-upgrade:infusion-7"); !ok || task.Role != person.Coordinator || !strings.Contains(task.Words, question) {
		t.Errorf("%+v", task)
	}
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	if _, ok := k.task("single-or-upgrade:infusion-7"); ok {
		t.Error("still asked after the client was given the price")
	}
	if got := k.chart.Estimate.Medical; got != 410000 {
		t.Errorf("estimated %s, want $4,100.00", got)
	}
	k.infuse(52)
	if got := k.chart.Balance(money.Medical); got != 410000 {
		t.Errorf("charged %s", got)
	}
	if g := k.gate(care.GateEstimate); !g.Open {
		t.Errorf("%+v", g)
	}
}

func TestUpgradeAnswersTheSeventhInfusionToo(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "six", 6)
	k.to(50, 9, 0).do(person.Physician, "plan-set", with{"infusions": 7, "reason": "ref:1"})
	k.do(person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	k.infuse(52)
	if got, used := k.chart.Balance(money.Medical), k.chart.Package.Used; got != 550000 || used != 7 {
		t.Errorf("charged %s, used %d", got, used)
	}
}

func TestSharesFollowTheOrderOfTheVisitsAfterASwitch(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "six", 6)
	k.do(person.Physician, "plan-set", with{"infusions": 7, "reason": "ref:1"})
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	k.infuse(52)
	k.do(person.Coordinator, "payment-received", pay("medical", 410000, "1"))
	from := len(k.postings)
	k.do(person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
	want := map[string]money.Cents{"service:consult-1:3": 40348, "service:infusion-1:2": 50966, "service:infusion-2:2": 50966, "service:infusion-3:2": 50965, "service:infusion-7:2": 50965}
	for _, p := range k.postings[from:] {
		if share, ok := want[p.Key]; ok && net([]money.Posting{p})["medical:deferred:package"] != share {
			t.Errorf("%s takes %v, want %s", p.Key, p.Lines, share)
		}
		delete(want, p.Key)
	}
	if len(want) > 0 {
		t.Errorf("not charged: %v", want)
	}
	if got := k.chart.Balance(money.Medical); got != 140000 {
		t.Errorf("owed %s, want $1,400.00", got)
	}
	k.do(person.Coordinator, "payment-received", pay("medical", 140000, "2"))
	if _, ok := k.task("approve-refund:medical"); ok {
		t.Error("a refund is asked for although nothing is owed to the client")
	}
}

// TestSinglesCountTowardAPackageUnlessThePracticeSaysNo: over every number of singles and both packages. The consult counts in
// either case (R41).
func TestSinglesCountTowardAPackageUnlessThePracticeSaysNo(t *testing.T) {
	t.Parallel()
	for pkg, price := range map[string]money.Cents{"six": money.PackageSixPrice, "ten": money.PackageTenPrice} {
		for _, kept := range []bool{false, true} {
			for n := range 4 {
				k := ready(t, changed(func(p *policy.Policy) { p.Money.SinglesNotCredited = kept }), "none")
				for i := range n {
					k.infuse(9 + 7*i)
					k.session("integration", 11+7*i)
				}
				spent := money.ConsultPrice + money.Cents(n)*money.InfusionPrice
				k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": spent, "method": "card", "key": "1"})
				k.do(person.Coordinator, "package-chosen", with{"package": pkg})
				want, used := price-spent, n
				if kept {
					want, used = price-money.ConsultPrice, 0
				}
				if owed := k.chart.Balance(money.Medical); owed != want || k.chart.Package.Used != used {
					t.Errorf("%s after %d singles, which do not count: %v: owed %s, want %s; used %d", pkg, n, kept, owed, want, k.chart.Package.Used)
				}
			}
		}
	}
}
