package care

import (
	"slices"
	"time"

	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// Assignment says who has the client in a role from an instant on, and who had before.
type Assignment struct {
	Role      person.Role  `json:"role"`
	Clinician string       `json:"clinician"` // empty: nobody, and the gate clinicians is shut
	Was       string       `json:"was"`
	From      time.Time    `json:"from"`
	At        time.Time    `json:"at"`
	By        person.Actor `json:"by"`
}

// ClinicianAt gives who has the client in a role at an instant. Without an assignment that is the one who has them now.
func (c *Chart) ClinicianAt(role person.Role, at time.Time) string {
	who := c.Psychotherapist
	if role == person.Physician {
		who = c.Physician
	}
	first := true
	for _, a := range c.Assignments {
		if a.Role != role {
			continue
		}
		if first {
			who, first = a.Was, false
		}
		if !a.From.After(at) {
			who = a.Clinician
		}
	}
	return who
}

// CliniciansFrom lists who has the client at an instant or takes them over later, each once, sorted.
func (c *Chart) CliniciansFrom(now time.Time) []string {
	who := []string{c.ClinicianAt(person.Physician, now), c.ClinicianAt(person.Psychotherapist, now)}
	for _, a := range c.Assignments {
		if a.From.After(now) {
			who = append(who, a.Clinician)
		}
	}
	who = slices.DeleteFunc(who, func(id string) bool { return id == "" })
	slices.Sort(who)
	return slices.Compact(who)
}

// assign notes who takes the client over, which is published when the day has come. Assignments of one role stand in the order of their days; one that begins later
// than the new one is replaced by it.
func (c *Chart) assign(a Assignment) {
	c.Assignments = slices.DeleteFunc(c.Assignments, func(x Assignment) bool { return x.Role == a.Role && !x.From.Before(a.From) })
	a.Was = c.ClinicianAt(a.Role, a.From)
	c.Assignments = append(c.Assignments, a)
}

// takeOver makes those the client's clinicians whose day has come, and gives the changes. Without an assignment there are none.
func (c *Chart) takeOver(now time.Time) []Change {
	var out []Change
	for _, x := range []struct {
		role person.Role
		who  *string
	}{{person.Physician, &c.Physician}, {person.Psychotherapist, &c.Psychotherapist}} {
		if is := c.ClinicianAt(x.role, now); is != *x.who {
			out = append(out, Change{Type: "clinician", Subject: string(x.role), State: is, From: *x.who, Role: x.role})
			*x.who = is
		}
	}
	return out
}

// ClinicianAssigned gives the client to another physician or psychotherapist from a day on. Coming visits follow; one for
// which the new clinician is not free is called off and is to be rebooked, and the client is told.
type ClinicianAssigned struct {
	Happened
	Role      person.Role    `json:"role"`
	Clinician string         `json:"clinician"`
	From      *time.Time     `json:"from"` // none: at once
	Reason    Private        `json:"reason"`
	Policy    *policy.Policy `json:"policy,omitempty"`    // filled in by the desk: it may know clinicians whom the chart's policy does not
	Zone      *clock.Zone    `json:"zone_data,omitempty"` // filled in by the desk
}

// from is when the new clinician begins; before now it is now, so that what was held stays with who held it.
func (f *ClinicianAssigned) from(now time.Time) time.Time {
	if f.From == nil {
		return now
	}
	return latest(*f.From, now)
}

// known finds the new clinician in the practice's current policy, or else in the chart's.
func (f *ClinicianAssigned) known(c *Chart) (policy.Clinician, bool) {
	if f.Policy != nil {
		return f.Policy.Clinician(f.Clinician)
	}
	return c.Policy.Clinician(f.Clinician)
}

func (f *ClinicianAssigned) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "role", f.Role, person.Physician, person.Psychotherapist)
	v.required("clinician", f.Clinician != "")
	v.required("reason", f.Reason != "")
	if v.failed(atShape) {
		return
	}
	if f.From != nil && f.From.Before(c.Zone.Clock(m.Now, 0, 0)) {
		v.limit(CodeInvalid, "from", "from: %s has passed; what was held stays with who held it", c.Zone.DayLong(*f.From))
	}
	if cl, ok := f.known(c); !ok || cl.Role != f.Role {
		v.limit("unknown-clinician", "clinician", "the practice file has no %s with the id %q", f.Role, f.Clinician)
	}
	if c.infusionRunning() && !f.from(m.Now).After(m.Now) {
		v.stateOf("from", CodeWrongState, person.Nurse, "an infusion is running; hand the client over once it was stopped, or from a later time")
	}
	if c.ClinicianAt(f.Role, f.from(m.Now)) == f.Clinician {
		v.stateOf("clinician", CodeWrongState, "", "%s is the client's %s then already", f.Clinician, f.Role)
	}
}

// following lists the visits that a hand-over takes along: those still to be held that begin from then on.
func (f *ClinicianAssigned) following(c *Chart, now time.Time) []*Visit {
	var out []*Visit
	for i := range c.Visits {
		v := &c.Visits[i]
		takes := v.Kind == visit.Infusion || (v.Kind == visit.Consult) == (f.Role == person.Physician)
		if v.Status == visit.Booked && takes && !v.Start.Before(f.from(now)) {
			out = append(out, v)
		}
	}
	return out
}

func (f *ClinicianAssigned) takesOver(c *Chart, m Meta) []Slot {
	var out []Slot
	for _, v := range f.following(c, m.Now) {
		out = append(out, Slot{ClientID: c.ClientID, Appointment: v.ID, People: []string{f.Clinician}, Start: v.Start, End: v.End()})
	}
	return out
}

func (f *ClinicianAssigned) apply(c *Chart, m Meta) {
	following := f.following(c, m.Now)
	if cl, ok := f.known(c); ok && f.Policy != nil {
		if _, listed := c.Policy.Clinician(cl.ID); !listed {
			c.Policy.Clinicians = append(slices.Clone(c.Policy.Clinicians), cl)
		}
	}
	c.assign(Assignment{Role: f.Role, Clinician: f.Clinician, From: f.from(m.Now), At: m.At, By: m.By})
	for _, v := range following {
		if _, away := c.away(v.Kind, v.Start, v.Minutes); away || slices.Contains(m.NotFree, v.ID) {
			c.callOff(v, m)
			continue
		}
		v.Followed = true
	}
}

// callOff cancels a visit for the practice: the client is told, and is owed a new time.
func (c *Chart) callOff(v *Visit, m Meta) {
	v.Side, v.Rebook = "practice", true
	c.endVisit(v, visit.Cancelled, m)
	v.Notice, v.NoticeAt = "cancelled", m.Now
}

func (f *ClinicianAssigned) told() string                { return f.Clinician }
func (f *ClinicianAssigned) was(c *Chart, m Meta) string { return c.ClinicianAt(f.Role, m.Now) }
