package care

import (
	"time"

	"kapflow/care/money"
	"kapflow/care/visit"
)

// prices are those the client agreed to by choosing; before that, those of the practice at a time.
func (c *Chart) prices(at time.Time) money.PriceList {
	if c.Package != nil {
		return c.Package.PriceList()
	}
	return c.Policy.Money.PricesOn(c.Zone.Local(at).Format(time.DateOnly))
}

// singlePrice is the price of a medical visit bought singly.
func singlePrice(l money.PriceList, kind visit.Kind) money.Cents {
	if kind == visit.Consult {
		return l.Consult
	}
	return l.Infusion
}

// medicalPrice is the price of a number of infusions as the client pays them: the package with any further
// ones singly, or consult and singles.
func (c *Chart) medicalPrice(infusions int, at time.Time) money.Cents {
	pkg := money.PackageNone
	if c.Package != nil && !c.Package.GivenBack {
		pkg = c.Package.Package
	}
	return c.prices(at).Plan(pkg, infusions)
}
