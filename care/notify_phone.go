package care

import "kapflow/care/message"

// staffMustPhone: what was not sent because no message may reach the client is told by a person, if it still stands.
func (c *Chart) staffMustPhone(d message.Notification) bool {
	_, stands := find(c.allNotifications(), d.Key)
	return d.Skip == "" && stands && (d.Call || d.Key.Verb.MustArrive() && c.unreachable())
}
