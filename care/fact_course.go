package care

import (
	"slices"
	"time"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Pause is a break in the course. Reason is in the facts log.
type Pause struct {
	At    time.Time `json:"at"`
	Until time.Time `json:"until,omitzero"`
}

// Closing says how and when the course ended.
type Closing struct {
	How            Ending    `json:"how"`
	At             time.Time `json:"at"`
	Silent         bool      `json:"silent,omitempty"`           // no message of any kind
	RefuseFollowUp bool      `json:"refuse_follow_up,omitempty"` // not even the owed safety check-in
	By             string    `json:"by,omitempty"`               // whose decision: clinician, practice; empty: the client's
}

// Override opens a gate for one infusion, by a clinician with a reason; it is shown for ever.
type Override struct {
	Gate     string       `json:"gate"`
	Infusion int          `json:"infusion"` // the ordinal of the infusion it is for
	At       time.Time    `json:"at"`
	By       person.Actor `json:"by"`
}

// Paused stops messages, but for safety follow-up already owed; clocks of labs and estimates keep running.
type Paused struct {
	Happened
	Worded
	Reason Private    `json:"reason"`
	Until  *time.Time `json:"until"`
}

func (f *Paused) check(c *Chart, m Meta, v *inspection) {
	v.required("reason", f.Reason != "")
	if f.Until != nil && f.Until.Before(m.Now) {
		v.limit(CodeInvalid, "until", "until: %s has passed", c.Zone.DayLong(*f.Until))
	}
	if c.Pause != nil {
		v.state(CodePaused, "", "the course is paused already, since %s", c.Zone.DayLong(c.Pause.At))
	}
}

func (f *Paused) apply(c *Chart, m Meta) {
	c.Pause = &Pause{At: m.At}
	if f.Until != nil {
		c.Pause.Until = *f.Until
	}
	c.soundAlarm(f.Worded, "", m)
}

// Resumed ends a pause, or opens a course again that was ended by mistake or too soon; every gate is looked at again
// because all are derived. What was cancelled stays so.
type Resumed struct {
	Happened
	Reason Private `json:"reason"`
}

func (f *Resumed) check(c *Chart, _ Meta, v *inspection) {
	switch {
	case c.Closing != nil && f.Reason == "":
		v.state(CodeCourseClosed, person.Coordinator, "the course is %s since %s; to open it again, say why (reason)", c.Stage(), c.Zone.DayLong(c.closedAt()))
	case c.Closing == nil && c.Closed():
		v.state(CodeCourseClosed, person.Psychotherapist, "the client was declined on %s; record a new screening or decision", c.Zone.DayLong(c.closedAt()))
	case c.Closing == nil && c.Pause == nil:
		v.state(CodeWrongState, "", "the course is not paused")
	}
}

func (f *Resumed) apply(c *Chart, _ Meta) { c.Pause, c.Closing = nil, nil }

func (c *Chart) close(how Ending, m Meta) {
	c.Closing = &Closing{How: how, At: m.Now}
	c.Pause = nil
}

// Withdrawn ends the course at any time, at the client's wish or because the clinicians or the practice stop it. Coming visits are released; the record stays.
type Withdrawn struct {
	Happened
	Worded
	Reason         Private `json:"reason"`
	RefuseFollowUp bool    `json:"refuse_follow_up"`
	StoppedBy      string  `json:"stopped_by"` // client, clinician or practice; the refund follows it
}

func (f *Withdrawn) check(_ *Chart, m Meta, v *inspection) {
	if f.StoppedBy != "" {
		oneOf(v, "stopped_by", f.StoppedBy, "client", "clinician", "practice")
	}
	if m.By.Role == person.Client && f.StoppedBy != "" && f.StoppedBy != "client" {
		v.invalid("stopped_by", "a client withdraws for the client's side")
	}
}

func (f *Withdrawn) apply(c *Chart, m Meta) {
	c.close(EndWithdrawn, m)
	if f.StoppedBy != "client" {
		c.Closing.By = f.StoppedBy
	}
	c.Closing.RefuseFollowUp = f.RefuseFollowUp
	c.releaseVisits(m)
	c.soundAlarm(f.Worded, "", m)
}

// releaseVisits cancels every open visit of a course that ends, so that none stays open. An infusion that is running is
// stopped first or afterwards, with a fact of its own.
func (c *Chart) releaseVisits(m Meta) {
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() && !v.running() {
			c.checkOutcome(v, m)
			c.endVisit(v, visit.Cancelled, m)
			v.Side, v.Notice = "client", ""
		}
	}
}

