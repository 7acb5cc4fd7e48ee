package staff

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// courseLine is a course drawn along a line of time: visits, check-ins and scores, each at its true distance. Places along the line are
// in percent of its width, so that marks and words keep their size on every screen; heights are in pixels.
type courseLine struct {
	Height, Base int // of the drawing, and of its axis
	Lanes        []courseLane
	Ticks        []courseTick
	Today        string       // where now is
	TodayAnchor  string       // which part of its name stands there, so that it is not cut off
	Say          string       // the drawing in words
	Items        []courseItem // all that is drawn, in order, as a list
}

// courseLane is one row of the drawing.
type courseLane struct {
	Label  string
	LabelY int
	Y      int // of its marks
	Marks  []courseMark
	Way    string // of a lane of scores, in a field of 1000 by 24: "x,y x,y"
}

// courseMark is one mark of a lane.
type courseMark struct {
	X      string
	Y      int
	Place  template.HTMLAttr // X, Y and Radius as attributes: one value for the template instead of three, as a page has many marks
	NameY  int               // of its name
	Name   string            // beside it; empty: none
	Title  string            // shown by a pointing device, with the status
	Look   string            // held, booked, tentative, now, over, gone, answered, missing or score
	Gone   bool              // it is a cross
	Radius int
	Visit  string // the visit's id; empty: it is none
	At     time.Time
	Status string
}

// The radius of a mark in pixels.
const (
	infusionRadius = 7
	visitRadius    = 5
	scoreRadius    = 3
)

// draw says where the mark is drawn.
func (m *courseMark) draw() {
	const circle, text = `cx="%s" cy="%d" r="%d"`, `x="%s" y="%d"`
	if m.Gone = m.Look == "gone"; m.Gone {
		m.Place = template.HTMLAttr(fmt.Sprintf(text, m.X, m.Y))
		return
	}
	m.Place = template.HTMLAttr(fmt.Sprintf(circle, m.X, m.Y, m.Radius))
}

type courseTick struct{ X, Label string }

// courseItem is a mark as a line of a list.
type courseItem struct {
	What   link // to the visit's page; without an address if it is no visit
	Status string
	Day    string
}

// The drawing's measures in pixels, and its ends in percent.
const (
	courseTop, laneHeight, laneMarks = 18, 40, 26 // to the first lane, of a lane, and to its marks
	nameUnder, axisHeight            = 19, 24
	wayHeight                        = 24
	courseFrom, courseTo             = 2.0, 97.0
	mostTicks                        = 7
)

// visitLooks say how a visit is drawn, by its phase.
var visitLooks = map[visit.Phase]string{
	visit.PhaseTentative: "tentative", visit.PhaseBooked: "booked", visit.PhaseConfirmed: "booked", visit.PhaseArrived: "now", visit.PhaseRunning: "now",
	visit.PhaseOver: "over", visit.PhaseHeld: "held", visit.PhaseCancelled: "gone", visit.PhaseMissed: "gone",
}

// drawCourse draws a client's course as of now; nil while it has nothing but its beginning. Readings are those that the reader may see.
func drawCourse(c *care.Chart, readings []record.Reading, now time.Time) *courseLine {
	infusions, sessions := visitMarks(c, now)
	checkIns := checkInMarks(c, now)
	lanes := []courseLane{{Label: "Infusions", Marks: infusions}, {Label: "Sessions and consults", Marks: sessions}, {Label: "Check-ins", Marks: checkIns},
		scoreLane("PHQ-9", readings, care.PHQ9.Highest(), func(r record.Reading) *care.Score { return r.PHQ9 }),
		scoreLane("GAD-7", readings, care.GAD7.Highest(), func(r record.Reading) *care.Score { return r.GAD7 })}
	lanes = slices.DeleteFunc(lanes, func(l courseLane) bool { return len(l.Marks) == 0 })
	if len(lanes) == 0 {
		return nil
	}
	line := &courseLine{Lanes: lanes, Say: sayCourse(infusions, sessions, checkIns)}
	span := spanOf(c.EnrolledAt, now, lanes)
	line.place(span)
	line.Today, line.TodayAnchor = span.x(now), "middle"
	if part := span.part(now); part > 0.9 {
		line.TodayAnchor = "end"
	} else if part < 0.1 {
		line.TodayAnchor = "start"
	}
	line.Ticks = span.ticks(c.Zone)
	line.Items = courseItems(c, lanes)
	return line
}

