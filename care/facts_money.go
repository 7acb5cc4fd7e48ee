package care

import (
	"slices"
	"strings"
)

// EstimateLine is one line of a good faith estimate: what, by whom, how many, and the price in cents, given
// as cents or as amount.
type EstimateLine struct {
	Item        string `json:"item,omitempty"`
	Service     string `json:"service,omitempty"`
	Description string `json:"description,omitempty"`
	Provider    string `json:"provider,omitempty"`
	FeeSet      FeeSet `json:"fee_set,omitempty"`
	Quantity    int    `json:"quantity,omitempty"`
	Cents       Cents  `json:"cents,omitempty"`
	Amount      Cents  `json:"amount,omitempty"`
}

func (l EstimateLine) price() Cents { return l.Cents + l.Amount }

// EstimateIssued is a good faith estimate given to the client (45 CFR 149.610).
type EstimateIssued struct {
	Happened
	Number string         `json:"number"`
	Total  Cents          `json:"total"`
	Lines  []EstimateLine `json:"lines"`
}

func (f *EstimateIssued) check(_ *Chart, _ Meta, v *inspection) {
	v.cents("total", f.Total)
	var sum, multiplied Cents // a line's amount may be for all of them or for each
	for _, l := range f.Lines {
		if l.price() < -mostCents || l.price() > mostCents || l.Quantity < 0 || l.Quantity > 1000 || l.Cents != 0 && l.Amount != 0 {
			v.invalid("lines", "%d at %s cannot be right", l.Quantity, l.price())
			return
		}
		sum += l.price()
		multiplied += l.price() * Cents(max(l.Quantity, 1))
	}
	if len(f.Lines) > 0 && sum != f.Total && multiplied != f.Total {
		v.invalid("total", "is %s, but the lines add up to %s", f.Total, sum)
	}
}

func (f *EstimateIssued) apply(c *Chart, m Meta) {
	c.Estimate = &Estimate{Number: f.Number, Total: f.Total, Basis: c.medicalPrice(), At: m.At}
}

// PackageChosen records how the client pays the medical services. It also records that the client was told
// that infusions are never insured (R38).
type PackageChosen struct {
	Happened
	Package    string `json:"package"`
	RefundRule string `json:"refund_rule"`
}

var packages = []string{PackageNone, PackageSix, PackageTen}

func (f *PackageChosen) check(c *Chart, _ Meta, v *inspection) {
	v.oneOf("package", f.Package, packages...)
	if f.RefundRule != "" {
		v.oneOf("refund_rule", f.RefundRule, "rate_card", "pro_rata", "flat", "none_after_start")
	}
	if c.Package != nil && c.Package.Package != PackageNone {
		v.state(CodeWrongState, Coordinator, "the package %s was chosen already; record package-switched", c.Package.Package)
	}
}

func (f *PackageChosen) apply(c *Chart, m Meta) {
	rule := f.RefundRule
	if rule == "" {
		rule = c.Policy.Money.RefundRule
	}
	c.buyPackage(f.Package, rule, m)
}

// buyPackage charges a package. Visits already held at single prices are credited at that price and drawn
// from the package instead, so that the consult is never paid twice (R41).
func (c *Chart) buyPackage(pkg, rule string, m Meta) {
	c.Package = &PackageChoice{Package: pkg, RefundRule: rule, At: m.At, Deferred: packagePrice(pkg)}
	price := packagePrice(pkg)
	if price == 0 {
		return
	}
	c.charge(Medical, "package:"+pkg, "package", "Package of "+pkg, price,
		[]Line{{account(Medical, "receivable:client"), price}, {account(Medical, "deferred:package"), -price}}, m)
	for _, kind := range []VisitKind{Consult, Infusion} {
		for _, v := range c.held(kind) {
			i := slices.IndexFunc(c.Account.Charges, func(ch Charge) bool {
				return ch.About == v.ID && !ch.Reversed && strings.HasPrefix(ch.Key, "service:")
			})
			if _, covered := c.nextShare(kind); i >= 0 && covered {
				c.reverse(&c.Account.Charges[i], m)
				c.chargeMedical(v, m)
			}
		}
	}
}

