package care

import (
	"bytes"
	"encoding/json"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// Coverage is one snapshot of the insurance benefits for psychotherapy (R26–R28). Snapshots are only
// ever added: the newest counts, the older ones stay in the chart's history. Amounts are cents, CoinsuranceBP is in
// basis points (2000 = 20 %).
type Coverage struct {
	Result               CoverageResult `json:"result"`
	Network              string         `json:"network,omitempty"`
	DeductibleTotal      money.Cents    `json:"deductible_total,omitempty"`
	DeductibleMet        money.Cents    `json:"deductible_met,omitempty"`
	Copay                money.Cents    `json:"copay,omitempty"`
	CopayAfterDeductible bool           `json:"copay_after_deductible,omitempty"`
	CoinsuranceBP        int            `json:"coinsurance_bp,omitempty"`
	Allowed              money.Cents    `json:"allowed,omitempty"` // that the insurer allows for a session; 0: not known
	OOPTotal             money.Cents    `json:"oop_total,omitempty"`
	OOPMet               money.Cents    `json:"oop_met,omitempty"`
	SessionLimit         int            `json:"session_limit,omitempty"`
	SessionsUsed         int            `json:"sessions_used,omitempty"`
	AuthorizationNeeded  bool           `json:"authorization_required,omitempty"`
	AuthorizationUnits   int            `json:"authorization_units,omitempty"`
	AuthorizationUntil   time.Time      `json:"authorization_until,omitzero"`
	Services             []Service      `json:"services,omitempty"` // where they differ from the figures above
	Source               string         `json:"source,omitempty"`   // phone, portal, api, client
	AsOf                 time.Time      `json:"as_of"`
	ValidUntil           time.Time      `json:"valid_until,omitzero"`          // the last instant on which it counts; none: for ever
	PlanYearEnds         time.Time      `json:"plan_year_ends,omitzero"`       // its last instant; what was met of deductible and limits is 0 after it
	DeductibleSaid       bool           `json:"deductible_said,omitempty"`     // deductible_total was given, be it 0
	DeductibleMetSaid    bool           `json:"deductible_met_said,omitempty"` // deductible_met was given, be it 0
	ShareUnknown         bool           `json:"share_unknown,omitempty"`       // nobody said what the client pays: neither co-pay nor co-insurance
	At                   time.Time      `json:"at"`
	By                   person.Actor   `json:"by"`
}

// Service is what the plan says about one service: the evaluation (90791) or a session (90834, 90837). Codes are
// the insurer's words about coverage; Kapflow chooses none.
type Service struct {
	Service       string      `json:"service"` // evaluation, session
	Code          string      `json:"code,omitempty"`
	NotCovered    bool        `json:"not_covered,omitempty"`
	Copay         money.Cents `json:"copay,omitempty"`
	CoinsuranceBP int         `json:"coinsurance_bp,omitempty"`
	Allowed       money.Cents `json:"allowed,omitempty"`
	ShareKnown    bool        `json:"share_known,omitempty"` // copay or coinsurance_bp was given, be it 0; else the plan's own count
}

// UnmarshalJSON notes whether anybody said what the client pays: 0 is an answer, and no answer is not 0.
func (s *Service) UnmarshalJSON(b []byte) error {
	type plain Service
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode((*plain)(s)); err != nil {
		return err
	}
	said := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &said); err != nil {
		return err
	}
	_, copay := said["copay"]
	_, share := said["coinsurance_bp"]
	s.ShareKnown = s.ShareKnown || copay || share
	return nil
}

// terms are the figures that hold for one kind of session.
type terms struct {
	covered        bool
	shareUnknown   bool // nobody said what the client pays
	copay, allowed money.Cents
	coinsuranceBP  int
}

func (cov *Coverage) terms(kind visit.Kind) terms {
	service := "session"
	if kind == visit.Evaluation {
		service = "evaluation"
	}
	for _, s := range cov.Services {
		if s.Service == service {
			if !s.ShareKnown {
				return terms{covered: !s.NotCovered, shareUnknown: cov.ShareUnknown, copay: cov.Copay, allowed: s.Allowed, coinsuranceBP: cov.CoinsuranceBP}
			}
			return terms{covered: !s.NotCovered, copay: s.Copay, allowed: s.Allowed, coinsuranceBP: s.CoinsuranceBP}
		}
	}
	t := terms{covered: true, shareUnknown: cov.ShareUnknown, copay: cov.Copay, allowed: cov.Allowed, coinsuranceBP: cov.CoinsuranceBP}
	if kind == visit.Evaluation {
		t.allowed = 0 // an evaluation has a price of its own
	}
	return t
}

