package care

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PackageChoice is what the client agreed to pay by: a package, or single infusions (none).
type PackageChoice struct {
	Package    string    `json:"package"`
	RefundRule string    `json:"refund_rule"`
	At         time.Time `json:"at"`
	Deferred   Cents     `json:"deferred"`           // of the package's price, not yet earned
	Used       int       `json:"used"`               // infusions drawn from it
	Consult    bool      `json:"consult"`            // the consult was drawn from it
	Drawn      []string  `json:"drawn,omitempty"`    // visits it paid for
	Returned   Cents     `json:"returned,omitempty"` // of the unused part, approved as a refund
}

// Estimate is the good faith estimate last given to the client.
type Estimate struct {
	Number string    `json:"number"`
	Total  Cents     `json:"total"`
	Basis  Cents     `json:"basis"` // the medical price it was made for; another price makes it out of date
	At     time.Time `json:"at"`
}

// Account is what a chart keeps of the ledgers: totals by fee set. The entries are in Postgres.
type Account struct {
	Charged  map[FeeSet]Cents `json:"charged,omitempty"`
	Paid     map[FeeSet]Cents `json:"paid,omitempty"` // less refunds and corrections
	Payments []Payment        `json:"payments,omitempty"`
	Charges  []Charge         `json:"charges,omitempty"`
	Refunds  []Refund         `json:"refunds,omitempty"`
}

// Payment remembers one payment by its key, so that the same key again changes nothing.
type Payment struct {
	Key      string `json:"key"`
	FeeSet   FeeSet `json:"fee_set"`
	Amount   Cents  `json:"amount"`
	Insurer  bool   `json:"insurer,omitempty"` // paid by the insurer: it settles the insurer's part
	Reversed bool   `json:"reversed,omitempty"`
}

// Refund is an approved refund, paid or not yet.
type Refund struct {
	Key    string `json:"key"`
	FeeSet FeeSet `json:"fee_set"`
	Amount Cents  `json:"amount"`
	Paid   bool   `json:"paid,omitempty"`
}

// Charge is what one visit or package was charged to the client's account, for reversing it whole.
type Charge struct {
	Key      string    `json:"key"`
	About    string    `json:"about"`
	FeeSet   FeeSet    `json:"fee_set"`
	At       time.Time `json:"at,omitzero"`
	Owed     Cents     `json:"owed"`  // what the client owes by it
	Lines    []Line    `json:"lines"` // as posted
	Reversed bool      `json:"reversed,omitempty"`
}

// Line is one line of a posting: debit above zero, credit below.
type Line struct {
	Account string `json:"account"`
	Cents   Cents  `json:"cents"`
}

// Posting is one balanced transaction of one fee set's ledger. The key makes it happen once. A correction names the
// key of the posting that it reverses, whole: that happens once, and a reversal is never reversed.
type Posting struct {
	Key      string    `json:"key"`
	Reverses string    `json:"reverses,omitempty"`
	FeeSet   FeeSet    `json:"fee_set"`
	On       time.Time `json:"on"`
	By       Actor     `json:"by"`
	Lines    []Line    `json:"lines"`
	Memo     string    `json:"memo"`
}

func account(set FeeSet, rest string) string { return string(set) + ":" + rest }

// Balance is what the client owes by fee set; negative means that the practice owes the client.
func (c *Chart) Balance(set FeeSet) Cents { return c.Account.Charged[set] - c.Account.Paid[set] }

func (c *Chart) post(p Posting) { c.posted = append(c.posted, p) }

func (c *Chart) charged(set FeeSet, amount Cents) {
	if c.Account.Charged == nil {
		c.Account.Charged = map[FeeSet]Cents{}
	}
	c.Account.Charged[set] += amount
}

func (c *Chart) paid(set FeeSet, amount Cents) {
	if c.Account.Paid == nil {
		c.Account.Paid = map[FeeSet]Cents{}
	}
	c.Account.Paid[set] += amount
}

// charge posts a charge and remembers it, so that a correction can reverse it.
func (c *Chart) charge(set FeeSet, key, about, memo string, owed Cents, lines []Line, m Meta) {
	for n, base := 2, key; slices.ContainsFunc(c.Account.Charges, func(x Charge) bool { return x.Key == key }); n++ {
		key = fmt.Sprintf("%s:%d", base, n)
	}
	lines = slices.DeleteFunc(lines, func(l Line) bool { return l.Cents == 0 })
	c.charged(set, owed)
	c.Account.Charges = append(c.Account.Charges, Charge{Key: key, About: about, FeeSet: set, At: m.At, Owed: owed, Lines: lines})
	if len(lines) > 0 {
		c.post(Posting{Key: key, FeeSet: set, On: m.At, By: m.By, Lines: lines, Memo: memo})
	}
}

// chargeVisit charges a visit that was held.
func (c *Chart) chargeVisit(v *Visit, m Meta) {
	switch v.Kind {
	case Consult, Infusion:
		c.chargeMedical(v, m)
	default:
		c.chargeSession(v, m)
	}
}

func (c *Chart) chargeMedical(v *Visit, m Meta) {
	service, price := "consult", ConsultPrice
	if v.Kind == Infusion {
		service, price = "infusion", InfusionPrice
	}
	revenue := account(Medical, "revenue:"+service)
	key := "service:" + v.ID
	if share, ok := c.drawPackage(v); ok {
		c.charge(Medical, key, v.ID, title(v.ID)+" from the package", 0,
			[]Line{{account(Medical, "deferred:package"), share}, {revenue, -share}}, m)
		return
	}
	c.charge(Medical, key, v.ID, title(v.ID)+", single", price,
		[]Line{{account(Medical, "receivable:client"), price}, {revenue, -price}}, m)
}

