package care

import (
	"time"

	"kapflow/care/money"
	"kapflow/care/visit"
)

// SessionCost is what a psychotherapy session costs and who is expected to pay which part, in cents. With cover it
// is an estimate, whose source and date stand beside it; the insurer's answer replaces it.
type SessionCost struct {
	List        money.Cents `json:"list"`
	Allowed     money.Cents `json:"allowed"`               // that the insurer is expected to allow
	Client      money.Cents `json:"client"`                // co-pay, or deductible and co-insurance
	Insurer     money.Cents `json:"insurer,omitempty"`     // expected from the insurer
	Contractual money.Cents `json:"contractual,omitempty"` // list above allowed: never billed to anybody (CO)
	Deductible  money.Cents `json:"deductible,omitempty"`  // the part of the client's share that the deductible takes
	Estimate    bool        `json:"estimate,omitempty"`    // false: no cover, so the list price is certain
	Source      string      `json:"source,omitempty"`      // of the coverage: phone, portal, api, client
	AsOf        time.Time   `json:"as_of,omitzero"`        // of the coverage's figures
	Expired     bool        `json:"expired,omitempty"`     // those figures are past their validity
}

// SessionCost estimates the next psychotherapy session of a kind from the coverage review (R27): the
// co-pay, or the unmet deductible and then the co-insurance, capped by what is left out of pocket. Without cover the
// client owes all of it.
func (c *Chart) SessionCost(kind visit.Kind) SessionCost {
	list := c.Policy.Money.SessionPriceOf(kind)
	cost := SessionCost{List: list, Allowed: list, Client: list}
	cov := c.Coverage
	if cov == nil || cov.Result == CoverageDoesNotPay || cov.Result == CoverageUnknown {
		return cost
	}
	terms := cov.terms(kind)
	used := c.usedSince(cov.AsOf)
	cost.Estimate, cost.Source, cost.AsOf = true, cov.Source, cov.AsOf
	if !terms.covered || cov.SessionLimit > 0 && cov.SessionsUsed+used.sessions >= cov.SessionLimit {
		return cost
	}
	if terms.allowed == 0 {
		terms.allowed = c.lastAllowed(kind)
	}
	if terms.allowed > 0 {
		cost.Allowed = min(list, terms.allowed)
	}
	left := max(0, cov.DeductibleTotal-cov.DeductibleMet-used.deductible)
	switch {
	case terms.copay > 0 && !(cov.CopayAfterDeductible && left > 0):
		cost.Client = min(cost.Allowed, terms.copay)
	default:
		cost.Deductible = min(cost.Allowed, left)
		rest := cost.Allowed - cost.Deductible
		cost.Client = cost.Deductible + (rest*money.Cents(terms.coinsuranceBP)+5000)/10000
		if rest > 0 && cov.CopayAfterDeductible {
			cost.Client = cost.Deductible + min(rest, terms.copay)
		}
	}
	if cov.OOPTotal > 0 {
		cost.Client = min(cost.Client, max(0, cov.OOPTotal-cov.OOPMet-used.client))
		cost.Deductible = min(cost.Deductible, cost.Client)
	}
	cost.Insurer = cost.Allowed - cost.Client
	cost.Contractual = list - cost.Allowed
	return cost
}

// used is what sessions after the day of the coverage's figures took up of it.
type used struct {
	sessions           int
	deductible, client money.Cents
}

func (c *Chart) usedSince(asOf time.Time) used {
	var u used
	for _, ch := range c.Account.Charges {
		if ch.Expected != nil && ch.Expected.Estimate && !ch.Reversed && ch.At.After(asOf) {
			u.sessions++
			u.deductible += ch.Expected.Deductible
			u.client += ch.Expected.Client
		}
	}
	return u
}

// lastAllowed is what the insurer allowed for the latest session of a kind of price; 0 when it never answered.
func (c *Chart) lastAllowed(kind visit.Kind) money.Cents {
	var allowed money.Cents
	for _, cl := range c.Claims {
		if v := c.Visit(cl.Appointment); v != nil && (v.Kind == visit.Evaluation) == (kind == visit.Evaluation) && cl.settled() && cl.Allowed > 0 {
			allowed = cl.Allowed
		}
	}
	return allowed
}
