package clock

import "time"

// Window is a stretch of the day in whole hours, from Open up to Close. Close may be 24, which is midnight.
type Window struct {
	Open  int `json:"open"`
	Close int `json:"close"`
}

// on gives the instants at which the window opens and closes on the calendar day of t.
func (w Window) on(z Zone, t time.Time) (opens, closes time.Time) {
	opens = z.Clock(t, w.Open, 0)
	if w.Close < 24 {
		return opens, z.Clock(t, w.Close, 0)
	}
	return opens, z.Clock(z.AddDays(t, 1), 0, 0)
}

// dayHours gives the open hours on the calendar day of t. ok is false for a day without any.
type dayHours func(t time.Time) (opens, closes time.Time, ok bool)

func isOpen(hours dayHours, t time.Time) bool {
	opens, closes, ok := hours(t)
	return ok && !t.Before(opens) && t.Before(closes)
}

// laterOpen gives t, or the first instant after it that is open.
func laterOpen(z Zone, hours dayHours, t time.Time) time.Time {
	for day := t; ; day = z.AddDays(day, 1) {
		opens, closes, ok := hours(day)
		switch {
		case !ok:
		case opens.After(t):
			return opens
		case t.Before(closes):
			return t
		}
	}
}

// longestCount is how many stretches of open hours addOpenHours goes through. It is enough for any valid window; a window
// that is never open must not stop a journey.
const longestCount = 100

// addOpenHours gives the instant at which d has passed since t, counted in open hours only.
func addOpenHours(z Zone, hours dayHours, t time.Time, d time.Duration) time.Time {
	t = laterOpen(z, hours, t)
	for range longestCount {
		_, closes, _ := hours(t)
		room := closes.Sub(t)
		if room >= d {
			return t.Add(d)
		}
		d -= room
		t = laterOpen(z, hours, closes)
	}
	return t
}
