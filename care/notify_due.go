package care

import (
	"maps"
	"slices"
	"time"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// notificationList gathers notifications for one chart.
type notificationList struct {
	c    *Chart
	list []message.Notification
}

// Notifications gives every message the system owes and has not handled yet, the earliest first. Times are
// already inside the client's open hours.
func (c *Chart) Notifications() []message.Notification {
	return c.notificationsBut(func(k message.Key) bool { return c.Handled[k] != "" })
}

// notificationsBut gives what Notifications gives if those that handled says are handled, and no others.
func (c *Chart) notificationsBut(handled func(message.Key) bool) []message.Notification {
	list := c.allNotifications()
	list = append(list, c.followUps(list)...)
	list = slices.DeleteFunc(list, func(d message.Notification) bool {
		return handled(d.Key) || c.tookOver(d) || len(d.Channels) == 0 && !d.Call
	})
	list = c.oneWay(c.holdTexts(list))
	c.waiting(list)
	slices.SortStableFunc(list, func(a, b message.Notification) int { return a.At.Compare(b.At) })
	return list
}

// allNotifications gives every message that the chart asks for, handled or not.
func (c *Chart) allNotifications() []message.Notification {
	l := &notificationList{c: c}
	if c.silent() {
		return nil
	}
	for i := range c.Visits {
		l.visit(&c.Visits[i])
	}
	l.checkIns()
	l.alerts()
	l.estimate()
	l.answers()
	return l.list
}

// messagesStopped says that the course is paused, closed or declined. Only owed safety follow-up goes out then and, unless
// the client left, the news that the practice called a visit off or that it is on hold.
func (c *Chart) messagesStopped() bool { return c.Pause != nil || c.Closed() }

func (l *notificationList) visit(v *Visit) {
	c := l.c
	if v.Tentative {
		return
	}
	if c.messagesStopped() {
		if off := v.Notice == "cancelled" && v.Side == "practice" || v.Notice == "held" && !c.Closed(); off && c.Closing == nil {
			l.notice(v) // nobody comes in vain
		}
		return
	}
	l.notice(v)
	if v.Status != visit.Booked || c.infusionUncertain(v) {
		return
	}
	l.reminders(v)
	l.instructions(v)
}

// notice tells the client of the last change of a visit.
func (l *notificationList) notice(v *Visit) {
	template, until := message.Template(""), v.Start
	switch v.Notice {
	case "booked":
		template = message.TemplateBooked
	case "moved":
		template = message.TemplateMoved
	case "cancelled":
		template = message.TemplateCancelled
	case "missed":
		template, until = message.TemplateMissed, v.NoticeAt.Add(48*time.Hour)
	case "held":
		template = message.TemplateHeld
	case "stands":
		template = message.TemplateStands
	default:
		return
	}
	if slices.Contains([]string{"booked", "held", "stands"}, v.Notice) && !v.Open() {
		return
	}
	d := message.Notification{Key: v.noticeKey(v.Notice), Template: template, Channels: []person.Channel{person.SMS, person.Email},
		Until: until, Words: wording.Title(v.Notice) + ": " + wording.Lower(v.Name())}
	l.newsFrom(&d, v.NoticeAt, v.Start.Add(-leastNotice))
	l.add(d, v)
}

// leastNotice is how long before a visit a client must hear of it at the latest, where that can be.
const leastNotice = time.Hour

// newsFrom lets a notification go from a time on: in the next open hour, or by email at once when that would be later than it can wait. Mail
// wakes nobody.
func (l *notificationList) newsFrom(d *message.Notification, from, latest time.Time) {
	d.At = l.c.laterOpen(from)
	if l.c.tooNear(from, latest) {
		d.At, d.Channels, d.Urgent = from, []person.Channel{person.Email}, true
	}
}

// tooNear says that news of a time cannot wait for the next open hour, which is after the latest at which it is of use.
func (c *Chart) tooNear(from, latest time.Time) bool {
	at := c.laterOpen(from)
	return at.After(from) && at.After(latest)
}

func (l *notificationList) add(d message.Notification, v *Visit) {
	if d.Channels = l.c.allowed(d.Channels); l.c.Policy.Messages.OneChannel() && d.Template.OneChannel() {
		d.Preferred, d.Channels = true, l.c.preferred(d.Channels)
	}
	if l.c.isCall(d, v) {
		d.Call, d.Words = true, d.Words+", by phone"
	}
	if v != nil {
		d.About, d.Version, d.Start, d.Place = v.ID, v.Version, v.Start, v.Place
	}
	l.list = append(l.list, d)
}

// isCall: what a client must know and no message may tell them, a person does. Who cancelled knows that they did.
func (c *Chart) isCall(d message.Notification, v *Visit) bool {
	switch {
	case len(d.Channels) > 0 || v == nil || d.Template == message.TemplateCancelled && v.Side == "client":
		return false
	default:
		return d.Key.Verb.MustArrive() || d.Template == message.TemplateReminder && c.unreachable()
	}
}

// preferred gives the one of some channels that the client prefers: where they agreed to hear the most, else the first.
func (c *Chart) preferred(channels []person.Channel) []person.Channel {
	for _, ch := range channels {
		if c.Consent(ch).Detail == message.DetailTime {
			return []person.Channel{ch}
		}
	}
	return channels[:min(1, len(channels))]
}

// unreachable: no message may be sent to the client at all, as when they asked to be telephoned only.
func (c *Chart) unreachable() bool {
	return len(c.allowed([]person.Channel{person.SMS, person.Email})) == 0
}

// allowed keeps the channels that exist for the client and that they agreed to.
func (c *Chart) allowed(channels []person.Channel) []person.Channel {
	var out []person.Channel
	for _, ch := range channels {
		if slices.Contains(c.Channels, ch) && c.Consent(ch).Granted && !c.bad(ch) {
			out = append(out, ch)
		}
	}
	return out
}

// oneOf gives the first of some channels on which the client can be reached.
func (c *Chart) oneOf(channels ...person.Channel) []person.Channel {
	may := c.allowed(channels)
	return may[:min(1, len(may))]
}

// checkIns invites the client to each check-in, and asks once more after daytime silence (R47).
func (l *notificationList) checkIns() {
	c := l.c
	for _, ci := range c.CheckIns() {
		inf := c.Visit(ci.Infusion)
		first := c.owed(ci)
		if c.messagesStopped() && !first || c.answered(ci.ID) {
			continue
		}
		call := c.callDue(ci)
		at := c.laterOpen(ci.Due)
		l.add(message.Notification{Key: message.Key{Verb: message.Ask, Subject: ci.ID}, Template: message.TemplateCheckIn, Channels: []person.Channel{person.SMS, person.Email}, At: at, Until: call, About: ci.ID, Safety: first,
			Words: "Check-in after " + wording.Lower(inf.Name())}, nil)
		if c.needsCall(ci) {
			l.add(message.Notification{Key: message.Key{Verb: message.Chase, Subject: ci.ID}, Template: message.TemplateCheckInChase, Channels: c.oneOf(person.SMS, person.Email), At: c.openHoursLater(at, c.Policy.CheckIns.ChaseHours), Until: call.Add(4 * time.Hour),
				About: ci.ID, Safety: first, Words: "Second asking, check-in after " + wording.Lower(inf.Name())}, nil)
		}
	}
	for _, inf := range c.Fulfilled(visit.Infusion) {
		if d := inf.Day; d != nil && !d.DischargedAt.IsZero() && !c.messagesStopped() {
			l.add(message.Notification{Key: message.Key{Verb: message.Aftercare, Subject: inf.ID}, Template: message.TemplateAftercare, Channels: []person.Channel{person.Email, person.SMS}, At: c.laterOpen(d.DischargedAt),
				Until: d.DischargedAt.Add(20 * time.Hour), Words: "Aftercare, " + wording.Lower(inf.Name())}, inf)
		}
	}
}

// Due splits what is owed at a time: what to do now, and what is only written down: it has lost its use, was skipped, or
// is for a person to tell. The moment of the next notification
// or change is given by NextMoment.
func (c *Chart) Due(now time.Time) (act, expired []message.Notification) {
	return c.dueOf(c.Notifications(), now)
}

// dueOf splits some notifications as Due does.
func (c *Chart) dueOf(owed []message.Notification, now time.Time) (act, expired []message.Notification) {
	for _, d := range owed {
		switch {
		case d.At.After(now):
		case d.Skip != "" || d.Call || !d.Until.After(now):
			expired = append(expired, d)
		case !d.Urgent && !d.Look && !c.isOpen(now):
			// Came late, in the client's night: it waits for the morning, which NextMoment gives.
		default:
			act = append(act, d)
		}
	}
	return act, expired
}

// SendBefore is the last instant at which a notification may be sent, seen from now: the end of its use or of the
// client's open hours, whichever is first. A try that drags on past it must stop.
func (c *Chart) SendBefore(d message.Notification, now time.Time) time.Time {
	if end := c.closesAt(now); !d.Urgent && !d.Look && end.Before(d.Until) {
		return end
	}
	return d.Until
}

// note writes down the outcome of a notification; a deferred one stays owed.
func (c *Chart) note(key message.Key, result message.Result) {
	if result == message.ResultDeferred {
		delete(c.Handled, key)
		return
	}
	if c.Handled == nil {
		c.Handled = map[message.Key]message.Result{}
	}
	c.Handled[key] = result
	c.Version++
}

// AskedToCancel notes that somebody asked Temporal to cancel the journey. Nothing is left half done: the
// journey goes on and the coordinator decides.
func (c *Chart) AskedToCancel(now time.Time) {
	c.raiseIssue("cancellation-requested", temporalUI, person.Coordinator, now)
	c.Version++
}

// forgetHandled drops the keys that no notification can bear any more, so that a chart does not grow with every
// message ever sent: those of a visit's older versions, and what was sent ahead of a visit that is over.
func (c *Chart) forgetHandled() {
	maps.DeleteFunc(c.Handled, func(key message.Key, _ message.Result) bool {
		v := c.Visit(key.Subject)
		if key.Version == 0 || v == nil {
			return false
		}
		return key.Version != v.Version || key.Verb.Ahead() && v.Status != visit.Booked && v.Status != visit.Arrived
	})
}

// NextMoment is the next instant at which the system has something to do or something derived changes
// without a fact: what the journey's one timer waits for. ok is false when nothing is ahead. What says it in
// words for the timeline.
func (c *Chart) NextMoment(now time.Time) (at time.Time, what string, ok bool) {
	consider := func(t time.Time, words string) {
		if t.After(now) && (!ok || t.Before(at)) {
			at, what, ok = t, words, true
		}
	}
	for _, d := range c.Notifications() {
		t := d.At
		switch {
		case t.After(now):
		case d.Urgent || d.Look:
			t = now.Add(time.Minute)
		default:
			t = c.laterOpen(now.Add(time.Second))
		}
		consider(t, d.Words)
	}
	for _, t := range c.Tasks(now) {
		if row := c.Published.Tasks[t.ID()]; !row.Escalated {
			consider(t.Due, wording.LowerFirst(t.Words)+" is due")
		}
	}
	for _, t := range c.taskMoments() {
		consider(t, "review what is open")
	}
	if end, closed := c.EndsAt(); closed {
		consider(end, "close the record")
	}
	return at, what, ok
}

// Begin marks a notification as being handled, so that it is not started twice; Handle ends it.
func (c *Chart) Begin(key message.Key) {
	if c.Handled == nil {
		c.Handled = map[message.Key]message.Result{}
	}
	c.Handled[key] = message.ResultBegun
}

// When says the time of a notification's visit as every channel writes it: in the zone of the place, or of the
// client for a visit by video. The year is said if it is another one than the year in which the message is due.
func (c *Chart) When(d message.Notification) string {
	if d.Start.IsZero() {
		return ""
	}
	return c.zoneAt(d.Place).SayFrom(d.Start, d.At)
}

// WhenOf says the time of a visit in the same words to somebody who reads it at now.
func (c *Chart) WhenOf(v *Visit, now time.Time) string { return c.ZoneOf(v).SayFrom(v.Start, now) }

// ZoneOf is the zone whose clock a visit goes by: of the place, or of the client for a visit by video.
func (c *Chart) ZoneOf(v *Visit) clock.Zone { return c.zoneAt(v.Place) }

func (c *Chart) zoneAt(place string) clock.Zone {
	if pl, ok := c.Policy.Place(place); ok && pl.Telehealth {
		return c.ClientZone
	}
	return c.Zone
}
