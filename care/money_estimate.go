package care

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"kapflow/care/money"
	"kapflow/care/visit"
)

// Estimate is the good faith estimate last given to the client.
type Estimate struct {
	Number    string      `json:"number"`
	Total     money.Cents `json:"total"`
	Basis     money.Cents `json:"basis"`               // the medical price it was made for; another price makes it out of date
	Infusions int         `json:"infusions,omitempty"` // it was made for; 0: not known then
	Planned   int         `json:"planned,omitempty"`   // infusions planned then
	Medical   money.Cents `json:"medical,omitempty"`   // expected of the physician
	Therapy   money.Cents `json:"psychotherapy,omitempty"`
	Hash      string      `json:"hash,omitempty"` // SHA-256 of the document that was given out, or of its items
	At        time.Time   `json:"at"`
}

// estimateDays is how long one estimate may cover recurring services: 12 months (45 CFR 149.610).
const estimateDays = 365

// disputable is how far above the estimate a provider's bill can be disputed (45 CFR 149.620), in cents.
const disputable money.Cents = 40000

// GoodFaithEstimate is what a practice expects to charge (45 CFR 149.610), itemised by provider and fee set: the
// content of the document, as a value. Amounts are cents.
type GoodFaithEstimate struct {
	ClientID      string         `json:"client"`
	MadeAt        time.Time      `json:"made_at"`
	ValidUntil    time.Time      `json:"valid_until"`
	Package       string         `json:"package"`
	Infusions     int            `json:"infusions"`
	Scheduled     time.Time      `json:"scheduled,omitzero"` // the first service that has a date
	Items         []EstimateItem `json:"items"`
	Medical       money.Cents    `json:"medical"`
	Psychotherapy money.Cents    `json:"psychotherapy"`
	Total         money.Cents    `json:"total"`
	Disputable    money.Cents    `json:"disputable"` // a provider's bill this far above their part can be disputed
}

// EstimateItem is one line of an estimate.
type EstimateItem struct {
	FeeSet   money.FeeSet `json:"fee_set"`
	Provider string       `json:"provider"` // the clinician's id
	Service  string       `json:"service"`  // consult, infusion, package, evaluation, preparation, integration
	Words    string       `json:"words"`
	Quantity int          `json:"quantity"`
	Each     money.Cents  `json:"each"`
	Amount   money.Cents  `json:"amount"`
	Insured  bool         `json:"insured,omitempty"`   // the client's expected share, from the coverage review
	PaidBack *PaidBack    `json:"paid_back,omitempty"` // out of network: what the plan is expected to pay the client back for the line
}

