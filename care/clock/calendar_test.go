package clock_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care/clock"
)

var zones = []clock.Zone{zone("America/Denver"), zone("America/New_York"), zone("America/Phoenix"), zone("Pacific/Honolulu"), zone("UTC")}

// drawCalendar draws a practice's calendar, with holidays around the turn of the year among them.
func drawCalendar(t *rapid.T) clock.Calendar {
	open := rapid.IntRange(0, 22).Draw(t, "open")
	days := []string{"2027-01-01", "2027-01-18", "2027-05-31", "2027-07-05", "2027-11-25", "2027-12-24", "2027-12-31", "2028-01-17"}
	return clock.Calendar{Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Office: clock.Window{Open: open, Close: rapid.IntRange(open+1, 24).Draw(t, "close")},
		Holidays: rapid.SliceOfDistinct(rapid.SampledFrom(days), func(d string) string { return d }).Draw(t, "holidays")}
}

// drawInstant draws an instant from December 2026 to January 2029, often near a clock change or a turn of the year.
func drawInstant(t *rapid.T) time.Time {
	near := rapid.SampledFrom([]time.Time{time.Date(2027, 3, 14, 9, 0, 0, 0, time.UTC), time.Date(2027, 11, 7, 8, 0, 0, 0, time.UTC), time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2027, 12, 15, 12, 0, 0, 0, time.UTC)}).Draw(t, "near")
	return near.Add(time.Duration(rapid.IntRange(-375*24*60, 375*24*60).Draw(t, "minutes")) * time.Minute)
}

// workingDay says independently of Calendar whether a day is one.
func workingDay(c clock.Calendar, day time.Time) bool {
	switch day.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	return !slices.Contains(c.Holidays, day.Format("2006-01-02"))
}

// dayClosedAt gives the working day whose closing time an instant is, and fails when it is none. Clock changes fall on
// Sundays, so the closing hour of a working day is never left out.
func dayClosedAt(t *rapid.T, c clock.Calendar, at time.Time) time.Time {
	l := c.Zone.Local(at)
	if c.Office.Close == 24 {
		l = l.AddDate(0, 0, -1)
	}
	if l.Hour() != c.Office.Close%24 || l.Minute() != 0 || l.Second() != 0 {
		t.Fatalf("%s is not closing time at %d", c.Zone.SayLong(at), c.Office.Close)
	}
	return date(l)
}

// date is the calendar day of a time, in UTC so that days are counted without clock changes.
func date(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func TestWorkAfterSomeWorkingDaysEndsAtClosingTimeOfAWorkingDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from, n := drawCalendar(t), drawInstant(t), rapid.IntRange(1, 25).Draw(t, "days")
		due := dayClosedAt(t, c, c.AfterWorkingDays(from, n))
		if !workingDay(c, due) {
			t.Fatalf("%d working days after %s is %s", n, from, due)
		}
		counted := 0
		for day := date(c.Zone.Local(from)).AddDate(0, 0, 1); !day.After(due); day = day.AddDate(0, 0, 1) {
			if workingDay(c, day) {
				counted++
			}
		}
		if counted != n {
			t.Fatalf("%d working days after %s is %s, which is %d working days later", n, from, due, counted)
		}
		if got := c.CountWorkingDays(from, c.Zone.Clock(c.AfterWorkingDays(from, n).Add(-time.Hour), 12, 0), 100); got != n {
			t.Fatalf("CountWorkingDays counts %d, not %d", got, n)
		}
	})
}

func TestWorkingDayBeforeIsTheLastOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, at := drawCalendar(t), drawInstant(t)
		before, today := dayClosedAt(t, c, c.WorkingDayBefore(at)), date(c.Zone.Local(at))
		if !workingDay(c, before) || !before.Before(today) {
			t.Fatalf("the working day before %s is %s", today, before)
		}
		for day := before.AddDate(0, 0, 1); day.Before(today); day = day.AddDate(0, 0, 1) {
			if workingDay(c, day) {
				t.Fatalf("%s lies between %s and %s", day, before, today)
			}
		}
	})
}

