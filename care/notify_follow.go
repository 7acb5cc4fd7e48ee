package care

import (
	"slices"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

const (
	roomForOnceMore    = 30 * time.Minute // of use that a text must have left to be sent once more
	firstWait          = time.Minute      // until a held delivery is tried again; each wait is twice the one before
	longestWait        = 30 * time.Minute
	triesBeforeInstead = 5 // after which, some twenty minutes on, the other channel takes over from a held text
)

// followUps makes notifications of what is to be done about deliveries. A follow-up lives as long as the notification it follows: a
// visit that moved takes its own with it.
func (c *Chart) followUps(owed []message.Notification) (out []message.Notification) {
	for _, f := range c.FollowUps {
		of, still := find(owed, f.Of)
		if !still {
			continue
		}
		d := of
		d.Key, d.Of, d.At, d.Channels = f.Of.Then(f.Do), f.Of, f.At, []person.Channel{f.Channel}
		switch f.Do {
		case message.FollowLook:
			d.Look, d.Words = true, "Look for a text: "+wording.LowerFirst(d.Words)
		case message.FollowAgain:
			if d.Channels = c.allowed(d.Channels); len(d.Channels) == 0 {
				d.Channels = c.otherChannels(of, f.Channel)
			}
			d.Words += ", once more"
		default:
			d.Channels, d.Words = c.otherChannels(of, f.Channel), d.Words+", the other way"
		}
		d.Call = false
		if !d.Look {
			d.At, d.Call = c.laterOpen(d.At), len(d.Channels) == 0 // the way to the client was lost meanwhile: a person calls
		}
		if i := slices.IndexFunc(out, func(x message.Notification) bool { return x.Key == d.Key }); i >= 0 {
			out[i].Channels, out[i].Call = append(out[i].Channels, d.Channels...), out[i].Call && d.Call // of both channels
			continue
		}
		out = append(out, d)
	}
	return out
}

// waiting moves notifications that were put off to the time of their next try.
func (c *Chart) waiting(list []message.Notification) {
	for i := range list {
		for _, w := range c.Waits {
			if w.Notification == list[i].Key && w.Until.After(list[i].At) {
				list[i].At = w.Until
			}
		}
	}
}

// follow notes what is to be done about a notification's delivery. What went the other way already is followed by a person,
// not by more messages.
func (c *Chart) follow(d message.Notification, do message.Follow, ch person.Channel, at time.Time) {
	if d.Key.Follow == message.FollowInstead {
		return
	}
	of := d.Key.Origin()
	c.unfollow(of, ch, do)
	c.FollowUps = append(c.FollowUps, message.FollowUp{Of: of, Do: do, Channel: ch, At: at})
}

// unfollow drops follow-ups of a delivery; without names, all of them.
func (c *Chart) unfollow(of message.Key, ch person.Channel, do ...message.Follow) {
	c.FollowUps = slices.DeleteFunc(c.FollowUps, func(f message.FollowUp) bool {
		return f.Of == of && f.Channel == ch && (len(do) == 0 || slices.Contains(do, f.Do))
	})
}

// dropInstead drops what was to take over from a notification.
func (c *Chart) dropInstead(of message.Key) {
	c.FollowUps = slices.DeleteFunc(c.FollowUps, func(f message.FollowUp) bool { return f.Of == of && f.Do == message.FollowInstead })
}

// pruneFollowUps forgets what hangs on notifications that are owed no more.
func (c *Chart) pruneFollowUps() {
	if len(c.FollowUps) == 0 && len(c.Waits) == 0 && len(c.Lost) == 0 {
		return
	}
	owed := c.allNotifications()
	gone := func(key message.Key) bool {
		_, still := find(owed, key)
		return !still
	}
	c.FollowUps = slices.DeleteFunc(c.FollowUps, func(f message.FollowUp) bool { return gone(f.Of) || c.handled(f.Of.Then(f.Do)) })
	c.Waits = slices.DeleteFunc(c.Waits, func(w message.Wait) bool { return gone(w.Notification.Origin()) })
	c.pruneLost(gone)
}

// tookOver says whether the other channel took over from a notification that still waited for its own: what was told there is
// not told again when the first channel works. If that failed too, the first one is tried on.
func (c *Chart) tookOver(d message.Notification) bool {
	if d.Of != (message.Key{}) || d.To != "" {
		return false
	}
	switch c.Handled[d.Key.Then(message.FollowInstead)] {
	case message.ResultBegun, message.ResultSent, message.ResultUnknown:
		return true
	}
	return false
}

// oneWay drops what was to go the other way when the notification itself goes that way by now, because ordinary texts wait.
func (c *Chart) oneWay(list []message.Notification) []message.Notification {
	return slices.DeleteFunc(list, func(d message.Notification) bool {
		if d.Key.Follow != message.FollowInstead {
			return false
		}
		of, owed := find(list, d.Of)
		return owed && slices.ContainsFunc(d.Channels, func(ch person.Channel) bool { return slices.Contains(of.Channels, ch) })
	})
}

func (c *Chart) handled(key message.Key) bool {
	result, ok := c.Handled[key]
	return ok && result != message.ResultBegun
}

// waits says whether a delivery of the notification could not leave for a reason that passes.
func (c *Chart) waits(key message.Key) bool {
	return slices.ContainsFunc(c.Waits, func(w message.Wait) bool { return w.Notification == key && w.Tries > 0 })
}

func (c *Chart) endWait(key message.Key) {
	c.Waits = slices.DeleteFunc(c.Waits, func(w message.Wait) bool { return w.Notification == key })
}

// putOff puts a notification off that nobody tried to send, for the open hours were over by the worker's clock. By the journey's they may
// not be: without a pause it would ask again at once.
func (c *Chart) putOff(d message.Notification, now time.Time) {
	c.waitOf(d.Key).Until = now.Add(firstWait)
}

// waitOf gives the wait of a notification, a new one if there is none.
func (c *Chart) waitOf(key message.Key) *message.Wait {
	i := slices.IndexFunc(c.Waits, func(w message.Wait) bool { return w.Notification == key })
	if i < 0 {
		c.Waits = append(c.Waits, message.Wait{Notification: key})
		i = len(c.Waits) - 1
	}
	return &c.Waits[i]
}

// wait puts a notification off: twice as long each time, at least as long as the provider asked, and with a last try before it
// loses its use.
func (c *Chart) wait(d message.Notification, ends []message.DeliveryEnd, now time.Time) {
	w := c.waitOf(d.Key)
	pause := min(firstWait<<min(w.Tries, 10), longestWait)
	for _, e := range ends {
		pause = max(pause, e.RetryAfter)
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