// releaseIfDeclined gives back the time of every coming visit of a client who was just declined, and lets
// them know that it is off.
func (c *Chart) releaseIfDeclined(m Meta) {
	if !c.declined() {
		return
	}
	for i := range c.Visits {
		v := &c.Visits[i]
		if !v.Open() || v.running() {
			continue
		}
		ahead := v.Start.After(m.Now)
		c.checkOutcome(v, m)
		c.endVisit(v, visit.Cancelled, m)
		if v.Side = "practice"; ahead {
			v.Notice, v.NoticeAt = "cancelled", m.Now
		} else {
			v.Notice = ""
		}
	}
}

// MovedAway ends the course in silence, once the client has gone home after an infusion that is under way.
type MovedAway struct{ Happened }

func (f *MovedAway) check(c *Chart, _ Meta, v *inspection) {
	if inf := c.inTheChair(); inf != nil {
		v.state(CodeWrongState, person.Nurse, "the client has not gone home after %s; record first that it was stopped and whom the client went home with", inf.Name())
	}
}
func (f *MovedAway) apply(c *Chart, m Meta) { c.silence(EndMovedAway, m) }

// Deceased ends the course in silence.
type Deceased struct{ Happened }

func (f *Deceased) check(*Chart, Meta, *inspection) {}
func (f *Deceased) apply(c *Chart, m Meta)          { c.silence(EndDeceased, m) }

func (c *Chart) silence(how Ending, m Meta) {
	c.close(how, m)
	c.Closing.Silent = true
	c.releaseVisits(m)
}

// overridable lists the gates that a clinician may open by hand, and who may. Every other gate is fixed
// (safety rule D8): no role and no reason opens it.
var overridable = map[string][]person.Role{
	GateFlags:    {person.Physician},
	GatePayment:  {person.Coordinator, person.Physician},
	GateSpacing:  {person.Physician},
	GateFollowUp: {person.Psychotherapist},
}

// overridableGates lists the gates that somebody may open by hand, in the order in which gates are shown.
func overridableGates() []string {
	return slices.DeleteFunc(GateCodes(), func(gate string) bool { return len(overridable[gate]) == 0 })
}

// GateOverridden opens an overridable gate for the next infusion.
type GateOverridden struct {
	Happened
	Gate   string  `json:"gate"`
	Reason Private `json:"reason"`
}

func (f *GateOverridden) check(_ *Chart, m Meta, v *inspection) {
	if f.Gate == "" {
		v.required("gate", false)
		v.allow(overridableGates()...)
		return
	}
	if !slices.Contains(GateCodes(), f.Gate) {
		v.invalid("gate", "%q is not a gate; the gates are %s", f.Gate, wording.JoinWords(GateCodes(), "and"))
		v.allow(overridableGates()...)
		return
	}
	v.required("reason", f.Reason != "")
	who, ok := overridable[f.Gate]
	if !ok {
		v.limit("gate-fixed", "gate", "the gate %q is fixed: nobody can open it by hand", GateLabel(f.Gate))
		return
	}
	if !slices.Contains(who, m.By.Role) {
		v.add(atRole, CodeNotYourRole, "", "the gate \""+GateLabel(f.Gate)+"\" may be opened by the "+person.JoinRoles(who), who[0])
	}
}

func (f *GateOverridden) apply(c *Chart, m Meta) {
	c.Overrides = append(c.Overrides, Override{Gate: f.Gate, Infusion: c.count(visit.Infusion, visit.Fulfilled) + 1, At: m.At, By: m.By})
}

