package coursefile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/policy"
)

// dates resolves the three ways to write a time: absolute, counted from the course's first day, or as an offset from the
// step before (+2d, +3h). The first day is d1, or d0 in a file that mentions d0.
type dates struct {
	zone     clock.Zone
	first    time.Time
	fromZero bool
}

var (
	dayPattern    = regexp.MustCompile(`^d(\d+)(?:[ T](\d{1,2}):(\d{2}))?$`)
	zeroPattern   = regexp.MustCompile(`(^|[\s:"'{,])d0([\s"',}]|$)`)
	offsetPattern = regexp.MustCompile(`^\+(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$`)
)

func zeroBased(body string) bool { return zeroPattern.MatchString(body) }

func (d dates) relative(text string) bool { return dayPattern.MatchString(text) }

// parse reads any of the three. A day without a time means 09:00.
func (d dates) parse(text string, last time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if m := offsetPattern.FindStringSubmatch(text); m != nil && len(text) > 1 {
		n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
		return d.zone.AddDays(last, n(1)).Add(time.Duration(n(2))*time.Hour + time.Duration(n(3))*time.Minute), nil
	}
	if d.relative(text) {
		abs, err := d.absolute(text)
		if err != nil {
			return time.Time{}, err
		}
		text = abs
	}
	if len(text) == len("2006-01-02") {
		text += " 09:00"
	}
	at, err := d.zone.ParseTime(text)
	if err != nil {
		return at, fmt.Errorf("%q: %w; or count it from the course's first day as d4 10:00, or from the step before as +2d or +3h", text, err)
	}
	return at, nil
}

// absolute turns "d4 10:00" into "2027-03-04 10:00" and "d4" into "2027-03-04".
func (d dates) absolute(text string) (string, error) {
	m := dayPattern.FindStringSubmatch(text)
	n, err := strconv.Atoi(m[1])
	if err != nil || n > 3660 {
		return "", fmt.Errorf("%q is too far ahead", text)
	}
	if !d.fromZero {
		n--
	}
	local := d.zone.Local(d.first)
	day := time.Date(local.Year(), local.Month(), local.Day()+n, 0, 0, 0, 0, time.UTC).Format("2006-01-02")
	if m[2] == "" {
		return day, nil
	}
	if hour, _ := strconv.Atoi(m[2]); hour > 23 || m[3] > "59" {
		return "", fmt.Errorf("%q is not a time of day; write it as d4 10:00", text)
	}
	return fmt.Sprintf("%s %02s:%s", day, m[2], m[3]), nil
}

// startTime reads a course's start. A weekday means the next one, at 09:00 unless a time is given. A start that has passed
// is an error, because virtual time only runs forward from now.
func startTime(text string, zone clock.Zone, now time.Time) (time.Time, error) {
	word, clock, _ := strings.Cut(strings.TrimSpace(text), " ")
	if day, ok := policy.Weekday(word); ok {
		hour, minute := 9, 0
		if clock != "" {
			if n, _ := fmt.Sscanf(clock, "%d:%d", &hour, &minute); n != 2 {
				return time.Time{}, fmt.Errorf("%q: write a weekday with a time as monday 10:00", text)
			}
		}
		for n := 1; ; n++ {
			t := zone.Clock(zone.AddDays(now, n), hour, minute)
			if zone.Local(t).Weekday() == day {
				return t, nil
			}
		}
	}
	t, err := dates{zone: zone}.parse(text, now)
	if err != nil {
		return time.Time{}, err
	}
	if t.Before(now) {
		return time.Time{}, fmt.Errorf("%s has passed, and virtual time runs only forward from now; write start: monday and count days as d4 10:00, or choose a date ahead", zone.SayLong(t))
	}
	return t, nil
}
