package care

import (
	"slices"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// What follows the end of a delivery stands in the table of care/message (message rules M4 and M5); here it is done. Never
// is a text sent a second time on a guess.

// deadlineHeadroom is how long before a visit a person should have called.
const deadlineHeadroom = 2 * time.Hour

// Settle notes how a notification and its deliveries ended. A deferred notification stays owed.
func (c *Chart) Settle(d message.Notification, result message.Result, ends []message.DeliveryEnd, now time.Time) {
	waited := c.waits(d.Key)
	another := result == message.ResultSuppressed && c.goesAnotherWay(d)
	if another {
		result = message.ResultDeferred
	}
	switch {
	case result != message.ResultDeferred:
		c.endWait(d.Key)
	case slices.ContainsFunc(ends, func(e message.DeliveryEnd) bool { return message.Follows(e.State, e.Fault).Have(message.TryAgain) }):
		c.wait(d, ends, now)
	}
	if result == message.ResultSent || result == message.ResultUnknown {
		c.dropInstead(d.Key) // it has left, and what was to take over from an earlier try does not
	}
	c.note(d.Key, result)
	c.noteText(d, ends)
	late := result == message.ResultExpired && (waited || d.Key.Verb.MustArrive()) && c.Handled[d.Key.Then(message.FollowInstead)] != message.ResultSent
	if late || len(ends) == 0 && result == message.ResultFailed {
		c.raiseMessageFailed(d, now)
	}
	switch {
	case result == message.ResultSuppressed && d.Key.Follow != "" && !d.Look:
		c.followUpHeldBack(d, now)
	case result == message.ResultSuppressed && c.staffMustPhone(d):
		c.raiseIssueDue("tell-client", d.Key.String(), person.Coordinator, now, c.before(d, now))
	}
	if len(ends) > 0 && d.Of == (message.Key{}) {
		c.loseClosed(d)
	}
	for _, e := range ends {
		c.deliveryEnded(d, e, ends, another, now)
	}
	c.takeEarly(d, now)
	c.pruneFollowUps()
}

// deliveryEnded takes in how a sender says that one of a notification's deliveries ended. With another the notification itself is owed on
// another channel by now, so nothing takes over from it: the client would have it twice.
func (c *Chart) deliveryEnded(d message.Notification, e message.DeliveryEnd, all []message.DeliveryEnd, another bool, now time.Time) {
	if d.To == "" && d.Look {
		if e.State.Result() != message.ResultUnknown { // looked for and not found proves nothing
			c.reported(message.DeliveryKeyOf(c.ClientID, d.Of, e.Channel), e.State, e.Fault, now)
		}
		return
	}
	end := ending{d: d, DeliveryEnd: e, answer: true, tried: another, reached: another || d.Of != (message.Key{}) && c.otherMayArrive(d.Key, e.Channel)}
	for _, other := range all {
		end.reached = end.reached || other.State.Result() == message.ResultSent
		end.tried = end.tried || other.State != e.State
	}
	c.takeSteps(end, now)
}

// reported takes in what a provider says of a delivery.
func (c *Chart) reported(key message.DeliveryKey, status message.State, fault message.Fault, now time.Time) {
	result := status.Result()
	if result != message.ResultSent && result != message.ResultFailed {
		return // no report says anything else
	}
	if c.Handled[key.Notification] == message.ResultBegun {
		c.EarlyReports = append(c.EarlyReports, message.Early{Message: key, Status: status, Fault: fault})
		return
	}
	of, ch := key.Notification.Origin(), key.Channel
	d, owed := find(c.allNotifications(), of)
	if !owed {
		d = message.Notification{Key: of, Until: now}
	}
	if key.Notification != of {
		d.Key, d.Of = key.Notification, of
	}
	end := ending{d: d, DeliveryEnd: message.DeliveryEnd{Channel: ch, State: status, Fault: fault, Tracked: true}, reached: !owed}
	if d.To == "" {
		if result == message.ResultSent {
			c.found(of, ch)
		}
		c.unfollow(of, ch)
		c.endIssue("message-unknown", of.String())
		end.reached = end.reached || c.otherMayArrive(key.Notification, ch)
	}
	c.takeSteps(end, now)
}

// takeEarly takes in what was reported while a notification was under way.
func (c *Chart) takeEarly(d message.Notification, now time.Time) {
	early := c.EarlyReports
	c.EarlyReports = nil
	for _, e := range early {
		if e.Message.Notification == d.Key {
			c.reported(e.Message, e.Status, e.Fault, now)
		} else {
			c.EarlyReports = append(c.EarlyReports, e)
		}
	}
}

// ending is how one delivery of a notification ended.
type ending struct {
	d message.Notification
	message.DeliveryEnd
	answer  bool // told by its sender, not by a report that came later
	reached bool // another delivery of the notification reached the client, or still may
	tried   bool // another delivery of the notification was not held back
}

// takeSteps does what follows a delivery's end.
func (c *Chart) takeSteps(e ending, now time.Time) {
	steps := message.Follows(e.State, e.Fault)
	if e.d.To != "" {
		c.takeStepsForStaff(e, steps, now)
		return
	}
	for _, s := range steps {
		at := now.Add(s.After)
		switch s.Do {
		case message.AccountWorks:
			if e.answer {
				c.endIssue("channel-held", string(e.Channel))
			}
		case message.TellAccount:
			c.raiseIssueDue("channel-held", string(e.Channel), person.Coordinator, now, c.before(e.d, now))
		case message.MarkAddress:
			c.markAddress(e.d, e.Channel, now)
		case message.EndChannel:
			c.stop(e.Channel, now)
		case message.TellPerson:
			c.raiseMessageFailed(e.d, now)
		case message.LookUp:
			if e.Channel == person.SMS && e.d.Of == (message.Key{}) {
				c.follow(e.d, message.FollowLook, e.Channel, at)
			}
		case message.SendOnceMore:
			if at = c.laterOpen(at); e.Channel == person.SMS && e.d.Of == (message.Key{}) && e.d.Until.Sub(at) >= roomForOnceMore {
				c.follow(e.d, message.FollowAgain, e.Channel, at)
				return
			}
		case message.OtherIfSilent:
			if e.Tracked && e.Channel == person.SMS && len(e.d.Channels) == 1 && len(c.otherChannels(c.originNotification(e.d), e.Channel)) > 0 {
				c.follow(e.d, message.FollowInstead, e.Channel, at)
			}
		case message.OtherIfNothingWent:
			c.lose(e.d.Key.Origin(), e.Channel)
			if !e.tried {
				c.fallBack(e.d, e.Channel, at, now, s.Else)
			}
		case message.OtherChannel:
			c.lose(e.d.Key.Origin(), e.Channel)
			if !e.reached {
				c.fallBack(e.d, e.Channel, at, now, s.Else)
			}
		}
	}
}

// takeStepsForStaff does what follows the end of a mail to staff. Their alert climbs by itself; somebody hears that the
// mail did not go.
func (c *Chart) takeStepsForStaff(e ending, steps message.Steps, now time.Time) {
	switch e.State.Result() {
	case message.ResultDeferred:
		if steps.Have(message.TellAccount) {
			c.raiseIssueDue("channel-held", string(e.Channel), person.Coordinator, now, c.before(e.d, now))
		}
	case message.ResultUnknown, message.ResultFailed:
		c.raiseMessageFailed(e.d, now)
	}
}

// fallBack has the other channel take over at a time, or a person when there is none, or no time.
func (c *Chart) fallBack(d message.Notification, tried person.Channel, at, now time.Time, task string) {
	if d.Key.Follow != message.FollowInstead && len(c.otherChannels(c.originNotification(d), tried)) > 0 && c.laterOpen(at).Before(d.Until) {
		c.follow(d, message.FollowInstead, tried, at)
		return
	}
	c.raiseIssueDue(task, d.Key.Origin().String(), person.Coordinator, at, c.before(d, at))
}

// originNotification gives the notification that one follows, whose channels were tried too, or the notification itself.
func (c *Chart) originNotification(d message.Notification) message.Notification {
	if origin, owed := find(c.allNotifications(), d.Key.Origin()); owed {
		return origin
	}
	return d
}

// otherChannels gives the ways of reaching the client that a notification has not tried. One that goes by the preferred
// channel has tried no other, whichever is preferred by now.
func (c *Chart) otherChannels(d message.Notification, tried person.Channel) []person.Channel {
	return slices.DeleteFunc(c.allowed([]person.Channel{person.SMS, person.Email}), func(ch person.Channel) bool {
		return ch == tried || !d.Preferred && slices.Contains(d.Channels, ch)
	})
}

// goesAnotherWay says whether a notification that was held back on its channels is owed on others by now, because the client
// changed their mind just before it was sent.
func (c *Chart) goesAnotherWay(d message.Notification) bool {
	if !d.Preferred || d.Of != (message.Key{}) || d.Skip != "" || d.Call {
		return false
	}
	by, owed := find(c.allNotifications(), d.Key)
	return owed && len(by.Channels) > 0 && !slices.ContainsFunc(by.Channels, func(ch person.Channel) bool { return slices.Contains(d.Channels, ch) })
}

// followUpHeldBack asks a person when what was to follow a delivery could not be sent, because no way to the client is left,
// and the news still is of use.
func (c *Chart) followUpHeldBack(d message.Notification, now time.Time) {
	of, owed := find(c.allNotifications(), d.Key.Origin())
	if !owed || !of.Until.After(now) || len(c.allowed(d.Channels)) > 0 {
		return
	}
	task := "message-failed"
	if c.Handled[of.Key] == message.ResultUnknown {
		task = "message-unknown"
	}
	c.raiseIssueDue(task, of.Key.String(), person.Coordinator, now, c.before(d, now))
}

// markAddress leaves a channel alone until its address changes.
func (c *Chart) markAddress(d message.Notification, ch person.Channel, now time.Time) {
	if !c.bad(ch) {
		c.BadAddresses = append(c.BadAddresses, message.BadAddress{Channel: ch, At: now})
		c.raiseIssueDue("address-bad", string(ch), person.Coordinator, now, c.before(d, now))
	}
}

func (c *Chart) bad(ch person.Channel) bool {
	return slices.ContainsFunc(c.BadAddresses, func(b message.BadAddress) bool { return b.Channel == ch })
}

// stop ends a channel as the receiver's own STOP does, and has a person find out how to reach them.
func (c *Chart) stop(ch person.Channel, now time.Time) {
	for i := range c.Consents {
		if x := &c.Consents[i]; x.Channel == ch && x.Granted {
			x.Granted, x.Stopped, x.At = false, true, now
			c.raiseIssueDue("channel-lost", string(ch), person.Coordinator, now, c.afterWorkingDays(now, 1))
		}
	}
}

// raiseMessageFailed asks a person to tell the client themselves.
func (c *Chart) raiseMessageFailed(d message.Notification, now time.Time) {
	c.raiseIssueDue("message-failed", d.Key.Origin().String(), person.Coordinator, now, c.before(d, now))
}

// before is the deadline for a person who stands in for a message: the practice's next evening, and well before the
// visit that it speaks of.
func (c *Chart) before(d message.Notification, now time.Time) time.Time {
	due := c.afterWorkingDays(now, 1)
	if d.Start.IsZero() || !d.Start.After(now) {
		return due
	}
	latest := d.Start.Add(-deadlineHeadroom)
	if latest.Before(now.Add(deadlineHeadroom / 4)) {
		latest = now.Add(d.Start.Sub(now) / 2)
	}
	if latest.Before(due) {
		return latest
	}
	return due
}
