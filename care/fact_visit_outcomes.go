package care

import (
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// AppointmentArrived says that the client is here.
type AppointmentArrived struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *AppointmentArrived) check(c *Chart, m Meta, v *inspection) {
	appt := v.needVisit(c, f.Appointment)
	if v.needStatus(appt, visit.Booked) && !c.Zone.SameDay(appt.Start, m.At) {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s is on %s, not today; move it first", appt.Name(), c.Zone.SayLong(appt.Start))
	}
}

func (f *AppointmentArrived) apply(c *Chart, _ Meta) { c.Visit(f.Appointment).Status = visit.Arrived }

// SessionCompleted says that a psychotherapy session was held. Only these count toward R16.
type SessionCompleted struct {
	Happened
	Appointment string  `json:"appointment"`
	Flexibility int     `json:"flexibility"`
	Acceptance  int     `json:"acceptance"`
	Clarity     int     `json:"clarity"`
	Note        Private `json:"note"`
}

func (f *SessionCompleted) check(c *Chart, m Meta, v *inspection) {
	for _, x := range []struct {
		field string
		value int
	}{{"flexibility", f.Flexibility}, {"acceptance", f.Acceptance}, {"clarity", f.Clarity}} {
		if x.value != 0 {
			v.between(x.field, x.value, 1, 5)
		}
	}
	appt := v.needVisit(c, f.Appointment, visit.Evaluation, visit.Preparation, visit.Integration)
	if !v.needStatus(appt, visit.Booked, visit.Arrived) {
		return
	}
	if m.At.Before(appt.Start) {
		v.stateOf(fieldAppointment, "not-started", "", "%s starts %s; it can be completed once it has begun", appt.Name(), c.Zone.SayLong(appt.Start))
	}
	c.checkGates(v, visitTarget{kind: appt.Kind, at: appt.Start, minutes: appt.Minutes, now: m.Now, id: appt.ID, retrospective: true}, "held")
}

func (f *SessionCompleted) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	c.endVisit(v, visit.Fulfilled, m)
	v.Tentative = false
	v.Measures = &Measures{Flexibility: f.Flexibility, Acceptance: f.Acceptance, Clarity: f.Clarity}
	c.chargeSession(v, m)
}

// AppointmentMissed says that the client did not come. It does not count.
type AppointmentMissed struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *AppointmentMissed) check(c *Chart, m Meta, v *inspection) {
	appt := v.needVisit(c, f.Appointment)
	if !v.needStatus(appt, visit.Booked) {
		return
	}
	if grace := appt.Start.Add(time.Duration(c.Policy.Visits.NoShowGrace) * time.Minute); m.At.Before(grace) {
		v.stateOf(fieldAppointment, "not-started", "", "%s: the client has until %s to come", appt.Name(), c.Zone.SayLong(grace))
	}
}

func (f *AppointmentMissed) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	c.markMissed(v, m)
	v.Notice, v.NoticeAt = "missed", m.Now
}

// AppointmentCorrected puts a wrongly recorded outcome right; everything derived follows. It cannot make an
// infusion out of nothing: that needs the record of a start and a stop.
type AppointmentCorrected struct {
	Happened
	Appointment string       `json:"appointment"`
	Status      visit.Status `json:"status"`
	Reason      Private      `json:"reason"`
}

func (f *AppointmentCorrected) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "status", f.Status, visit.Fulfilled, visit.NoShow, visit.Cancelled)
	v.required("reason", f.Reason != "")
	appt := v.needVisit(c, f.Appointment)
	if appt == nil || v.failed(atShape) {
		return
	}
	if m.By.Role == person.Psychotherapist && appt.Kind.FeeSet() == money.Medical || m.By.Role == person.Physician && appt.Kind.FeeSet() != money.Medical {
		v.add(atRole, CodeNotYourRole, "", appt.Name()+" is corrected by its own clinician or the coordinator", person.Coordinator)
	}
	if m.Now.Before(appt.Start) {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s has not begun, so there is no outcome to correct", appt.Name())
	}
	if appt.running() {
		v.state(CodeWrongState, person.Nurse, "%s is running; stop it", appt.Name())
	}
	if f.Status != visit.Fulfilled {
		return
	}
	held := appt.Start
	switch appt.Kind {
	case visit.Infusion:
		if appt.Day == nil || appt.Day.StoppedAt.IsZero() {
			v.state(CodeWrongState, person.Nurse, "%s was never started and stopped; a correction cannot make up an infusion", appt.Name())
		} else {
			held = appt.Day.StartedAt
		}
	case visit.Consult:
		if appt.Outcome == "" {
			v.state(CodeWrongState, person.Physician, "%s has no decision of the physician; record that first", appt.Name())
		}
	}
	c.checkGates(v, visitTarget{kind: appt.Kind, at: held, minutes: appt.Minutes, now: m.Now, id: appt.ID, retrospective: true}, "held")
}

func (f *AppointmentCorrected) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	c.endIssue(taskCheckOutcome, v.ID)
	if v.Status == f.Status {
		return
	}
	c.reverseCharges(v, m)
	v.Notice = "" // nobody is told about a visit that was only recorded wrongly
	if f.Status == visit.NoShow {
		c.markMissed(v, m)
		return
	}
	c.endVisit(v, f.Status, m)
	v.Rebook = f.Status != visit.Fulfilled
	if f.Status == visit.Fulfilled {
		c.chargeVisit(v, m)
	}
	c.forgetTalk()
}