// Hash tells one estimate's content from another's.
func (e GoodFaithEstimate) Hash() string {
	b, err := json.Marshal(e)
	if err != nil {
		panic("care: an estimate always marshals: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// DraftEstimate works out the good faith estimate as things stand: the medical services as the client pays them, and
// the psychotherapy around them. A person looks at it and gives it out; estimate-issued records that.
func (c *Chart) DraftEstimate(now time.Time) GoodFaithEstimate {
	n, l := c.estimatedInfusions(), c.prices(now)
	e := GoodFaithEstimate{ClientID: c.ClientID, MadeAt: now, ValidUntil: c.Zone.AddDays(now, estimateDays), Infusions: n, Disputable: c.warnOver()}
	e.Package = c.payingBy()
	add := func(it EstimateItem) {
		if it.Quantity > 0 && it.Each != 0 {
			it.Amount = money.Cents(it.Quantity) * it.Each
			e.Items = append(e.Items, it)
		}
	}
	consult := l.Consult
	if e.Package == money.PackageNone {
		consult = c.consultPrice(now)
	}
	add(EstimateItem{FeeSet: money.Medical, Provider: c.Physician, Service: "consult", Words: "Physician's consult, 60 minutes", Quantity: 1, Each: consult})
	add(EstimateItem{FeeSet: money.Medical, Provider: c.Physician, Service: "infusion", Words: "Infusion", Quantity: n, Each: l.Infusion})
	add(EstimateItem{FeeSet: money.Medical, Provider: c.Physician, Service: "package", Words: "Package of " + e.Package + ", off the single prices",
		Quantity: 1, Each: l.Plan(e.Package, n) - l.Plan(money.PackageNone, n)})
	var used used
	for _, x := range []struct {
		kind     visit.Kind
		words    string
		quantity int
	}{{visit.Evaluation, "Initial psychological evaluation", max(1, c.count(visit.Evaluation, visit.Fulfilled, visit.Booked, visit.Arrived))},
		{visit.Preparation, "Preparation session", max(c.MinimumPrep(), c.count(visit.Preparation, visit.Fulfilled, visit.Booked, visit.Arrived))},
		{visit.Integration, "Integration session", n}} {
		cost := c.SessionCostAt(x.kind, now)
		add(EstimateItem{FeeSet: money.Psychotherapies, Provider: c.Psychotherapist, Service: string(x.kind), Words: x.words, Quantity: x.quantity,
			Each: cost.Client, Insured: cost.Estimate, PaidBack: c.paidBackFor(x.kind, x.quantity, now, &used)})
	}
	for _, it := range e.Items {
		e.Total += it.Amount
		if it.FeeSet == money.Medical {
			e.Medical += it.Amount
		} else {
			e.Psychotherapy += it.Amount
		}
	}
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() && (e.Scheduled.IsZero() || v.Start.Before(e.Scheduled)) {
			e.Scheduled = v.Start
		}
	}
	return e
}

// estimatedInfusions is how many infusions an estimate made now is for: those planned, or one more when all of them
// were given.
func (c *Chart) estimatedInfusions() int {
	planned, given := c.planned(), c.count(visit.Infusion, visit.Fulfilled)
	if planned > 0 && given >= planned {
		return given + 1
	}
	return planned
}

// infusionsFor is how many infusions the client will have had with the visit asked about; 0 while nobody has said.
func (c *Chart) infusionsFor(t visitTarget) int {
	planned, given := c.planned(), c.count(visit.Infusion, visit.Fulfilled)
	switch {
	case planned == 0:
		return 0
	case t.kind == visit.Infusion && t.id != "":
		return max(planned, given+1)
	default:
		return max(planned, given)
	}
}

// estimateFault says why the client has no current estimate for a visit; empty: they have one.
func (c *Chart) estimateFault(t visitTarget) string {
	e := c.Estimate
	if e == nil {
		return "no good faith estimate issued"
	}
	n := c.infusionsFor(t)
	more := n > e.Infusions && c.medicalPrice(n, e.At) != e.Basis
	switch {
	case more && c.packageUsedUp():
		return c.singleOrUpgrade() + "; the estimate covers neither"
	case more || c.medicalPrice(e.Infusions, e.At) != e.Basis ||
		c.planned() != e.Planned && c.medicalPrice(n, e.At) != e.Basis:
		return "the price changed: issue a new good faith estimate"
	case c.estimateEnds().Before(latest(t.now, t.at)):
		return "the good faith estimate was good until " + c.Zone.DayFrom(c.estimateEnds(), t.now)
	}
	return ""
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (c *Chart) estimateEnds() time.Time { return c.Zone.AddDays(c.Estimate.At, estimateDays) }

// packageUsedUp says whether every infusion of the client's package was given.
func (c *Chart) packageUsedUp() bool {
	p := c.Package
	return p != nil && !p.GivenBack && p.Package != money.PackageNone && p.Used >= money.PackageInfusions(p.Package)
}

// singleOrUpgrade is the question when one infusion more is wanted than the package holds, with both prices.
func (c *Chart) singleOrUpgrade() string {
	p, l := c.Package, c.Package.PriceList()
	ask := fmt.Sprintf("infusion %d is beyond the package of %d: single for %s", c.count(visit.Infusion, visit.Fulfilled)+1, money.PackageInfusions(p.Package), l.Infusion)
	if p.Package == money.PackageSix {
		ask += fmt.Sprintf(", or upgrade to the package of %d for %s more", money.PackageInfusions(money.PackageTen), l.PackageTen-l.PackageSix)
	}
	return ask
}

// warnOver is how far above the estimate a bill may go before the client must be warned.
func (c *Chart) warnOver() money.Cents {
	if over := c.Policy.Money.EstimateWarningOver; over > 0 {
		return over
	}
	return disputable
}

// payFirst is what must be paid before an infusion (POLICY pay_before), in cents of the medical set.
func (c *Chart) payFirst(t visitTarget) (need money.Cents, asked bool) {
	switch c.Policy.Money.PayBefore {
	case "visit":
		return c.dueForNextInfusion(t.now), true
	case "package":
		need = c.dueForNextInfusion(t.now)
		if c.Package == nil || !c.Package.GivenBack {
			need = max(need, c.Carried[money.Medical]+c.estimatedPrice(c.infusionsFor(t), t.now))
		}
		return need, true
	default:
		return 0, false
	}
}
