package care

import (
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// PackageChosen records how the client pays the medical services. It also records that the client was told
// that infusions are never insured (R38).
type PackageChosen struct {
	Happened
	Package    string `json:"package"`
	RefundRule string `json:"refund_rule"`
}

func (f *PackageChosen) check(c *Chart, _ Meta, v *inspection) {
	oneOf(v, "package", f.Package, money.Packages...)
	if f.RefundRule != "" {
		oneOf(v, "refund_rule", f.RefundRule, money.RefundRules()...)
	}
	if c.Package != nil && c.Package.Package != money.PackageNone && !c.Package.GivenBack {
		v.state(CodeWrongState, person.Coordinator, "a package was chosen already; switch it")
	}
}

func (f *PackageChosen) apply(c *Chart, m Meta) {
	choice := money.PackageChoice{Package: f.Package, RefundRule: f.RefundRule, Prices: c.prices(m.At), At: m.At}
	if choice.RefundRule == "" {
		choice.RefundRule = c.Policy.Money.RefundRule
	}
	if c.Package != nil && c.Package.GivenBack {
		c.settlePackage(m) // what it has not earned yet goes back before another one is bought
	}
	c.buyPackage(choice, nil, m)
}

func (f *PackageChosen) told() string                { return f.Package }
func (f *PackageChosen) was(c *Chart, _ Meta) string { return c.packageName() }

// packageName is how the client pays the medical services; empty: not chosen.
func (c *Chart) packageName() string {
	if c.Package == nil {
		return ""
	}
	return c.Package.Package
}

// buyPackage charges a package. Visits already held at single prices are credited at that price and drawn
// from the package instead, so that the consult is never paid twice (R41). Those in drawn, which the package that it takes the
// place of paid for, are charged again; what a package that was given back paid for stays paid.
func (c *Chart) buyPackage(choice money.PackageChoice, drawn []string, m Meta) {
	price := choice.PriceList().Package(choice.Package)
	choice.Deferred = price
	c.Package = &choice
	if price == 0 {
		return
	}
	bought := c.charge(Charge{Key: "package:" + choice.Package, About: aboutPackage, FeeSet: money.Medical, Owed: price, Lines: []money.Line{{Account: money.AccountID(money.Medical, clientAccount), Cents: price}, {Account: money.AccountID(money.Medical, "deferred:package"), Cents: -price}}}, "Package of "+choice.Package, m)
	c.Package.Bought = bought.Key
	for _, kind := range []visit.Kind{visit.Consult, visit.Infusion} {
		credited := kind == visit.Consult || !c.Policy.Money.SinglesNotCredited
		for _, v := range c.Fulfilled(kind) {
			_, covered := c.nextShare(kind)
			if ch := c.standing(v.ID); ch != nil && covered && credited && c.drawnShare(v.ID) == 0 {
				c.reverse(ch, m)
				c.chargeMedical(v, m)
			} else if slices.Contains(drawn, v.ID) {
				c.chargeMedical(v, m)
			}
		}
	}
}

// aboutPackage is what the charge of a package is about.
const aboutPackage = "package"

// PackageSwitched changes the package: up by paying the difference, down only while no more was used than the
// smaller one holds.
type PackageSwitched struct {
	Happened
	To     string  `json:"to"`
	Reason Private `json:"reason"`
}

func (f *PackageSwitched) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "to", f.To, money.PackageSix, money.PackageTen)
	switch {
	case c.Package == nil:
		v.state(CodeWrongState, person.Coordinator, "no package was chosen yet; record the choice first")
	case c.Package.GivenBack:
		v.state(CodeWrongState, person.Coordinator, "the unused part of the package was paid back, so it is not switched any more")
	case c.Package.Package == f.To:
		v.state(CodeWrongState, "", "the package is %s already", f.To)
	case c.Package.Used > money.PackageInfusions(f.To):
		v.state("package-used", person.Coordinator, "%d infusions were used, more than a package of %s holds", c.Package.Used, f.To)
	case c.switchOver(m.At):
		v.state("switch-too-late", person.Coordinator, "the package of %s was used up more than %d days ago", c.Package.Package, c.Policy.Money.SwitchUpDays)
	}
}

// switchOver says whether the time is over in which a used-up package may still be switched to a larger one.
func (c *Chart) switchOver(at time.Time) bool {
	days, held := c.Policy.Money.SwitchUpDays, c.Fulfilled(visit.Infusion)
	if days == 0 || len(held) == 0 || c.Package.Used == 0 || c.Package.Used < money.PackageInfusions(c.Package.Package) {
		return false
	}
	return at.After(c.Zone.AddDays(held[len(held)-1].Start, days))
}

func (f *PackageSwitched) apply(c *Chart, m Meta) {
	was, drawn := *c.Package, slices.Clone(c.Package.Drawn)
	for i := range c.Account.Charges {
		ch := &c.Account.Charges[i]
		bought := ch.About == aboutPackage && was.Package != money.PackageNone && (was.Bought == "" || was.Bought == ch.Key)
		if !ch.Reversed && (bought || slices.Contains(drawn, ch.About)) {
			c.reverse(ch, m)
		}
	}
	c.Package = nil
	c.buyPackage(money.PackageChoice{Package: f.To, RefundRule: was.RefundRule, Prices: was.Prices, At: m.At, SwitchedAt: m.At}, drawn, m)
}

func (f *PackageSwitched) told() string                { return f.To }
func (f *PackageSwitched) was(c *Chart, _ Meta) string { return c.packageName() }
