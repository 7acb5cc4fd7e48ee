package care

// The refund rules that an agreement can carry (06-money, Decided here).
const (
	RefundRateCard       = "rate_card"        // what was used is priced singly, the rest comes back
	RefundProRata        = "pro_rata"         // exactly what is still deferred
	RefundFlat           = "flat"             // every infusion the same share of the price less the consult
	RefundNoneAfterStart = "none_after_start" // nothing once anything was used
)

// RefundQuote is what comes back of the package if the course ended as it stands, before refunds already
// approved: by the rule the client signed, or by the one that the way it ended asks for. It never looks at
// whether the package was paid.
func (c *Chart) RefundQuote() Cents {
	p := c.Package
	if p == nil || p.Package == PackageNone {
		return 0
	}
	used := Cents(p.Used)
	rule := p.RefundRule
	switch {
	case c.Closing != nil && c.Closing.How != "withdrawn":
		rule = RefundProRata // moved away, deceased: not the client's choice
	case c.Closing == nil && c.declined() && p.Used == 0:
		// Not a candidate after the consult: all but the consult's single price.
		return packagePrice(p.Package) - consultUsed(p)
	}
	switch rule {
	case RefundProRata:
		return p.Deferred + p.Returned
	case RefundFlat:
		n := Cents(packageInfusions(p.Package))
		rest := (packagePrice(p.Package) - ConsultPrice) * (n - used) / n
		return rest + ConsultPrice - consultUsed(p)
	case RefundNoneAfterStart:
		if p.Consult || p.Used > 0 {
			return 0
		}
		return packagePrice(p.Package)
	default:
		return max(0, packagePrice(p.Package)-consultUsed(p)-InfusionPrice*used)
	}
}

func consultUsed(p *PackageChoice) Cents {
	if p.Consult {
		return ConsultPrice
	}
	return 0
}
