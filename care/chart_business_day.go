package care

import (
	"slices"
	"time"
)

// Business days are those of federal rules: Monday to Friday without the federal holidays that the policy carries.

func (c *Chart) businessDay(t time.Time) bool {
	day := c.Zone.Local(t)
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday &&
		!slices.Contains(c.Policy.Money.Holidays, day.Format(time.DateOnly))
}

// afterBusinessDays is the end (17:00) of the n-th business day after a day.
func (c *Chart) afterBusinessDays(from time.Time, n int) time.Time {
	t := c.Zone.Clock(from, 17, 0)
	for n > 0 {
		if t = c.Zone.AddDays(t, 1); c.businessDay(t) {
			n--
		}
	}
	return t
}

// businessDayBefore is the end (17:00) of the last business day before a day.
func (c *Chart) businessDayBefore(at time.Time) time.Time {
	t := c.Zone.AddDays(c.Zone.Clock(at, 17, 0), -1)
	for !c.businessDay(t) {
		t = c.Zone.AddDays(t, -1)
	}
	return t
}

// businessDaysAhead counts the business days after one day up to and with another, as far as 10.
func (c *Chart) businessDaysAhead(from, to time.Time) int {
	n, t, last := 0, c.Zone.Clock(from, 12, 0), c.Zone.Clock(to, 12, 0)
	for n < 10 && t.Before(last) {
		if t = c.Zone.AddDays(t, 1); c.businessDay(t) {
			n++
		}
	}
	return n
}
