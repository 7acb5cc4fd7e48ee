package care

import (
	"slices"

	"kapflow/care/message"
	"kapflow/care/person"
)

// Caps: how many texts of the practice's own accord a client gets in a day and in any seven days (message rule M24). They
// hold back reminders, instructions and invitations. What a client has to know (a visit booked, moved, called off,
// missed, uncertain), what is owed for their safety, the crisis text, a code they asked for and every email are not held
// back and are not counted.

// IfCapped gives the ways a text goes at once when a cap holds it back, so that it costs no sending of its own.
func (c *Chart) IfCapped(d message.Notification) []person.Channel {
	p := c.Policy.Messages
	if p.TextsPerDay == 0 && p.TextsPerWeek == 0 || !d.Capped() || d.Of != (message.Key{}) || !slices.Equal(d.Channels, []person.Channel{person.SMS}) {
		return nil
	}
	return c.otherChannels(d, person.SMS)
}