// PackageSwitched changes the package. Ten to six only while no more than six were used.
type PackageSwitched struct {
	Happened
	To     string  `json:"to"`
	Reason Private `json:"reason"`
}

func (f *PackageSwitched) check(c *Chart, _ Meta, v *inspection) {
	v.oneOf("to", f.To, PackageSix, PackageTen)
	switch {
	case c.Package == nil:
		v.state(CodeWrongState, Coordinator, "no package was chosen; record package-chosen")
	case c.Package.Returned > 0:
		v.state(CodeWrongState, Coordinator, "%s of the package was paid back, so it is not switched any more", c.Package.Returned)
	case c.Package.Package == f.To:
		v.state(CodeWrongState, "", "the package is %s already", f.To)
	case c.Package.Used > packageInfusions(f.To):
		v.state("package-used", Coordinator, "%d infusions were used, more than a package of %s holds", c.Package.Used, f.To)
	}
}

func (f *PackageSwitched) apply(c *Chart, m Meta) {
	rule, drawn := c.Package.RefundRule, slices.Clone(c.Package.Drawn)
	for i := range c.Account.Charges {
		ch := &c.Account.Charges[i]
		if !ch.Reversed && (ch.About == "package" || slices.Contains(drawn, ch.About)) {
			c.reverse(ch, m)
		}
	}
	c.Package = nil
	c.buyPackage(f.To, rule, m)
	for _, id := range drawn {
		if v := c.Visit(id); v != nil && !slices.Contains(c.Package.Drawn, id) {
			c.chargeMedical(v, m)
		}
	}
}

// PaymentReceived records a payment; Kapflow records payments and never takes them.
type PaymentReceived struct {
	Happened
	FeeSet    FeeSet  `json:"fee_set"`
	Amount    Cents   `json:"amount"`
	Method    string  `json:"method"`
	Reference Private `json:"reference"`
	Key       string  `json:"key"`
}

func (f *PaymentReceived) check(c *Chart, _ Meta, v *inspection) {
	v.oneOf("fee_set", string(f.FeeSet), string(Medical), string(Psychotherapies))
	v.oneOf("method", f.Method, "cash", "check", "card", "hsa", "insurer")
	v.amount("amount", f.Amount)
	switch p := c.payment(f.Key); {
	case f.Key == "" || p == nil:
	case p.Amount != f.Amount || p.FeeSet != f.FeeSet || p.Insurer != (f.Method == "insurer"):
		v.limit(CodeInvalid, "key", "key: %q was used for another payment, of %s", f.Key, p.Amount)
	case p.Reversed:
		v.limit(CodeInvalid, "key", "key: the payment %q was reversed; give the right one a key of its own", f.Key)
	}
	if f.FeeSet == Medical && f.Method == "insurer" {
		v.limit("never-insured", "method", "an insurer never pays for the medical services (R38)")
	}
}

func (c *Chart) payment(key string) *Payment {
	for i := range c.Account.Payments {
		if c.Account.Payments[i].Key == key {
			return &c.Account.Payments[i]
		}
	}
	return nil
}

func (f *PaymentReceived) apply(c *Chart, m Meta) {
	key := f.Key
	if key == "" {
		key = m.ID
	}
	if key != "" && c.payment(key) != nil {
		return // the same payment again: one row
	}
	for n := len(c.Account.Payments) + 1; key == "" || c.payment(key) != nil; n++ {
		key = "payment-" + itoa(n)
	}
	c.Account.Payments = append(c.Account.Payments, Payment{Key: key, FeeSet: f.FeeSet, Amount: f.Amount, Insurer: f.Method == "insurer"})
	from := "receivable:client"
	if f.Method == "insurer" {
		from = "receivable:insurer" // it settles the insurer's part, not the client's
	} else {
		c.paid(f.FeeSet, f.Amount)
	}
	c.post(Posting{Key: "pay:" + key, FeeSet: f.FeeSet, On: m.At, By: m.By, Memo: "Payment by " + f.Method,
		Lines: []Line{{account(f.FeeSet, "cash"), f.Amount}, {account(f.FeeSet, from), -f.Amount}}})
}