func (f *GateOverridden) told() string            { return "open" }
func (f *GateOverridden) was(*Chart, Meta) string { return "shut" }

// CourseCompleted closes the course: nobody sits in the chair, every infusion's follow-up is done or waived, the client went
// home and was asked how they are, and nothing is booked any more.
type CourseCompleted struct {
	Happened
	Summary Private `json:"summary"`
}

func (f *CourseCompleted) check(c *Chart, m Meta, v *inspection) {
	if h := c.onHold(); h != nil {
		v.state(CodeOnHold, person.Psychotherapist, "the course is on hold since %s", c.Zone.DayLong(h.At))
	}
	for i := range c.Visits {
		if visit := &c.Visits[i]; visit.Open() {
			v.state(CodeWrongState, person.Coordinator, "%s is still booked for %s", visit.Name(), c.Zone.SayLong(visit.Start))
		}
	}
	for _, inf := range c.Fulfilled(visit.Infusion) {
		switch {
		case c.undischarged(inf):
			v.state(GateFollowUp, person.Nurse, "nobody recorded yet whom the client went home with after %s", inf.Name())
		case !c.integrated(inf):
			v.state(GateFollowUp, person.Psychotherapist, "%s has no integration session, held or waived", inf.Name())
		}
	}
	if ci, open := c.unfinishedCheckIn(m.Now); open {
		v.state(GateFollowUp, person.Coordinator, "the client was not asked yet how they are after %s, or did not answer; the check-in is %s. Enter the client's answers, or record a visit held since", wording.Title(ci.Infusion), c.Zone.SayLong(ci.Due))
	}
}

// unfinishedCheckIn gives the first check-in after the last infusion while it has not come due, or nobody has heard from the
// client since.
func (c *Chart) unfinishedCheckIn(now time.Time) (CheckIn, bool) {
	held := c.Fulfilled(visit.Infusion)
	if len(held) == 0 {
		return CheckIn{}, false
	}
	for _, ci := range c.CheckIns() {
		if ci.Infusion == held[len(held)-1].ID {
			return ci, ci.Due.After(now) && !c.answered(ci.ID) || c.needsCall(ci)
		}
	}
	return CheckIn{}, false
}

func (f *CourseCompleted) apply(c *Chart, m Meta) { c.close(EndCompleted, m) }

// PolicyAdopted moves the client to the practice's current policy, which the desk adds.
type PolicyAdopted struct {
	Happened
	Version string         `json:"version"`
	Policy  *policy.Policy `json:"policy,omitempty"` // filled in by the desk
	Zone    *clock.Zone    `json:"zone_data,omitempty"`
}

func (f *PolicyAdopted) check(c *Chart, m Meta, v *inspection) {
	v.required("version", f.Version != "")
	if f.Policy == nil || f.Policy.Version != f.Version {
		v.limit(CodeInvalid, "version", "version: the practice's current policy is not %q", f.Version)
		return
	}
	checkPolicy(f.Policy, f.Zone, v)
	for _, who := range c.CliniciansFrom(m.Now) {
		if _, ok := f.Policy.Clinician(who); !ok {
			v.limit("unknown-clinician", "version", "the practice file no longer lists %q, who has this client; assign another clinician first", who)
		}
	}
}

func (f *PolicyAdopted) apply(c *Chart, m Meta) {
	old := *c // its rules say when the client was reminded until now
	c.Policy = *f.Policy
	if f.Zone != nil {
		c.Zone = *f.Zone
	}
	c.coverReminders(old.Policy.Messages.Reminders, func(v *Visit, r policy.ReminderRule) (time.Time, bool) {
		at, skip := old.reminderAt(v, r)
		return at, skip == "" && slices.Contains([]message.Result{message.ResultSent, message.ResultBegun}, c.Handled[reminderKey(v, r)])
	}, m.Now)
}

func (f *PolicyAdopted) told() string                { return f.Version }
func (f *PolicyAdopted) was(c *Chart, _ Meta) string { return c.Policy.Version }
