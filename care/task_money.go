package care

import (
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// money: coverage that has run out, estimates, what is to be paid, claims, and refunds.
func (l *taskList) money() {
	c := l.c
	if !c.Closed() {
		l.coverage()
		l.estimate()
		if c.packageUsedUp() && c.Pause == nil {
			l.beyondPackage()
		}
		l.payment()
	}
	l.claims()
	l.refunds()
	if c.Closed() {
		l.debts()
	}
}

// coverage: a review that is past its validity while psychotherapy is still ahead, and an insurer to call again.
func (l *taskList) coverage() {
	c := l.c
	if cov := c.Coverage; cov != nil && cov.expired(l.now) && (!c.metOnce() || cov.Result != CoverageDoesNotPay && c.nextSession() != nil || c.costExpired()) {
		l.desk("review-coverage", person.Psychotherapist, "again", cov.ValidUntil, "Review the insurance coverage again: the last review was good until "+c.Zone.DayFrom(cov.ValidUntil, l.now))
	}
	if cov := c.Coverage; cov != nil && cov.AuthorizationNeeded && c.nextSession() != nil {
		used := c.usedSince(cov.AsOf).sessions
		if cov.AuthorizationUnits > 0 && used >= cov.AuthorizationUnits || !cov.AuthorizationUntil.IsZero() && cov.AuthorizationUntil.Before(c.nextSession().Start) {
			l.add("renew-authorization", person.Coordinator, "", c.deskDayBefore(c.nextSession().Start), "Ask the insurer for a new authorization: the last one does not reach the next session")
		}
	}
}

// nextSession is the earliest open psychotherapy visit, or nil.
func (c *Chart) nextSession() *Visit {
	var first *Visit
	for _, kind := range []visit.Kind{visit.Evaluation, visit.Preparation, visit.Integration} {
		if v := c.next(kind); v != nil && (first == nil || v.Start.Before(first.Start)) {
			first = v
		}
	}
	return first
}

// estimate: the legal clock of the good faith estimate, and the warning before a bill outgrows it.
func (l *taskList) estimate() {
	c := l.c
	t := visitTarget{kind: visit.Infusion, now: l.now}
	if v := c.next(visit.Infusion); v != nil {
		t.id, t.at = v.ID, v.Start
	}
	if why := c.estimateFault(t); why != "" {
		if due, ok := c.estimateDue(); ok {
			l.add("issue-estimate", person.Coordinator, "", due, "Issue a good faith estimate: "+why)
		}
		return
	}
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		if next, over := c.outgrows(set); over {
			l.add("warn-estimate", person.Coordinator, string(set), next, "Warn the client: the "+string(set)+" bill is about to pass the good faith estimate by "+c.warnOver().String()+"; issue a new one")
		}
	}
}

// estimateDue is when an estimate is owed by law (45 CFR 149.610): a self-pay service scheduled at least 10 business
// days ahead, within 3; at least 3 ahead, within 1; on request, which choosing a plan and a fee talk are, within 3; and when
// plan or price change, at the latest one business day before the next service. ok is false while nothing asks for one.
func (c *Chart) estimateDue() (due time.Time, ok bool) {
	since := time.Time{}
	if c.Estimate != nil {
		since = c.Estimate.At
	}
	by := func(at time.Time) {
		if !ok || at.Before(due) {
			due, ok = at, true
		}
	}
	asked := func(at time.Time) {
		if !at.IsZero() && !at.Before(since) {
			by(c.afterBusinessDays(at, 3))
		}
	}
	if c.EstimateAsked != nil {
		asked(c.EstimateAsked.At)
	}
	if c.FeeTalk != nil && c.Policy.Money.FeeTalkIsRequest && c.Estimate == nil {
		asked(c.FeeTalk.At)
	}
	if c.Package != nil {
		asked(c.Package.At)
		if c.Plan != nil {
			asked(c.Plan.At)
		}
	}
	for i := range c.Visits {
		v := &c.Visits[i]
		if !v.Open() || !c.selfPay(v.Kind) {
			continue
		}
		need := 10
		if !c.legalCalendar().IsWorkingDay(v.BookedAt) {
			need++ // booked on a weekend: the tenth business day before the service was over already
		}
		switch ahead := c.legalCalendar().CountWorkingDays(v.BookedAt, v.Start, need); {
		case c.Estimate != nil: // out of date: renewed before the service
			by(c.businessDayBefore(v.Start))
		case ahead >= need:
			by(c.afterBusinessDays(v.BookedAt, 3))
		case ahead >= 3:
			by(c.afterBusinessDays(v.BookedAt, 1))
		default:
			by(v.Start)
		}
	}
	return due, ok
}

