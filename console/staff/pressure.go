package staff

import (
	"fmt"
	"strconv"
	"time"

	"kapflow/care/clock"
	"kapflow/care/policy"
)

// pressureChart is a drawing of the blood pressure: one vertical bar for each reading, from the lower to the upper value, at its
// true distance in time. Lengths are in the drawing's own units, which grow with the page.
type pressureChart struct {
	Width, Height          int
	Left, Right, Top, Base int // of the area of the bars
	Bars                   []pressureBar
	Lines                  []pressureLine // across, one for each value that is written at the side
	Ticks                  []pressureTick // along, in minutes after the start
	Stop, Caution          int            // heights of the practice's limits for the upper value; 0: not in sight
	Say                    string         // the drawing in words
}

type pressureBar struct {
	X, Top, Bottom int
	Latest         bool
	Level          string // caution or stop
}

type pressureLine struct{ Y, Value int }

type pressureTick struct {
	X     int
	Label string
}

// The drawing's measures, and the stretch of time and pressure that it shows at least.
const (
	drawWidth, drawHeight                    = 360, 190
	drawLeft, drawRight                      = 30, 350
	drawTop, drawBase                        = 8, 168
	lowestShown, highestShown                = 40, 180 // mmHg
	shownMinutes, betweenTicks               = 60, 15
	betweenLines                             = 20
	mostBefore                 time.Duration = time.Hour // readings earlier than that before the start are not drawn
)

// drawPressure draws readings, the newest of which comes first. start is zero before the infusion.
func drawPressure(readings []reading, start time.Time, z clock.Zone, limits policy.Infusions) *pressureChart {
	c := &pressureChart{Width: drawWidth, Height: drawHeight, Left: drawLeft, Right: drawRight, Top: drawTop, Base: drawBase}
	if start.IsZero() {
		start = readings[len(readings)-1].At
	}
	from, to, high := 0, shownMinutes, highestShown
	minute := func(at time.Time) int { return int(at.Sub(start).Round(time.Minute) / time.Minute) }
	var drawn []reading
	for _, r := range readings {
		if start.Sub(r.At) > mostBefore || r.Systolic == 0 || r.Diastolic == 0 {
			continue
		}
		drawn = append(drawn, r)
		from, to, high = min(from, minute(r.At)-2), max(to, minute(r.At)+2), max(high, r.Systolic+10)
	}
	if len(drawn) == 0 {
		return nil
	}
	x := func(m int) int { return drawLeft + 6 + (m-from)*(drawRight-drawLeft-12)/(to-from) }
	y := func(pressure int) int {
		return drawBase - (max(pressure, lowestShown)-lowestShown)*(drawBase-drawTop)/(high-lowestShown)
	}
	for value := lowestShown; value <= high; value += betweenLines {
		c.Lines = append(c.Lines, pressureLine{y(value), value})
	}
	for m := from - from%betweenTicks; m <= to; m += betweenTicks {
		label := strconv.Itoa(m)
		if m == 0 {
			label = "start"
		}
		c.Ticks = append(c.Ticks, pressureTick{x(m), label})
	}
	if limits.StopSystolic > 0 && limits.StopSystolic <= high {
		c.Stop = y(limits.StopSystolic)
	}
	if limits.CautionSystolic > 0 && limits.CautionSystolic <= high {
		c.Caution = y(limits.CautionSystolic)
	}
	for i, r := range drawn {
		c.Bars = append(c.Bars, pressureBar{x(minute(r.At)), y(r.Systolic), y(r.Diastolic), i == 0, r.Level})
	}
	last := drawn[0]
	c.Say = fmt.Sprintf("Blood pressure, %d readings. The latest is %d over %d at %s. All readings are in the table.", len(drawn), last.Systolic, last.Diastolic, clockTime(z, last.At))
	return c
}
