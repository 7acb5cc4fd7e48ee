package care

import (
	"slices"

	"kapflow/care/message"
	"kapflow/care/person"
)

// A notification that goes out both ways is done when one of its deliveries arrives, and the two do not end together: what
// was lost on one channel is remembered until the notification is owed no more, so that losing the other is noticed (field
// case 55).

// lose notes that a delivery did not arrive, as far as anybody knows.
func (c *Chart) lose(of message.Key, ch person.Channel) {
	if !slices.Contains(c.Lost, of.On(ch)) {
		c.Lost = append(c.Lost, of.On(ch))
	}
}

// loseClosed notes on which channels a notification was not sent because they were closed: one that opens later brought
// nothing.
func (c *Chart) loseClosed(d message.Notification) {
	for _, ch := range []person.Channel{person.SMS, person.Email} {
		if d.To == "" && !slices.Contains(d.Channels, ch) && len(c.allowed([]person.Channel{ch})) == 0 {
			c.lose(d.Key.Origin(), ch)
		}
	}
}

// found takes that back.
func (c *Chart) found(of message.Key, ch person.Channel) {
	c.Lost = slices.DeleteFunc(c.Lost, func(k message.ChannelKey) bool { return k == of.On(ch) })
}

// otherMayArrive says whether what a delivery says may reach the client by another delivery of the same notification. What
// went the other way did so because the first one was lost.
func (c *Chart) otherMayArrive(key message.Key, ch person.Channel) bool {
	of, owed := find(c.allNotifications(), key.Origin())
	if !owed || key.Follow == message.FollowInstead {
		return false
	}
	return slices.ContainsFunc(c.allowed(of.Channels), func(other person.Channel) bool {
		return other != ch && !slices.Contains(c.Lost, of.Key.On(other))
	})
}

// pruneLost forgets the deliveries of notifications that are owed no more.
func (c *Chart) pruneLost(gone func(key message.Key) bool) {
	c.Lost = slices.DeleteFunc(c.Lost, func(k message.ChannelKey) bool { return gone(k.Notification) })
}
