package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
)

// Money is what clients owe the practice and what it owes them. Names are empty for an accountant, who works with codes.
type Money struct {
	Owed     []Owed      // who owes or has paid ahead, the largest debts first, mostOwed at most
	Uneven   int         // how many clients owe or have paid ahead, all of them
	Medical  money.Cents // what clients owe in all; those who paid ahead are not set against it
	Psych    money.Cents
	Payments []PaymentLine // that came in today
	Refunds  []RefundLine  // approved and not paid, the oldest first
}

// Owed is what one client owes, in cents; below zero the practice owes the client.
type Owed struct {
	Client, Name           string
	Medical, Psychotherapy money.Cents
}

// PaymentLine is a payment of a client.
type PaymentLine struct {
	Client, Name string
	care.Payment
}

// RefundLine is a refund of a client.
type RefundLine struct {
	Client, Name string
	care.Refund
}

// ReadMoney gives what all clients owe, the payments of today and the refunds that wait. It is audited as one look.
func (d *Desk) ReadMoney(ctx context.Context, who access.Person) (m Money, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadMoney, Subject: "money"}, func(person.Actor) error {
		if err := d.refresh(ctx); err != nil {
			return err
		}
		rows, err := d.moneyRows(ctx, &m)
		if err != nil {
			return err
		}
		names := map[string]string{}
		if who.Sees(access.Names, d.Now()) {
			if names, err = d.namesIn(ctx, rows); err != nil {
				return err
			}
		}
		for _, row := range rows {
			m.add(row.Chart, names[row.ClientID], d.Now())
		}
		slices.SortStableFunc(m.Owed, func(a, b Owed) int { return cmp.Compare(b.Medical+b.Psychotherapy, a.Medical+a.Psychotherapy) })
		slices.SortStableFunc(m.Payments, func(a, b PaymentLine) int { return b.At.Compare(a.At) })
		slices.SortStableFunc(m.Refunds, func(a, b RefundLine) int { return a.At.Compare(b.At) })
		return nil
	})
	return m, err
}

// mostOwed is how many clients a look at the money shows of each sort.
const mostOwed = 200

// moneyRows opens the charts of the clients whom the money page shows, and notes what all clients owe.
func (d *Desk) moneyRows(ctx context.Context, m *Money) ([]care.BoardRow, error) {
	ids, owed, clients, err := d.Store.Owing(ctx, mostOwed)
	if err != nil {
		return nil, fmt.Errorf("read who owes: %w", err)
	}
	m.Uneven, m.Medical, m.Psych = clients, owed[money.Medical], owed[money.Psychotherapies]
	from, to := d.Zone.Clock(d.Now(), 0, 0), d.Zone.Clock(d.Zone.AddDays(d.Now(), 1), 0, 0)
	touched, err := d.found(ctx, mostOwed, record.EntrySearch{Kind: record.EntryPayment, From: from, To: to}, record.EntrySearch{Kind: record.EntryRefund})
	if err != nil {
		return nil, err
	}
	return d.opened(ctx, append(ids, touched...))
}

// add adds what one client owes, paid today and waits for.
func (m *Money) add(c *care.Chart, name string, now time.Time) {
	o := Owed{c.ClientID, name, c.Balance(money.Medical), c.Balance(money.Psychotherapies)}
	if o.Medical != 0 || o.Psychotherapy != 0 {
		m.Owed = append(m.Owed, o)
	}
	for _, p := range c.Account.Payments {
		if c.Zone.SameDay(p.At, now) {
			m.Payments = append(m.Payments, PaymentLine{c.ClientID, name, p})
		}
	}
	for _, r := range c.Account.Refunds {
		if !r.Paid {
			m.Refunds = append(m.Refunds, RefundLine{c.ClientID, name, r})
		}
	}
}

// Plans compares the ways to pay for a number of infusions at today's prices.
type Plans struct {
	Infusions int
	Offers    []money.PlanOffer // the cheapest first
	Rule      string            // of refunds
	Prices    money.PriceList
	Refunds   []PlanRefund // what comes back after the consult, by infusions used
}

// PlanRefund is what a client gets back who stops after a number of infusions.
type PlanRefund struct {
	Used     int
	Six, Ten money.Cents
	NoSix    bool // the package of six has fewer infusions
}

// mostPlanned is the largest number of infusions that plans are compared for.
const mostPlanned = 60

// ComparePlans compares the ways to pay for a number of infusions, the cheapest first, and says what a client who stops early
// gets back. The error is a *care.Refusal for a number that no course has.
func (d *Desk) ComparePlans(ctx context.Context, who access.Person, infusions int) (p Plans, err error) {
	ask := Ask{Action: access.ReadPrices, Subject: Practice, check: func(context.Context, person.Actor) error {
		if infusions < 1 || infusions > mostPlanned {
			return care.Refuse(string(access.ReadPrices), care.CodeInvalid, fmt.Sprintf("%d infusions: write a number between 1 and %d", infusions, mostPlanned), "")
		}
		return nil
	}}
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		p = plansFor(d.Policy.Money, d.Zone.Local(d.Now()).Format(time.DateOnly), infusions)
		return nil
	})
	return p, err
}

// plansFor compares the ways to pay for a number of infusions at the prices of a day.
func plansFor(m policy.Money, day string, infusions int) Plans {
	prices := m.PricesOn(day)
	p := Plans{Infusions: infusions, Offers: prices.Plans(infusions), Rule: m.RefundRule, Prices: prices}
	back := func(pkg string, used int) money.Cents {
		all := prices.RefundAfter(m.RefundRule, pkg, used)
		return all - all*money.Cents(m.RefundFeeBP)/10000
	}
	for used := range money.PackageInfusions(money.PackageTen) + 1 {
		r := PlanRefund{Used: used, Ten: back(money.PackageTen, used), NoSix: used > money.PackageInfusions(money.PackageSix)}
		if !r.NoSix {
			r.Six = back(money.PackageSix, used)
		}
		p.Refunds = append(p.Refunds, r)
	}
	return p
}
