package care

import (
	"time"

	"kapflow/care/clock"
)

// Open hours: clients are written to only inside the practice's window, by the client's own clock
// (message rule M23). A message due outside it moves earlier where it can, so that it is never too late.

func (c *Chart) window(t time.Time) clock.Window {
	if c.ClientZone.Local(t).Weekday() == time.Sunday {
		return c.Policy.Messages.SundayWindow
	}
	return c.Policy.Messages.Window
}

// opens and closes are the client's open hours on the calendar day of t.
func (c *Chart) opens(t time.Time) time.Time {
	return c.ClientZone.Clock(t, c.window(t).Open, 0)
}

func (c *Chart) closes(t time.Time) time.Time {
	if w := c.window(t); w.Close < 24 {
		return c.ClientZone.Clock(t, w.Close, 0)
	}
	return c.ClientZone.Clock(c.ClientZone.AddDays(t, 1), 0, 0)
}

func (c *Chart) isOpen(t time.Time) bool {
	return !t.Before(c.opens(t)) && t.Before(c.closes(t))
}

// closesAt is when the open hours that t falls into end.
func (c *Chart) closesAt(t time.Time) time.Time { return c.closes(t) }

// earlierOpen is t, or the last quarter of an hour before it that was inside open hours.
func (c *Chart) earlierOpen(t time.Time) time.Time {
	for day := t; ; day = c.ClientZone.AddDays(day, -1) {
		last := c.closes(day).Add(-15 * time.Minute)
		switch {
		case !t.Before(c.opens(day)) && t.Before(last):
			return t
		case !t.Before(c.opens(day)):
			return last
		}
	}
}

// laterOpen is t, or the first instant after it inside open hours.
func (c *Chart) laterOpen(t time.Time) time.Time {
	for day := t; ; day = c.ClientZone.AddDays(day, 1) {
		switch {
		case day.Equal(t) && c.isOpen(t):
			return t
		case c.opens(day).After(t):
			return c.opens(day)
		}
	}
}

// openHoursLater counts hours of open time from an open instant: four daytime hours after 18:00 are
// tomorrow's.
func (c *Chart) openHoursLater(t time.Time, hours int) time.Time {
	left := time.Duration(hours) * time.Hour
	t = c.laterOpen(t)
	for range 100 { // enough for any valid window; one that is never open must not stop a journey
		room := c.closes(t).Sub(t)
		if room >= left {
			return t.Add(left)
		}
		left -= room
		t = c.laterOpen(c.closes(t))
	}
	return t
}
