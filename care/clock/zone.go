// Package clock does wall-clock arithmetic as pure functions of their arguments: time zones as data, windows of the day, and
// the working days of a practice. It reads no system clock and no zone database, so a replay years later computes the same
// instants.
package clock

import (
	"errors"
	"fmt"
	"time"
)

// Zone is a time zone as data: the offsets in force over the years a course can last. A chart carries
// its zones, so that a replay years later computes the same instants although the operating system's
// zone database has changed since (docs/adr/0003).
type Zone struct {
	Name  string     `json:"name"`
	Spans []ZoneSpan `json:"spans"`
}

// ZoneSpan is one stretch of constant offset. It lasts from From (Unix seconds) to the next span; the
// last one has no end.
type ZoneSpan struct {
	From   int64  `json:"from"`
	Offset int    `json:"offset"` // seconds east of UTC
	Abbr   string `json:"abbr"`
}

// Errors of Zone.At.
var (
	ErrNoSuchTime = errors.New("the clocks go forward then, so this time does not exist that day")
	ErrTwiceTime  = errors.New("the clocks go back then, so this time happens twice that day; write it with its offset, such as 2027-11-07T01:30:00-06:00")
)

// ZoneOf reads the spans of a location from a year before the given instant to six years after it. The
// caller loads the location: package care reads no zone database.
func ZoneOf(loc *time.Location, around time.Time) Zone {
	z := Zone{Name: loc.String()}
	at, last := around.AddDate(-1, 0, 0).In(loc), around.AddDate(6, 0, 0)
	for {
		abbr, offset := at.Zone()
		_, end := at.ZoneBounds()
		z.Spans = append(z.Spans, ZoneSpan{From: at.Unix(), Offset: offset, Abbr: abbr})
		if end.IsZero() || end.After(last) {
			return z
		}
		at = end
	}
}

func (z Zone) span(unix int64) ZoneSpan {
	if len(z.Spans) == 0 {
		return ZoneSpan{Abbr: "UTC"}
	}
	found := 0
	for i := 1; i < len(z.Spans) && z.Spans[i].From <= unix; i++ {
		found = i
	}
	return z.Spans[found]
}

// Local gives the same instant on this zone's clock.
func (z Zone) Local(t time.Time) time.Time {
	s := z.span(t.Unix())
	return t.In(time.FixedZone(s.Abbr, s.Offset))
}

// wall gives what the zone's clock shows at an instant, as a time in UTC.
func (z Zone) wall(t time.Time) time.Time {
	return t.UTC().Add(time.Duration(z.span(t.Unix()).Offset) * time.Second)
}

// At turns a wall-clock time into an instant. It refuses a time that the clock change skips
// (ErrNoSuchTime) or repeats (ErrTwiceTime).
func (z Zone) At(year int, month time.Month, day, hour, minute int) (time.Time, error) {
	wall := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	var first int64
	found := 0
	for i, s := range z.Spans {
		unix := wall.Unix() - int64(s.Offset)
		if (i == 0 || unix >= s.From) && (i == len(z.Spans)-1 || unix < z.Spans[i+1].From) {
			if found++; found == 1 {
				first = unix
			}
		}
	}
	switch {
	case len(z.Spans) == 0:
		return wall, nil
	case found == 0:
		return time.Time{}, ErrNoSuchTime
	case found == 1:
		return time.Unix(first, 0).UTC(), nil
	default:
		return time.Unix(first, 0).UTC(), ErrTwiceTime
	}
}

// atOrAfter is At for times that the system chooses: a skipped time becomes the first one that exists,
// a repeated one its first occurrence.
func (z Zone) atOrAfter(year int, month time.Month, day, hour, minute int) time.Time {
	t, err := z.At(year, month, day, hour, minute)
	for errors.Is(err, ErrNoSuchTime) {
		minute += 15
		t, err = z.At(year, month, day, hour, minute)
	}
	return t
}

// AddDays moves by whole calendar days and keeps the wall clock: the day before 10:00 is 10:00, also
// across a clock change.
func (z Zone) AddDays(t time.Time, days int) time.Time {
	l := z.wall(t)
	return z.atOrAfter(l.Year(), l.Month(), l.Day()+days, l.Hour(), l.Minute())
}

