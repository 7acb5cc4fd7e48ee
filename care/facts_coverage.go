package care

import "time"

// Coverage is the reviewed insurance coverage for psychotherapy (R26–R28). Amounts are cents, CoinsuranceBP
// is in basis points (2000 = 20 %).
type Coverage struct {
	Result          string    `json:"result"` // pays, does-not-pay, partly, unknown
	DeductibleTotal Cents     `json:"deductible_total,omitempty"`
	DeductibleMet   Cents     `json:"deductible_met,omitempty"`
	Copay           Cents     `json:"copay,omitempty"`
	CoinsuranceBP   int       `json:"coinsurance_bp,omitempty"`
	SessionLimit    int       `json:"session_limit,omitempty"`
	AsOf            time.Time `json:"as_of"`
	At              time.Time `json:"at"`
	By              Actor     `json:"by"`
}

// InsurerContact says that the insurer was contacted, or why not (R29).
type InsurerContact struct {
	Contacted bool      `json:"contacted"`
	At        time.Time `json:"at"`
	By        Actor     `json:"by"`
}

var coverageResults = []string{"pays", "does-not-pay", "partly", "unknown"}

// CoverageFields are what a coverage review holds; a draft may leave any of them out.
type CoverageFields struct {
	Result          string     `json:"result"`
	DeductibleTotal Cents      `json:"deductible_total"`
	DeductibleMet   Cents      `json:"deductible_met"`
	Copay           Cents      `json:"copay"`
	CoinsuranceBP   int        `json:"coinsurance_bp"`
	AsOf            *time.Time `json:"as_of,omitempty"`
	Payer           Private    `json:"payer"`
	SessionLimit    int        `json:"session_limit"`
	Authorization   Private    `json:"authorization"`
}

func (f CoverageFields) checkAmounts(v *inspection) {
	for _, x := range []struct {
		field string
		value Cents
	}{{"deductible_total", f.DeductibleTotal}, {"deductible_met", f.DeductibleMet}, {"copay", f.Copay}} {
		v.cents(x.field, x.value)
	}
	v.between("session_limit", f.SessionLimit, 0, 1000)
	v.between("coinsurance_bp", f.CoinsuranceBP, 0, 10000)
	if f.DeductibleMet > f.DeductibleTotal {
		v.invalid("deductible_met", "is more than deductible_total")
	}
}

// CoverageEntered is the coordinator's draft; it opens the psychotherapist's task.
type CoverageEntered struct {
	Happened
	CoverageFields
}

func (f *CoverageEntered) check(_ *Chart, _ Meta, v *inspection) {
	f.checkAmounts(v)
	if f.Result != "" {
		v.oneOf("result", f.Result, coverageResults...)
	}
}
func (f *CoverageEntered) apply(c *Chart, m Meta) { c.CoverageEntered = &Done{At: m.At, By: m.By} }

// CoverageReviewed is the psychotherapist's signature on the coverage (R28).
type CoverageReviewed struct {
	Happened
	CoverageFields
}

func (f *CoverageReviewed) check(_ *Chart, _ Meta, v *inspection) {
	f.checkAmounts(v)
	v.oneOf("result", f.Result, coverageResults...)
}

func (f *CoverageReviewed) apply(c *Chart, m Meta) {
	asOf := m.At
	if f.AsOf != nil {
		asOf = *f.AsOf
	}
	c.Coverage = &Coverage{Result: f.Result, DeductibleTotal: f.DeductibleTotal, DeductibleMet: f.DeductibleMet, Copay: f.Copay,
		CoinsuranceBP: f.CoinsuranceBP, SessionLimit: f.SessionLimit, AsOf: asOf, At: m.At, By: m.By}
}

// InsurerContacted records a call to the insurer. The reference is what the practice can rely on later.
type InsurerContacted struct {
	Happened
	Representative Private `json:"representative"`
	Reference      Private `json:"reference"`
	Answer         Private `json:"answer"`
}

func (f *InsurerContacted) check(_ *Chart, _ Meta, v *inspection) {
	v.required("reference", f.Reference != "")
}

func (f *InsurerContacted) apply(c *Chart, m Meta) {
	c.Insurer = &InsurerContact{Contacted: true, At: m.At, By: m.By}
}

// InsurerContactWaived says why no contact was necessary.
type InsurerContactWaived struct {
	Happened
	Reason Private `json:"reason"`
}

func (f *InsurerContactWaived) check(_ *Chart, _ Meta, v *inspection) {
	v.required("reason", f.Reason != "")
}

func (f *InsurerContactWaived) apply(c *Chart, m Meta) {
	c.Insurer = &InsurerContact{At: m.At, By: m.By}
}

// FeesDiscussed records the fee talk (R30).
type FeesDiscussed struct {
	Happened
	Summary Private `json:"summary"`
}

func (f *FeesDiscussed) check(*Chart, Meta, *inspection) {}
func (f *FeesDiscussed) apply(c *Chart, m Meta)          { c.FeeTalk = &Done{At: m.At, By: m.By} }
