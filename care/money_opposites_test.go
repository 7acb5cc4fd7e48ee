package care_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// Every cent of a package comes back or stays: the parts of a rule that splits add up to the whole, and differ by a cent at
// most, whatever the prices are and however many infusions were used.
func TestEveryRefundRuleSplitsToTheCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := money.PriceList{Consult: money.Cents(rapid.IntRange(1, 90000).Draw(t, "consult")), Infusion: money.Cents(rapid.IntRange(1, 90000).Draw(t, "infusion"))}
		l.PackageSix = l.Consult + money.Cents(rapid.IntRange(6, 600000).Draw(t, "six"))
		l.PackageTen = l.Consult + money.Cents(rapid.IntRange(10, 900000).Draw(t, "ten"))
		pkg := rapid.SampledFrom([]string{money.PackageSix, money.PackageTen}).Draw(t, "package")
		n := money.PackageInfusions(pkg)

		shares := l.Shares(pkg)
		if sum(shares) != l.Package(pkg) {
			t.Fatalf("the shares add up to %s of %s", sum(shares), l.Package(pkg))
		}
		if low, high := slices.Min(shares[1:]), slices.Max(shares[1:]); high-low > 1 {
			t.Fatalf("infusions of one price have shares from %s to %s", low, high)
		}
		unused := &money.PackageChoice{Package: pkg, Prices: l, Deferred: l.Package(pkg)}
		for _, rule := range money.RefundRules() {
			if back := unused.Quote(rule); back != l.Package(pkg) {
				t.Fatalf("%s gives %s back of an unused package of %s", rule, back, l.Package(pkg))
			}
		}
		for used := range n + 1 {
			if back := l.RefundAfter(money.RefundProRata, pkg, used); back != sum(shares[1+used:]) {
				t.Fatalf("pro rata gives %s back after %d, and %s is unearned", back, used, sum(shares[1+used:]))
			}
		}
		// Flat is never more than what is unearned, so it is looked at where that does not cap it.
		each := (l.Package(pkg) - l.Consult) / money.Cents(n)
		for used := range n {
			step := l.RefundAfter(money.RefundFlat, pkg, used) - l.RefundAfter(money.RefundFlat, pkg, used+1)
			capped := l.RefundAfter(money.RefundFlat, pkg, used) == sum(shares[1+used:]) || l.RefundAfter(money.RefundFlat, pkg, used+1) == sum(shares[2+used:])
			if !capped && step != each && step != each+1 {
				t.Fatalf("flat: infusion %d is worth %s, and not %s or a cent more", used+1, step, each)
			}
		}
	})
}

// endings are the ways in which a course ends.
var endings = map[string]func(k *course){
	"completed":  func(k *course) { k.do(person.Psychotherapist, "course-completed", with{"summary": "ref:1"}) },
	"withdrawn":  func(k *course) { k.do(person.Client, "withdrawn", with{}) },
	"moved-away": func(k *course) { k.do(person.Coordinator, "moved-away", with{}) },
	"deceased":   func(k *course) { k.do(person.Coordinator, "deceased", with{}) },
	"declined": func(k *course) {
		k.do(person.Physician, "screening-recorded", with{"criteria_met": false, "prefers_kap": true})
	},
}