// HoursBefore gives the instant so many hours before t. Whole days among them keep the wall clock, so that notice of 24 hours
// ends at the same hour of the day before across a clock change too; the hours left over are exact.
func (z Zone) HoursBefore(t time.Time, hours int) time.Time {
	return z.AddDays(t, -(hours / 24)).Add(-time.Duration(hours%24) * time.Hour)
}

// Clock gives the instant of hh:mm on the calendar day of t.
func (z Zone) Clock(t time.Time, hour, minute int) time.Time {
	l := z.wall(t)
	return z.atOrAfter(l.Year(), l.Month(), l.Day(), hour, minute)
}

// SameDay says whether both instants fall on one calendar day of the zone.
func (z Zone) SameDay(a, b time.Time) bool {
	la, lb := z.wall(a), z.wall(b)
	return la.Year() == lb.Year() && la.YearDay() == lb.YearDay()
}

// say writes an instant of the reader's own year: "Tue Dec 1, 2:00 PM MST". Everybody else asks SayFrom or SayLong, so that no
// year is left out by accident.
func (z Zone) say(t time.Time) string { return z.Local(t).Format("Mon Jan 2, 3:04 PM MST") }

// day writes the calendar day of an instant of the reader's own year: "Tue Dec 1".
func (z Zone) day(t time.Time) string { return z.Local(t).Format("Mon Jan 2") }

// DayFrom writes the calendar day of an instant for somebody who reads it at now: with its year if that is another one than theirs.
func (z Zone) DayFrom(t, now time.Time) string {
	if z.wall(t).Year() == z.wall(now).Year() {
		return z.day(t)
	}
	return z.DayLong(t)
}

// SayFrom writes an instant for somebody who reads it at now. If its year is another one than theirs, the year takes the place of
// the weekday, "Jan 4 2028, 2:00 PM MST", because a text message has no room for both.
func (z Zone) SayFrom(t, now time.Time) string {
	if z.wall(t).Year() == z.wall(now).Year() {
		return z.say(t)
	}
	return z.Local(t).Format("Jan 2 2006, 3:04 PM MST")
}

// DayLong writes the calendar day of an instant with its year: "Tue Dec 1, 2026".
func (z Zone) DayLong(t time.Time) string { return z.Local(t).Format("Mon Jan 2, 2006") }

// ParseTime reads RFC 3339, or a local date-time or date in this zone ("2027-03-04 10:00", "2027-03-04").
func (z Zone) ParseTime(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), inOurTimes(t)
	}
	if day, err := time.Parse("2006-01-02", text); err == nil {
		return z.atOrAfter(day.Year(), day.Month(), day.Day(), 0, 0), inOurTimes(day) // in some zones a day begins at one o'clock
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if w, err := time.Parse(layout, text); err == nil {
			t, err := z.At(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute())
			return t.Add(time.Duration(w.Second()) * time.Second), errors.Join(err, inOurTimes(w))
		}
	}
	return time.Time{}, fmt.Errorf("write a time as 2027-03-04 10:00 (practice time) or with its offset as 2027-03-04T10:00:00-07:00")
}

// inOurTimes refuses years that can only be a slip of the pen: no course is held in them, and times after
// the year 9999 cannot be written down.
func inOurTimes(t time.Time) error {
	if t.Year() < 1900 || t.Year() > 2200 {
		return fmt.Errorf("the year %d cannot be right", t.Year())
	}
	return nil
}

// Valid says whether the zone's data can be used: a name, spans in order, offsets that exist.
func (z Zone) Valid() bool {
	for i, s := range z.Spans {
		if s.Offset < -18*3600 || s.Offset > 18*3600 || i > 0 && s.From <= z.Spans[i-1].From {
			return false
		}
	}
	return z.Name != "" && len(z.Spans) > 0
}

// SayLong writes an instant for records that are read years later: "Tue Dec 1, 2026, 2:00 PM MST".
func (z Zone) SayLong(t time.Time) string { return z.Local(t).Format("Mon Jan 2, 2006, 3:04 PM MST") }
