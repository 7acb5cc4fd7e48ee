package care

import (
	"fmt"
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// The gates. Their codes are used in refusals, search attributes, gate-overridden and every output.
const (
	GateAcceptance = "acceptance"
	GateCoverage   = "coverage"
	GateInsurer    = "insurer-contact"
	GateFees       = "fees"
	GateEvaluation = "evaluation"
	GatePrep       = "prep-sessions"
	GateConsult    = "consult"
	GateLabs       = "labs"
	GateFlags      = "flags"
	GateEducation  = "education"
	GateConsent    = "consent"
	GateDose       = "dose-order"
	GateClinicians = "clinicians"
	GateEstimate   = "estimate"
	GatePayment    = "payment"
	GateSpacing    = "spacing"
	GateFollowUp   = "follow-up"
	GateHold       = "hold"
)

// What a gate guards.
const (
	firstMeeting               = 1 << iota // guards the first meeting
	firstInfusion                          // guards the first infusion only (R17)
	everyInfusion                          // guards every infusion
	laterInfusion                          // guards every infusion but the first
	everyVisit                             // guards every visit
	everyVisitExceptEvaluation             // guards every visit but the first evaluation
)

// Gate is one condition: open or shut, why, whose move it is when shut, and since when it stands so.
type Gate struct {
	Gate       string      `json:"gate"`
	Open       bool        `json:"open"`
	Reason     string      `json:"reason"`
	MustAct    person.Role `json:"must_act,omitempty"`
	Since      time.Time   `json:"since,omitzero"`       // zero: it changed just now
	Overridden bool        `json:"overridden,omitempty"` // open only because a clinician opened it by hand

	refusal string // the code a refusal uses
}

// SaysSince says whether the reason of a shut gate tells since when it has been shut.
func (g Gate) SaysSince() bool { return g.Gate == GateHold && !g.Open }

// visitTarget is what a gate is asked about: a visit of a kind at a time.
type visitTarget struct {
	kind          visit.Kind
	at            time.Time
	minutes       int
	now           time.Time
	id            string   // of a visit already booked
	retrospective bool     // it is being held, not confirmed ahead
	away          []string // clinicians whom the practice knows to be away then
}

// gateRule is one row of the gate table: what it guards, the code of its refusal, and its condition.
type gateRule struct {
	gate    string
	guards  int
	refusal string
	ask     func(c *Chart, t visitTarget) (open bool, reason string, mustAct person.Role)
}

// gateTable is every gate (safety rule D2), in the order in which they are shown.
var gateTable = []gateRule{
	{GateCoverage, firstMeeting, "coverage-not-reviewed", (*Chart).askCoverage},
	{GateInsurer, firstMeeting, "insurer-contact-open", (*Chart).askInsurer},
	{GateFees, firstMeeting, "fees-not-discussed", (*Chart).askFees},
	{GateAcceptance, everyVisitExceptEvaluation, GateAcceptance, (*Chart).askAcceptance},
	{GateEvaluation, firstInfusion, GateEvaluation, (*Chart).askEvaluation},
	{GatePrep, firstInfusion, GatePrep, (*Chart).askPrep},
	{GateConsult, firstInfusion, GateConsult, (*Chart).askConsult},
	{GateLabs, everyInfusion, GateLabs, (*Chart).askLabs},
	{GateFlags, everyInfusion, "flag-undecided", (*Chart).askFlags},
	{GateEducation, firstInfusion, "education-missing", (*Chart).askEducation},
	{GateConsent, firstInfusion, "consent-missing", (*Chart).askConsent},
	{GateDose, everyInfusion, GateDose, (*Chart).askDose},
	{GateClinicians, everyInfusion, GateClinicians, (*Chart).askClinicians},
	{GateEstimate, everyInfusion, GateEstimate, (*Chart).askEstimate},
	{GatePayment, everyInfusion, GatePayment, (*Chart).askPayment},
	{GateSpacing, everyInfusion, GateSpacing, (*Chart).askSpacing},
	{GateFollowUp, laterInfusion, GateFollowUp, (*Chart).askFollowUp},
	{GateHold, everyVisit, CodeOnHold, (*Chart).askHold},
}

// GateCodes lists every gate's code in the order in which they are shown.
func GateCodes() []string {
	out := make([]string, len(gateTable))
	for i, r := range gateTable {
		out[i] = r.gate
	}
	return out
}

// Gates gives every gate as it stands for the client's next infusion: at its booked time, else now. The
// same conditions refuse facts.
func (c *Chart) Gates(now time.Time) []Gate {
	if c.Closed() && c.closedAt().Before(now) {
		now = c.closedAt() // time changes nothing any more
	}
	if v := c.next(visit.Infusion); v != nil {
		return c.GatesOf(v, now)
	}
	return c.gatesAt(visitTarget{kind: visit.Infusion, at: now, minutes: 60, now: now})
}

// GatesOf gives every gate as it stands for one booked infusion.
func (c *Chart) GatesOf(v *Visit, now time.Time) []Gate {
	return c.gatesAt(visitTarget{kind: visit.Infusion, at: v.Start, minutes: v.Minutes, now: now, id: v.ID})
}

// BookedInfusions gives the infusions that are still to be given or under way, the next one first.
func (c *Chart) BookedInfusions() []*Visit {
	var out []*Visit
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Kind == visit.Infusion && v.Open() {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b *Visit) int { return a.Start.Compare(b.Start) })
	return out
}

