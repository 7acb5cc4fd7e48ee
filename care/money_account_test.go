package care_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

func TestPriceOfEveryPlanIsThePagesPrice(t *testing.T) {
	t.Parallel()
	for infusions, want := range map[int]map[string]money.Cents{
		1: {"none": 107500, "six": 350000}, 2: {"none": 167500}, 3: {"none": 227500}, 4: {"none": 287500}, 5: {"none": 347500, "six": 350000},
		6: {"six": 350000, "none": 407500}, 7: {"six": 410000, "none": 467500}, 8: {"six": 470000, "none": 527500},
		9: {"six": 530000, "ten": 550000, "none": 587500}, 10: {"ten": 550000, "six": 590000, "none": 647500},
		11: {"ten": 610000, "six": 650000}, 12: {"ten": 670000, "six": 710000},
	} {
		for pkg, price := range want {
			if got := money.DefaultPrices().Plan(pkg, infusions); got != price {
				t.Errorf("%d infusions, package %s: %s, want %s", infusions, pkg, got, price)
			}
		}
	}
}

// R39, R40: what each package saves against its list price.
func TestPackagesSaveWhatThePageSays(t *testing.T) {
	t.Parallel()
	prices := money.DefaultPrices()
	for pkg, want := range map[string]struct {
		infusions    int
		list, saving money.Cents
	}{"six": {6, 407500, 57500}, "ten": {10, 647500, 97500}} {
		list := prices.Plan("none", want.infusions)
		if saving := list - prices.Plan(pkg, want.infusions); list != want.list || saving != want.saving {
			t.Errorf("package of %s: list %s saves %s, want %s and %s", pkg, list, saving, want.list, want.saving)
		}
	}
}

func TestPackagePriceIsSpreadByListPriceToTheCent(t *testing.T) {
	t.Parallel()
	six := []money.Cents{40797, 51534, 51534, 51534, 51534, 51534, 51533}
	ten := []money.Cents{40348, 50966, 50966, 50965, 50965, 50965, 50965, 50965, 50965, 50965, 50965}
	for pkg, want := range map[string][]money.Cents{"six": six, "ten": ten, "none": nil} {
		if diff := cmp.Diff(want, money.DefaultPrices().Shares(pkg)); diff != "" {
			t.Errorf("%s: %s", pkg, diff)
		}
	}
	if sum(six) != money.PackageSixPrice || sum(ten) != money.PackageTenPrice {
		t.Errorf("the shares add up to %s and %s", sum(six), sum(ten))
	}
}

func sum(list []money.Cents) (total money.Cents) {
	for _, c := range list {
		total += c
	}
	return total
}

func TestPaidConsultAndSinglesAreCreditedToALaterPackage(t *testing.T) {
	t.Parallel()
	for n, want := range []money.Cents{302500, 242500, 182500, 122500, 62500, 2500} {
		k := ready(t, samplePolicy(), "none")
		for i := range n {
			day := 9 + 7*i
			k.infuse(day)
			k.session("integration", day+2)
		}
		spent := money.ConsultPrice + money.Cents(n)*money.InfusionPrice
		k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": spent, "method": "card", "key": "1"})
		if owed := k.chart.Balance(money.Medical); owed != 0 {
			t.Fatalf("after paying %s still owed: %s", spent, owed)
		}
		k.do(person.Coordinator, "package-chosen", with{"package": "six"})
		if owed := k.chart.Balance(money.Medical); owed != want {
			t.Errorf("package of six after the consult and %d singles: owed %s, want %s", n, owed, want)
		}
		if p := k.chart.Package; !p.Consult || p.Used != n {
			t.Errorf("drawn: consult %v, infusions %d of %d", p.Consult, p.Used, n)
		}
	}
}

