package care

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care/money"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// charge posts a charge and remembers it, so that a correction can reverse it. A key that is taken gets a number.
func (c *Chart) charge(ch Charge, memo string, m Meta) *Charge {
	for n, base := 2, ch.Key; slices.ContainsFunc(c.Account.Charges, func(x Charge) bool { return x.Key == ch.Key }); n++ {
		ch.Key = fmt.Sprintf("%s:%d", base, n)
	}
	c.addCharged(ch.FeeSet, ch.Owed)
	ch.At, ch.Lines = m.At, c.post(money.Posting{Key: ch.Key, FeeSet: ch.FeeSet, On: m.At, By: m.By, Lines: ch.Lines, Memo: memo})
	c.Account.Charges = append(c.Account.Charges, ch)
	return &c.Account.Charges[len(c.Account.Charges)-1]
}

// standing gives the charge that stands for a visit's service, or nil.
func (c *Chart) standing(visit string) *Charge {
	for i := range c.Account.Charges {
		if ch := &c.Account.Charges[i]; ch.About == visit && !ch.Reversed && strings.HasPrefix(ch.Key, "service:") {
			return ch
		}
	}
	return nil
}

// chargeVisit charges a visit that was held.
func (c *Chart) chargeVisit(v *Visit, m Meta) {
	switch v.Kind {
	case visit.Consult, visit.Infusion:
		c.chargeMedical(v, m)
	default:
		c.chargeSession(v, m)
	}
}

func (c *Chart) chargeMedical(v *Visit, m Meta) {
	if c.Package != nil && !c.Package.GivenBack {
		c.unsettle(m) // a visit recorded after the end still comes out of the package; it is settled again afterwards
	}
	key, revenue := "service:"+v.ID, money.AccountID(money.Medical, "revenue:"+string(v.Kind))
	if share, ok := c.drawPackage(v); ok {
		c.charge(Charge{Key: key, About: v.ID, FeeSet: money.Medical, Lines: []money.Line{{Account: money.AccountID(money.Medical, "deferred:package"), Cents: share}, {Account: revenue, Cents: -share}}}, wording.Title(v.ID)+" from the package", m)
		return
	}
	price := c.singlePrice(v)
	c.charge(Charge{Key: key, About: v.ID, FeeSet: money.Medical, Owed: price, Lines: []money.Line{{Account: money.AccountID(money.Medical, clientAccount), Cents: price}, {Account: revenue, Cents: -price}}}, wording.Title(v.ID)+", single", m)
}

// drawPackage takes a visit's share out of the package, if it covers the visit and was not paid back.
func (c *Chart) drawPackage(v *Visit) (share money.Cents, ok bool) {
	share, ok = c.nextShare(v.Kind)
	if !ok {
		return 0, false
	}
	p := c.Package
	if v.Kind == visit.Consult {
		p.Consult = true
	} else {
		p.Used++
	}
	p.Deferred -= share
	p.Drawn = append(p.Drawn, v.ID)
	return share, true
}

// nextShare is the share of the package that the next visit of a medical kind would take. Shares that
// corrected visits gave back are used again before later ones, so that every cent is earned in the end.
func (c *Chart) nextShare(kind visit.Kind) (money.Cents, bool) {
	p := c.Package
	if p == nil || p.Package == money.PackageNone {
		return 0, false
	}
	shares := p.PriceList().Shares(p.Package)
	free := shares[1:]
	if kind == visit.Consult {
		free = shares[:1]
	}
	for _, id := range p.Drawn {
		if v := c.Visit(id); v != nil && v.Kind == kind {
			if i := slices.Index(free, c.drawnShare(id)); i >= 0 {
				free = slices.Delete(free, i, i+1)
			}
		}
	}
	if len(free) == 0 || free[0] > p.Deferred {
		return 0, false
	}
	return free[0], true
}

