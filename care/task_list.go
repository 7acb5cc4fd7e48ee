package care

import (
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Task is something a named role owes. Tasks are derived from the chart; doing the thing is what ends one.
type Task struct {
	Task  string      `json:"task"`
	Role  person.Role `json:"role"`
	About string      `json:"about,omitempty"` // visit, flag, check-in
	Due   time.Time   `json:"due"`             // later than this it escalates
	Words string      `json:"words"`           // as a person reads it
}

// ID tells one task from another.
func (t Task) ID() string {
	if t.About == "" {
		return t.Task
	}
	return t.Task + ":" + t.About
}

// The tasks of reading what a client wrote.
const (
	TaskReadReply     = "read-reply"
	taskCheckOutcome  = "check-outcome"
	taskChangeRequest = "answer-change-request"
	taskReadiness     = "settle-readiness"
)

// taskList gathers tasks for one chart at one time.
type taskList struct {
	c        *Chart
	now      time.Time
	checkIns []CheckIn // every one of the chart
	list     []Task
}

func (c *Chart) newTaskList(now time.Time) *taskList {
	return &taskList{c: c, now: now, checkIns: c.CheckIns()}
}

func (l *taskList) add(task string, role person.Role, about string, due time.Time, words string) {
	l.list = append(l.list, Task{Task: task, Role: role, About: about, Due: due, Words: words})
}

// desk gives a task the practice's ordinary time, counted from when it came up: closing time after so many working days.
func (l *taskList) desk(task string, role person.Role, about string, from time.Time, words string) {
	l.add(task, role, about, l.c.afterWorkingDays(from, l.c.Policy.Tasks.DueDays), words)
}

// Tasks gives what every role owes at a time, the earliest due first.
func (c *Chart) Tasks(now time.Time) []Task {
	l := c.newTaskList(now)
	for _, t := range c.Issues {
		l.issue(t)
	}
	if !c.silent() {
		l.safety()
		for i := range c.Visits {
			l.drug(&c.Visits[i])
		}
	}
	if !c.Closed() {
		l.intake()
		if c.Pause == nil {
			l.preparing()
			l.infusing()
			l.measures()
			l.readiness()
		}
		l.onHold()
		l.visits()
		l.following()
	}
	l.money()
	slices.SortStableFunc(l.list, func(a, b Task) int { return a.Due.Compare(b.Due) })
	return l.list
}

// intake: acceptance, coverage, flags.
func (l *taskList) intake() {
	c := l.c
	if c.Screening == nil {
		l.desk("screen", person.Psychotherapist, "", c.startedAt(), "Evaluate the acceptance criteria")
	}
	if !c.metOnce() {
		switch {
		case c.Coverage == nil && c.CoverageEntered == nil:
			l.desk("enter-coverage", person.Coordinator, "", c.startedAt(), "Enter the insurance coverage")
		case c.Coverage == nil:
			l.desk("review-coverage", person.Psychotherapist, "", c.CoverageEntered.At, "Review the insurance coverage")
		default:
			if open, _, _ := c.askInsurer(visitTarget{}); !open {
				l.desk("contact-insurer", person.Psychotherapist, "", c.Coverage.At, "Contact the insurer, or say why not")
			}
			if c.FeeTalk == nil {
				l.desk("discuss-fees", person.Psychotherapist, "", c.Coverage.At, "Discuss the fees with the client")
			}
		}
	}
	for _, f := range c.Flags {
		if f.Decision == "" {
			l.desk("decide-flag", person.Physician, f.Flag, f.RaisedAt, "Decide about the flag "+wording.LowerFirst(wording.Title(f.Flag)))
		}
	}
	if h := c.onHold(); h != nil {
		l.add("release-hold", person.Psychotherapist, h.Cause, c.afterWorkingDays(h.At, 1), "Look at the hold, and release it or stop")
	}
}

// readySince is when the client could first be met: accepted, coverage and fees settled.
func (c *Chart) readySince() (time.Time, bool) {
	if !c.accepted() || !c.meetingCleared() {
		return time.Time{}, false
	}
	at := c.Screening.At
	for _, t := range []time.Time{c.Coverage.At, c.Insurer.At, c.FeeTalk.At} {
		if t.After(at) {
			at = t
		}
	}
	return at, true
}

// preparing: evaluation, preparation, consult, labs and documents run side by side.
func (l *taskList) preparing() {
	c := l.c
	since, ready := c.readySince()
	if !ready || c.count(visit.Infusion, visit.Fulfilled) > 0 {
		l.labs(ready)
		return
	}
	for _, x := range []struct {
		kind visit.Kind
		need int
		what string
	}{{visit.Evaluation, 1, "the evaluation"}, {visit.Preparation, c.MinimumPrep(), "the next preparation session"}, {visit.Consult, c.consultsNeeded(), "the consult"}} {
		have := c.count(x.kind, visit.Fulfilled, visit.Booked, visit.Arrived)
		if have < x.need && !c.rebooking(x.kind) {
			l.desk("book-"+string(x.kind), person.Coordinator, "", l.later(since, x.kind), l.booking(x.kind, "Book "+x.what))
		}
	}
	if c.Package == nil {
		l.desk("choose-package", person.Coordinator, "", since, "Ask the client: package or single infusions")
	}
	if c.count(visit.Preparation, visit.Fulfilled) >= c.MinimumPrep()-1 {
		last := c.Fulfilled(visit.Preparation)
		from := last[len(last)-1].EndedAt
		if c.Education == nil {
			handout := ""
			if m := c.Policy.Preparation.Education; m != "" {
				handout = " with " + m
			}
			l.desk("give-education", person.Psychotherapist, "", from, "Give the education on the altered state"+handout)
		}
		if open, _, _ := c.askConsent(visitTarget{}); !open {
			l.desk("sign-consent", person.Coordinator, "", from, "Get both consents signed")
		}
	}
	if c.ConsultOutcome() == ConsultCleared && c.Dose == nil {
		l.desk("order-dose", person.Physician, "", c.lastConsult().EndedAt, "Order the dose")
	}
	l.labs(ready)
}

// later counts a booking task from the last ended visit of its kind, so that each one has its own time.
func (l *taskList) later(since time.Time, kind visit.Kind) time.Time {
	for i := range l.c.Visits {
		if v := &l.c.Visits[i]; v.Kind == kind && v.EndedAt.After(since) {
			since = v.EndedAt
		}
	}
	return since
}

func (l *taskList) labs(ready bool) {
	c := l.c
	lab := c.lastLabs()
	status := lab.Status(l.now)
	switch {
	case status == LabNotOrdered:
		if since, _ := c.readySince(); ready {
			l.desk("order-labs", person.Physician, "", since, "Order the labs")
		}
	case status.Waiting():
		if chase := c.Zone.AddDays(lab.OrderedAt, c.Policy.Labs.PendingDays); !l.now.Before(chase) {
			l.desk("chase-labs", person.Coordinator, "", chase, "Ask the laboratory for the result")
		}
	case !status.Reviewed():
		l.add("review-labs", person.Physician, "", lab.ResultedAt.Add(time.Duration(c.Policy.Labs.ReviewDueHours)*time.Hour), "Review the labs")
	case c.Stage() == StageIntegration:
	case status == LabAbnormal:
		l.desk("order-labs", person.Physician, "again", lab.ReviewedAt, "The labs are abnormal: order new ones, or stop")
	case status == LabExpired:
		l.desk("order-labs", person.Physician, "again", lab.ValidUntil, "Order new labs: the last ones expired")
	}
}

// infusing: the next infusion, once its gates are open.
func (l *taskList) infusing() {
	c := l.c
	next := c.next(visit.Infusion)
	open, since := true, l.settledSince()
	for _, g := range c.Gates(l.now) {
		open = open && g.Open
	}
	if !open && next != nil && !next.Tentative && next.Status == visit.Booked {
		l.settleHold(next)
	}
	if c.count(visit.Infusion, visit.Fulfilled) == 0 && (c.count(visit.Preparation, visit.Fulfilled) < c.MinimumPrep() || c.count(visit.Consult, visit.Fulfilled) == 0) {
		return
	}
	if given := c.count(visit.Infusion, visit.Fulfilled); next == nil && given > 0 && given >= c.planned() {
		return
	}
	switch {
	case !open:
	case next == nil && c.rebooking(visit.Infusion):
	case next == nil:
		l.desk("book-infusion", person.Coordinator, "", since, l.booking(visit.Infusion, "Book the next infusion"))
	case next.Tentative && next.Start.After(l.now):
		l.desk("confirm-infusion", person.Coordinator, next.ID, since, "Confirm "+next.Name()+": every gate is open")
	}
}

// settleHold asks the coordinator to settle what keeps a confirmed infusion back, by the day before it.
func (l *taskList) settleHold(v *Visit) {
	words := v.Name() + " is booked, but a gate is shut: " + l.c.shutFor(v, l.now) + ". Settle it, or move or cancel the visit"
	l.add("settle-hold", person.Coordinator, v.ID, l.c.Zone.AddDays(v.Start, -1), words)
}

// onHold asks about the other confirmed infusions that a fact put on hold; infusing asks about the next one, except in a
// pause, in which it asks for nothing else.
func (l *taskList) onHold() {
	next := l.c.next(visit.Infusion)
	for _, v := range l.c.BookedInfusions() {
		if len(v.ShutGates) > 0 && v.Status == visit.Booked && (v != next || l.c.Pause != nil) {
			l.settleHold(v)
		}
	}
}

// settledSince is the time of the last thing that can have opened the infusion's gates.
func (l *taskList) settledSince() time.Time {
	at := l.c.startedAt()
	for i := range l.c.Visits {
		if v := &l.c.Visits[i]; v.EndedAt.After(at) {
			at = v.EndedAt
		}
	}
	if lab := l.c.lastLabs(); lab != nil && lab.ReviewedAt.After(at) {
		at = lab.ReviewedAt
	}
	return at
}

// following: integration sessions and unanswered check-ins.
func (l *taskList) following() {
	c := l.c
	for _, inf := range c.Fulfilled(visit.Infusion) {
		if c.integrated(inf) || c.next(visit.Integration) != nil || c.rebooking(visit.Integration) && c.Pause == nil {
			continue
		}
		end := inf.End()
		if inf.Day != nil && !inf.Day.StoppedAt.IsZero() {
			end = inf.Day.StoppedAt
		}
		l.add("book-integration", person.Coordinator, inf.ID, end.Add(time.Duration(c.Policy.CheckIns.IntegrationTarget)*time.Hour), l.booking(visit.Integration, "Book the integration session after "+inf.Name()))
	}
	if c.Pause != nil {
		if until := c.Pause.Until; !until.IsZero() && !l.now.Before(until) {
			l.desk("end-pause", person.Coordinator, "", until, "The pause was until "+c.Zone.DayFrom(until, l.now)+": resume the course, or agree on what follows")
		}
		return
	}
	for _, ci := range l.checkIns {
		if !c.owed(ci) {
			l.silence(ci)
		}
	}
	if c.Stage() == StageIntegration && c.next(visit.Integration) == nil {
		for _, inf := range c.Fulfilled(visit.Infusion) {
			if !c.integrated(inf) {
				return
			}
		}
		last, words := c.Fulfilled(visit.Infusion), "Complete the course, or plan more"
		v := &inspection{}
		(&CourseCompleted{}).check(c, Meta{Now: l.now, At: l.now}, v)
		if err := v.refusal(); err != nil {
			words += ". What comes first: " + err.Error()
		}
		l.desk("complete-course", person.Psychotherapist, "", c.Zone.AddDays(last[len(last)-1].Start, 45), words)
	}
}

// taskMoments gives the coming instants at which the list of tasks or gates changes without a fact: when
// a chase comes up, an outcome is missing, labs expire.
func (c *Chart) taskMoments() []time.Time {
	out := append(c.alertMoments(), c.moneyMoments()...)
	for _, t := range c.Issues {
		out = append(out, t.At)
	}
	for _, a := range c.Assignments {
		out = append(out, a.From)
	}
	if c.Closed() {
		for _, ci := range c.CheckIns() {
			if c.owed(ci) && c.needsCall(ci) {
				out = append(out, c.callDue(ci))
			}
		}
		return out
	}
	lab := c.lastLabs()
	if lab.Status(time.Time{}).Waiting() {
		out = append(out, c.Zone.AddDays(lab.OrderedAt, c.Policy.Labs.PendingDays))
	}
	for i := range c.Labs {
		if end, ok := c.Labs[i].expires(); ok {
			out = append(out, end.Add(time.Second))
		}
	}
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() {
			out = append(out, c.outcomeDue(v))
			if at, ok := c.releaseAt(v); ok {
				out = append(out, at)
			}
			if v.Readiness != nil {
				out = append(out, v.End()) // too late to come ready
			}
			if v.Tentative {
				out = append(out, v.Start) // from then on it cannot be confirmed any more
			}
		}
	}
	for _, ci := range c.CheckIns() {
		if (c.Pause == nil || c.owed(ci)) && c.needsCall(ci) {
			out = append(out, c.callDue(ci))
		}
		if c.Policy.Infusions.RequireCheckIn && !c.answered(ci.ID) {
			out = append(out, ci.Due) // from then on the gate follow-up waits for the answer
		}
	}
	if c.Pause != nil && !c.Pause.Until.IsZero() {
		out = append(out, c.Pause.Until)
	}
	return out
}