// courseItems lists the marks of all lanes, soonest first.
func courseItems(c *care.Chart, lanes []courseLane) []courseItem {
	var marks []courseMark
	for _, l := range lanes {
		marks = append(marks, l.Marks...)
	}
	slices.SortStableFunc(marks, func(a, b courseMark) int { return a.At.Compare(b.At) })
	items := make([]courseItem, len(marks))
	for i, m := range marks {
		items[i] = courseItem{What: link{Text: m.Title}, Status: m.Status, Day: c.Zone.DayLong(m.At)}
		if m.Visit != "" {
			items[i].What = linkTo(m.Title, clientPath(c.ClientID)+"/visits/"+url.PathEscape(m.Visit))
		}
	}
	return items
}

// visitMarks are the marks of the infusions and of all other visits, soonest first.
func visitMarks(c *care.Chart, now time.Time) (infusions, sessions []courseMark) {
	for i := range c.Visits {
		v := &c.Visits[i]
		phase := v.Phase(now)
		m := courseMark{At: v.Start, Title: v.Name(), Look: visitLooks[phase], Radius: visitRadius, Visit: v.ID, Status: wording.Title(string(phase))}
		if v.Kind != visit.Infusion {
			sessions = append(sessions, m)
			continue
		}
		m.Radius = infusionRadius
		_, m.Name, _ = strings.Cut(v.ID, "-")
		infusions = append(infusions, m)
	}
	byTime := func(a, b courseMark) int { return a.At.Compare(b.At) }
	slices.SortStableFunc(infusions, byTime)
	slices.SortStableFunc(sessions, byTime)
	return infusions, sessions
}

// checkInMarks are the check-ins that were answered, and those that are planned or were not.
func checkInMarks(c *care.Chart, now time.Time) (out []courseMark) {
	answered := map[string]bool{}
	for _, a := range c.Answers {
		answered[a.CheckIn] = true
		m := courseMark{At: a.At, Title: "Check-in", Look: "answered", Radius: visitRadius, Status: "Answered"}
		if a.Late {
			m.Status = "Answered late"
		}
		out = append(out, m)
	}
	for _, ci := range c.CheckIns() {
		if answered[ci.ID] {
			continue
		}
		m := courseMark{At: ci.Due, Title: "Check-in", Look: "missing", Radius: visitRadius, Status: "Not answered"}
		if ci.Due.After(now) {
			m.Look, m.Status = "booked", "Planned"
		}
		out = append(out, m)
	}
	return out
}

// scoreLane is the lane of one instrument, with its first and last score.
func scoreLane(name string, readings []record.Reading, highest int, score func(record.Reading) *care.Score) courseLane {
	l := courseLane{Label: name}
	var totals []int
	for _, r := range readings {
		if s := score(r); s != nil {
			totals = append(totals, s.Total)
			l.Marks = append(l.Marks, courseMark{At: r.At, Title: name, Look: "score", Radius: scoreRadius, Status: strconv.Itoa(s.Total), Y: wayHeight - 2 - (wayHeight-4)*s.Total/highest})
		}
	}
	if n := len(totals); n > 0 {
		l.Label = fmt.Sprintf("%s: %d", name, totals[0])
		if n > 1 {
			l.Label += fmt.Sprintf(", now %d", totals[n-1])
		}
	}
	return l
}

// courseSpan is the stretch of time that a line shows.
type courseSpan struct{ from, to time.Time }