// ShutSince says since when the first of some gates has been shut; zero when that is not known.
func ShutSince(shut []Gate) time.Time {
	var since time.Time
	for _, g := range shut {
		if !g.Since.IsZero() && (since.IsZero() || g.Since.Before(since)) {
			since = g.Since
		}
	}
	return since
}

func (c *Chart) gatesAt(t visitTarget) []Gate {
	out := make([]Gate, 0, len(gateTable))
	for _, r := range gateTable {
		out = append(out, c.gate(r, t))
	}
	return out
}

// Shut gives the gates that keep the client from the next step: before the first meeting is cleared, those
// that guard it; then those of the next infusion.
func (c *Chart) Shut(now time.Time) []Gate {
	if c.Closed() {
		return nil
	}
	var out []Gate
	cleared := c.metOnce() || c.meetingCleared() && c.accepted()
	for i, g := range c.Gates(now) {
		early := gateTable[i].guards&(firstMeeting|everyVisitExceptEvaluation|everyVisit) != 0
		if !g.Open && (cleared || early) {
			out = append(out, g)
		}
	}
	return out
}

func (c *Chart) gate(r gateRule, t visitTarget) Gate {
	g := c.condition(r, t)
	g.Since = c.gateSince(gateKey(c.next(visit.Infusion), t.id, r.gate), g.Open)
	return g
}

func (c *Chart) condition(r gateRule, t visitTarget) Gate {
	g := Gate{Gate: r.gate, refusal: r.refusal}
	given := c.count(visit.Infusion, visit.Fulfilled)
	switch {
	case r.guards&firstMeeting != 0 && c.metOnce():
		g.Open, g.Reason = true, "the first meeting was held"
		return g
	case r.guards&firstInfusion != 0 && given > 0:
		g.Open, g.Reason = true, "infusions have begun"
		return g
	case r.guards&laterInfusion != 0 && given == 0:
		g.Open, g.Reason = true, "no infusion yet"
		return g
	}
	g.Open, g.Reason, g.MustAct = r.ask(c, t)
	if !g.Open && slices.ContainsFunc(c.Overrides, func(o Override) bool { return o.Gate == r.gate && o.Infusion == given+1 }) {
		g.Open, g.Overridden, g.Reason = true, true, "opened by hand although "+g.Reason
	}
	if g.Open {
		g.MustAct = ""
	}
	return g
}

// guarding says whether a gate guards a target. The hold gate guards what is not yet happening; a session
// that was held is recorded whatever stands open, so that the record is never poorer than the truth.
func (r gateRule) guarding(c *Chart, t visitTarget) bool {
	switch {
	case t.kind == visit.Infusion:
		return true
	case r.guards&firstMeeting != 0:
		return true
	case r.guards&everyVisitExceptEvaluation != 0:
		return t.kind != visit.Evaluation
	default:
		return r.guards&everyVisit != 0 && !t.retrospective
	}
}

// checkGates refuses with every shut gate that guards a target.
func (c *Chart) checkGates(v *inspection, t visitTarget, cannot string) {
	t.id = visitOr(t.id, t.kind)
	v.about = fmt.Sprintf("%s cannot be %s", c.targetName(t), cannot)
	v.gatesShut = t.kind == visit.Infusion
	for _, r := range gateTable {
		if !r.guarding(c, t) {
			continue
		}
		if g := c.gate(r, t); !g.Open {
			if first := !v.failed(atGate); first && g.refusal == r.gate {
				v.gatesShut = true
			}
			v.gate(g)
		}
	}
}

func visitOr(id string, kind visit.Kind) string {
	if id != "" {
		return id
	}
	return string(kind)
}

func (c *Chart) targetName(t visitTarget) string {
	if t.id == string(t.kind) {
		return wording.Title(c.freeVisitID(t.kind))
	}
	return wording.Title(t.id)
}

// meetingCleared says whether R31 holds: coverage reviewed, insurer contacted or not, fees discussed.
func (c *Chart) meetingCleared() bool {
	a, _, _ := c.askCoverage(visitTarget{})
	b, _, _ := c.askInsurer(visitTarget{})
	d, _, _ := c.askFees(visitTarget{})
	return a && b && d
}

func (c *Chart) accepted() bool {
	ok, _, _ := c.askAcceptance(visitTarget{})
	return ok
}
