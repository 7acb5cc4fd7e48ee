package care

import (
	"slices"
	"time"

	"kapflow/care/message"
)

// WatchEvery is how often somebody looks for messages past their time, and LateAfter how long one may take: together a
// message that is late is on the coordinator's list within ten minutes.
const (
	WatchEvery = 5 * time.Minute
	LateAfter  = 4 * time.Minute
)

// OverdueDeliveries gives the deliveries that the chart says should have been taken up by now: a journey that is stuck, or a
// worker that is away, leaves them without a trace. What was begun counts as not done; whether it was, the register of
// deliveries knows. What came up in the client's night waits for the morning and is not overdue before.
func (c *Chart) OverdueDeliveries(now time.Time) (late []message.LateDelivery) {
	act, expired := c.dueOf(c.notificationsBut(c.handled), now)
	for _, d := range slices.Concat(act, expired) {
		since := d.At
		if opened := c.opens(now); !d.Urgent && opened.After(since) && !now.Before(opened) {
			since = opened
		}
		if d.Look || d.Skip != "" || now.Sub(since) < LateAfter {
			continue
		}
		for _, ch := range d.Channels {
			late = append(late, message.LateDelivery{Key: message.DeliveryKeyOf(c.ClientID, d.Key, ch), ClientID: c.ClientID, Channel: ch, Template: d.Template, To: d.Receiver(), Since: since})
		}
	}
	return late
}

// LateFrom says from when on OverdueDeliveries may find something: never before; ok is false when it never will as the chart stands.
func (c *Chart) LateFrom() (from time.Time, ok bool) {
	for _, d := range c.notificationsBut(c.handled) {
		if at := d.At.Add(LateAfter); !ok || at.Before(from) {
			from, ok = at, true
		}
	}
	return from, ok
}

// ChangesAfter says when tasks, gates or alerts change next by time alone; ok is false when they stay as they are. Whether a task is
// late at a time is for its reader to see.
func (c *Chart) ChangesAfter(now time.Time) (at time.Time, ok bool) {
	for _, t := range c.taskMoments() {
		if t.After(now) && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// PressingTasks gives the tasks whose time ends before the next morning list could name them: today, or, when nobody is
// in the office, before somebody is. What has been late for a day is on the list already.
func (c *Chart) PressingTasks(now time.Time) []Task {
	end := c.Zone.Clock(c.Zone.AddDays(now, 1), 0, 0)
	if office := c.officeCalendar(); !office.IsOpen(now) {
		end = office.LaterOpen(now)
	}
	return slices.DeleteFunc(c.Tasks(now), func(t Task) bool { return !t.Due.Before(end) || now.Sub(t.Due) > 24*time.Hour })
}
