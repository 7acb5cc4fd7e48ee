package care

import (
	"slices"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// What follows a letter whose end is not the one that was meant (05-messages 1.4, 1.5): it is looked up, sent once
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

// DeliveryEnd is what the sender's answer tells of one letter.
type DeliveryEnd struct {
	Channel    person.Channel `json:"channel"`
	State      string         `json:"state"` // as in the register; planned: kept for another try
	Fault      Fault          `json:"fault,omitempty"`
	Tracked    bool           `json:"tracked,omitempty"`     // its provider will report what becomes of it
	RetryAfter time.Duration  `json:"retry_after,omitempty"` // nanoseconds, as the provider asked
}

// FollowUp is what is still to be done about a letter.
type FollowUp struct {
	Of      string         `json:"of"`      // key of the duty it was sent for
	Do      string         `json:"do"`      // look, again, instead
	Channel person.Channel `json:"channel"` // on which it was sent
	At      time.Time      `json:"at"`
}

// The things a FollowUp can ask for; each is the last part of its duty's key.
const (
	followLook    = "look"
	followAgain   = "again"
	followInstead = "instead"
)

// Wait keeps a duty whose letter could not leave for a reason that passes.
type Wait struct {
	Notification string    `json:"duty"`
	Until        time.Time `json:"until"`
	Tries        int       `json:"tries"`
}

// BadAddress says that nobody is reached on a channel, until the address changes.
type BadAddress struct {
	Channel person.Channel `json:"channel"`
	At      time.Time      `json:"at"`
}

// Early is a report that came while its letter was still being sent: it is taken in with the sender's own answer.
type Early struct {
	Message string `json:"message"`
	Status  string `json:"status"`
	Fault   Fault  `json:"fault,omitempty"`
}

// followUps makes duties of what is to be done about letters. A follow-up lives as long as the duty it follows: a
// visit that moved takes its own with it.
func (c *Chart) followUps(owed []Notification) (out []Notification) {
	for _, f := range c.FollowUps {
		i := slices.IndexFunc(owed, func(d Notification) bool { return d.Key == f.Of })
		if i < 0 {
			continue
		}
		d := owed[i]
		d.Key, d.Of, d.At, d.Channels = f.Of+"/"+f.Do, f.Of, f.At, []person.Channel{f.Channel}
		switch f.Do {
		case followLook:
			d.Look, d.Words = true, "Look for a text: "+wording.LowerFirst(d.Words)
		case followAgain:
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
func (c *Chart) waiting(list []Notification) {
	for i := range list {
		for _, w := range c.Waits {
			if w.Notification == list[i].Key && w.Until.After(list[i].At) {
				list[i].At = w.Until
			}
		}
	}
}

// otherChannels gives the ways of reaching the client that a duty has not tried.
func (c *Chart) otherChannels(d Notification, tried person.Channel) []person.Channel {
	return slices.DeleteFunc(c.allowed([]person.Channel{person.SMS, person.Email}), func(ch person.Channel) bool { return ch == tried || slices.Contains(d.Channels, ch) })
}

// Settle notes what became of a duty and of its letters. A deferred duty stays owed; a failed one is for a person.
func (c *Chart) Settle(d Notification, outcome string, ends []DeliveryEnd, now time.Time) {
	waited := slices.ContainsFunc(c.Waits, func(w Wait) bool { return w.Notification == d.Key })
	switch {
	case outcome == ResultDeferred && slices.ContainsFunc(ends, func(e DeliveryEnd) bool { return e.Fault.Waits() }):
		c.wait(d, ends, now)
	case outcome != ResultDeferred:
		c.Waits = slices.DeleteFunc(c.Waits, func(w Wait) bool { return w.Notification == d.Key })
	}
	c.note(d.Key, outcome)
	lost := outcome == ResultExpired && (waited || mustArrive(d.Key)) && c.Handled[d.Key+"/"+followInstead] != ResultSent
	if lost || len(ends) == 0 && outcome == ResultFailed {
		c.raiseMessageFailed(d, now)
	}
	if outcome == ResultSuppressed && c.staffMustPhone(d) {
		c.raiseIssueDue("tell-client", d.Key, person.Coordinator, now, c.before(d, now))
	}
	reached := false
	for _, e := range ends {
		reached = reached || e.State == StateSent || e.State == StateDelivered
	}
	for _, e := range ends {
		c.deliveryEnded(d, e, reached || d.Of != "" && c.otherMayArrive(d.Key, e.Channel), now)
	}
	c.cappedFallback(d, ends, now)
	c.takeEarly(d, now)
	c.pruneFollowUps()
}

// deliveryEnded draws the conclusion from one letter's end.
func (c *Chart) deliveryEnded(d Notification, e DeliveryEnd, reached bool, now time.Time) {
	switch {
	case d.To != "": // to staff: their alert climbs by itself, and somebody hears that the mail did not go
		if e.State == StateUnknown || e.State == StateRejected {
			c.raiseMessageFailed(d, now)
		}
	case d.Look && e.State == StateUnknown: // looked for and not found, which proves nothing
	case d.Look:
		c.reported(DeliveryKey(c.ClientID, d.Of, e.Channel), e.State, e.Fault, now)
	case e.State == StateSent || e.State == StateDelivered:
		c.endIssue("channel-held", string(e.Channel))
		if e.Tracked && e.State == StateSent && e.Channel == person.SMS && len(d.Channels) == 1 {
			c.follow(d, followInstead, person.SMS, now.Add(silenceAfter))
		}
	case e.State == StateUnknown:
		if e.Channel == person.SMS && d.Of == "" {
			c.follow(d, followLook, person.SMS, now.Add(lookAfter))
		}
		c.lose(origin(d), e.Channel)
		if !reached {
			c.fallBack(d, e.Channel, now.Add(insteadAfter), now, "message-unknown")
		}
	case e.State == StateRejected:
		c.deliveryFailed(d, e.Channel, e.Fault, reached, now)
	case e.State == StateSuppressed && e.Fault == FaultOptedOut: // somebody with the same number told us or the carrier
		c.deliveryFailed(d, e.Channel, e.Fault, reached, now)
	}
}

// deliveryFailed decides what follows a letter that surely did not reach the client.
func (c *Chart) deliveryFailed(d Notification, ch person.Channel, fault Fault, reached bool, now time.Time) {
	switch fault {
	case FaultAddress:
		if !c.bad(ch) {
			c.BadAddresses = append(c.BadAddresses, BadAddress{Channel: ch, At: now})
			c.raiseIssueDue("address-bad", string(ch), person.Coordinator, now, c.before(d, now))
		}
	case FaultOptedOut:
		c.stop(ch, now)
	case FaultTransient, FaultQuiet:
		at := c.laterOpen(now.Add(onceMoreAfter))
		if d.Of == "" && d.Until.Sub(at) >= roomForOnceMore {
			c.follow(d, followAgain, ch, at)
			return
		}
	case FaultConfiguration:
		c.raiseIssueDue("channel-held", string(ch), person.Coordinator, now, c.before(d, now))
	case FaultPerson:
		c.raiseMessageFailed(d, now)
		return
	case FaultStale:
		return // it had lost its use: nothing is to be made up for
	}
	c.lose(origin(d), ch)
	if !reached {
		c.fallBack(d, ch, now, now, "message-failed")
	}
}

// fallBack has the other channel take over at a time, or a person when there is none, or no time.
func (c *Chart) fallBack(d Notification, tried person.Channel, at, now time.Time, task string) {
	if !lastResort(d) && len(c.otherChannels(c.originNotification(d), tried)) > 0 && c.laterOpen(at).Before(d.Until) {
		c.follow(d, followInstead, tried, at)
		return
	}
	c.raiseIssueDue(task, origin(d), person.Coordinator, at, c.before(d, at))
}

func (c *Chart) follow(d Notification, do string, ch person.Channel, at time.Time) {
	if lastResort(d) {
		return
	}
	c.unfollow(origin(d), ch, do)
	c.FollowUps = append(c.FollowUps, FollowUp{Of: origin(d), Do: do, Channel: ch, At: at})
}

// lastResort: what went the other way already is followed by a person, not by more letters.
func lastResort(d Notification) bool { return strings.HasSuffix(d.Key, "/"+followInstead) }

// unfollow drops follow-ups of a letter; without names, all of them.
func (c *Chart) unfollow(of string, ch person.Channel, do ...string) {
	c.FollowUps = slices.DeleteFunc(c.FollowUps, func(f FollowUp) bool {
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
		return !slices.ContainsFunc(owed, func(d Notification) bool { return d.Key == key })
	}
	c.FollowUps = slices.DeleteFunc(c.FollowUps, func(f FollowUp) bool { return gone(f.Of) || c.handled(f.Of+"/"+f.Do) })
	c.Waits = slices.DeleteFunc(c.Waits, func(w Wait) bool { return gone(originKey(w.Notification)) })
	c.pruneLost(gone)
}

func (c *Chart) handled(key string) bool {
	state, ok := c.Handled[key]
	return ok && state != resultBegun
}

// wait puts a duty off: twice as long each time, at least as long as the provider asked, and with a last try before it
// loses its use.
func (c *Chart) wait(d Notification, ends []DeliveryEnd, now time.Time) {
	i := slices.IndexFunc(c.Waits, func(w Wait) bool { return w.Notification == d.Key })
	if i < 0 {
		c.Waits = append(c.Waits, Wait{Notification: d.Key})
		i = len(c.Waits) - 1
	}
	w := &c.Waits[i]
	pause := min(firstWait<<min(w.Tries, 10), longestWait)
	for _, e := range ends {
		pause = max(pause, e.RetryAfter)
		if e.Fault == FaultConfiguration {
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
		c.follow(d, followInstead, d.Channels[0], now)
	}
}

// reported takes in what a provider says of a letter, by its key.
func (c *Chart) reported(message, status string, fault Fault, now time.Time) {
	key, ch, ok := c.deliveryOf(message)
	if !ok {
		return
	}
	if c.Handled[key] == resultBegun {
		c.EarlyReports = append(c.EarlyReports, Early{Message: message, Status: status, Fault: fault})
		return
	}
	of := originKey(key)
	i := slices.IndexFunc(c.allNotifications(), func(d Notification) bool { return d.Key == of })
	d := Notification{Key: of, Until: now}
	if i >= 0 {
		d = c.allNotifications()[i]
	}
	if key != of {
		d.Key, d.Of = key, of
	}
	if d.To != "" {
		if status == StateRejected {
			c.raiseMessageFailed(d, now)
		}
		return
	}
	switch status {
	case StateDelivered:
		c.found(of, ch)
		c.unfollow(of, ch)
		c.endIssue("message-unknown", of)
		if fault == FaultOptedOut {
			c.stop(ch, now)
		}
	case StateSent:
		c.found(of, ch)
		c.endIssue("message-unknown", of)
		c.unfollow(of, ch)
		if i >= 0 && ch == person.SMS && len(d.Channels) == 1 {
			c.follow(d, followInstead, ch, now.Add(silenceAfter))
		}
	case StateRejected:
		c.unfollow(of, ch)
		c.endIssue("message-unknown", of)
		c.deliveryFailed(d, ch, fault, i < 0 || c.otherMayArrive(key, ch), now)
	}
}

// takeEarly takes in what was reported while a duty was under way.
func (c *Chart) takeEarly(d Notification, now time.Time) {
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

// originKey gives the key of the duty that a duty's key follows, or the key itself.
func originKey(key string) string {
	for _, do := range []string{followLook, followAgain, followInstead} {
		if of, follows := strings.CutSuffix(key, "/"+do); follows {
			return of
		}
	}
	return key
}

func origin(d Notification) string { return originKey(d.Key) }

// originNotification gives the duty that a duty follows, whose channels were tried too, or the duty itself.
func (c *Chart) originNotification(d Notification) Notification {
	if i := slices.IndexFunc(c.allNotifications(), func(o Notification) bool { return o.Key == origin(d) }); i >= 0 {
		return c.allNotifications()[i]
	}
	return d
}

func (c *Chart) bad(ch person.Channel) bool {
	return slices.ContainsFunc(c.BadAddresses, func(b BadAddress) bool { return b.Channel == ch })
}

// stop ends a channel as the receiver's own STOP does, and has a person find out how to reach them.
func (c *Chart) stop(ch person.Channel, now time.Time) {
	for i := range c.Consents {
		if x := &c.Consents[i]; x.Channel == ch && x.Granted {
			x.Granted, x.Stopped, x.At = false, true, now
			c.raiseIssueDue("channel-lost", string(ch), person.Coordinator, now, clock.WorkingDays(c.Zone, now, 1))
		}
	}
}

// raiseMessageFailed asks a person to tell the client themselves.
func (c *Chart) raiseMessageFailed(d Notification, now time.Time) {
	c.raiseIssueDue("message-failed", origin(d), person.Coordinator, now, c.before(d, now))
}

// before is the deadline for a person who stands in for a message: the practice's next evening, and well before the
// visit that it speaks of.
func (c *Chart) before(d Notification, now time.Time) time.Time {
	due := clock.WorkingDays(c.Zone, now, 1)
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
