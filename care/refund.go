package care

import (
	"strings"
	"time"
)

// The refund rules that an agreement can carry (06-money, Decided here).
const (
	RefundRateCard       = "rate_card"        // what was used is priced singly, the rest comes back
	RefundProRata        = "pro_rata"         // exactly what is still deferred
	RefundFlat           = "flat"             // every infusion the same share of the price less the consult
	RefundNoneAfterStart = "none_after_start" // nothing once anything was used

	// Not a rule to agree on: the client is found to be no candidate before any infusion.
	refundNotCandidate = "not_a_candidate" // all but the consult's single price
)

// RefundRules lists the rules that a practice may choose and an agreement may carry.
func RefundRules() []string {
	return []string{RefundRateCard, RefundProRata, RefundFlat, RefundNoneAfterStart}
}

// RefundAfter is what a rule gives back of a fully paid package after the consult and a number of infusions,
// before any administrative fee: what is shown before signing.
func (l PriceList) RefundAfter(rule, pkg string, used int) Cents {
	p := &PackageChoice{Package: pkg, Prices: l, Consult: true, Used: used}
	for _, share := range l.Shares(pkg)[1+used:] {
		p.Deferred += share
	}
	return p.quote(rule)
}

// quote is what a rule gives back of the package as it stands, in cents; never more than what is still unearned.
func (p *PackageChoice) quote(rule string) Cents {
	l, used := p.prices(), Cents(p.Used)
	price, consult := l.Package(p.Package), Cents(0)
	if p.Consult {
		consult = l.Consult
	}
	var back Cents
	switch rule {
	case RefundProRata:
		back = p.unused()
	case RefundFlat:
		n := Cents(PackageInfusions(p.Package))
		back = (price-l.Consult)*(n-used)/n + l.Consult - consult
	case RefundNoneAfterStart:
		if !p.Consult && p.Used == 0 {
			back = price
		}
	case refundNotCandidate:
		back = price - consult
	default:
		back = price - consult - l.Infusion*used
	}
	return max(0, min(back, p.unused()))
}

// unused is the part of the price that no service has earned, settled or not.
func (p *PackageChoice) unused() Cents {
	if p.Settled != nil {
		return p.Deferred + p.Settled.Deferred
	}
	return p.Deferred
}

// refundRule says which rule applies: the reason for which the course ends decides. The client stops: the rule
// that was signed. Not a candidate after the consult: all but the consult. The clinicians or the practice end it,
// or the client dies: pro rata.
func (c *Chart) refundRule() string {
	switch {
	case c.clientStops():
		return c.Package.RefundRule
	case c.declined() && c.Package.Used == 0:
		return refundNotCandidate
	default:
		return RefundProRata
	}
}

// clientStops says whether it is the client who ends the course, or would by ending it now.
func (c *Chart) clientStops() bool {
	if c.declined() {
		return false
	}
	end := c.Closing
	return end == nil || end.By == "" && (end.How == "withdrawn" || end.How == "moved-away")
}

// RefundQuote is what comes back of the package if the course ended as it stands: by the rule that the reason asks
// for, less the practice's administrative fee when the client stops. It never looks at whether the package was paid.
func (c *Chart) RefundQuote() Cents {
	if c.Package == nil || c.Package.Package == PackageNone {
		return 0
	}
	back, fee := c.quoted()
	return back - fee
}

// quoted gives the refund before the administrative fee, and the fee.
func (c *Chart) quoted() (back, fee Cents) {
	rule := c.refundRule()
	back = c.Package.quote(rule)
	if c.clientStops() {
		fee = back * Cents(c.Policy.Money.RefundFeeBP) / 10000
	}
	return back, fee
}

// Settlement ends a package: what was still deferred goes back to the client's account, and the rest is earned.
type Settlement struct {
	Rule     string    `json:"rule"`
	Deferred Cents     `json:"deferred"`      // what was unearned
	Back     Cents     `json:"back"`          // of it, to the client's account
	Fee      Cents     `json:"fee,omitempty"` // of it, the administrative fee
	At       time.Time `json:"at"`
}

// settlePackage settles the package of a course that is over or whose package is given back, and undoes it when
// that is no longer so: a decision taken again, a visit corrected afterwards.
func (c *Chart) settlePackage(m Meta) {
	p := c.Package
	if p == nil || p.Package == PackageNone {
		return
	}
	due := (c.Closed() || p.GivenBack) && p.unused() > 0
	want := Settlement{}
	if due {
		back, fee := c.quoted()
		want = Settlement{Rule: c.refundRule(), Deferred: p.unused(), Back: back - fee, Fee: fee}
	}
	if s := p.Settled; s != nil {
		want.At = s.At
		if due && *s == want {
			return
		}
		c.unsettle(m)
	}
	if !due {
		return
	}
	want.At = m.At
	p.Deferred, p.Settled = 0, &want
	c.charge(Medical, "settle:"+p.Package, aboutSettlement, "Unused part of the package, "+strings.ReplaceAll(want.Rule, "_", " "), -want.Back, []Line{
		{account(Medical, "deferred:package"), want.Deferred},
		{account(Medical, clientAccount), -want.Back},
		{account(Medical, "revenue:fees"), -want.Fee},
		{account(Medical, "revenue:repricing"), want.Back + want.Fee - want.Deferred}}, m)
}

// unsettle takes a settlement back, so that visits may draw from the package again.
func (c *Chart) unsettle(m Meta) {
	p := c.Package
	if p == nil || p.Settled == nil {
		return
	}
	p.Deferred += p.Settled.Deferred
	p.Settled = nil
	for i := range c.Account.Charges {
		if ch := &c.Account.Charges[i]; ch.About == aboutSettlement && !ch.Reversed {
			c.reverse(ch, m)
		}
	}
}

// aboutSettlement is what the charge that settles a package is about.
const aboutSettlement = "package-settled"
