package care

import (
	"time"

	"kapflow/care/message"
)

// Honours says whether a link still stands: not once its time is over or too many wrong second factors were given, its visit was moved,
// its channel was opted out of, or the client is to be left in peace.
func (c *Chart) Honours(l message.Link, now time.Time) bool {
	if !now.Before(l.ExpiresAt) || l.TriesLeft <= 0 {
		return false
	}
	if c.Closing != nil && c.Closing.Silent || !c.Consent(l.Channel).Granted {
		return false
	}
	v := c.Visit(l.About)
	return v == nil || v.Version == l.Version
}