// selfPay says whether no claim will be made for a kind of visit: the medical services never, psychotherapy when the
// coverage does not pay.
func (c *Chart) selfPay(kind visit.Kind) bool {
	return kind.FeeSet() == money.Medical || c.Coverage != nil && c.Coverage.Result == CoverageDoesNotPay
}

// outgrows says whether a provider's bill, with the next visit, passes their part of the estimate by so much that the
// client may dispute it, and by when the client must know.
func (c *Chart) outgrows(set money.FeeSet) (by time.Time, over bool) {
	estimated := c.Estimate.Medical
	if set == money.Psychotherapies {
		estimated = c.Estimate.Therapy
		if estimated == 0 {
			return by, false // the estimate did not speak of it
		}
	}
	bill := c.Account.Charged[set] - c.Carried[set]
	for i := range c.Account.Charges {
		if ch := &c.Account.Charges[i]; ch.FeeSet == set && !ch.Reversed && ch.At.After(by) {
			by = ch.At
		}
	}
	by = c.afterBusinessDays(by, 1)
	if v := c.nextOf(set); v != nil {
		bill += c.expectedCharge(v)
		by = c.businessDayBefore(v.Start)
	}
	return by, bill >= estimated+c.warnOver()
}

// nextOf is the earliest open visit of a fee set, or nil.
func (c *Chart) nextOf(set money.FeeSet) *Visit {
	if set == money.Psychotherapies {
		return c.nextSession()
	}
	consult, infusion := c.next(visit.Consult), c.next(visit.Infusion)
	if consult == nil || infusion != nil && infusion.Start.Before(consult.Start) {
		return infusion
	}
	return consult
}

// expectedCharge is what a coming visit will add to the client's bill.
func (c *Chart) expectedCharge(v *Visit) money.Cents {
	if v.Kind.FeeSet() == money.Psychotherapies {
		return c.SessionCostAt(v.Kind, v.Start).Client
	}
	if _, covered := c.nextShare(v.Kind); covered {
		return 0
	}
	return c.singlePrice(v)
}

// beyondPackage asks how the infusion after the last one of a package is paid. Giving the client an estimate for it,
// or switching the package, answers the question.
func (l *taskList) beyondPackage() {
	c := l.c
	given, next := c.count(visit.Infusion, visit.Fulfilled), c.next(visit.Infusion)
	if next == nil && c.planned() <= given {
		return
	}
	from, t := c.Package.At, visitTarget{kind: visit.Infusion, id: "next", now: l.now}
	if held := c.Fulfilled(visit.Infusion); len(held) > 0 {
		from = held[len(held)-1].EndedAt
	}
	if c.Plan != nil {
		from = latest(from, c.Plan.At)
	}
	if next != nil {
		from, t.id = latest(from, next.BookedAt), next.ID
	}
	if c.estimateFault(t) != "" {
		l.desk("single-or-upgrade", person.Coordinator, "infusion-"+itoa(given+1), from, "Ask the client: "+c.singleOrUpgrade())
	}
}

// payment: what must be paid before the next infusion.
func (l *taskList) payment() {
	c := l.c
	v := c.next(visit.Infusion)
	if v == nil {
		return
	}
	if need, asked := c.payFirst(visitTarget{kind: visit.Infusion, id: v.ID, at: v.Start, now: v.BookedAt}); asked && c.Account.Paid[money.Medical] < need {
		l.add("collect-payment", person.Coordinator, v.ID, c.deskDayBefore(v.Start), "Collect "+(need-c.Account.Paid[money.Medical]).String()+" before "+wording.LowerFirst(v.Name()))
	}
}

