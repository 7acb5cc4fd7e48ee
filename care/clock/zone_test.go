package clock_test

import (
	"errors"
	"testing"
	"time"

	"kapflow/care/clock"
)

func TestWallClockTimesAreRefusedWhenSkippedOrRepeated(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		zone string
		text string
		want string // UTC, of a time that exists once
		err  error
	}{
		"SpringGapDenver":     {"America/Denver", "2027-03-14 02:30", "", clock.ErrNoSuchTime},
		"BeforeTheGap":        {"America/Denver", "2027-03-14 01:59", "2027-03-14T08:59:00Z", nil},
		"AfterTheGap":         {"America/Denver", "2027-03-14 03:00", "2027-03-14T09:00:00Z", nil},
		"SpringGapNewYork":    {"America/New_York", "2027-03-14 02:00", "", clock.ErrNoSuchTime},
		"AutumnTwiceDenver":   {"America/Denver", "2027-11-07 01:30", "", clock.ErrTwiceTime},
		"AutumnTwiceNewYork":  {"America/New_York", "2027-11-07 01:00", "", clock.ErrTwiceTime},
		"AutumnAfter":         {"America/New_York", "2027-11-07 02:00", "2027-11-07T07:00:00Z", nil},
		"TwiceWithItsOffset":  {"America/Denver", "2027-11-07T01:30:00-07:00", "2027-11-07T08:30:00Z", nil},
		"NoChangeInPhoenix":   {"America/Phoenix", "2027-03-14 02:30", "2027-03-14T09:30:00Z", nil},
		"FixedOffset":         {"Etc/GMT+5", "2027-11-07 01:30", "2027-11-07T06:30:00Z", nil},
		"SouthernSpringGap":   {"Australia/Sydney", "2027-10-03 02:15", "", clock.ErrNoSuchTime},
		"SouthernAutumnTwice": {"Australia/Sydney", "2027-04-04 02:15", "", clock.ErrTwiceTime},
		"HalfHourChange":      {"Australia/Lord_Howe", "2027-10-03 02:15", "", clock.ErrNoSuchTime},
		"DateOnly":            {"America/Denver", "2027-03-04", "2027-03-04T07:00:00Z", nil},
		"DayWithoutMidnight":  {"America/Santiago", "2027-09-05", "2027-09-05T04:00:00Z", nil},
		"Seconds":             {"America/Denver", "2027-03-04T10:00:30", "2027-03-04T17:00:30Z", nil},
		"EveryYearHasAnEnd":   {"America/Denver", "9999-12-31T23:00:00-10:00", "", errAny},
		"NotATime":            {"America/Denver", "next Tuesday", "", errAny},
		"NotADay":             {"America/Denver", "2027-02-30", "", errAny},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := zone(x.zone).ParseTime(x.text)
			switch {
			case x.err == errAny && err != nil:
			case !errors.Is(err, x.err):
				t.Errorf("%s: error %v, want %v", x.text, err, x.err)
			case err == nil && got.Format(time.RFC3339) != x.want:
				t.Errorf("%s is %s, want %s", x.text, got.Format(time.RFC3339), x.want)
			}
		})
	}
}

var errAny = errors.New("any error")

func TestDaysKeepTheWallClockAcrossAClockChange(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Denver", "America/New_York", "Australia/Sydney", "America/Phoenix"} {
		z := zone(name)
		from, err := z.At(2027, time.January, 5, 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		for n := -200; n <= 400; n++ {
			day := z.AddDays(from, n)
			if l := z.Local(day); l.Hour() != 10 || l.Minute() != 0 {
				t.Fatalf("%s: %d days later it is %s", name, n, z.SayLong(day))
			}
			if back := z.AddDays(day, -n); !back.Equal(from) {
				t.Fatalf("%s: %d days there and back is %s", name, n, back)
			}
		}
	}
	ny := zone("America/New_York")
	start, _ := ny.At(2027, time.March, 14, 10, 0)
	if before := ny.AddDays(start, -1); start.Sub(before) != 23*time.Hour {
		t.Errorf("the day before the change is %s earlier", start.Sub(before))
	}
	if first := ny.Clock(start, 2, 30); ny.SayFrom(first, first) != "Sun Mar 14, 3:00 AM EDT" {
		t.Errorf("a time that the system chooses in the gap is %s", ny.SayLong(first))
	}
}

func TestZoneDataAgreesWithTheZoneDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Denver", "America/New_York", "Australia/Sydney", "UTC", "Asia/Kolkata", "Etc/GMT-3"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		z := zone(name)
		for at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC); at.Year() < 2033; at = at.Add(7 * time.Hour) {
			wantAbbr, want := at.In(loc).Zone()
			if abbr, got := z.Local(at).Zone(); got != want || abbr != wantAbbr {
				t.Fatalf("%s at %s: %s %d, want %s %d", name, at, abbr, got, wantAbbr, want)
			}
		}
		for i := 1; i < len(z.Spans); i++ {
			if z.Spans[i].From <= z.Spans[i-1].From {
				t.Errorf("%s: span %d does not come after the one before", name, i)
			}
		}
	}
}

func TestEmptyZoneIsUTC(t *testing.T) {
	t.Parallel()
	var z clock.Zone
	got, err := z.At(2027, time.May, 1, 12, 0)
	if err != nil || !got.Equal(time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("%s, %v", got, err)
	}
}

func zone(name string) clock.Zone {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return clock.ZoneOf(loc, time.Date(2027, time.March, 1, 0, 0, 0, 0, time.UTC))
}
