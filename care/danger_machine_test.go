package care_test

import (
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

// owedAnyway says, without the rules' own mark, what may go to a client whose course is paused or over: the crisis text; the
// check-in of the first day after an infusion, unless they refused it; and that the practice called a visit off, while
// they have not left.
func (m *machine) owedAnyway(d message.Notification) bool {
	c := m.chart
	switch d.Template {
	case message.TemplateCrisis:
		return true
	case message.TemplateCheckIn, message.TemplateCheckInChase:
		return strings.HasSuffix(d.About, "-24h") && (c.Closing == nil || !c.Closing.RefuseFollowUp)
	case message.TemplateCancelled:
		return c.Closing == nil && c.Visit(d.About).Side == "practice"
	}
	return false
}

// pointsToDanger says which reports are a flag of safety rule D7.
func pointsToDanger(kind string, fields with) bool {
	switch kind {
	case "check-in-answered":
		phq9, _ := fields["phq9"].([]int)
		return fields["concern"] == true || len(phq9) == 9 && phq9[8] > 0
	case "risk-assessed":
		return fields["outcome"] == "high"
	case "hold-placed":
		return fields["risk"] == true
	}
	return fields["concern"] == true // readiness-answered, alert-acknowledged
}

// lookAtDanger holds that a flag was answered at once: somebody owns an alert whose clock runs, and everything is held.
func (m *machine) lookAtDanger(kind care.Kind) {
	if !slices.ContainsFunc(m.chart.Alerts, func(a care.Alert) bool {
		return a.Kind == care.AlertRisk && a.RaisedAt.Equal(m.now) && a.AckedAt.IsZero() && len(a.Roles) > 0 && a.Due.After(m.now)
	}) {
		m.Fatalf("%s alerted nobody: %+v", kind.Name, m.chart.Alerts)
	}
	if !slices.ContainsFunc(m.chart.Holds, func(h care.Hold) bool { return h.ReleasedAt.IsZero() }) {
		m.Fatalf("%s holds nothing", kind.Name)
	}
}

// lookAtOwners holds that whoever acknowledged a flag is not the end of it: until a clinician assessed the risk, and
// until the hold is released, a task with a time of its own asks for it.
func (m *machine) lookAtOwners() {
	tasks := m.chart.Tasks(m.now)
	asks := func(task string) bool {
		return slices.ContainsFunc(tasks, func(x care.Task) bool { return x.Task == task && x.Role == person.Psychotherapist && !x.Due.IsZero() })
	}
	for _, a := range m.chart.Alerts {
		if assessed := m.chart.Assessed; a.Kind == care.AlertRisk && (assessed == nil || assessed.At.Before(a.RaisedAt)) && !asks("assess-risk") {
			m.Fatalf("nobody is asked to assess the risk of %+v", a)
		}
	}
	held := slices.ContainsFunc(m.chart.Holds, func(h care.Hold) bool { return h.ReleasedAt.IsZero() })
	if held && !m.chart.Closed() && !asks("release-hold") {
		m.Fatalf("nobody is asked to look at the hold")
	}
}

// lookAtAlerts holds that no flag is without an owner and a running clock: whoever pointed to danger raised an alert;
// an open one has roles, and either its time to climb is what the journey waits for, or it has climbed and the
// coordinator has the task.
func (m *machine) lookAtAlerts() {
	for _, a := range m.chart.Answers {
		if a.Concern && !slices.ContainsFunc(m.chart.Alerts, func(x care.Alert) bool { return x.Kind == care.AlertRisk && x.About == a.CheckIn }) {
			m.Fatalf("the answer to %s raised nothing", a.CheckIn)
		}
	}
	if m.silent() {
		return
	}
	m.lookAtOwners()
	next, _, waits := m.chart.NextMoment(m.now)
	for _, a := range m.chart.Alerts {
		due := a.Due
		switch m.chart.AlertState(a, m.now) {
		case care.StateRaised:
			if len(a.Roles) == 0 || !due.After(m.now) || !waits || next.After(due) {
				m.Fatalf("%+v: due %s, but the journey waits until %s", a, due, next)
			}
		case care.StateEscalated:
			if !slices.ContainsFunc(m.chart.Tasks(m.now), func(x care.Task) bool { return x.Task == "reach-clinician" && x.About == a.ID }) {
				m.Fatalf("%+v climbed to nobody", a)
			}
		}
	}
}