// spanOf reaches from the enrollment to the last mark or to now, whichever is later.
func spanOf(enrolled, now time.Time, lanes []courseLane) courseSpan {
	s := courseSpan{enrolled, now}
	for _, l := range lanes {
		for _, m := range l.Marks {
			if m.At.Before(s.from) {
				s.from = m.At
			}
			if m.At.After(s.to) {
				s.to = m.At
			}
		}
	}
	s.to = s.to.Add(max(s.to.Sub(s.from)/40, 12*time.Hour))
	return s
}

func (s courseSpan) part(at time.Time) float64 {
	return float64(at.Sub(s.from)) / float64(s.to.Sub(s.from))
}

func (s courseSpan) x(at time.Time) string {
	return fmt.Sprintf("%.2f%%", courseFrom+(courseTo-courseFrom)*s.part(at))
}

// ticks are days to go by: Mondays while the line is short, else the first days of months, not more than fit a phone.
func (s courseSpan) ticks(z clock.Zone) (out []courseTick) {
	var days []time.Time
	layout := "Jan 2"
	if first := z.Local(s.from); s.to.Sub(s.from) <= mostTicks*7*24*time.Hour {
		for day := z.Clock(z.AddDays(s.from, (8-int(first.Weekday()))%7), 0, 0); day.Before(s.to); day = z.Clock(z.AddDays(day, 7), 0, 0) {
			days = append(days, day)
		}
	} else {
		layout = "Jan 2006"
		for month := first.Month() + 1; ; month++ {
			day := time.Date(first.Year(), month, 1, 0, 0, 0, 0, first.Location())
			if !day.Before(s.to) {
				break
			}
			days = append(days, day)
		}
	}
	step := len(days)/(mostTicks+1) + 1
	for i, day := range days {
		if i%step != 0 || s.part(day) < 0 {
			continue
		}
		label := z.Local(day).Format(layout)
		if layout == "Jan 2006" && i > 0 && z.Local(day).Month() != time.January {
			label = z.Local(day).Format("Jan")
		}
		out = append(out, courseTick{s.x(day), label})
	}
	return out
}

// place gives every mark its place.
func (line *courseLine) place(s courseSpan) {
	y := courseTop
	for i := range line.Lanes {
		l := &line.Lanes[i]
		l.LabelY, l.Y = y+12, y+laneMarks
		var way []string
		for n := range l.Marks {
			m := &l.Marks[n]
			m.X = s.x(m.At)
			if m.Look == "score" {
				way = append(way, fmt.Sprintf("%.1f,%d", 10*(courseFrom+(courseTo-courseFrom)*s.part(m.At)), m.Y))
				m.Y += y + laneMarks - wayHeight/2
			} else {
				m.Y, m.NameY = l.Y, l.Y+nameUnder
			}
			m.draw()
		}
		l.Way = strings.Join(way, " ")
		if l.Way != "" {
			l.Y = y + laneMarks - wayHeight/2
		}
		y += laneHeight
		if slices.ContainsFunc(l.Marks, func(m courseMark) bool { return m.Name != "" }) {
			y += nameUnder - 4
		}
	}
	line.Base, line.Height = y+2, y+axisHeight
}

// sayCourse says in a sentence what the drawing shows.
func sayCourse(infusions, sessions, checkIns []courseMark) string {
	count := func(marks []courseMark, looks ...string) (n int) {
		for _, m := range marks {
			if slices.Contains(looks, m.Look) {
				n++
			}
		}
		return n
	}
	part := func(n int, one, many string) string {
		return fmt.Sprint(n, " ", map[bool]string{true: one, false: many}[n == 1])
	}
	said := []string{
		part(count(infusions, "held"), "infusion", "infusions") + " held",
		fmt.Sprint(count(infusions, "booked", "tentative", "now"), " ahead"),
		part(count(sessions, "held"), "session or consult", "sessions and consults") + " held",
		part(count(checkIns, "answered"), "check-in", "check-ins") + " answered",
	}
	return "The course along a line of time: " + strings.Join(said, ", ") + ". The list below says the same."
}
