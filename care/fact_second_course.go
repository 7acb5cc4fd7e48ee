package care

import (
	"maps"
	"time"

	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// CourseBegun begins another course of a client whose last one is over, in the same record. Gates, coverage, estimate,
// package and preparation begin again, under the practice's current policy, which the desk adds. The account, the contact, the
// consents to be written to and the history stay.
type CourseBegun struct {
	Happened
	Reason Private        `json:"reason"`
	Policy *policy.Policy `json:"policy,omitempty"`    // filled in by the desk
	Zone   *clock.Zone    `json:"zone_data,omitempty"` // filled in by the desk
}

func (f *CourseBegun) check(c *Chart, _ Meta, v *inspection) {
	v.required("reason", f.Reason != "")
	switch {
	case !c.Closed():
		v.state(CodeWrongState, person.Coordinator, "the course is still open, in stage %s; another one begins when it is over", c.Stage())
	case c.Closing != nil && c.Closing.How == EndDeceased:
		v.state(CodeCourseClosed, person.Coordinator, "the client died on record; if that was a mistake, record resumed first")
	case c.infusionRunning():
		v.state(CodeWrongState, person.Nurse, "an infusion of the last course is still running; stop it first")
	}
	checkPolicy(f.Policy, f.Zone, v)
}

// checkPolicy checks what the desk adds to a fact: a policy with its zone. Nothing is fine: the chart keeps its own.
func checkPolicy(p *policy.Policy, zone *clock.Zone, v *inspection) {
	if p != nil {
		for _, fault := range p.Validate() {
			v.limit(CodeInvalid, "policy", "policy: %s %s", fault.Path, fault.Reason)
		}
	}
	if zone != nil && !zone.Valid() {
		v.invalid("zone_data", "is not a time zone's data; the desk fills it in")
	}
}

func (f *CourseBegun) apply(c *Chart, m Meta) {
	if f.Policy != nil {
		c.Policy = *f.Policy
	}
	if f.Zone != nil {
		c.Zone = *f.Zone
	}
	c.Course++
	c.Begun, c.Closing, c.Pause = &Done{At: m.At, By: m.By}, nil, nil
	c.Carried = maps.Clone(c.Account.Charged)

	c.Screening, c.Goals, c.Education, c.Signatures, c.Flags = nil, nil, nil, nil, nil
	c.flagSubstance(m)
	if c.Coverage != nil {
		c.CoverageHistory = append(c.CoverageHistory, *c.Coverage)
	}
	c.CoverageEntered, c.CoverageDraft, c.Coverage, c.Insurer, c.FeeTalk = nil, nil, nil, nil, nil
	c.Estimate, c.EstimateAsked, c.Package = nil, nil, nil
	c.Labs, c.Dose, c.Plan, c.Overrides = nil, nil, nil, nil
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Status != visit.Fulfilled {
			v.Rebook, v.AskedAt = false, time.Time{}
		}
	}
	c.endIssuesOf(taskTalkFirst)
	for _, role := range []person.Role{person.Physician, person.Psychotherapist} {
		if cl, ok := c.Policy.Clinician(c.ClinicianAt(role, m.Now)); !ok || cl.Role != role {
			c.assign(Assignment{Role: role, From: m.At, At: m.At, By: m.By}) // the gate clinicians asks for one
		}
	}
}

// startedAt is when the present course began: with the enrolment, or with course-begun.
func (c *Chart) startedAt() time.Time {
	if c.Begun != nil {
		return c.Begun.At
	}
	return c.EnrolledAt
}
