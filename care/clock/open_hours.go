package clock

import "time"

// OpenHours are the hours in which a client may be written to, by the client's own clock: every day, with other hours on
// Sundays.
type OpenHours struct {
	Zone            Zone
	Weekday, Sunday Window
}

// lastBefore is how long before closing something is due that moved back into open hours.
const lastBefore = 15 * time.Minute

// Opens gives when the hours begin on the calendar day of t.
func (o OpenHours) Opens(t time.Time) time.Time {
	opens, _, _ := o.hours(t)
	return opens
}

// Closes gives when the hours end on the calendar day of t.
func (o OpenHours) Closes(t time.Time) time.Time {
	_, closes, _ := o.hours(t)
	return closes
}

// IsOpen says whether t falls into the hours.
func (o OpenHours) IsOpen(t time.Time) bool { return isOpen(o.hours, t) }

// EarlierOpen gives t, or the last quarter of an hour before it that was inside the hours.
func (o OpenHours) EarlierOpen(t time.Time) time.Time {
	for day := t; ; day = o.Zone.AddDays(day, -1) {
		opens, closes, _ := o.hours(day)
		last := closes.Add(-lastBefore)
		switch {
		case t.Before(opens):
		case t.Before(last):
			return t
		default:
			return last
		}
	}
}

// LaterOpen gives t, or the first instant after it inside the hours.
func (o OpenHours) LaterOpen(t time.Time) time.Time { return laterOpen(o.Zone, o.hours, t) }

// AddOpenHours counts time inside the hours: four hours from 18:00 end in the next morning when the hours end at 20:00.
func (o OpenHours) AddOpenHours(t time.Time, d time.Duration) time.Time {
	return addOpenHours(o.Zone, o.hours, t, d)
}

func (o OpenHours) hours(t time.Time) (opens, closes time.Time, ok bool) {
	w := o.Weekday
	if o.Zone.Local(t).Weekday() == time.Sunday {
		w = o.Sunday
	}
	opens, closes = w.on(o.Zone, t)
	return opens, closes, true
}
