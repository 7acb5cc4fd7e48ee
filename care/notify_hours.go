package care

import "time"

// Clients are written to only inside the practice's window, by the client's own clock (message rule M23). A message due
// outside it moves earlier where it can, so that it is never too late.

// opens gives when the client's open hours begin on the calendar day of t.
func (c *Chart) opens(t time.Time) time.Time { return c.messageHours().Opens(t) }

// closesAt gives when the open hours end that t falls into.
func (c *Chart) closesAt(t time.Time) time.Time { return c.messageHours().Closes(t) }

// isOpen says whether the client may be written to at t.
func (c *Chart) isOpen(t time.Time) bool { return c.messageHours().IsOpen(t) }

// earlierOpen gives t, or the last quarter of an hour before it inside open hours.
func (c *Chart) earlierOpen(t time.Time) time.Time { return c.messageHours().EarlierOpen(t) }

// laterOpen gives t, or the first instant after it inside open hours.
func (c *Chart) laterOpen(t time.Time) time.Time { return c.messageHours().LaterOpen(t) }

// openHoursLater counts hours of open time: four daytime hours after 18:00 end on the next day.
func (c *Chart) openHoursLater(t time.Time, hours int) time.Time {
	return c.messageHours().AddOpenHours(t, time.Duration(hours)*time.Hour)
}
