package clock

import (
	"slices"
	"time"
)

// Calendar says when a practice works: on Monday to Friday without its holidays, in its office hours, by the clock of
// its zone. The zero Office closes at midnight; callers give the hours.
type Calendar struct {
	Zone     Zone
	Holidays []string // days off besides Saturday and Sunday, written as 2027-01-31
	Office   Window   // of every working day; its end is closing time
}

// IsWorkingDay says whether the calendar day of t is a working day.
func (c Calendar) IsWorkingDay(t time.Time) bool {
	day := c.Zone.Local(t)
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !slices.Contains(c.Holidays, day.Format(time.DateOnly))
}

// Closing gives closing time on the calendar day of t, whether or not it is a working day.
func (c Calendar) Closing(t time.Time) time.Time {
	_, closes := c.Office.on(c.Zone, t)
	return closes
}

// AfterWorkingDays gives closing time of the n-th working day after the day of from. With n = 0 it gives closing time of
// that day itself.
func (c Calendar) AfterWorkingDays(from time.Time, n int) time.Time {
	day := c.Zone.Clock(from, 12, 0)
	for n > 0 {
		if day = c.Zone.AddDays(day, 1); c.IsWorkingDay(day) {
			n--
		}
	}
	return c.Closing(day)
}

// WorkingDayBefore gives closing time of the last working day before the day of t.
func (c Calendar) WorkingDayBefore(t time.Time) time.Time {
	day := c.Zone.AddDays(c.Zone.Clock(t, 12, 0), -1)
	for !c.IsWorkingDay(day) {
		day = c.Zone.AddDays(day, -1)
	}
	return c.Closing(day)
}

// CountWorkingDays counts the working days after the day of from, up to and with the day of to. It stops at most.
func (c Calendar) CountWorkingDays(from, to time.Time, most int) int {
	n, day, last := 0, c.Zone.Clock(from, 12, 0), c.Zone.Clock(to, 12, 0)
	for n < most && day.Before(last) {
		if day = c.Zone.AddDays(day, 1); c.IsWorkingDay(day) {
			n++
		}
	}
	return n
}

// DayEnd gives the closing time of the day of t, or of the next day when t is past closing. Weekends and holidays count,
// since there may be visits on them.
func (c Calendar) DayEnd(t time.Time) time.Time {
	if end := c.Closing(t); !end.Before(t) {
		return end
	}
	return c.Closing(c.Zone.AddDays(t, 1))
}

// IsOpen says whether t falls into office hours.
func (c Calendar) IsOpen(t time.Time) bool { return isOpen(c.hours, t) }

// LaterOpen gives t, or the first instant after it in office hours.
func (c Calendar) LaterOpen(t time.Time) time.Time { return laterOpen(c.Zone, c.hours, t) }

// AddOpenHours counts time in office hours: one hour from Friday 16:30 ends on Monday 9:30 when the office opens at 9
// and closes at 17.
func (c Calendar) AddOpenHours(t time.Time, d time.Duration) time.Time {
	return addOpenHours(c.Zone, c.hours, t, d)
}

func (c Calendar) hours(t time.Time) (opens, closes time.Time, ok bool) {
	opens, closes = c.Office.on(c.Zone, t)
	return opens, closes, c.IsWorkingDay(t)
}
