package care

import (
	"kapflow/care/money"
	"kapflow/care/person"
)

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

func (f *EstimateIssued) check(_ *Chart, _ Meta, v *inspection) {
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
	n := f.Infusions
	if n == 0 {
		n = c.estimatedInfusions()
	}
	e := &Estimate{Number: f.Number, Total: f.Total, Basis: c.medicalPrice(n, m.At), Infusions: n, Planned: c.planned(), Medical: f.Total, Hash: f.Hash, At: m.At}
	c.Estimate = e
	if len(f.Lines) == 0 && f.Total == 0 {
		draft := c.DraftEstimate(m.At)
		e.Total, e.Medical, e.Therapy = draft.Total, draft.Medical, draft.Psychotherapy
		if e.Hash == "" {
			e.Hash = draft.Hash()
		}
		return
	}
	sum, _ := f.sums()
	if len(f.Lines) > 0 {
		e.Medical = 0
	}
	for _, l := range f.Lines {
		amount := l.price()
		if sum != f.Total {
			amount *= money.Cents(max(l.Quantity, 1))
		}
		if l.set(c) == money.Medical {
			e.Medical += amount
		} else {
			e.Therapy += amount
		}
	}
}

func (f *EstimateIssued) told() string { return f.Number }
