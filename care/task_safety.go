package care

import (
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// issue gives a reply to read the time of an alert, counted in office hours, and every other issue its own time or the
// ordinary time of desk work.
func (l *taskList) issue(t Issue) {
	switch {
	case t.At.After(l.now): // nobody is asked yet
	case t.soon():
		l.add(t.Task, t.Role, t.About, l.c.readBy(t), t.words())
	case !t.Due.IsZero():
		l.add(t.Task, t.Role, t.About, t.Due, t.words())
	default:
		l.desk(t.Task, t.Role, t.About, t.At, t.words())
	}
}

// soon says whether the issue is a reply that must be read within the time of an alert.
func (t Issue) soon() bool { return t.Task == TaskReadReply && t.Due.IsZero() }

// readBy is when a reply must have been read: then the psychotherapist is alerted.
func (c *Chart) readBy(t Issue) time.Time {
	return c.officeCalendar().AddOpenHours(t.At, c.Policy.Alerts.Acknowledge())
}

// assessDue is how long a flag may go without a clinician's assessment.
const assessDue = 24 * time.Hour

// safety: what alerts ask of people, and what an infusion under way still needs, in a closed course too.
func (l *taskList) safety() {
	c := l.c
	for _, ci := range l.checkIns {
		if c.owed(ci) {
			l.silence(ci)
		}
	}
	for i := range c.Visits {
		v := &c.Visits[i]
		if c.undischarged(v) {
			l.add("discharge", person.Nurse, v.ID, c.dischargeDue(v), "Discharge the client after "+v.Name()+", first at "+c.Zone.SayFrom(c.observedUntil(v), l.now))
		}
	}
	assess := true
	for _, a := range slices.Backward(c.Alerts) {
		if a.Kind == AlertRisk && assess && (c.Assessed == nil || c.Assessed.At.Before(a.RaisedAt)) {
			l.add("assess-risk", person.Psychotherapist, a.ID, a.RaisedAt.Add(assessDue), "Assess the risk with the client, and write down the outcome")
			assess = false
		}
		if !a.AckedAt.IsZero() {
			continue
		}
		if a.Crisis && len(c.allowed([]person.Channel{person.SMS, person.Email})) == 0 {
			l.add("call-client-now", a.Roles[0], a.ID, a.Due, "Call the client now: no message can reach them")
		}
		if c.AlertState(a, l.now) == StateEscalated {
			l.add("reach-clinician", person.Coordinator, a.ID, a.Due.Add(c.Policy.Alerts.Acknowledge()), "Call a clinician: nobody has acknowledged the alert "+wording.Title(a.Kind))
		}
	}
}

// owed says that a check-in is the safety check-in after an infusion, which runs when the course is paused, and when it
// is over too, unless the client refused it or it ended in silence.
func (c *Chart) owed(ci CheckIn) bool {
	inf := c.Visit(ci.Infusion)
	switch {
	case ci.Due.Sub(inf.Start) > 36*time.Hour:
		return false
	case c.Closing != nil && (c.Closing.RefuseFollowUp || c.Closing.Silent):
		return false
	}
	return !c.Closed() || !ci.Due.Before(c.closedAt().Add(-24*time.Hour))
}

// callDue is when the silence of a client becomes a call.
func (c *Chart) callDue(ci CheckIn) time.Time {
	return ci.Due.Add(time.Duration(c.Policy.CheckIns.CallTaskHours) * time.Hour)
}

// silence climbs after the second asking: the coordinator calls the client, and a working day later the
// psychotherapist does (safety rule D6, field case 37).
func (l *taskList) silence(ci CheckIn) {
	call := l.c.callDue(ci)
	if l.now.Before(call) || !l.c.needsCall(ci) {
		return
	}
	day := l.c.Zone.DayFrom(ci.Due, l.now)
	climbs := l.c.afterWorkingDays(call, 1)
	l.add("call-client", person.Coordinator, ci.ID, climbs, "Call the client: the check-in of "+day+" was not answered")
	if !l.now.Before(climbs) {
		l.add("reach-client", person.Psychotherapist, ci.ID, l.c.afterWorkingDays(climbs, 1), "Reach the client: nobody could since the check-in of "+day)
	}
}

// needsCall says whether an unanswered check-in still wants a call: not once a later one was answered or a
// clinician met the client.
func (c *Chart) needsCall(ci CheckIn) bool {
	if c.answered(ci.ID) {
		return false
	}
	for _, a := range c.Answers {
		if a.At.After(ci.Due) {
			return false
		}
	}
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Status == visit.Fulfilled && v.Kind != visit.Infusion && v.Start.After(ci.Due) {
			return false
		}
	}
	return true
}