// PaymentCorrected reverses a payment recorded wrongly: a reversing row, never an edit.
type PaymentCorrected struct {
	Happened
	Key    string  `json:"key"`
	Reason Private `json:"reason"`
}

func (f *PaymentCorrected) check(c *Chart, _ Meta, v *inspection) {
	v.required("key", f.Key != "")
	v.required("reason", f.Reason != "")
	if p := c.payment(f.Key); p == nil {
		v.state(CodeWrongState, "", "no payment has the key %q", f.Key)
	} else if p.Reversed {
		v.state(CodeWrongState, "", "the payment %q was reversed already", f.Key)
	}
}

func (f *PaymentCorrected) apply(c *Chart, m Meta) {
	p := c.payment(f.Key)
	p.Reversed = true
	from := "receivable:insurer"
	if !p.Insurer {
		from = "receivable:client"
		c.paid(p.FeeSet, -p.Amount)
	}
	c.post(Posting{Key: "correct:" + f.Key, Reverses: "pay:" + f.Key, FeeSet: p.FeeSet, On: m.Now, By: m.By, Memo: "Reversal of payment " + f.Key,
		Lines: []Line{{account(p.FeeSet, from), p.Amount}, {account(p.FeeSet, "cash"), -p.Amount}}})
}

// RefundApproved approves paying back what the practice owes; never more.
type RefundApproved struct {
	Happened
	FeeSet FeeSet  `json:"fee_set"`
	Amount Cents   `json:"amount"`
	Reason Private `json:"reason"`
	Key    string  `json:"key"`
}

func (f *RefundApproved) set() FeeSet {
	if f.FeeSet == "" {
		return Medical
	}
	return f.FeeSet
}

func (f *RefundApproved) check(c *Chart, _ Meta, v *inspection) {
	v.oneOf("fee_set", string(f.set()), string(Medical), string(Psychotherapies))
	v.required("key", f.Key != "")
	v.required("reason", f.Reason != "")
	v.amount("amount", f.Amount)
	if slices.ContainsFunc(c.Account.Refunds, func(r Refund) bool { return r.Key == f.Key }) {
		v.state(CodeWrongState, "", "a refund with the key %q was approved already", f.Key)
	}
	if owed := c.refundable(f.set()); f.Amount > owed {
		v.state("refund-too-large", Coordinator, "%s is more than the %s that is owed to the client", f.Amount, owed)
	}
}

// refundable is what may be paid back: what the client is owed, and of an unused package what its refund rule
// gives, less refunds already approved.
func (c *Chart) refundable(set FeeSet) Cents {
	owed := c.credit(set)
	if set == Medical && c.Package != nil {
		// The rule's quote, and never what was earned already.
		owed += max(0, min(c.RefundQuote()-c.Package.Returned, c.Package.Deferred))
	}
	return max(0, min(owed, c.Account.Paid[set]-c.promised(set)))
}

// credit is what the practice owes the client, less refunds approved but not paid yet; below zero the client
// owes.
func (c *Chart) credit(set FeeSet) Cents { return -c.Balance(set) - c.promised(set) }

// promised is the sum of the refunds approved but not paid yet.
func (c *Chart) promised(set FeeSet) Cents {
	var sum Cents
	for _, r := range c.Account.Refunds {
		if r.FeeSet == set && !r.Paid {
			sum += r.Amount
		}
	}
	return sum
}