// drawnShare is what a visit took out of the package.
func (c *Chart) drawnShare(id string) money.Cents {
	if ch := c.standing(id); ch != nil {
		return money.SumOf(ch.Lines, money.AccountID(money.Medical, "deferred:package"))
	}
	return 0
}

// chargeSession charges a psychotherapy session: the client's share, what the insurer is expected to pay, and what
// the contract with the insurer is expected to take off. It stays an estimate until a claim is settled.
func (c *Chart) chargeSession(v *Visit, m Meta) {
	cost := c.SessionCostAt(v.Kind, v.Start)
	ch := c.charge(Charge{Key: "service:" + v.ID, About: v.ID, FeeSet: money.Psychotherapies, Owed: cost.Client, Lines: []money.Line{
		{Account: money.AccountID(money.Psychotherapies, clientAccount), Cents: cost.Client},
		{Account: money.AccountID(money.Psychotherapies, "receivable:insurer"), Cents: cost.Insurer},
		{Account: money.AccountID(money.Psychotherapies, "contra:contractual"), Cents: cost.Contractual},
		{Account: money.AccountID(money.Psychotherapies, "revenue:psychotherapy"), Cents: -cost.List}}}, wording.Title(v.ID), m)
	ch.Expected = &cost
}

// chargeFee charges a late-cancel or no-show fee, if the practice asks one.
func (c *Chart) chargeFee(v *Visit, what string, fee money.Cents, m Meta) {
	if fee == 0 {
		return
	}
	set := v.Kind.FeeSet()
	c.charge(Charge{Key: what + ":" + v.ID, About: v.ID, FeeSet: set, Owed: fee, Lines: []money.Line{{Account: money.AccountID(set, clientAccount), Cents: fee}, {Account: money.AccountID(set, "revenue:fees"), Cents: -fee}}}, wording.Title(what)+" fee, "+wording.LowerFirst(v.Name()), m)
}

// reverseCharges undoes every charge of a visit, package draw and claim included. What it took out of a package that was given
// back, or belongs to an earlier course, goes back to the client.
func (c *Chart) reverseCharges(v *Visit, m Meta) {
	earlier := c.drawnShare(v.ID) // out of a package that is over
	if p := c.Package; p != nil && slices.Contains(p.Drawn, v.ID) {
		earlier = 0
		p.Deferred += c.drawnShare(v.ID)
		p.Drawn = slices.DeleteFunc(p.Drawn, func(id string) bool { return id == v.ID })
		if v.Kind == visit.Consult {
			p.Consult = false
		} else {
			p.Used--
		}
	}
	c.reverseClaim(v.ID, m)
	for i := range c.Account.Charges {
		if ch := &c.Account.Charges[i]; ch.About == v.ID && !ch.Reversed {
			c.reverse(ch, m)
		}
	}
	if earlier != 0 {
		c.charge(Charge{Key: "share:" + v.ID, About: v.ID, FeeSet: money.Medical, Owed: -earlier, Lines: []money.Line{
			{Account: money.AccountID(money.Medical, "deferred:package"), Cents: earlier},
			{Account: money.AccountID(money.Medical, clientAccount), Cents: -earlier}}}, "Share of an earlier package, "+wording.LowerFirst(v.Name()), m)
	}
}

func (c *Chart) reverse(ch *Charge, m Meta) {
	ch.Reversed = true
	c.addCharged(ch.FeeSet, -ch.Owed)
	c.post(money.Posting{Key: "reverse:" + ch.Key, Reverses: ch.Key, FeeSet: ch.FeeSet, On: m.Now, By: m.By, Lines: money.Negate(ch.Lines), Memo: "Reversal of " + ch.Key})
}

// dueForNextInfusion is what must be paid before the next infusion under pay_before: visit.
func (c *Chart) dueForNextInfusion(at time.Time) money.Cents {
	due := c.Account.Charged[money.Medical]
	if _, covered := c.nextShare(visit.Infusion); covered {
		return due
	}
	return due + c.prices(at).Infusion
}
