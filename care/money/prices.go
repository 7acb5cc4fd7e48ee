package money

import "slices"

// Medical prices of the practice's page (R34, R37, R39, R40), in cents.
const (
	ConsultPrice    Cents = 47500
	InfusionPrice   Cents = 60000
	PackageSixPrice Cents = 350000
	PackageTenPrice Cents = 550000
)

// PriceList holds the medical prices that are in effect from a day on. Prices are data: a practice that raises
// them adds a list with a later day, and a client who has chosen keeps the list of that choice.
type PriceList struct {
	From       string `json:"from"` // the first day, by the practice's calendar: 2027-01-31
	Consult    Cents  `json:"consult"`
	Infusion   Cents  `json:"infusion"` // one, bought singly
	PackageSix Cents  `json:"package_six"`
	PackageTen Cents  `json:"package_ten"`
}

// DefaultPrices are the prices of the practice's page: those in effect when a practice file lists none.
func DefaultPrices() PriceList {
	return PriceList{Consult: ConsultPrice, Infusion: InfusionPrice, PackageSix: PackageSixPrice, PackageTen: PackageTenPrice}
}

// The packages.
const (
	PackageNone = "none"
	PackageSix  = "six"
	PackageTen  = "ten"
)

var Packages = []string{PackageNone, PackageSix, PackageTen}

// PackageInfusions is how many infusions a package holds beside the consult.
func PackageInfusions(pkg string) int {
	switch pkg {
	case PackageSix:
		return 6
	case PackageTen:
		return 10
	default:
		return 0
	}
}

// Package is the price of a package; 0 for none.
func (l PriceList) Package(pkg string) Cents {
	switch pkg {
	case PackageSix:
		return l.PackageSix
	case PackageTen:
		return l.PackageTen
	default:
		return 0
	}
}

// Shares spreads a package's price over its services by list price: the consult first, then the infusions in
// order, by largest remainder with ties to the earlier service (docs/requirements.md#money-facts).
func (l PriceList) Shares(pkg string) []Cents {
	n := PackageInfusions(pkg)
	if n == 0 {
		return nil
	}
	list := append([]Cents{l.Consult}, slices.Repeat([]Cents{l.Infusion}, n)...)
	return spread(l.Package(pkg), list)
}

// spread divides an amount by weights to the cent, by largest remainder with ties to the earlier.
func spread(amount Cents, weights []Cents) []Cents {
	var total Cents
	for _, w := range weights {
		total += w
	}
	parts, remainders, rest := make([]Cents, len(weights)), make([]Cents, len(weights)), amount
	for i, w := range weights {
		parts[i], remainders[i] = amount*w/total, amount*w%total
		rest -= parts[i]
	}
	for ; rest > 0; rest-- {
		best := 0
		for i := range remainders {
			if remainders[i] > remainders[best] {
				best = i
			}
		}
		parts[best]++
		remainders[best] = -1
	}
	return parts
}

// Plan is the price of the consult and a number of infusions bought by a package ("none": singly), further
// infusions singly.
func (l PriceList) Plan(pkg string, infusions int) Cents {
	if pkg == PackageNone {
		return l.Consult + Cents(infusions)*l.Infusion
	}
	return l.Package(pkg) + Cents(max(0, infusions-PackageInfusions(pkg)))*l.Infusion
}

// PlanOffer is one way to pay for a number of infusions, the consult included.
type PlanOffer struct {
	Package string `json:"package"`
	Singles int    `json:"singles"` // infusions beside the package
	Total   Cents  `json:"total"`
	Unused  int    `json:"unused,omitempty"` // infusions of the package that the number leaves over
}

// Plans compares every way to pay for a number of infusions, the cheapest first: what the fee talk shows
// (R39–R41). At one price the plan without a package comes first, then the smaller package: less is paid ahead.
func (l PriceList) Plans(infusions int) []PlanOffer {
	var out []PlanOffer
	for _, pkg := range Packages {
		n := PackageInfusions(pkg)
		out = append(out, PlanOffer{Package: pkg, Singles: max(0, infusions-n), Total: l.Plan(pkg, infusions), Unused: max(0, n-infusions)})
	}
	slices.SortStableFunc(out, func(a, b PlanOffer) int { return int(a.Total - b.Total) })
	return out
}