// claims: answers that differ from what was expected, claims without an answer, payments taken back.
func (l *taskList) claims() {
	c := l.c
	for i := range c.Claims {
		cl := &c.Claims[i]
		if left := c.insurersPart(cl); cl.Status == ClaimDenied && left != 0 {
			l.desk("claim-variance", person.Coordinator, cl.Appointment, cl.At, "The insurer denied the claim for "+cl.Appointment+", of which "+left.String()+" was expected: appeal, record the denial again with what the client owes, or close the claim, which bills nobody for it")
		} else if off := cl.variance(); off > c.Policy.Money.ClaimVarianceOver && cl.Status != ClaimClosed && cl.Status != ClaimAppealed {
			l.desk("claim-variance", person.Coordinator, cl.Appointment, cl.At, "The insurer's answer for "+cl.Appointment+" is "+off.String()+" off what was expected: appeal, or close the claim")
		}
		if due, waits := c.claimChase(cl); waits && !l.now.Before(due) {
			l.desk("chase-claim", person.Coordinator, cl.Appointment, due, "Ask the insurer about the claim for "+cl.Appointment)
		}
	}
	for _, p := range c.Account.Payments {
		if p.Disputed {
			l.desk("settle-dispute", person.Coordinator, p.Key, p.DisputedAt, "The client's bank took back the payment "+p.Key+": answer it, and record whether it was won or lost")
		}
	}
}

// claimChase is when a claim that waits for the insurer is asked after.
func (c *Chart) claimChase(cl *InsuranceClaim) (at time.Time, waits bool) {
	days := c.Policy.Money.ClaimAnswerDays
	if days == 0 || !slices.Contains([]ClaimStatus{ClaimSubmitted, ClaimAccepted, ClaimAppealed}, cl.Status) {
		return at, false
	}
	return c.Zone.AddDays(cl.At, days), true
}

// refunds: what a client who has stopped, or switched down, is owed, and what was approved but not paid.
func (l *taskList) refunds() {
	c := l.c
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		from, ended := c.startedAt(), c.Closed()
		if ended {
			from = c.closedAt()
		} else if set == money.Medical && c.Package != nil && !c.Package.SwitchedAt.IsZero() {
			from, ended = c.Package.SwitchedAt, true
		}
		owed := c.refundable(set)
		if !c.Closed() {
			owed = min(owed, c.credit(set)) // the package goes on
		}
		if ended && owed > 0 {
			l.desk("approve-refund", person.Coordinator, string(set), from, "Approve the refund: "+owed.String()+" of the "+string(set)+" fees are owed to the client")
		}
	}
	for _, r := range c.Account.Refunds {
		switch {
		case r.Paid:
		case c.needsSecond(r):
			second := person.Physician
			if r.By.Role == person.Physician {
				second = person.Coordinator // another person
			}
			l.desk("second-approval", second, r.Key, r.At, "Approve the refund of "+r.Amount.String()+" as the second person")
		default:
			l.desk("pay-refund", person.Coordinator, r.Key, r.At, "Pay the approved refund of "+r.Amount.String())
		}
	}
}

// moneyMoments gives the instants at which tasks or gates about money change without a fact.
func (c *Chart) moneyMoments() []time.Time {
	var out []time.Time
	if c.Coverage != nil && !c.Closed() && !c.Coverage.ValidUntil.IsZero() && (!c.metOnce() || c.Coverage.Result != CoverageDoesNotPay && c.nextSession() != nil) {
		out = append(out, c.Coverage.ValidUntil.Add(time.Second))
	}
	if c.Estimate != nil && !c.Closed() {
		out = append(out, c.estimateEnds().Add(time.Second))
	}
	for i := range c.Claims {
		if at, waits := c.claimChase(&c.Claims[i]); waits {
			out = append(out, at)
		}
	}
	return out
}