// A closed course answers every fact: it takes what may come after the end, and refuses the rest because it is closed. It
// ends when nothing is owed, and not before.
func TestEveryFactMeetsAClosedCourseThatOwesMoney(t *testing.T) {
	t.Parallel()
	for how, end := range endings {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			k := insured(t, with{"result": "pays", "copay": 3000, "allowed": 14000})
			k.session("evaluation", 2)
			k.session("preparation", 3)
			k.do(person.Coordinator, "claim-recorded", with{"appointment": "preparation-1", "status": "submitted"})
			k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(4, 10, 0))})
			if how != "completed" {
				k.to(4, 10, 0).do(person.Coordinator, "appointment-arrived", with{"appointment": "preparation-2"})
			} else {
				k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "preparation-2", "side": "practice"})
			}
			end(k)
			for i := range k.chart.Visits {
				if v := &k.chart.Visits[i]; v.Open() {
					t.Errorf("%s is still open", v.ID)
				}
			}
			for _, kind := range care.Vocabulary() {
				err := k.chart.Check(kind.Name, report(kind.By[0], "", with{}), k.now)
				refusal, _ := err.(*care.Refusal)
				closed := refusal != nil && refusal.Has(care.CodeCourseClosed)
				if !kind.AfterClose && refusal == nil {
					t.Errorf("%s is taken after the end", kind.Name)
				}
				if kind.AfterClose && closed && kind.Name != "resumed" && kind.Name != "course-begun" {
					t.Errorf("%s may come after the end, and is refused because the course is closed", kind.Name)
				}
			}
			k.to(300, 9, 0)
			ends := func(want bool, why string) {
				t.Helper()
				if _, is := k.chart.EndsAt(); is != want {
					t.Fatalf("the record ends: %v, want %v: %s", is, want, why)
				}
			}
			ends(false, "a claim is open")
			k.do(person.Coordinator, "claim-recorded", with{"appointment": "preparation-1", "status": "paid", "allowed": 14000, "paid": 11000, "patient_owes": 3000})
			k.do(person.Coordinator, "payment-received", with{"fee_set": "psychotherapy", "amount": k.chart.Balance(money.Psychotherapies) + 1000, "method": "check", "key": "p-1"})
			ends(false, "the insurer owes")
			for n := 1; ; n++ {
				insurer := net(k.postings)["psychotherapy:receivable:insurer"]
				if insurer == 0 {
					break
				}
				k.do(person.Coordinator, "payment-received", with{"fee_set": "psychotherapy", "amount": insurer, "method": "insurer", "key": fmt.Sprintf("i-%d", n)})
			}
			ends(false, "the practice owes what was paid too much")
			k.do(person.Coordinator, "refund-approved", with{"fee_set": "psychotherapy", "amount": 1000, "key": "r", "reason": "ref:1"})
			ends(false, "a refund is approved and not paid")
			k.do(person.Coordinator, "refund-paid", with{"fee_set": "psychotherapy", "key": "r"})
			ends(true, "nothing is owed")
			k.do(person.Coordinator, "payment-corrected", with{"key": "i-1", "reason": "ref:1"})
			ends(false, "the insurer took its money back")
		})
	}
}

// claimMayFollow is what every pair of claim statuses comes to, in the words of docs/postings.md: from a status of the row
// to each of those listed.
var claimMayFollow = map[string]string{
	"draft":       "draft submitted rejected accepted adjudicated paid denied closed",
	"submitted":   "submitted rejected accepted adjudicated paid denied closed",
	"rejected":    "rejected draft submitted accepted closed",
	"accepted":    "accepted adjudicated paid denied closed",
	"adjudicated": "adjudicated paid denied appealed closed",
	"paid":        "paid adjudicated denied appealed closed",
	"denied":      "denied submitted adjudicated paid appealed closed",
	"appealed":    "appealed adjudicated paid denied closed",
	"closed":      "closed submitted accepted adjudicated paid denied appealed",
}

// Every pair of statuses of a claim, and after each answer the balance says what the newest answer says.
func TestEveryPairOfClaimStatuses(t *testing.T) {
	t.Parallel()
	way := map[string][]string{"draft": {"draft"}, "submitted": {"submitted"}, "rejected": {"submitted", "rejected"}, "accepted": {"accepted"},
		"adjudicated": {"adjudicated"}, "paid": {"paid"}, "denied": {"denied"}, "appealed": {"denied", "appealed"}, "closed": {"paid", "closed"}}
	for from, steps := range way {
		for to := range way {
			k := insured(t, with{"result": "pays", "allowed": 14000, "copay": 3000})
			k.session("preparation", 2)
			for _, step := range steps {
				k.do(person.Coordinator, "claim-recorded", with{"appointment": "preparation-1", "status": step})
			}
			answer := with{"appointment": "preparation-1", "status": to, "allowed": 13000, "paid": 9000, "patient_owes": 4000}
			if !slices.Contains(strings.Fields(claimMayFollow[from]), to) {
				k.refused(care.CodeWrongState, person.Coordinator, "claim-recorded", answer)
				continue
			}
			k.do(person.Coordinator, "claim-recorded", answer)
			if owed := k.chart.Balance(money.Psychotherapies); owed != 4000 {
				t.Errorf("%s to %s: the client owes %s", from, to, owed)
			}
		}
	}
}
