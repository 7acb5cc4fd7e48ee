package staff

import (
	"slices"
	"strconv"
	"strings"

	"kapflow/access"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/desk"
)

// moneyPage is what clients owe, what came in today, and which refunds wait.
type moneyPage struct {
	desk.Money
	Zone     clock.Zone
	Today    string
	Received money.Cents
	To       string // the page about a client that a name leads to, after the client's address
	Open     bool   // the reader may open it
	Takes    bool   // the reader records payments
	MoreOwed int    // clients whose accounts are not even and who are not shown
}

// moneyOwed shows what clients owe, today's payments and the refunds that wait for payment.
func moneyOwed(v *visitor) error {
	m, err := v.site.Desk.ReadMoney(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	p := moneyPage{Money: m, Zone: v.site.Desk.Zone, Today: v.site.Desk.Zone.DayLong(v.now)}
	p.MoreOwed = max(0, m.Uneven-len(m.Owed))
	for _, x := range m.Payments {
		if !x.Reversed {
			p.Received += x.Amount
		}
	}
	p.To, p.Open = v.firstTab()
	p.Takes = slices.Contains(v.who.Roles(), person.Coordinator)
	return v.show(page{Title: "Money", Template: "money", Data: p})
}

// comparePage compares the ways to pay.
type comparePage struct {
	desk.Plans
	Cheapest string
	Policy   string // of refunds, in words
	Owed     bool   // the reader may see what clients owe
}

// usualInfusions is what is compared when nobody asked for a number.
const usualInfusions = 6

// comparePlans compares the ways to pay for a number of infusions, for the fee talk.
func comparePlans(v *visitor) error {
	n := usualInfusions
	if asked := strings.TrimSpace(v.r.URL.Query().Get("n")); asked != "" {
		n, _ = strconv.Atoi(asked) // what is no number is refused as 0
	}
	plans, err := v.site.Desk.ComparePlans(v.r.Context(), v.who, n)
	if err != nil {
		return err
	}
	return v.show(page{Title: "Compare packages", Template: "compare", Data: comparePage{Plans: plans, Policy: money.RefundRuleWords(plans.Rule), Owed: v.may(access.ReadMoney)}})
}
