package clock

import "time"

// WorkingDays gives the same wall clock n working days (Monday to Friday) later, at the earliest 17:00
// practice time, so that a task is never due in the middle of the night.
func WorkingDays(z Zone, from time.Time, n int) time.Time {
	t := z.Clock(from, 17, 0)
	for n > 0 {
		t = z.AddDays(t, 1)
		if d := z.Local(t).Weekday(); d != time.Saturday && d != time.Sunday {
			n--
		}
	}
	return t
}

// DayEnd is the first end of a working day's hours (17:00) at or after an instant.
func DayEnd(z Zone, t time.Time) time.Time {
	if end := z.Clock(t, 17, 0); !end.Before(t) {
		return end
	}
	return z.Clock(z.AddDays(t, 1), 17, 0)
}
