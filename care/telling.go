package care

import (
	"slices"

	"kapflow/care/message"
)

// staffMustPhone: what was not sent because no message may reach the client is told by a person, if it still stands.
func (c *Chart) staffMustPhone(d message.Notification) bool {
	stands := slices.ContainsFunc(c.allNotifications(), func(o message.Notification) bool { return o.Key == d.Key })
	return d.Skip == "" && stands && (d.Call || message.MustArrive(d.Key) && c.unreachable())
}
