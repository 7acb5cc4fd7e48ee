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

// singlePrice is the price of a medical visit bought singly: that of the day on which it was first booked, or of the estimate
// the client was given for it, whichever came first. A list that changes in between changes nothing for them.
func (c *Chart) singlePrice(v *Visit) money.Cents {
	agreed := v.agreedAt()
	if e := c.Estimate; e != nil && e.At.Before(agreed) && v.Course == c.Course && !c.estimateEnds().Before(v.Start) {
		agreed = e.At
	}
	l := c.prices(agreed)
	if v.Kind == visit.Consult {
		return l.Consult
	}
	return l.Infusion
}

// consultPrice is the price of the consult: of the one that is booked or was held, else by the list of a day.
func (c *Chart) consultPrice(at time.Time) money.Cents {
	if held := c.Fulfilled(visit.Consult); len(held) > 0 {
		return c.singlePrice(held[0])
	}
	if v := c.next(visit.Consult); v != nil {
		return c.singlePrice(v)
	}
	return c.prices(at).Consult
}

// medicalPrice is the price of a number of infusions as the client pays them: the package with any further
// ones singly, or consult and singles.
func (c *Chart) medicalPrice(infusions int, at time.Time) money.Cents {
	return c.prices(at).Plan(c.payingBy(), infusions)
}

// estimatedPrice is medicalPrice with the consult at the price that the client will be charged.
func (c *Chart) estimatedPrice(infusions int, at time.Time) money.Cents {
	price := c.medicalPrice(infusions, at)
	if c.payingBy() == money.PackageNone {
		price += c.consultPrice(at) - c.prices(at).Consult
	}
	return price
}

// payingBy is the package that the medical services are paid with; none when it was given back.
func (c *Chart) payingBy() string {
	if c.Package == nil || c.Package.GivenBack {
		return money.PackageNone
	}
	return c.Package.Package
}
