package care

import (
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// debts asks for what is still owed to the practice after the end of a course, by the client and by the insurer.
func (l *taskList) debts() {
	c := l.c
	from := c.closedAt()
	for _, ch := range c.Account.Charges {
		from = latest(from, ch.At)
	}
	waiting := false
	for i := range c.Claims {
		cl := &c.Claims[i]
		from = latest(from, cl.At)
		waiting = waiting || cl.waits() || cl.Status == ClaimDenied && c.insurersPart(cl) != 0
	}
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		if owed := c.Balance(set); owed > 0 {
			l.desk("settle-balance", person.Coordinator, string(set), from, "The course is over, and the client owes "+owed.String()+" of the "+string(set)+" fees: ask for it")
		}
	}
	switch left := c.insurerOwes(); {
	case waiting || left == 0:
	case left > 0:
		l.desk("settle-insurer", person.Coordinator, "", from, "The course is over, and the insurer is expected to pay "+left.String()+": record the claims and their answers, or the payment")
	default:
		l.desk("settle-insurer", person.Coordinator, "", from, "The insurer paid "+(-left).String()+" more than expected: record its answer, or correct the payment")
	}
}

// checkOutcome asks for the outcome of a visit that had begun when the course was closed. The close cancels it, since nobody
// had said that it was held.
func (c *Chart) checkOutcome(v *Visit, m Meta) {
	if v.Start.After(m.Now) {
		return
	}
	role := person.Psychotherapist
	if v.Kind.FeeSet() == money.Medical {
		role = person.Physician
	}
	c.raiseIssue(taskCheckOutcome, v.ID, role, m.Now)
}

// inTheChair gives an infusion that was started and after which nobody recorded yet that the client went home, or nil.
func (c *Chart) inTheChair() *Visit {
	i := slices.IndexFunc(c.Visits, func(v Visit) bool {
		return v.running() || v.Status == visit.Fulfilled && c.undischarged(&v)
	})
	if i < 0 {
		return nil
	}
	return &c.Visits[i]
}

// owesCare says whether the practice still owes the client of a closed course something at a time: to see them home, to ask
// how they are, to look at an alert.
func (c *Chart) owesCare(at time.Time) bool {
	if c.silent() {
		return false
	}
	l := c.newTaskList(at)
	l.safety()
	return len(l.list) > 0
}
