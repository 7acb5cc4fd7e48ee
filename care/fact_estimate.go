package care

import (
	"kapflow/care/money"
	"kapflow/care/person"
)

// EstimateRequested says that the client asked what the services will cost. By law an estimate is due three business days
// later.
type EstimateRequested struct{ Happened }

func (f *EstimateRequested) check(*Chart, Meta, *inspection) {}
func (f *EstimateRequested) apply(c *Chart, m Meta)          { c.EstimateAsked = &Done{At: m.At, By: m.By} }

// EstimateLine is one line of a good faith estimate: what, by whom, how many, and the price in cents, given
// as cents or as amount.
type EstimateLine struct {
	Item        string       `json:"item,omitempty"`
	Service     string       `json:"service,omitempty"`
	Description string       `json:"description,omitempty"`
	Provider    string       `json:"provider,omitempty"`
	FeeSet      money.FeeSet `json:"fee_set,omitempty"`
	Quantity    int          `json:"quantity,omitempty"`
	Cents       money.Cents  `json:"cents,omitempty"`
	Amount      money.Cents  `json:"amount,omitempty"`
}

func (l EstimateLine) price() money.Cents { return l.Cents + l.Amount }

// set is the fee set of a line: as it says, or that of its provider; medical when it says neither.
func (l EstimateLine) set(c *Chart) money.FeeSet {
	switch {
	case l.FeeSet != "":
		return l.FeeSet
	case l.Provider != "" && (l.Provider == c.Psychotherapist || l.Provider == string(person.Psychotherapist)):
		return money.Psychotherapies
	default:
		return money.Medical
	}
}

// EstimateIssued is a good faith estimate given to the client (45 CFR 149.610). Without total and lines it is the one
// that Kapflow worked out.
type EstimateIssued struct {
	Happened
	Number    string         `json:"number"`
	Total     money.Cents    `json:"total"`
	Lines     []EstimateLine `json:"lines"`
	Infusions int            `json:"infusions"` // it was made for, if not those planned
	Hash      string         `json:"hash"`      // SHA-256 of the document, in hex
}

func (f *EstimateIssued) check(c *Chart, m Meta, v *inspection) {
	v.cents("total", f.Total)
	v.between("infusions", f.Infusions, 0, 60)
	if len(f.Hash) > 64 {
		v.invalid("hash", "is a SHA-256 in hex: 64 characters")
	}
	for _, l := range f.Lines {
		if l.price() < -money.MostCents || l.price() > money.MostCents || l.Quantity < 0 || l.Quantity > 1000 || l.Cents != 0 && l.Amount != 0 {
			v.invalid("lines", "%d at %s cannot be right", l.Quantity, l.price())
			return
		}
		if l.FeeSet != "" {
			oneOf(v, "lines", l.FeeSet, money.Medical, money.Psychotherapies)
		}
	}
	if sum, multiplied := f.sums(); len(f.Lines) > 0 && sum != f.Total && multiplied != f.Total {
		v.invalid("total", "is %s, but the lines add up to %s", f.Total, sum)
	}
	if v.failed(atShape) || len(f.Lines) == 0 && f.Total == 0 {
		return
	}
	if medical, _ := f.parts(c); medical < f.least(c, m) {
		v.invalid("total", "the medical part is %s, but what the client is about to be charged is %s; an estimate cannot be lower", medical, f.least(c, m))
	}
}

// least is the lowest medical part that an estimate may name: the price of the services that it is for, as the client pays
// them. Before the client has chosen how to pay that is the consult at least.
func (f *EstimateIssued) least(c *Chart, m Meta) money.Cents {
	if c.Package == nil {
		if medical, therapy := f.parts(c); medical == 0 && therapy > 0 {
			return 0 // it is for psychotherapy alone
		}
		return c.consultPrice(m.At)
	}
	return c.estimatedPrice(f.infusions(c), m.At)
}

// infusions is how many infusions the estimate is for.
func (f *EstimateIssued) infusions(c *Chart) int {
	if f.Infusions != 0 {
		return f.Infusions
	}
	return c.estimatedInfusions()
}

// parts gives what the estimate expects of each fee set. A total without lines is medical.
func (f *EstimateIssued) parts(c *Chart) (medical, therapy money.Cents) {
	if len(f.Lines) == 0 {
		return f.Total, 0
	}
	sum, _ := f.sums()
	for _, l := range f.Lines {
		amount := l.price()
		if sum != f.Total {
			amount *= money.Cents(max(l.Quantity, 1))
		}
		if l.set(c) == money.Medical {
			medical += amount
		} else {
			therapy += amount
		}
	}
	return medical, therapy
}

// sums adds the lines up in both ways they are written: an amount for all of a line, or for each.
func (f *EstimateIssued) sums() (sum, multiplied money.Cents) {
	for _, l := range f.Lines {
		sum += l.price()
		multiplied += l.price() * money.Cents(max(l.Quantity, 1))
	}
	return sum, multiplied
}

func (f *EstimateIssued) apply(c *Chart, m Meta) {
	n := f.infusions(c)
	e := &Estimate{Number: f.Number, Total: f.Total, Basis: c.medicalPrice(n, m.At), Infusions: n, Planned: c.planned(), Hash: f.Hash, At: m.At}
	if len(f.Lines) == 0 && f.Total == 0 {
		draft := c.DraftEstimate(m.At)
		e.Total, e.Medical, e.Therapy = draft.Total, draft.Medical, draft.Psychotherapy
		if e.Hash == "" {
			e.Hash = draft.Hash()
		}
	} else if e.Medical, e.Therapy = f.parts(c); c.Package == nil && e.Medical < c.estimatedPrice(n, m.At) {
		e.Basis, e.Infusions = e.Medical, 0 // it leaves the infusions out, so it opens no gate to them
	}
	c.Estimate = e
}

func (f *EstimateIssued) told() string { return f.Number }
