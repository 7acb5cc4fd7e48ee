package care

import (
	"time"

	"kapflow/care/money"
	"kapflow/care/visit"
)

// networkOut is the network of a plan that has no contract with the practice.
const networkOut = "out"

// PaidBack is what a plan is expected to pay the client back for psychotherapy outside its network, from the figures of the
// coverage review (ADR 0053). It is never part of what the client owes. Amounts are cents.
type PaidBack struct {
	Cents      money.Cents `json:"cents"`                // paid back; says nothing if Lacks names a figure
	Allowed    money.Cents `json:"allowed"`              // that the plan allows, of which it pays a part
	Deductible money.Cents `json:"deductible,omitempty"` // the part of the allowed amount that the deductible takes
	Lacks      []string    `json:"lacks,omitempty"`      // figures that nobody gave, in words: the amount is unknown
}

// Known says whether every figure was there.
func (b PaidBack) Known() bool { return len(b.Lacks) == 0 }

// paysBack works out a session out of network. A figure that is missing is never taken for 0, neither as the deductible nor as
// what is paid back.
func (cov *Coverage) paysBack(kind visit.Kind, list money.Cents, used used) PaidBack {
	t := cov.terms(kind)
	if !t.covered || cov.sessionsOver(used) {
		return PaidBack{}
	}
	var b PaidBack
	if t.allowed == 0 {
		b.Lacks = append(b.Lacks, "the amount that the plan allows")
	}
	if t.shareUnknown {
		b.Lacks = append(b.Lacks, "the co-pay or co-insurance")
	}
	if t.copay == 0 || cov.CopayAfterDeductible { // else the deductible does not count
		switch {
		case cov.DeductibleTotal == 0 && !cov.DeductibleSaid:
			b.Lacks = append(b.Lacks, "the deductible")
		case cov.DeductibleTotal > 0 && cov.DeductibleMet == 0 && !cov.DeductibleMetSaid:
			b.Lacks = append(b.Lacks, "how much of the deductible was met")
		}
	}
	if !b.Known() {
		return b
	}
	b.Allowed = min(list, t.allowed)
	client, deductible := cov.share(t, b.Allowed, used)
	b.Cents, b.Deductible = b.Allowed-client, deductible
	return b
}

// paidBackFor is what the plan is expected to pay back for several sessions of a kind, one after the other, and counts them. It
// is nil unless the client is outside the plan's network.
func (c *Chart) paidBackFor(kind visit.Kind, quantity int, now time.Time, used *used) *PaidBack {
	if !c.Coverage.paysSomething() || c.Coverage.Network != networkOut {
		return nil
	}
	year, list := c.Coverage.yearOf(now), c.Policy.Money.SessionPriceOf(kind)
	var sum PaidBack
	for range quantity {
		b := year.paysBack(kind, list, *used)
		if !b.Known() {
			return &b
		}
		sum.Cents, sum.Allowed, sum.Deductible = sum.Cents+b.Cents, sum.Allowed+b.Allowed, sum.Deductible+b.Deductible
		used.add(&SessionCost{PaidBack: &b})
	}
	return &sum
}