// expired says whether a snapshot no longer counts at a time: too old, or its plan year is over.
func (cov *Coverage) expired(at time.Time) bool {
	return !cov.ValidUntil.IsZero() && cov.ValidUntil.Before(at)
}

// InsurerContact says that the insurer was contacted, or why not (R29).
type InsurerContact struct {
	Contacted bool         `json:"contacted"`
	CallBack  time.Time    `json:"call_back,omitzero"` // the insurer answers later: the contact is not settled yet
	At        time.Time    `json:"at"`
	By        person.Actor `json:"by"`
}

var (
	coverageResults = []CoverageResult{CoveragePays, CoverageDoesNotPay, CoveragePartly, CoverageUnknown}
	coverageSources = []string{"phone", "portal", "api", "client"}
	networks        = []string{"in", networkOut, "unknown"}
)

// CoverageFields are what a coverage review holds. A draft may leave any of them out; what a review leaves out is
// taken from the draft that it signs.
type CoverageFields struct {
	Result               CoverageResult `json:"result"`
	DeductibleTotal      *money.Cents   `json:"deductible_total"`
	DeductibleMet        *money.Cents   `json:"deductible_met"`
	Copay                *money.Cents   `json:"copay"`
	CoinsuranceBP        *int           `json:"coinsurance_bp"`
	AsOf                 *time.Time     `json:"as_of,omitempty"`
	Payer                Private        `json:"payer"`
	SessionLimit         *int           `json:"session_limit"`
	Authorization        Private        `json:"authorization"`
	CopayAfterDeductible *bool          `json:"copay_after_deductible"`
	Allowed              *money.Cents   `json:"allowed"`
	OOPTotal             *money.Cents   `json:"oop_total"`
	OOPMet               *money.Cents   `json:"oop_met"`
	SessionsUsed         *int           `json:"sessions_used"`
	AuthorizationNeeded  *bool          `json:"authorization_required"`
	AuthorizationUnits   *int           `json:"authorization_units"`
	AuthorizationUntil   *time.Time     `json:"authorization_until"`
	PlanYearEnds         *time.Time     `json:"plan_year_ends"`
	Network              string         `json:"network"`
	Services             []Service      `json:"services"`
	Source               string         `json:"source"`
	Member               Private        `json:"member"`
	Plan                 Private        `json:"plan"`
	Notes                Private        `json:"notes"`
}

func (f CoverageFields) checkAmounts(c *Chart, v *inspection) {
	for _, x := range []struct {
		field string
		value *money.Cents
	}{{"deductible_total", f.DeductibleTotal}, {"deductible_met", f.DeductibleMet}, {"copay", f.Copay}, {"allowed", f.Allowed}, {"oop_total", f.OOPTotal}, {"oop_met", f.OOPMet}} {
		if x.value != nil {
			v.cents(x.field, *x.value)
		}
	}
	for _, x := range []struct {
		field string
		value *int
		most  int
	}{{"session_limit", f.SessionLimit, 1000}, {"sessions_used", f.SessionsUsed, 1000}, {"authorization_units", f.AuthorizationUnits, 1000}, {"coinsurance_bp", f.CoinsuranceBP, 10000}} {
		if x.value != nil {
			v.between(x.field, *x.value, 0, x.most)
		}
	}
	if f.Network != "" {
		oneOf(v, "network", f.Network, networks...)
	}
	if f.Source != "" {
		oneOf(v, "source", f.Source, coverageSources...)
	}
	for _, s := range f.Services {
		oneOf(v, "services", s.Service, "evaluation", "session")
		v.cents("services", s.Copay)
		v.cents("services", s.Allowed)
		v.between("services", s.CoinsuranceBP, 0, 10000)
	}
	if is := f.onto(c.CoverageDraft); is.DeductibleMet > is.DeductibleTotal {
		v.invalid("deductible_met", "is more than deductible_total")
	} else if is.OOPMet > is.OOPTotal {
		v.invalid("oop_met", "is more than oop_total")
	}
}

