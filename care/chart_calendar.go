package care

import (
	"time"

	"kapflow/care/clock"
)

// officeCalendar is when people at the practice do desk work: Monday to Friday in the practice's own office hours, by its
// clock. Federal holidays are working days here: the practice file does not say whether the practice closes on them.
func (c *Chart) officeCalendar() clock.Calendar {
	return clock.Calendar{Zone: c.Zone, Office: c.Policy.Alerts.Office()}
}

// legalDay is the day's end in federal rules. It does not follow the practice's hours: a legal clock must not move when a
// practice opens longer.
var legalDay = clock.Window{Open: 9, Close: 17}

// legalCalendar is the business days of federal rules: Monday to Friday without the federal holidays that the policy
// carries.
func (c *Chart) legalCalendar() clock.Calendar {
	return clock.Calendar{Zone: c.Zone, Holidays: c.Policy.Money.Holidays, Office: legalDay}
}

// messageHours are the hours in which the client is written to, by the client's own clock (message rule M23).
func (c *Chart) messageHours() clock.OpenHours {
	return clock.OpenHours{Zone: c.ClientZone, Weekday: c.Policy.Messages.Window, Sunday: c.Policy.Messages.SundayWindow}
}

// afterWorkingDays gives the practice's closing time on the n-th working day after a day: when desk work is due.
func (c *Chart) afterWorkingDays(from time.Time, n int) time.Time {
	return c.officeCalendar().AfterWorkingDays(from, n)
}

// afterBusinessDays gives the end of the n-th business day of federal rules after a day.
func (c *Chart) afterBusinessDays(from time.Time, n int) time.Time {
	return c.legalCalendar().AfterWorkingDays(from, n)
}

// businessDayBefore gives the end of the last business day of federal rules before a day.
func (c *Chart) businessDayBefore(at time.Time) time.Time {
	return c.legalCalendar().WorkingDayBefore(at)
}

// deskDayBefore gives the practice's closing time on the last business day before a day: what a person must do ahead of
// a visit is due then.
func (c *Chart) deskDayBefore(at time.Time) time.Time {
	calendar := c.legalCalendar()
	calendar.Office = c.Policy.Alerts.Office()
	return calendar.WorkingDayBefore(at)
}
