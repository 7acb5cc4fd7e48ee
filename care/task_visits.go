package care

import (
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// visits: outcomes to record and times to find again.
func (l *taskList) visits() {
	c := l.c
	for i := range c.Visits {
		v := &c.Visits[i]
		if v.Course != c.Course {
			continue
		}
		due := c.outcomeDue(v)
		if v.Open() && !l.now.Before(due) && !v.running() {
			role := person.Psychotherapist
			if v.Kind.FeeSet() == money.Medical {
				role = person.Physician
			}
			l.add("record-outcome", role, v.ID, c.Zone.AddDays(due, 1), "Record the outcome of "+v.Name())
		}
		switch {
		case v.Asked():
			l.add(taskChangeRequest, person.Coordinator, v.ID, c.answerRequestDue(v), l.booking(v.Kind, "The client asks for another time for "+v.Name()+": find one, and move the visit or book a new one"))
		case v.Rebook && c.Pause == nil && c.wanted(v.Kind):
			words := "Find a new time for " + v.Name()
			if v.Lapsed {
				words += ": its tentative hold was released because a gate was shut"
			}
			l.desk("rebook", person.Coordinator, v.ID, v.EndedAt, l.booking(v.Kind, words))
		}
	}
}

// booking adds to the words of a task that asks for a booking what must come first, when every booking would be refused now.
func (l *taskList) booking(kind visit.Kind, words string) string {
	v := &inspection{}
	checkPaused(l.c, v)
	l.c.checkTalk(kind, v)
	if err := v.refusal(); err != nil {
		words += ". What comes first: " + err.Error()
	}
	return words
}

// outcomeDue is when a visit without an outcome becomes a task: at closing time of the day on which
// outcome_due_hours are over. At an hour of its own it would move the journey's timer with nearly every visit:
// messages to the client come before the day's end, and the outcome with them.
func (c *Chart) outcomeDue(v *Visit) time.Time {
	return c.officeCalendar().DayEnd(v.End().Add(time.Duration(c.Policy.Visits.OutcomeDueHours) * time.Hour))
}

// wanted says whether a lost visit of a kind still needs a new time: not when another is booked, nor when
// the course has no more need of one.
func (c *Chart) wanted(kind visit.Kind) bool {
	if c.next(kind) != nil {
		return false
	}
	given, done := c.count(visit.Infusion, visit.Fulfilled), c.count(kind, visit.Fulfilled)
	switch kind {
	case visit.Evaluation:
		return done == 0
	case visit.Preparation:
		return given == 0 && done < c.MinimumPrep()
	case visit.Consult:
		return given == 0 && done < c.consultsNeeded()
	case visit.Infusion:
		return c.planned() == 0 || given < c.planned()
	default:
		return slices.ContainsFunc(c.Fulfilled(visit.Infusion), func(inf *Visit) bool { return !c.integrated(inf) })
	}
}

// rebooking says whether a task asks for a new time for a lost visit of a kind already.
func (c *Chart) rebooking(kind visit.Kind) bool {
	return c.wanted(kind) && slices.ContainsFunc(c.Visits, func(v Visit) bool { return v.Kind == kind && v.Rebook })
}

// consultsNeeded is one, and one more after a consult that was deferred.
func (c *Chart) consultsNeeded() int {
	if c.ConsultOutcome() == ConsultDeferred {
		return c.count(visit.Consult, visit.Fulfilled) + 1
	}
	return 1
}