func (f *RefundApproved) apply(c *Chart, m Meta) {
	set := f.set()
	from := account(set, "receivable:client")
	if credit := c.credit(set); set == Medical && c.Package != nil && credit < f.Amount {
		// Part of the unused package comes back: it is no longer owed by us as a service.
		back := f.Amount - max(credit, 0)
		c.Package.Deferred -= back
		c.Package.Returned += back
		c.charged(set, -back)
		c.post(Posting{Key: "unearn:" + f.Key, FeeSet: set, On: m.At, By: m.By, Memo: "Unused part of the package",
			Lines: []Line{{account(set, "deferred:package"), back}, {account(set, "receivable:client"), -back}}})
	}
	c.Account.Refunds = append(c.Account.Refunds, Refund{Key: f.Key, FeeSet: set, Amount: f.Amount})
	c.post(Posting{Key: "refund:" + f.Key, FeeSet: set, On: m.At, By: m.By, Memo: "Refund approved",
		Lines: []Line{{from, f.Amount}, {account(set, "refund-payable"), -f.Amount}}})
}

// RefundPaid pays an approved refund.
type RefundPaid struct {
	Happened
	FeeSet FeeSet  `json:"fee_set"`
	Amount Cents   `json:"amount"`
	Reason Private `json:"reason"`
	Key    string  `json:"key"`
}

func (f *RefundPaid) find(c *Chart) *Refund {
	for i := range c.Account.Refunds {
		if c.Account.Refunds[i].Key == f.Key {
			return &c.Account.Refunds[i]
		}
	}
	return nil
}

func (f *RefundPaid) check(c *Chart, _ Meta, v *inspection) {
	v.required("key", f.Key != "")
	switch r := f.find(c); {
	case r == nil:
		v.state(CodeWrongState, Coordinator, "no refund with the key %q was approved", f.Key)
	case r.Paid:
		v.state(CodeWrongState, "", "the refund %q was paid already", f.Key)
	case f.Amount != 0 && f.Amount != r.Amount:
		v.limit("refund-too-large", "amount", "%s was approved, not %s", r.Amount, f.Amount)
	}
}

func (f *RefundPaid) apply(c *Chart, m Meta) {
	r := f.find(c)
	r.Paid = true
	c.paid(r.FeeSet, -r.Amount)
	c.post(Posting{Key: "refund-paid:" + r.Key, FeeSet: r.FeeSet, On: m.At, By: m.By, Memo: "Refund paid",
		Lines: []Line{{account(r.FeeSet, "refund-payable"), r.Amount}, {account(r.FeeSet, "cash"), -r.Amount}}})
}

// ClaimRecorded records what became of an insurance claim. Only psychotherapy is ever claimed.
type ClaimRecorded struct {
	Happened
	Appointment string  `json:"appointment"`
	Status      string  `json:"status"`
	Allowed     Cents   `json:"allowed"`
	Paid        Cents   `json:"paid"`
	PatientOwes Cents   `json:"patient_owes"`
	Reference   Private `json:"reference"`
}

func (f *ClaimRecorded) check(c *Chart, _ Meta, v *inspection) {
	v.oneOf("status", f.Status, "draft", "submitted", "rejected", "accepted", "adjudicated", "paid", "denied", "appealed", "closed")
	for _, x := range []struct {
		field string
		value Cents
	}{{"allowed", f.Allowed}, {"paid", f.Paid}, {"patient_owes", f.PatientOwes}} {
		v.cents(x.field, x.value)
	}
	visit := v.needVisit(c, f.Appointment)
	if visit == nil {
		return
	}
	if visit.Kind.FeeSet() == Medical {
		v.limit("never-insured", "appointment", "%s is never billed to insurance (R38)", visit.ID)
	}
}

func (f *ClaimRecorded) apply(*Chart, Meta) {} // kept in the facts log until claims are settled against the ledger
