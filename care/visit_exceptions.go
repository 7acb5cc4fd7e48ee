package care

import (
	"slices"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// What goes otherwise than planned (safety rule D8): visits missed for the third time, holds that nobody confirmed,
// confirmed infusions whose labs no longer count.

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

// labsFail says how the labs stopped counting for a visit that is confirmed: abnormal, expired, or amended and not
// reviewed again. That new ones were ordered is no failure yet.
func (c *Chart) labsFail(v *Visit) LabStatus {
	switch status := c.LabStatus(v.Start); status {
	case LabAbnormal, LabExpired, LabAmended:
		return status
	}
	return ""
}

// noteLabsInvalid takes in what a fact did to confirmed infusions: one whose labs no longer count goes back to hold, the team
// is alerted, and the client is told, unless the physician has yet to look at an amended result. When the labs count
// again the client who was told hears that too.
func (c *Chart) noteLabsInvalid(m Meta) {
	for i := range c.Visits {
		v := &c.Visits[i]
		if v.Kind != visit.Infusion || v.Status != visit.Booked || v.Tentative || !v.Start.After(m.Now) {
			continue
		}
		why := c.labsFail(v)
		if why == v.LabsInvalid {
			continue
		}
		open := c.openAlert(AlertOnHold, v.ID)
		switch {
		case why == "":
			open.acknowledge(m)
			c.noteVisitCertain(v, m)
		default:
			if open == nil {
				c.raise(AlertOnHold, v.ID, m)
			}
			if why != LabAmended {
				v.LabsInvalidNotices++
				v.Notice, v.NoticeAt = "held", m.Now
			}
		}
		v.LabsInvalid = why
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
		key.Rule = itoa(v.LabsInvalidNotices)
	}
	return key
}
