package money

import "slices"

// The refund rules that an agreement can carry (docs/postings.md#refund-rules).
const (
	RefundRateCard       = "rate_card"        // what was used is priced singly, the rest comes back
	RefundProRata        = "pro_rata"         // exactly what is still deferred
	RefundFlat           = "flat"             // every infusion the same share of the price less the consult
	RefundNoneAfterStart = "none_after_start" // nothing once anything was used

	// Not a rule to agree on: the client is found to be no candidate before any infusion.
	RefundNotCandidate = "not_a_candidate" // all but the consult's single price
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
	return p.Quote(rule)
}

// Quote gives what a rule refunds of the package in its present state, in cents. It is never more than what is unearned.
func (p *PackageChoice) Quote(rule string) Cents {
	l, used := p.PriceList(), Cents(p.Used)
	price, consult := l.Package(p.Package), Cents(0)
	if p.Consult {
		consult = l.Consult
	}
	var back Cents
	switch rule {
	case RefundProRata:
		back = p.Unused()
	case RefundFlat:
		for _, share := range spread(price-l.Consult, slices.Repeat([]Cents{1}, PackageInfusions(p.Package)))[used:] {
			back += share
		}
		back += l.Consult - consult
	case RefundNoneAfterStart:
		if !p.Consult && p.Used == 0 {
			back = price
		}
	case RefundNotCandidate:
		back = price - consult
	default:
		back = price - consult - l.Infusion*used
	}
	return max(0, min(back, p.Unused()))
}