func TestTenToSixOnlyWhileNoMoreThanSixWereUsed(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "ten", 6)
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": money.PackageTenPrice, "method": "check", "key": "1"})
	k.do(person.Coordinator, "package-switched", with{"to": "six", "reason": "ref:1"})
	if got := k.chart.Balance(money.Medical); got != -200000 {
		t.Errorf("the practice owes %s, want $2,000.00", -got)
	}
	k.refused("refund-too-large", person.Coordinator, "refund-approved", with{"amount": 200001, "key": "r", "reason": "ref:1"})
	k.do(person.Coordinator, "refund-approved", with{"amount": 200000, "key": "r", "reason": "ref:1"})
	k.refused("refund-too-large", person.Coordinator, "refund-approved", with{"amount": 1, "key": "r2", "reason": "ref:1"})
	k.refused("refund-too-large", person.Coordinator, "refund-paid", with{"amount": 1, "key": "r"})
	k.refused(care.CodeInvalid, person.Coordinator, "refund-paid", with{"fee_set": "psychotherapy", "key": "r"})
	k.do(person.Coordinator, "refund-paid", with{"key": "r"})
	if got := k.chart.Balance(money.Medical); got != 0 {
		t.Errorf("after the refund %s", got)
	}
	k.do(person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
	if got := k.chart.Balance(money.Medical); got != 200000 {
		t.Errorf("six to ten costs %s, want $2,000.00 more", got)
	}
	k.do(person.Coordinator, "estimate-issued", with{"number": "2", "total": 550000})
	k.infuse(60)
	k.refused("package-used", person.Coordinator, "package-switched", with{"to": "six", "reason": "ref:1"})
}

func TestPostingsFollowTheTable(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.infuse(9)
	got := map[string][]money.Line{}
	for _, p := range k.postings {
		got[p.Key] = p.Lines
	}
	want := map[string][]money.Line{
		"package:six":          {{Account: "medical:receivable:client", Cents: 350000}, {Account: "medical:deferred:package", Cents: -350000}},
		"service:consult-1":    {{Account: "medical:receivable:client", Cents: 47500}, {Account: "medical:revenue:consult", Cents: -47500}},
		"service:consult-1:2":  {{Account: "medical:deferred:package", Cents: 40797}, {Account: "medical:revenue:consult", Cents: -40797}},
		"service:infusion-1":   {{Account: "medical:deferred:package", Cents: 51534}, {Account: "medical:revenue:infusion", Cents: -51534}},
		"service:evaluation-1": {{Account: "psychotherapy:receivable:client", Cents: 25000}, {Account: "psychotherapy:revenue:psychotherapy", Cents: -25000}},
	}
	for key, lines := range want {
		if diff := cmp.Diff(lines, got[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	if d := k.chart.Package.Deferred; d != 350000-40797-51534 {
		t.Errorf("deferred %s, want $2,576.69", d)
	}
}

func TestRefundOfAnUnusedPackageNeverTouchesEarnedMoney(t *testing.T) {
	t.Parallel()
	p := samplePolicy()
	p.Money.RefundRule = money.RefundProRata
	k := ready(t, p, "six")
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card", "key": "1"})
	k.infuse(9)
	k.session("integration", 11)
	k.refused("refund-too-large", person.Coordinator, "refund-approved", with{"amount": 257670, "key": "r", "reason": "ref:1"})
	k.do(person.Coordinator, "refund-approved", with{"amount": 100000, "key": "r1", "reason": "ref:1"})
	k.do(person.Coordinator, "refund-approved", with{"amount": 157669, "key": "r2", "reason": "ref:1"})
	k.do(person.Coordinator, "refund-paid", with{"key": "r1"})
	k.do(person.Coordinator, "refund-paid", with{"key": "r2"})
	if k.chart.Package.Deferred != 0 || k.chart.Balance(money.Medical) != 0 {
		t.Errorf("deferred %s, balance %s", k.chart.Package.Deferred, k.chart.Balance(money.Medical))
	}
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	k.infuse(16)
	if got := k.chart.Balance(money.Medical); got != money.InfusionPrice {
		t.Errorf("an infusion after the package was paid back costs %s", got)
	}
	k.refused(care.CodeWrongState, person.Coordinator, "package-switched", with{"to": "ten", "reason": "ref:1"})
}

func TestCorrectedInfusionGivesItsShareBackToTheCent(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "six", 6)
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "infusion-2", "status": "noshow", "reason": "ref:1"})
	if d := k.chart.Package.Deferred; d != 51534 {
		t.Errorf("given back %s, want $515.34", d)
	}
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "infusion-2", "status": "fulfilled", "reason": "ref:1"})
	if d := k.chart.Package.Deferred; d != 0 {
		t.Errorf("left over: %s", d)
	}
}