// onto gives the snapshot that these fields make of a draft: what they leave out stays as it was drafted.
func (f CoverageFields) onto(draft *Coverage) Coverage {
	is := Coverage{ShareUnknown: true}
	if draft != nil {
		is = *draft
	}
	if f.Copay != nil || f.CoinsuranceBP != nil {
		is.ShareUnknown = false
	}
	is.DeductibleSaid = is.DeductibleSaid || f.DeductibleTotal != nil
	is.DeductibleMetSaid = is.DeductibleMetSaid || f.DeductibleMet != nil
	take(&is.DeductibleTotal, f.DeductibleTotal)
	take(&is.DeductibleMet, f.DeductibleMet)
	take(&is.Copay, f.Copay)
	take(&is.CopayAfterDeductible, f.CopayAfterDeductible)
	take(&is.CoinsuranceBP, f.CoinsuranceBP)
	take(&is.Allowed, f.Allowed)
	take(&is.OOPTotal, f.OOPTotal)
	take(&is.OOPMet, f.OOPMet)
	take(&is.SessionLimit, f.SessionLimit)
	take(&is.SessionsUsed, f.SessionsUsed)
	take(&is.AuthorizationNeeded, f.AuthorizationNeeded)
	take(&is.AuthorizationUnits, f.AuthorizationUnits)
	take(&is.AuthorizationUntil, f.AuthorizationUntil)
	take(&is.AsOf, f.AsOf)
	take(&is.ValidUntil, f.PlanYearEnds)
	if f.Result != "" {
		is.Result = f.Result
	}
	for _, x := range []struct{ is, said *string }{{&is.Network, &f.Network}, {&is.Source, &f.Source}} {
		if *x.said != "" {
			*x.is = *x.said
		}
	}
	if f.Services != nil {
		is.Services = f.Services
	}
	return is
}

func take[V any](is *V, said *V) {
	if said != nil {
		*is = *said
	}
}

// CoverageEntered is the coordinator's draft; it opens the psychotherapist's task.
type CoverageEntered struct {
	Happened
	CoverageFields
}

func (f *CoverageEntered) check(c *Chart, _ Meta, v *inspection) {
	f.checkAmounts(c, v)
	if f.Result != "" {
		oneOf(v, "result", f.Result, coverageResults...)
	}
}

func (f *CoverageEntered) apply(c *Chart, m Meta) {
	c.CoverageEntered = &Done{At: m.At, By: m.By}
	draft := f.onto(nil)
	draft.At, draft.By = m.At, m.By
	c.CoverageDraft = &draft
}

// CoverageReviewed is the psychotherapist's signature on the coverage (R28).
type CoverageReviewed struct {
	Happened
	CoverageFields
}

func (f *CoverageReviewed) check(c *Chart, _ Meta, v *inspection) {
	f.checkAmounts(c, v)
	oneOf(v, "result", f.onto(c.CoverageDraft).Result, coverageResults...)
}

func (f *CoverageReviewed) apply(c *Chart, m Meta) {
	is := f.onto(c.CoverageDraft)
	if is.AsOf.IsZero() {
		is.AsOf = m.At
	}
	if !is.ValidUntil.IsZero() {
		is.ValidUntil = c.Zone.Clock(is.ValidUntil, 23, 59).Add(59 * time.Second) // the plan year's last day counts
		is.PlanYearEnds = is.ValidUntil
	}
	if days := c.Policy.Money.CoverageValidDays; days > 0 {
		if end := c.Zone.AddDays(is.AsOf, days); is.ValidUntil.IsZero() || end.Before(is.ValidUntil) {
			is.ValidUntil = end
		}
	}
	is.At, is.By = m.At, m.By
	if c.Coverage != nil {
		c.CoverageHistory = append(c.CoverageHistory, *c.Coverage)
	}
	c.Coverage, c.CoverageDraft = &is, nil
	c.chargeAnew(m)
}

func (f *CoverageReviewed) told() string { return string(f.Result) }

// InsurerContacted records a call to the insurer. The reference is what the practice can rely on later.
type InsurerContacted struct {
	Happened
	Representative Private    `json:"representative"`
	Reference      Private    `json:"reference"`
	Answer         Private    `json:"answer"`
	CallBack       *time.Time `json:"call_back"` // when the insurer promised to call back, if it has not answered yet
}

func (f *InsurerContacted) check(_ *Chart, _ Meta, v *inspection) {
	v.required("representative", f.Representative != "")
	v.required("reference", f.Reference != "")
	v.required("answer", f.Answer != "" || f.CallBack != nil)
}

func (f *InsurerContacted) apply(c *Chart, m Meta) {
	c.Insurer = &InsurerContact{Contacted: true, At: m.At, By: m.By}
	if f.CallBack != nil {
		c.Insurer.CallBack = *f.CallBack
	}
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

func (f *FeesDiscussed) check(_ *Chart, _ Meta, v *inspection) {
	v.required("summary", f.Summary != "")
}

func (f *FeesDiscussed) apply(c *Chart, m Meta) { c.FeeTalk = &Done{At: m.At, By: m.By} }
