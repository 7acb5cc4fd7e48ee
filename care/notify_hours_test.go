package care

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"kapflow/care/clock"
)

// hourChart is a chart with open hours from 9 to 20, on Sundays from 12.
func hourChart(t testing.TB, name string) (*Chart, func(string) time.Time) {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	z := clock.ZoneOf(loc, time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	c := &Chart{ClientZone: z}
	c.Policy.Messages.Window = clock.Window{Open: 9, Close: 20}
	c.Policy.Messages.SundayWindow = clock.Window{Open: 12, Close: 20}
	return c, func(text string) time.Time {
		at, err := z.ParseTime(text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
}

func TestMessagesMoveIntoOpenHours(t *testing.T) {
	t.Parallel()
	c, at := hourChart(t, "America/Denver")
	for _, x := range []struct{ name, what, from, want string }{
		{"EarlyMorningMovesToTheEveningBefore", "earlier", "2027-03-03 06:30", "2027-03-02 19:45"},
		{"OpenTimeStays", "earlier", "2027-03-03 09:00", "2027-03-03 09:00"},
		{"LateEveningMovesBack", "earlier", "2027-03-03 22:00", "2027-03-03 19:45"},
		{"SundayMorningMovesToSaturday", "earlier", "2027-03-07 10:00", "2027-03-06 19:45"},
		{"SundayNoonStays", "earlier", "2027-03-07 12:00", "2027-03-07 12:00"},
		{"MondayMorningMovesToSunday", "earlier", "2027-03-08 08:59", "2027-03-07 19:45"},
		{"NightWaitsForTheMorning", "later", "2027-03-03 20:00", "2027-03-04 09:00"},
		{"SaturdayNightWaitsForSundayNoon", "later", "2027-03-06 23:00", "2027-03-07 12:00"},
		{"EarlyWaits", "later", "2027-03-03 03:00", "2027-03-03 09:00"},
		{"ClockChangeNight", "later", "2027-03-14 01:30", "2027-03-14 12:00"},
		{"FourHoursInTheDay", "hours", "2027-03-03 10:00", "2027-03-03 14:00"},
		{"FourHoursOverTheNight", "hours", "2027-03-03 18:00", "2027-03-04 11:00"},
		{"FourHoursIntoSunday", "hours", "2027-03-06 18:00", "2027-03-07 14:00"},
		{"FourHoursFromTheNight", "hours", "2027-03-03 23:00", "2027-03-04 13:00"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			var got time.Time
			switch x.what {
			case "earlier":
				got = c.earlierOpen(at(x.from))
			case "later":
				got = c.laterOpen(at(x.from))
			default:
				got = c.openHoursLater(at(x.from), 4)
			}
			if !got.Equal(at(x.want)) {
				t.Errorf("%s becomes %s, want %s", x.from, c.ClientZone.SayLong(got), x.want)
			}
		})
	}
}

func TestOpenHoursAlwaysEndAndLieInside(t *testing.T) {
	t.Parallel()
	zones := []string{"America/Denver", "America/New_York", "Australia/Sydney", "America/Santiago", "Asia/Kathmandu"}
	charts := map[string]*Chart{}
	for _, name := range zones {
		charts[name], _ = hourChart(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := *charts[rapid.SampledFrom(zones).Draw(t, "zone")]
		open := rapid.IntRange(0, 22).Draw(t, "open")
		c.Policy.Messages.Window = clock.Window{Open: open, Close: rapid.IntRange(open+2, 24).Draw(t, "close")}
		at := time.Unix(rapid.Int64Range(1_798_000_000, 1_900_000_000).Draw(t, "at"), 0).UTC()
		early, late := c.earlierOpen(at), c.laterOpen(at)
		if early.After(at) || late.Before(at) || !c.isOpen(early) || !c.isOpen(late) {
			t.Fatalf("%s: earlier %s, later %s", c.ClientZone.SayLong(at), c.ClientZone.SayLong(early), c.ClientZone.SayLong(late))
		}
		if chase := c.openHoursLater(at, rapid.IntRange(1, 72).Draw(t, "hours")); !chase.After(late) || !c.isOpen(chase.Add(-time.Second)) {
			t.Fatalf("%s: hours later %s", c.ClientZone.SayLong(at), c.ClientZone.SayLong(chase))
		}
	})
}

func TestWindowThatNeverOpensDoesNotHang(t *testing.T) {
	t.Parallel()
	var c Chart
	at := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	c.earlierOpen(at)
	c.laterOpen(at)
	c.openHoursLater(at, 4)
}
