package care

import "slices"

// staffMustPhone: what was not sent because no message may reach the client is told by a person, if it still stands.
func (c *Chart) staffMustPhone(d Notification) bool {
	stands := slices.ContainsFunc(c.allNotifications(), func(o Notification) bool { return o.Key == d.Key })
	return d.Skip == "" && stands && (d.Call || mustArrive(d.Key) && c.unreachable())
}
