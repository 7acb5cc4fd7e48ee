package care

import (
	"slices"
	"time"
)

// trouble gives a reply to read the time of an alert, counted in office hours, and every other trouble the
// ordinary time of desk work.
func (l *taskList) trouble(t Trouble) {
	words := title(t.Task) + " (" + t.About + ")"
	if t.Task == taskReadReply {
		l.add(t.Task, t.Role, t.About, l.c.readBy(t), words)
		return
	}
	l.desk(t.Task, t.Role, t.About, t.At, words)
}

// readBy is when a reply must have been read: then the psychotherapist is alerted.
func (c *Chart) readBy(t Trouble) time.Time {
	return c.officeLater(t.At, c.Policy.Alerts.acknowledge())
}

// assessDue is how long a flag may go without a clinician's assessment.
const assessDue = 24 * time.Hour

// safety: what alerts ask of people, and what an infusion under way still needs, in a closed course too.
func (l *taskList) safety() {
	c := l.c
	for i := range c.Visits {
		if v := &c.Visits[i]; c.undischarged(v) {
			l.add("discharge", Nurse, v.ID, c.dischargeDue(v), "Discharge the client after "+v.Name())
		}
	}
	assess := true
	for _, a := range slices.Backward(c.Alerts) {
		if a.Kind == AlertRisk && assess && (c.Assessed == nil || c.Assessed.At.Before(a.RaisedAt)) {
			l.add("assess-risk", Psychotherapist, a.ID, a.RaisedAt.Add(assessDue), "Assess the risk with the client, and write down the outcome")
			assess = false
		}
		if !a.AckedAt.IsZero() {
			continue
		}
		if a.Crisis && len(c.allowed([]Channel{SMS, Email})) == 0 {
			l.add("call-client-now", a.Roles[0], a.ID, c.AlertDue(a), "Call the client now: no message can reach them")
		}
		if c.AlertState(a, l.now) == StateEscalated {
			l.add("reach-clinician", Coordinator, a.ID, c.AlertDue(a).Add(c.Policy.Alerts.acknowledge()), "Reach somebody about the alert "+title(a.Kind)+": nobody acknowledged it")
		}
	}
}
