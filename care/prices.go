package care

// Medical prices of the practice's page (R34, R37, R39, R40), in cents. They are data with an effective
// date in the agreement: a client keeps the price agreed.
const (
	ConsultPrice    Cents = 47500
	InfusionPrice   Cents = 60000
	PackageSixPrice Cents = 350000
	PackageTenPrice Cents = 550000
)

// The packages.
const (
	PackageNone = "none"
	PackageSix  = "six"
	PackageTen  = "ten"
)

func packageInfusions(p string) int {
	switch p {
	case PackageSix:
		return 6
	case PackageTen:
		return 10
	default:
		return 0
	}
}

func packagePrice(p string) Cents {
	switch p {
	case PackageSix:
		return PackageSixPrice
	case PackageTen:
		return PackageTenPrice
	default:
		return 0
	}
}

// PackageShares spreads a package's price over its services by list price: the consult first, then the
// infusions in order, by largest remainder with ties to the earlier service (01-requirements, Money facts).
func PackageShares(pkg string) []Cents {
	n := packageInfusions(pkg)
	if n == 0 {
		return nil
	}
	list := []Cents{ConsultPrice}
	for range n {
		list = append(list, InfusionPrice)
	}
	total := ConsultPrice + Cents(n)*InfusionPrice
	price := packagePrice(pkg)
	shares, rest := make([]Cents, len(list)), price
	remainders := make([]Cents, len(list))
	for i, l := range list {
		shares[i] = price * l / total
		remainders[i] = price * l % total
		rest -= shares[i]
	}
	for ; rest > 0; rest-- {
		best := 0
		for i := range remainders {
			if remainders[i] > remainders[best] {
				best = i
			}
		}
		shares[best]++
		remainders[best] = -1
	}
	return shares
}

// PlanPrice is the price of the consult and a number of infusions bought by a package ("none": singly),
// further infusions singly.
func PlanPrice(pkg string, infusions int) Cents {
	if pkg == PackageNone {
		return ConsultPrice + Cents(infusions)*InfusionPrice
	}
	return packagePrice(pkg) + Cents(max(0, infusions-packageInfusions(pkg)))*InfusionPrice
}