func TestPaymentsAreRecordedOnceAndReversedByRows(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	pay := func(amount any, key string) with {
		return with{"fee_set": "medical", "amount": amount, "method": "card", "key": key}
	}
	for _, amount := range []any{0, -5, 100_000_001} {
		k.refused(care.CodeInvalid, person.Coordinator, "payment-received", pay(amount, "z"))
	}
	k.do(person.Coordinator, "payment-received", pay(1000, "a"))
	if again := k.do(person.Coordinator, "payment-received", pay(1000, "a")); len(again.Postings) != 0 {
		t.Error("the same key made a second posting")
	}
	k.refused(care.CodeInvalid, person.Coordinator, "payment-received", pay(1001, "a"))
	k.refused("never-insured", person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 1, "method": "insurer"})
	k.do(person.Coordinator, "payment-corrected", with{"key": "a", "reason": "ref:1"})
	if got := k.chart.Balance(money.Medical); got != 0 {
		t.Errorf("after the reversal %s", got)
	}
	k.refused(care.CodeWrongState, person.Coordinator, "payment-corrected", with{"key": "a", "reason": "ref:1"})
	k.refused(care.CodeInvalid, person.Coordinator, "payment-received", pay(1000, "a"))
	k.do(person.Coordinator, "payment-received", pay(500, "payment-3"))
	k.refused(care.CodeConfirm, person.Coordinator, "payment-received", pay(500, ""))
	again := pay(500, "")
	again["confirmed"] = true
	k.do(person.Coordinator, "payment-received", again)
	k.refused(care.CodeConfirm, person.Coordinator, "payment-received", pay(10_000_000, ""))
	if got := len(k.chart.Account.Payments); got != 3 {
		t.Errorf("%d payments, want 3: one was lost under another's key", got)
	}
}

func TestClientShareFollowsTheCoverage(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		coverage with
		want     []money.Cents // of sessions one after another, at $180.00
	}{
		"NoCoverIsAllOfIt":         {with{"result": "does-not-pay"}, []money.Cents{18000}},
		"UnknownIsAllOfIt":         {with{"result": "unknown"}, []money.Cents{18000}},
		"CopayOnly":                {with{"result": "pays", "copay": 3000}, []money.Cents{3000, 3000}},
		"DeductibleThenCopay":      {with{"result": "pays", "deductible_total": 50000, "deductible_met": 20000, "copay": 3000, "copay_after_deductible": true}, []money.Cents{18000, 15000, 3000}},
		"DeductibleThenPercentage": {with{"result": "partly", "deductible_total": 10000, "coinsurance_bp": 2000}, []money.Cents{11600, 3600}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := accepted(t, samplePolicy())
			k.do(person.Psychotherapist, "insurer-contacted", with{"representative": "ref:1", "reference": "ref:1", "answer": "ref:1"})
			k.do(person.Psychotherapist, "coverage-reviewed", x.coverage)
			var got []money.Cents
			for i := range x.want {
				before := k.chart.Balance(money.Psychotherapies)
				k.session("preparation", 2+i)
				got = append(got, k.chart.Balance(money.Psychotherapies)-before)
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("owed %v, want %v", got, x.want)
			}
		})
	}
}

func TestAmountsReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for cents, want := range map[money.Cents]string{0: "$0.00", 5: "$0.05", -2500: "-$25.00", 350000: "$3,500.00", 100000000: "$1,000,000.00", 123456789: "$1,234,567.89", 99999: "$999.99"} {
		if got := cents.String(); got != want {
			t.Errorf("%d is %s, want %s", int64(cents), got, want)
		}
	}
	_ = money.Cents(math.MinInt64).String() // must not panic
}
