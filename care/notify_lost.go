package care

import (
	"slices"
	"strings"

	"kapflow/care/message"
	"kapflow/care/person"
)

// A duty that goes out both ways is done when one of its letters arrives, and neither end comes with the other: what
// was lost on one channel is remembered until the duty is owed no more, so that losing the other is noticed (field case 55).

// lose notes that a letter of a duty did not arrive, as far as anybody knows.
func (c *Chart) lose(of string, ch person.Channel) {
	if delivery := of + "/" + string(ch); !slices.Contains(c.Lost, delivery) {
		c.Lost = append(c.Lost, delivery)
	}
}

// found takes that back.
func (c *Chart) found(of string, ch person.Channel) {
	c.Lost = slices.DeleteFunc(c.Lost, func(delivery string) bool { return delivery == of+"/"+string(ch) })
}

// otherMayArrive says whether what a letter says may reach the client by another letter of the same duty. What went the
// other way did so because the first one was lost.
func (c *Chart) otherMayArrive(key string, ch person.Channel) bool {
	of := message.OriginKey(key)
	i := slices.IndexFunc(c.allNotifications(), func(d message.Notification) bool { return d.Key == of })
	if i < 0 || strings.HasSuffix(key, "/"+message.FollowInstead) {
		return false
	}
	return slices.ContainsFunc(c.allowed(c.allNotifications()[i].Channels), func(other person.Channel) bool {
		return other != ch && !slices.Contains(c.Lost, of+"/"+string(other))
	})
}

// pruneLost forgets the letters of duties that are owed no more.
func (c *Chart) pruneLost(gone func(key string) bool) {
	c.Lost = slices.DeleteFunc(c.Lost, func(delivery string) bool { return gone(delivery[:strings.LastIndex(delivery, "/")]) })
}