// drawPackage takes a visit's share out of the package, if it covers the visit and was not paid back.
func (c *Chart) drawPackage(v *Visit) (share Cents, ok bool) {
	share, ok = c.nextShare(v.Kind)
	if !ok {
		return 0, false
	}
	p := c.Package
	if v.Kind == Consult {
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
func (c *Chart) nextShare(kind VisitKind) (Cents, bool) {
	p := c.Package
	if p == nil || p.Package == PackageNone {
		return 0, false
	}
	shares := PackageShares(p.Package)
	free := shares[1:]
	if kind == Consult {
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
func (c *Chart) drawnShare(id string) Cents {
	for _, ch := range c.Account.Charges {
		if ch.About == id && !ch.Reversed && len(ch.Lines) > 0 && ch.Lines[0].Account == account(Medical, "deferred:package") {
			return ch.Lines[0].Cents
		}
	}
	return 0
}

// chargeSession charges a psychotherapy session: what the coverage review makes the client's share, the
// rest as expected from the insurer. It is an estimate until a claim is settled.
func (c *Chart) chargeSession(v *Visit, m Meta) {
	price := c.Policy.Money.SessionPrice
	if v.Kind == Evaluation {
		price = c.Policy.Money.EvaluationPrice
	}
	share := c.ClientShare(price)
	c.charge(Psychotherapies, "service:"+v.ID, v.ID, title(v.ID), share, []Line{
		{account(Psychotherapies, "receivable:client"), share},
		{account(Psychotherapies, "receivable:insurer"), price - share},
		{account(Psychotherapies, "revenue:psychotherapy"), -price}}, m)
}

// ClientShare estimates what the client owes for a psychotherapy session of a price, from the coverage
// review (R27): the unmet deductible first, then the co-pay or co-insurance. Without cover it is all of it.
func (c *Chart) ClientShare(price Cents) Cents {
	cov := c.Coverage
	if cov == nil || cov.Result == "does-not-pay" || cov.Result == "unknown" {
		return price
	}
	left := cov.DeductibleTotal - cov.DeductibleMet - c.deductibleUsed()
	first := min(price, max(left, 0))
	rest := price - first
	if cov.CoinsuranceBP > 0 {
		return first + (rest*Cents(cov.CoinsuranceBP)+5000)/10000
	}
	if first > 0 {
		return first + min(rest, cov.Copay)
	}
	return min(price, cov.Copay)
}

// deductibleUsed is what sessions after the day of the coverage's figures took from the deductible.
func (c *Chart) deductibleUsed() Cents {
	var sum Cents
	for _, ch := range c.Account.Charges {
		if ch.FeeSet == Psychotherapies && !ch.Reversed && strings.HasPrefix(ch.Key, "service:") && ch.At.After(c.Coverage.AsOf) {
			sum += ch.Owed
		}
	}
	return sum
}

// chargeFee charges a late-cancel or no-show fee, if the practice asks one.
func (c *Chart) chargeFee(v *Visit, what string, fee Cents, m Meta) {
	if fee == 0 {
		return
	}
	set := v.Kind.FeeSet()
	c.charge(set, what+":"+v.ID, v.ID, title(what)+" fee, "+v.ID, fee,
		[]Line{{account(set, "receivable:client"), fee}, {account(set, "revenue:fees"), -fee}}, m)
}

// reverseCharges undoes every charge of a visit, package draw included.
func (c *Chart) reverseCharges(v *Visit, m Meta) {
	if p := c.Package; p != nil && slices.Contains(p.Drawn, v.ID) {
		p.Deferred += c.drawnShare(v.ID)
		p.Drawn = slices.DeleteFunc(p.Drawn, func(id string) bool { return id == v.ID })
		if v.Kind == Consult {
			p.Consult = false
		} else {
			p.Used--
		}
	}
	for i := range c.Account.Charges {
		if ch := &c.Account.Charges[i]; ch.About == v.ID && !ch.Reversed {
			c.reverse(ch, m)
		}
	}
}

func (c *Chart) reverse(ch *Charge, m Meta) {
	ch.Reversed = true
	c.charged(ch.FeeSet, -ch.Owed)
	if len(ch.Lines) > 0 {
		c.post(Posting{Key: "reverse:" + ch.Key, Reverses: ch.Key, FeeSet: ch.FeeSet, On: m.Now, By: m.By, Lines: negate(ch.Lines), Memo: "Reversal of " + ch.Key})
	}
}

func negate(lines []Line) []Line {
	out := make([]Line, len(lines))
	for i, l := range lines {
		out[i] = Line{Account: l.Account, Cents: -l.Cents}
	}
	return out
}

// medicalPrice is the price of the medical services as planned: the package with any further infusions
// singly, or consult and singles.
func (c *Chart) medicalPrice() Cents {
	pkg := PackageNone
	if c.Package != nil {
		pkg = c.Package.Package
	}
	return PlanPrice(pkg, c.planned())
}

// dueForNextInfusion is what must be paid before the next infusion under pay_before: visit.
func (c *Chart) dueForNextInfusion() Cents {
	due := c.Account.Charged[Medical]
	if _, covered := c.nextShare(Infusion); covered {
		return due
	}
	return due + InfusionPrice
}
