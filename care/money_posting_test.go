package care_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// net adds up what facts from a moment on did to the ledgers, account by account.
func net(postings []money.Posting) map[string]money.Cents {
	sum := map[string]money.Cents{}
	for _, p := range postings {
		for _, l := range p.Lines {
			if sum[l.Account] += l.Cents; sum[l.Account] == 0 {
				delete(sum, l.Account)
			}
		}
	}
	return sum
}

func pay(set string, amount money.Cents, key string) with {
	return with{"fee_set": set, "amount": amount, "method": "card", "key": key}
}

// TestEveryRowOfThePostingTable is the posting table: what each event does to the ledgers (debit above zero).
func TestEveryRowOfThePostingTable(t *testing.T) {
	t.Parallel()
	insured := changed(func(p *policy.Policy) { p.Money.SessionPrice = 20000 })
	therapy := func(k *course) {
		k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "pays", "allowed": 14000, "copay": 3000})
		k.session("preparation", 2)
	}
	for name, row := range map[string]struct {
		open  func() *course
		event func(k *course)
		want  map[string]money.Cents
	}{
		"PackageSoldByCard": {func() *course { return accepted(t, samplePolicy()) }, func(k *course) {
			k.do(person.Client, "package-chosen", with{"package": "six"})
			k.do(person.Coordinator, "payment-received", pay("medical", 350000, "1"))
		}, map[string]money.Cents{"medical:cash": 350000, "medical:deferred:package": -350000}},
		"ConsultHeld": {func() *course { return paidPackage(t, "six") }, func(k *course) { k.consult(9, "cleared") },
			map[string]money.Cents{"medical:deferred:package": 40797, "medical:revenue:consult": -40797}},
		"InfusionHeld": {func() *course { return ready(t, samplePolicy(), "six") }, func(k *course) { k.infuse(9) },
			map[string]money.Cents{"medical:deferred:package": 51534, "medical:revenue:infusion": -51534}},
		"SingleVisitPrepaid": {func() *course { return accepted(t, samplePolicy()) }, func(k *course) { k.do(person.Coordinator, "payment-received", pay("medical", 47500, "1")) },
			map[string]money.Cents{"medical:cash": 47500, "medical:deferred:visit": -47500}},
		"ThenHeld": {func() *course {
			k := accepted(t, samplePolicy())
			k.do(person.Coordinator, "payment-received", pay("medical", 47500, "1"))
			return k
		}, func(k *course) { k.consult(2, "cleared") }, map[string]money.Cents{"medical:deferred:visit": 47500, "medical:revenue:consult": -47500}},
		"StopAfterThreeByRateCard": {func() *course { return stopped(t, 3) }, func(k *course) {
			k.do(person.Client, "withdrawn", with{})
			k.do(person.Coordinator, "refund-approved", with{"amount": 122500, "reason": "ref:1", "key": "r"})
		}, map[string]money.Cents{"medical:deferred:package": 154601, "medical:refund-payable": -122500, "medical:revenue:repricing": -32101}},
		"RefundPaid": {func() *course {
			k := stopped(t, 3)
			k.do(person.Client, "withdrawn", with{})
			k.do(person.Coordinator, "refund-approved", with{"amount": 122500, "reason": "ref:1", "key": "r"})
			return k
		}, func(k *course) { k.do(person.Coordinator, "refund-paid", with{"key": "r"}) }, map[string]money.Cents{"medical:refund-payable": 122500, "medical:cash": -122500}},
		"SinglesThenUpgrade": {func() *course {
			k := ready(t, samplePolicy(), "none")
			k.infuse(9)
			k.do(person.Coordinator, "payment-received", pay("medical", 107500, "1"))
			return k
		}, func(k *course) {
			k.do(person.Client, "package-chosen", with{"package": "six"})
		}, map[string]money.Cents{"medical:receivable:client": 242500, "medical:revenue:consult": 47500 - 40797, "medical:revenue:infusion": 60000 - 51534, "medical:deferred:package": -257669}},
		"TherapySession": {func() *course { return accepted(t, insured) }, therapy,
			map[string]money.Cents{"psychotherapy:receivable:insurer": 11000, "psychotherapy:receivable:client": 3000, "psychotherapy:contra:contractual": 6000, "psychotherapy:revenue:psychotherapy": -20000}},
		"CopayCollected": {func() *course { k := accepted(t, insured); therapy(k); return k }, func(k *course) { k.do(person.Coordinator, "payment-received", pay("psychotherapy", 3000, "1")) },
			map[string]money.Cents{"psychotherapy:cash": 3000, "psychotherapy:receivable:client": -3000}},
		"EOBAllToDeductible": {func() *course { k := accepted(t, insured); therapy(k); return k }, func(k *course) {
			k.do(person.Coordinator, "claim-recorded", with{"appointment": "preparation-1", "status": "adjudicated", "allowed": 13000, "patient_owes": 13000})
		}, map[string]money.Cents{"psychotherapy:contra:contractual": 1000, "psychotherapy:receivable:client": 10000, "psychotherapy:receivable:insurer": -11000}},
		"ProcessorFee": {func() *course { return accepted(t, samplePolicy()) }, func(k *course) {
			k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 10000, "method": "card", "key": "1", "processor_fee": 320})
		}, map[string]money.Cents{"medical:cash": 9680, "medical:expense:fees": 320, "medical:deferred:visit": -10000}},
		"Chargeback": {func() *course { return paidPackage(t, "six") }, func(k *course) {
			k.do(person.Coordinator, "payment-corrected", with{"key": "package", "dispute": "opened", "reason": "ref:1"})
		}, map[string]money.Cents{"medical:receivable:disputed": 350000, "medical:cash": -350000}},
		"ChargebackLost": {func() *course { return paidPackage(t, "six") }, func(k *course) {
			k.do(person.Coordinator, "payment-corrected", with{"key": "package", "dispute": "opened", "reason": "ref:1"})
			k.do(person.Coordinator, "payment-corrected", with{"key": "package", "dispute": "lost", "reason": "ref:1"})
		}, map[string]money.Cents{"medical:receivable:client": 350000, "medical:cash": -350000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := row.open()
			before := len(k.postings)
			row.event(k)
			if diff := cmp.Diff(row.want, net(k.postings[before:])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// paidPackage is an accepted client who chose and paid a package.
func paidPackage(t failer, pkg string) *course {
	t.Helper()
	k := accepted(t, samplePolicy())
	k.do(person.Client, "package-chosen", with{"package": pkg})
	k.do(person.Coordinator, "payment-received", pay("medical", money.DefaultPrices().Package(pkg), "package"))
	return k
}

// stopped is a paid package of six after the consult and a number of infusions.
func stopped(t failer, used int) *course {
	t.Helper()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "payment-received", pay("medical", money.PackageSixPrice, "package"))
	for n := range used {
		k.infuse(9 + 7*n)
		k.session("integration", 11+7*n)
	}
	return k
}

func TestPaidAheadIsNeverANegativeDebt(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.do(person.Coordinator, "payment-received", pay("psychotherapy", 30000, "1"))
	k.session("preparation", 2) // 180.00
	k.do(person.Coordinator, "payment-corrected", with{"key": "1", "reason": "ref:1"})
	got := net(k.postings)
	want := map[string]money.Cents{"psychotherapy:receivable:client": 18000, "psychotherapy:revenue:psychotherapy": -18000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, p := range k.postings {
		if p.Reverses == "" {
			continue
		}
		for _, o := range k.postings {
			if sum := net([]money.Posting{o, p}); o.Key == p.Reverses && len(sum) > 0 {
				t.Errorf("%s is not the whole of %s turned round: %v left", p.Key, o.Key, sum)
			}
		}
	}
}

func TestDisputeIsOpenedOnceAndThenWonOrLost(t *testing.T) {
	t.Parallel()
	k := paidPackage(t, "six")
	say := func(dispute string) with { return with{"key": "package", "dispute": dispute, "reason": "ref:1"} }
	k.refused(care.CodeWrongState, person.Coordinator, "payment-corrected", say("won"))
	k.do(person.Coordinator, "payment-corrected", say("opened"))
	if _, ok := k.task("settle-dispute:package"); !ok {
		t.Error("nobody answers the bank")
	}
	if got := k.chart.Balance(money.Medical); got != 0 {
		t.Errorf("while it is disputed the client owes %s", got)
	}
	k.refused(care.CodeWrongState, person.Coordinator, "payment-corrected", say(""))
	k.do(person.Coordinator, "payment-corrected", say("won"))
	k.do(person.Coordinator, "payment-corrected", say("opened"))
	k.do(person.Coordinator, "payment-corrected", say("lost"))
	if got := k.chart.Balance(money.Medical); got != money.PackageSixPrice {
		t.Errorf("after it was lost the client owes %s", got)
	}
}

func TestWaivedFeeIsTakenBackAndSaysSo(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) { p.Visits.NoShowFee, p.Visits.LateCancelFee = 7500, 5000 }))
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(2, 10, 0))})
	k.to(2, 11, 0).do(person.Coordinator, "appointment-missed", with{"appointment": "evaluation-1"})
	waive := with{"appointment": "evaluation-1", "reason": "ref:1"}
	k.refused(care.CodeInvalid, person.Coordinator, "fee-waived", with{"appointment": "evaluation-1"})
	k.refused(care.CodeNotYourRole, person.Physician, "fee-waived", waive)
	k.do(person.Psychotherapist, "fee-waived", waive)
	if got := k.chart.Balance(money.Psychotherapies); got != 0 {
		t.Errorf("the client still owes %s", got)
	}
	k.refused(care.CodeWrongState, person.Coordinator, "fee-waived", waive)
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "evaluation-1", "status": "fulfilled", "reason": "ref:1"})
	if got := k.chart.Balance(money.Psychotherapies); got != 25000 {
		t.Errorf("after the correction the client owes %s, want the evaluation alone", got)
	}
}

func TestFeeGoesWhenTheNoShowIsCorrected(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) { p.Visits.NoShowFee = 7500 }))
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(2, 10, 0))})
	k.to(2, 11, 0).do(person.Coordinator, "appointment-missed", with{"appointment": "evaluation-1"})
	if got := k.chart.Balance(money.Psychotherapies); got != 7500 {
		t.Errorf("the no-show costs %s", got)
	}
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "evaluation-1", "status": "cancelled", "reason": "ref:1"})
	if got := k.chart.Balance(money.Psychotherapies); got != 0 {
		t.Errorf("after the correction the client owes %s", got)
	}
}

func TestRefundedPaymentIsNotReversed(t *testing.T) {
	t.Parallel()
	k := stopped(t, 1)
	k.do(person.Client, "withdrawn", with{})
	k.do(person.Coordinator, "refund-approved", with{"amount": 242500, "reason": "ref:1", "key": "r"})
	for range 2 {
		k.refused(care.CodeWrongState, person.Coordinator, "payment-corrected", with{"key": "package", "reason": "ref:1"})
		if !k.chart.Account.Refunds[0].Paid {
			k.do(person.Coordinator, "refund-paid", with{"key": "r"})
		}
	}
}