func TestDayEndLeapsToTheNextDayAfterClosing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, at := drawCalendar(t), drawInstant(t)
		want, today := time.Time{}, date(c.Zone.Local(at))
		for day := today; want.IsZero() || want.Before(at); day = day.AddDate(0, 0, 1) {
			want = closingTime(c, day)
		}
		if end := c.DayEnd(at); !end.Equal(want) {
			t.Fatalf("the day of %s ends %s, not %s", c.Zone.SayLong(at), c.Zone.SayLong(end), c.Zone.SayLong(want))
		}
	})
}

// closingTime finds a day's closing time by walking through the day: the first quarter of an hour at which a clock on the
// wall has reached the closing hour. A clock change may leave that hour out, or repeat it.
func closingTime(c clock.Calendar, day time.Time) time.Time {
	for at := day.Add(-26 * time.Hour); ; at = at.Add(15 * time.Minute) {
		l := c.Zone.Local(at)
		if date(l).After(day) || date(l).Equal(day) && l.Hour() >= c.Office.Close {
			return at
		}
	}
}

// TestOpenHoursAreCountedMinuteByMinute holds both kinds of hours to a count that knows nothing of days.
func TestOpenHoursAreCountedMinuteByMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from := drawCalendar(t), drawInstant(t)
		client := clock.OpenHours{Zone: c.Zone, Weekday: c.Office, Sunday: clock.Window{Open: 12, Close: 20}}
		minutes := rapid.IntRange(0, 600).Draw(t, "minutes")
		for name, x := range map[string]struct {
			open func(time.Time) bool
			got  time.Time
			add  func(time.Time, time.Duration) time.Time
		}{
			"Calendar":  {func(at time.Time) bool { return workingDay(c, date(c.Zone.Local(at))) && inside(c.Zone, c.Office, at) }, c.LaterOpen(from), c.AddOpenHours},
			"OpenHours": {func(at time.Time) bool { return inside(c.Zone, sundayOr(client, at), at) }, client.LaterOpen(from), client.AddOpenHours},
		} {
			later := from
			for !x.open(later) {
				later = later.Add(time.Minute)
			}
			if !x.got.Equal(later) {
				t.Fatalf("%s: %s opens %s, want %s", name, c.Zone.SayLong(from), c.Zone.SayLong(x.got), c.Zone.SayLong(later))
			}
			at := later
			for left := minutes; left > 0; {
				if at = at.Add(time.Minute); x.open(at.Add(-time.Minute)) {
					left--
				}
			}
			if got := x.add(from, time.Duration(minutes)*time.Minute); !got.Equal(at) {
				t.Fatalf("%s: %d open minutes after %s are over %s, want %s", name, minutes, c.Zone.SayLong(from), c.Zone.SayLong(got), c.Zone.SayLong(at))
			}
		}
	})
}

func inside(z clock.Zone, w clock.Window, at time.Time) bool {
	hour := z.Local(at).Hour()
	return hour >= w.Open && hour < w.Close
}

func sundayOr(o clock.OpenHours, at time.Time) clock.Window {
	if o.Zone.Local(at).Weekday() == time.Sunday {
		return o.Sunday
	}
	return o.Weekday
}

func TestEarlierOpenIsOpenAndNeverLater(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, at := drawCalendar(t), drawInstant(t)
		o := clock.OpenHours{Zone: c.Zone, Weekday: c.Office, Sunday: clock.Window{Open: 12, Close: 20}}
		got := o.EarlierOpen(at)
		if got.After(at) || !o.IsOpen(got) || got.Before(o.Opens(got)) || !got.Before(o.Closes(got)) {
			t.Fatalf("%s moves to %s", c.Zone.SayLong(at), c.Zone.SayLong(got))
		}
	})
}
