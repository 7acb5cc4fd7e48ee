package care

import (
	"strings"

	"kapflow/care/money"
)

// refundRule says which rule applies: the reason for which the course ends decides. The client stops: the rule
// that was signed. Not a candidate after the consult: all but the consult. The clinicians or the practice end it,
// or the client dies: pro rata.
func (c *Chart) refundRule() string {
	switch {
	case c.clientStops():
		return c.Package.RefundRule
	case c.declined() && c.Package.Used == 0:
		return money.RefundNotCandidate
	default:
		return money.RefundProRata
	}
}

// clientStops says whether it is the client who ends the course, or would by ending it now.
func (c *Chart) clientStops() bool {
	if c.declined() {
		return false
	}
	end := c.Closing
	return end == nil || end.By == "" && (end.How == EndWithdrawn || end.How == EndMovedAway)
}

// RefundQuote is what comes back of the package if the course ended as it stands: by the rule that the reason asks
// for, less the practice's administrative fee when the client stops. It never looks at whether the package was paid.
func (c *Chart) RefundQuote() money.Cents {
	if c.Package == nil || c.Package.Package == money.PackageNone {
		return 0
	}
	back, fee := c.quoted()
	return back - fee
}

// quoted gives the refund before the administrative fee, and the fee.
func (c *Chart) quoted() (back, fee money.Cents) {
	rule := c.refundRule()
	back = c.Package.Quote(rule)
	if c.clientStops() {
		fee = back * money.Cents(c.Policy.Money.RefundFeeBP) / 10000
	}
	return back, fee
}

// settlePackage settles the package of a course that is over or whose package is given back, and undoes it when
// that is no longer so: a decision taken again, a visit corrected afterwards.
func (c *Chart) settlePackage(m Meta) {
	p := c.Package
	if p == nil || p.Package == money.PackageNone {
		return
	}
	due := (c.Closed() || p.GivenBack) && p.Unused() > 0
	want := money.Settlement{}
	if due {
		back, fee := c.quoted()
		want = money.Settlement{Rule: c.refundRule(), Deferred: p.Unused(), Back: back - fee, Fee: fee}
	}
	if s := p.Settled; s != nil {
		want.At, want.Key = s.At, s.Key
		if due && *s == want {
			return
		}
		c.unsettle(m)
	}
	if !due {
		return
	}
	want.At, want.Key = m.At, ""
	p.Deferred, p.Settled = 0, &want
	settled := c.charge(Charge{Key: "settle:" + p.Package, About: aboutSettlement, FeeSet: money.Medical, Owed: -want.Back, Lines: []money.Line{
		{Account: money.AccountID(money.Medical, "deferred:package"), Cents: want.Deferred},
		{Account: money.AccountID(money.Medical, clientAccount), Cents: -want.Back},
		{Account: money.AccountID(money.Medical, "revenue:fees"), Cents: -want.Fee},
		{Account: money.AccountID(money.Medical, "revenue:repricing"), Cents: want.Back + want.Fee - want.Deferred}}}, "Unused part of the package, "+strings.ReplaceAll(want.Rule, "_", " "), m)
	p.Settled.Key = settled.Key
}

// unsettle takes a settlement back, so that visits may draw from the package again.
func (c *Chart) unsettle(m Meta) {
	p := c.Package
	if p == nil || p.Settled == nil {
		return
	}
	p.Deferred += p.Settled.Deferred
	key := p.Settled.Key
	p.Settled = nil
	for i := range c.Account.Charges {
		if ch := &c.Account.Charges[i]; ch.About == aboutSettlement && !ch.Reversed && (key == "" || key == ch.Key) {
			c.reverse(ch, m)
		}
	}
}

// aboutSettlement is what the charge that settles a package is about.
const aboutSettlement = "package-settled"
