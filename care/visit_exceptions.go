package care

import (
	"slices"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// What goes otherwise than planned (safety rule D8): visits missed for the third time, holds that nobody confirmed,
// confirmed infusions with a gate that a fact shut.

// taskTalkFirst is the psychotherapist's: to talk with a client who missed several visits, before another is booked.
const taskTalkFirst = "talk-first"

// firm says whether the client could count on the visit. A hold that nobody confirmed, and an infusion that went back to hold
// because its labs no longer count, cost no fee.
func (v *Visit) firm() bool { return !v.Tentative && v.LabsInvalid == "" }

// markMissed marks a no-show. Every way to mark one comes through here (field case 28).
func (c *Chart) markMissed(v *Visit, m Meta) {
	c.endVisit(v, visit.NoShow, m)
	v.Rebook = true
	if v.firm() {
		c.chargeFee(v, "no-show", c.Policy.Visits.NoShowFee, m)
	}
	if most := c.Policy.Visits.NoShowTalk; most > 0 && c.noShows() >= most {
		c.raiseIssue(taskTalkFirst, v.ID, person.Psychotherapist, m.Now)
	}
}

func (c *Chart) noShows() int {
	return c.count(visit.Evaluation, visit.NoShow) + c.count(visit.Preparation, visit.NoShow) + c.count(visit.Consult, visit.NoShow) + c.count(visit.Infusion, visit.NoShow) + c.count(visit.Integration, visit.NoShow)
}

// forgetTalk ends the task when a correction leaves too few visits missed for it.
func (c *Chart) forgetTalk() {
	if c.noShows() < c.Policy.Visits.NoShowTalk {
		c.Issues = slices.DeleteFunc(c.Issues, func(t Issue) bool { return t.Task == taskTalkFirst })
	}
}

// checkTalk refuses a booking until somebody talked with the client. What follows an infusion is never kept back.
func (c *Chart) checkTalk(kind visit.Kind, v *inspection) {
	if kind == visit.Integration || !slices.ContainsFunc(c.Issues, func(t Issue) bool { return t.Task == taskTalkFirst }) {
		return
	}
	v.state(taskTalkFirst, person.Psychotherapist, "the client missed %d visits: talk with them first, then record alert-acknowledged with {\"alert\": %q}", c.noShows(), taskTalkFirst)
}

// shutFor says why a visit could not be confirmed now; empty when it could.
func (c *Chart) shutFor(v *Visit, now time.Time) string {
	t := visitTarget{kind: v.Kind, at: v.Start, minutes: v.Minutes, now: now, id: v.ID}
	for _, r := range gateTable {
		if r.guarding(c, t) {
			if g := c.condition(r, t); !g.Open {
				return g.Reason
			}
		}
	}
	return ""
}

// releaseAt is when a tentative hold lets go of its time unless every gate is open by then. A hold made later than
// that is left to whoever made it.
func (c *Chart) releaseAt(v *Visit) (at time.Time, ok bool) {
	days := c.Policy.Visits.TentativeRelease
	if days == 0 || !v.Tentative || v.Status != visit.Booked || c.Closed() {
		return time.Time{}, false
	}
	at = c.Zone.AddDays(v.Start, -days)
	return at, v.BookedAt.Before(at)
}

// releaseTentative lets go of what nobody could confirm in time. The client never heard of it; the coordinator finds a
// new time.
func (c *Chart) releaseTentative(now time.Time) {
	for i := range c.Visits {
		v := &c.Visits[i]
		if at, ok := c.releaseAt(v); !ok || now.Before(at) || c.shutFor(v, now) == "" {
			continue
		}
		c.endVisit(v, visit.Cancelled, Meta{Now: now})
		v.Side, v.Notice, v.Rebook, v.Lapsed = "practice", "", true, true
	}
}

// firmAhead lists the coming infusions that are firm: booked, not tentative, and not begun.
func (c *Chart) firmAhead(now time.Time) []*Visit {
	return slices.DeleteFunc(c.BookedInfusions(), func(v *Visit) bool {
		return v.Tentative || v.Status != visit.Booked || !v.Start.After(now)
	})
}

// shutGates lists the codes of the gates that are shut for a booked infusion.
func (c *Chart) shutGates(v *Visit, now time.Time) []string {
	t := visitTarget{kind: v.Kind, at: v.Start, minutes: v.Minutes, now: now, id: v.ID}
	var shut []string
	for _, r := range gateTable {
		if !c.condition(r, t).Open {
			shut = append(shut, r.gate)
		}
	}
	return shut
}

// confirmedGates is what noteShutGates compares with: how the gates of the confirmed infusions stood before a fact.
type confirmedGates struct {
	given int                 // infusions
	shut  map[string][]string // by visit
}

func (c *Chart) confirmedGates(now time.Time) confirmedGates {
	before := confirmedGates{given: c.count(visit.Infusion, visit.Fulfilled), shut: map[string][]string{}}
	for _, v := range c.firmAhead(now) {
		before.shut[v.ID] = c.shutGates(v, now)
	}
	return before
}

// routine says that a gate is shut as it is between any two infusions: the follow-up of the last one is still to be done, or
// the next one to be paid. It is news only when it was open before the fact, and no infusion was given by the fact.
func (b confirmedGates) routine(c *Chart, v *Visit, gate string) bool {
	if gate != GateFollowUp && gate != GatePayment || slices.Contains(v.ShutGates, gate) {
		return false
	}
	shut, known := b.shut[v.ID]
	return !known || slices.Contains(shut, gate) || b.given != c.count(visit.Infusion, visit.Fulfilled)
}

// noteShutGates takes in what a fact did to confirmed infusions. One with a gate that is shut now is on hold, whatever shut
// it: the coordinator has the task to settle it, the team is alerted, and the client is told. When every gate is open
// again, the alert is over, and a client who was told hears that the visit stands.
func (c *Chart) noteShutGates(before confirmedGates, m Meta) {
	for _, v := range c.firmAhead(m.Now) {
		if v.LabsInvalid != "" {
			v.LabsInvalid, v.ShutGates = "", []string{GateLabs}
		}
		shut := slices.DeleteFunc(c.shutGates(v, m.Now), func(gate string) bool { return before.routine(c, v, gate) })
		open := c.openAlert(AlertOnHold, v.ID)
		switch {
		case len(shut) == 0 && len(v.ShutGates) > 0:
			open.acknowledge(m)
			c.noteVisitCertain(v, m)
		case len(shut) > 0 && len(v.ShutGates) == 0:
			if open == nil {
				c.raise(AlertOnHold, v.ID, m)
			}
			v.HoldNotices++
			v.Notice, v.NoticeAt = "held", m.Now
		}
		v.ShutGates = shut
	}
}

// noteVisitCertain withdraws the news that a visit is on hold, or follows it when it is out already.
func (c *Chart) noteVisitCertain(v *Visit, m Meta) {
	if v.Notice != "held" {
		return
	}
	v.Notice = ""
	if _, told := c.Handled[v.noticeKey("held")]; told {
		v.Notice, v.NoticeAt = "stands", m.Now
	}
}

// noticeKey names one piece of news of a visit's version; that it is held, and stands after all, can come more than
// once.
func (v *Visit) noticeKey(notice string) message.Key {
	key := message.Key{Verb: message.Verb(notice), Subject: v.ID, Version: v.Version}
	if key.Verb == message.Held || key.Verb == message.Stands {
		key.Rule = itoa(v.HoldNotices)
	}
	return key
}
