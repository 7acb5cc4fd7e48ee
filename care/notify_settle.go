package care

import (
	"slices"
	"strings"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// What follows a letter whose end is not the one that was meant (message rules M4 and M5): it is looked up, sent once
// more, or the same word goes by the other channel; when nothing is left a person is asked. Never is a text sent a second
// time on a guess.

// How long the end of a letter is waited for.
const (
	lookAfter          = 2 * time.Minute  // until the provider's list is asked about a letter that may have left
	insteadAfter       = 10 * time.Minute // until the other channel takes over from it
	silenceAfter       = 30 * time.Minute // until it takes over from a text that nobody reported as delivered
	onceMoreAfter      = 2 * time.Hour    // until a text that found the phone off is sent once more
	roomForOnceMore    = 30 * time.Minute // that must be left of its use then
	firstWait          = time.Minute      // until a held letter is tried again; each wait is twice the one before
	longestWait        = 30 * time.Minute
	triesBeforeInstead = 5             // after which, some twenty minutes on, the other channel takes over from a held text
	deadlineHeadroom   = 2 * time.Hour // before a visit by which a person should have called
)

// followUps makes duties of what is to be done about letters. A follow-up lives as long as the duty it follows: a
// visit that moved takes its own with it.
func (c *Chart) followUps(owed []message.Notification) (out []message.Notification) {
	for _, f := range c.FollowUps {
		i := slices.IndexFunc(owed, func(d message.Notification) bool { return d.Key == f.Of })
		if i < 0 {
			continue
		}
		d := owed[i]
		d.Key, d.Of, d.At, d.Channels = f.Of+"/"+f.Do, f.Of, f.At, []person.Channel{f.Channel}
		switch f.Do {
		case message.FollowLook:
			d.Look, d.Words = true, "Look for a text: "+wording.LowerFirst(d.Words)
		case message.FollowAgain:
			d.Channels, d.Words = c.allowed(d.Channels), d.Words+", once more"
		default:
			d.Channels, d.Words = c.otherChannels(owed[i], f.Channel), d.Words+", the other way"
		}
		if !d.Look {
			d.At = c.laterOpen(d.At)
		}
		out = append(out, d)
	}
	return out
}

// waiting moves duties that were put off to the time of their next try.
func (c *Chart) waiting(list []message.Notification) {
	for i := range list {
		for _, w := range c.Waits {
			if w.Notification == list[i].Key && w.Until.After(list[i].At) {
				list[i].At = w.Until
			}
		}
	}
}

// otherChannels gives the ways of reaching the client that a duty has not tried.
func (c *Chart) otherChannels(d message.Notification, tried person.Channel) []person.Channel {
	return slices.DeleteFunc(c.allowed([]person.Channel{person.SMS, person.Email}), func(ch person.Channel) bool { return ch == tried || slices.Contains(d.Channels, ch) })
}

// Settle notes what became of a duty and of its letters. A deferred duty stays owed; a failed one is for a person.
func (c *Chart) Settle(d message.Notification, outcome string, ends []message.DeliveryEnd, now time.Time) {
	waited := slices.ContainsFunc(c.Waits, func(w message.Wait) bool { return w.Notification == d.Key })
	switch {
	case outcome == message.ResultDeferred && slices.ContainsFunc(ends, func(e message.DeliveryEnd) bool { return e.Fault.Waits() }):
		c.wait(d, ends, now)
	case outcome != message.ResultDeferred:
		c.Waits = slices.DeleteFunc(c.Waits, func(w message.Wait) bool { return w.Notification == d.Key })
	}
	c.note(d.Key, outcome)
	lost := outcome == message.ResultExpired && (waited || message.MustArrive(d.Key)) && c.Handled[d.Key+"/"+message.FollowInstead] != message.ResultSent
	if lost || len(ends) == 0 && outcome == message.ResultFailed {
		c.raiseMessageFailed(d, now)
	}
	if outcome == message.ResultSuppressed && c.staffMustPhone(d) {
		c.raiseIssueDue("tell-client", d.Key, person.Coordinator, now, c.before(d, now))
	}
	reached := false
	for _, e := range ends {
		reached = reached || e.State == message.StateSent || e.State == message.StateDelivered
	}
	for _, e := range ends {
		c.deliveryEnded(d, e, reached || d.Of != "" && c.otherMayArrive(d.Key, e.Channel), now)
	}
	c.cappedFallback(d, ends, now)
	c.takeEarly(d, now)
	c.pruneFollowUps()
}

// deliveryEnded draws the conclusion from one letter's end.
func (c *Chart) deliveryEnded(d message.Notification, e message.DeliveryEnd, reached bool, now time.Time) {
	switch {
	case d.To != "": // to staff: their alert climbs by itself, and somebody hears that the mail did not go
		if e.State == message.StateUnknown || e.State == message.StateRejected {
			c.raiseMessageFailed(d, now)
		}
	case d.Look && e.State == message.StateUnknown: // looked for and not found, which proves nothing
	case d.Look:
		c.reported(message.DeliveryKey(c.ClientID, d.Of, e.Channel), e.State, e.Fault, now)
	case e.State == message.StateSent || e.State == message.StateDelivered:
		c.endIssue("channel-held", string(e.Channel))
		if e.Tracked && e.State == message.StateSent && e.Channel == person.SMS && len(d.Channels) == 1 {
			c.follow(d, message.FollowInstead, person.SMS, now.Add(silenceAfter))
		}
	case e.State == message.StateUnknown:
		if e.Channel == person.SMS && d.Of == "" {
			c.follow(d, message.FollowLook, person.SMS, now.Add(lookAfter))
		}
		c.lose(message.Origin(d), e.Channel)
		if !reached {
			c.fallBack(d, e.Channel, now.Add(insteadAfter), now, "message-unknown")
		}
	case e.State == message.StateRejected:
		c.deliveryFailed(d, e.Channel, e.Fault, reached, now)
	case e.State == message.StateSuppressed && e.Fault == message.FaultOptedOut: // somebody with the same number told us or the carrier
		c.deliveryFailed(d, e.Channel, e.Fault, reached, now)
	}
}

// deliveryFailed decides what follows a letter that surely did not reach the client.
func (c *Chart) deliveryFailed(d message.Notification, ch person.Channel, fault message.Fault, reached bool, now time.Time) {
	switch fault {
	case message.FaultAddress:
		if !c.bad(ch) {
			c.BadAddresses = append(c.BadAddresses, message.BadAddress{Channel: ch, At: now})
			c.raiseIssueDue("address-bad", string(ch), person.Coordinator, now, c.before(d, now))
		}
	case message.FaultOptedOut:
		c.stop(ch, now)
	case message.FaultTransient, message.FaultQuiet:
		at := c.laterOpen(now.Add(onceMoreAfter))
		if d.Of == "" && d.Until.Sub(at) >= roomForOnceMore {
			c.follow(d, message.FollowAgain, ch, at)
			return
		}
	case message.FaultConfiguration:
		c.raiseIssueDue("channel-held", string(ch), person.Coordinator, now, c.before(d, now))
	case message.FaultPerson:
		c.raiseMessageFailed(d, now)
		return
	case message.FaultStale:
		return // it had lost its use: nothing is to be made up for
	}
	c.lose(message.Origin(d), ch)
	if !reached {
		c.fallBack(d, ch, now, now, "message-failed")
	}
}

// fallBack has the other channel take over at a time, or a person when there is none, or no time.
func (c *Chart) fallBack(d message.Notification, tried person.Channel, at, now time.Time, task string) {
	if !message.LastResort(d) && len(c.otherChannels(c.originNotification(d), tried)) > 0 && c.laterOpen(at).Before(d.Until) {
		c.follow(d, message.FollowInstead, tried, at)
		return
	}
	c.raiseIssueDue(task, message.Origin(d), person.Coordinator, at, c.before(d, at))
}

func (c *Chart) follow(d message.Notification, do string, ch person.Channel, at time.Time) {
	if message.LastResort(d) {
		return
	}
	c.unfollow(message.Origin(d), ch, do)
	c.FollowUps = append(c.FollowUps, message.FollowUp{Of: message.Origin(d), Do: do, Channel: ch, At: at})
}

// unfollow drops follow-ups of a letter; without names, all of them.
func (c *Chart) unfollow(of string, ch person.Channel, do ...string) {
	c.FollowUps = slices.DeleteFunc(c.FollowUps, func(f message.FollowUp) bool {
		return f.Of == of && f.Channel == ch && (len(do) == 0 || slices.Contains(do, f.Do))
	})
}

// pruneFollowUps forgets what hangs on duties that are owed no more.
func (c *Chart) pruneFollowUps() {
	if len(c.FollowUps) == 0 && len(c.Waits) == 0 && len(c.Lost) == 0 {
		return
	}
	owed := c.allNotifications()
	gone := func(key string) bool {
		return !slices.ContainsFunc(owed, func(d message.Notification) bool { return d.Key == key })
	}
	c.FollowUps = slices.DeleteFunc(c.FollowUps, func(f message.FollowUp) bool { return gone(f.Of) || c.handled(f.Of+"/"+f.Do) })
	c.Waits = slices.DeleteFunc(c.Waits, func(w message.Wait) bool { return gone(message.OriginKey(w.Notification)) })
	c.pruneLost(gone)
}

func (c *Chart) handled(key string) bool {
	state, ok := c.Handled[key]
	return ok && state != message.ResultBegun
}

// wait puts a duty off: twice as long each time, at least as long as the provider asked, and with a last try before it
// loses its use.
func (c *Chart) wait(d message.Notification, ends []message.DeliveryEnd, now time.Time) {
	i := slices.IndexFunc(c.Waits, func(w message.Wait) bool { return w.Notification == d.Key })
	if i < 0 {
		c.Waits = append(c.Waits, message.Wait{Notification: d.Key})
		i = len(c.Waits) - 1
	}
	w := &c.Waits[i]
	pause := min(firstWait<<min(w.Tries, 10), longestWait)
	for _, e := range ends {
		pause = max(pause, e.RetryAfter)
		if e.Fault == message.FaultConfiguration {
			c.raiseIssueDue("channel-held", string(e.Channel), person.Coordinator, now, c.before(d, now))
		}
	}
	w.Tries++
	w.Until = now.Add(pause)
	if !w.Until.Before(d.Until) {
		if w.Until = d.Until.Add(-firstWait); !w.Until.After(now) {
			w.Until = d.Until // and then it has expired, which a person hears of
		}
	}
	if w.Tries == triesBeforeInstead && len(d.Channels) == 1 && len(c.otherChannels(d, d.Channels[0])) > 0 {
		c.follow(d, message.FollowInstead, d.Channels[0], now)
	}
}

// reported takes in what a provider says of a letter, by its key.
func (c *Chart) reported(msg, status string, fault message.Fault, now time.Time) {
	key, ch, ok := c.deliveryOf(msg)
	if !ok {
		return
	}
	if c.Handled[key] == message.ResultBegun {
		c.EarlyReports = append(c.EarlyReports, message.Early{Message: msg, Status: status, Fault: fault})
		return
	}
	of := message.OriginKey(key)
	i := slices.IndexFunc(c.allNotifications(), func(d message.Notification) bool { return d.Key == of })
	d := message.Notification{Key: of, Until: now}
	if i >= 0 {
		d = c.allNotifications()[i]
	}
	if key != of {
		d.Key, d.Of = key, of
	}
	if d.To != "" {
		if status == message.StateRejected {
			c.raiseMessageFailed(d, now)
		}
		return
	}
	switch status {
	case message.StateDelivered:
		c.found(of, ch)
		c.unfollow(of, ch)
		c.endIssue("message-unknown", of)
		if fault == message.FaultOptedOut {
			c.stop(ch, now)
		}
	case message.StateSent:
		c.found(of, ch)
		c.endIssue("message-unknown", of)
		c.unfollow(of, ch)
		if i >= 0 && ch == person.SMS && len(d.Channels) == 1 {
			c.follow(d, message.FollowInstead, ch, now.Add(silenceAfter))
		}
	case message.StateRejected:
		c.unfollow(of, ch)
		c.endIssue("message-unknown", of)
		c.deliveryFailed(d, ch, fault, i < 0 || c.otherMayArrive(key, ch), now)
	}
}

// takeEarly takes in what was reported while a duty was under way.
func (c *Chart) takeEarly(d message.Notification, now time.Time) {
	early := c.EarlyReports
	c.EarlyReports = nil
	for _, e := range early {
		if key, _, _ := c.deliveryOf(e.Message); key == d.Key {
			c.reported(e.Message, e.Status, e.Fault, now)
		} else {
			c.EarlyReports = append(c.EarlyReports, e)
		}
	}
}

// deliveryOf takes a letter's key apart: client/duty/channel.
func (c *Chart) deliveryOf(message string) (notification string, ch person.Channel, ok bool) {
	rest, ours := strings.CutPrefix(message, c.ClientID+"/")
	i := strings.LastIndex(rest, "/")
	if !ours || i < 0 {
		return "", "", false
	}
	return rest[:i], person.Channel(rest[i+1:]), true
}

// originNotification gives the duty that a duty follows, whose channels were tried too, or the duty itself.
func (c *Chart) originNotification(d message.Notification) message.Notification {
	if i := slices.IndexFunc(c.allNotifications(), func(o message.Notification) bool { return o.Key == message.Origin(d) }); i >= 0 {
		return c.allNotifications()[i]
	}
	return d
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
	c.raiseIssueDue("message-failed", message.Origin(d), person.Coordinator, now, c.before(d, now))
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
