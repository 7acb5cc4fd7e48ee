package care

import (
	"slices"
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
	Expired     bool        `json:"expired,omitempty"`     // those figures were past their validity when the session was held

	OutOfNetwork bool      `json:"out_of_network,omitempty"` // no contract: the client owes the list price, and the insurer pays the client back
	PaidBack     *PaidBack `json:"paid_back,omitempty"`      // what the insurer is expected to pay back; set out of network only
}

// SessionCost is SessionCostAt for a session within the validity of the coverage review.
func (c *Chart) SessionCost(kind visit.Kind) SessionCost {
	if c.Coverage == nil {
		return c.SessionCostAt(kind, c.EnrolledAt)
	}
	return c.SessionCostAt(kind, c.Coverage.AsOf)
}

// SessionCostAt estimates a psychotherapy session of a kind at an instant from the coverage review (R27): the
// co-pay, or the unmet deductible and then the co-insurance, capped by what is left out of pocket. Without cover, outside the
// plan's network, and when nobody said what the client pays, the client owes all of it: what is missing is never free. After
// the end of the plan year the deductible, the most out of pocket and the count of sessions begin at 0 again.
func (c *Chart) SessionCostAt(kind visit.Kind, at time.Time) SessionCost {
	list := c.Policy.Money.SessionPriceOf(kind)
	cost := SessionCost{List: list, Allowed: list, Client: list}
	cov := c.Coverage
	if !cov.paysSomething() {
		return cost
	}
	year := cov.yearOf(at)
	used, terms := c.usedSince(year.AsOf), year.terms(kind)
	if year.Network == networkOut {
		back := year.paysBack(kind, list, used)
		cost.OutOfNetwork, cost.PaidBack, cost.Source, cost.AsOf, cost.Expired = true, &back, cov.Source, cov.AsOf, cov.expired(at)
		return cost
	}
	if terms.shareUnknown {
		return cost
	}
	cost.Estimate, cost.Source, cost.AsOf, cost.Expired = true, cov.Source, cov.AsOf, cov.expired(at)
	if !terms.covered || year.sessionsOver(used) {
		return cost
	}
	if terms.allowed == 0 {
		terms.allowed = c.lastAllowed(kind)
	}
	if terms.allowed > 0 {
		cost.Allowed = min(list, terms.allowed)
	}
	cost.Client, cost.Deductible = year.share(terms, cost.Allowed, used)
	cost.Insurer = cost.Allowed - cost.Client
	cost.Contractual = list - cost.Allowed
	return cost
}

// paysSomething says whether a review found that the insurer pays for psychotherapy, in part at least.
func (cov *Coverage) paysSomething() bool {
	return cov != nil && (cov.Result == CoveragePays || cov.Result == CoveragePartly)
}

// yearOf gives the figures for a time: after the end of their plan year what was met and used begins at 0 again.
func (cov *Coverage) yearOf(at time.Time) *Coverage {
	year := *cov
	if !cov.PlanYearEnds.IsZero() && at.After(cov.PlanYearEnds) {
		year.AsOf, year.DeductibleMet, year.OOPMet, year.SessionsUsed = cov.PlanYearEnds, 0, 0, 0
		year.DeductibleMetSaid = true
	}
	return &year
}

// sessionsOver says whether the plan pays for no more sessions.
func (cov *Coverage) sessionsOver(used used) bool {
	return cov.SessionLimit > 0 && cov.SessionsUsed+used.sessions >= cov.SessionLimit
}

// share gives the client's part of what the insurer allows for a session, and how much of it the deductible takes.
func (cov *Coverage) share(t terms, allowed money.Cents, used used) (client, deductible money.Cents) {
	left := max(0, cov.DeductibleTotal-cov.DeductibleMet-used.deductible)
	switch {
	case t.copay > 0 && !(cov.CopayAfterDeductible && left > 0):
		client = min(allowed, t.copay)
	default:
		deductible = min(allowed, left)
		rest := allowed - deductible
		client = deductible + (rest*money.Cents(t.coinsuranceBP)+5000)/10000
		if rest > 0 && cov.CopayAfterDeductible {
			client = deductible + min(rest, t.copay)
		}
	}
	if cov.OOPTotal > 0 {
		client = min(client, max(0, cov.OOPTotal-cov.OOPMet-used.client))
		deductible = min(deductible, client)
	}
	return client, deductible
}

// used is what sessions after the day of the coverage's figures took up of it.
type used struct {
	sessions           int
	deductible, client money.Cents
}

// add counts a session. Out of network the plan counts the client's part of what it allows.
func (u *used) add(e *SessionCost) {
	switch {
	case e.PaidBack != nil:
		u.sessions++
		u.deductible += e.PaidBack.Deductible
		u.client += e.PaidBack.Allowed - e.PaidBack.Cents
	case e.Estimate:
		u.sessions++
		u.deductible += e.Deductible
		u.client += e.Client
	}
}

func (c *Chart) usedSince(asOf time.Time) used {
	var u used
	for _, ch := range c.Account.Charges {
		if ch.Expected != nil && !ch.Reversed && ch.At.After(asOf) {
			u.add(ch.Expected)
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

// chargeAnew charges sessions again that were held when the figures known then had expired, if the newest review speaks of
// their time: each session counts by its own plan year. What an insurer answered already stands.
func (c *Chart) chargeAnew(m Meta) {
	cov := c.Coverage
	from := c.Zone.Clock(cov.AsOf, 0, 0)
	var held []*Visit
	for _, v := range c.sessionsHeld() {
		ch, cl := c.standing(v.ID), c.claim(v.ID)
		if ch == nil || ch.Expected == nil || !ch.Expected.Expired || cl != nil && cl.settled() || v.Start.Before(from) || cov.expired(v.Start) {
			continue
		}
		c.reverse(ch, m)
		held = append(held, v)
	}
	for _, v := range held {
		c.chargeSession(v, m)
		if cl := c.claim(v.ID); cl != nil {
			cl.Expected = *c.standing(v.ID).Expected
		}
	}
}

// sessionsHeld lists the psychotherapy sessions of all courses in the order of their starts.
func (c *Chart) sessionsHeld() []*Visit {
	var out []*Visit
	for _, kind := range []visit.Kind{visit.Evaluation, visit.Preparation, visit.Integration} {
		out = append(out, c.EveryFulfilled(kind)...)
	}
	slices.SortStableFunc(out, func(a, b *Visit) int { return a.Start.Compare(b.Start) })
	return out
}

// costExpired says whether a session of this course is charged by figures that had expired when it was held, and no insurer
// has answered yet.
func (c *Chart) costExpired() bool {
	for _, v := range c.sessionsHeld() {
		ch, cl := c.standing(v.ID), c.claim(v.ID)
		if v.Course == c.Course && ch != nil && ch.Expected != nil && ch.Expected.Expired && (cl == nil || !cl.settled()) {
			return true
		}
	}
	return false
}
