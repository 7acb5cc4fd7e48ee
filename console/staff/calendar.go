package staff

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// calendarPage is one week.
type calendarPage struct {
	Week, Before, After, Today string // such as 2026-W48
	Title                      string
	Days                       []calendarDay
	People                     []policy.Clinician
	Rooms                      []policy.Place
	Who                        string // id of the one clinician, or of the one room after roomPrefix, that is shown; empty: everybody
	Zone                       string
	Count                      int
	MayNote                    bool // an absence
	Noted                      bool // an absence was just recorded
}

// roomPrefix stands before a room's id where a clinician's could stand.
const roomPrefix = "room:"

// shows says whether the page shows a visit.
func (p calendarPage) shows(place string, people []string) bool {
	if room, one := strings.CutPrefix(p.Who, roomPrefix); one {
		return place == room
	}
	return p.Who == "" || slices.Contains(people, p.Who)
}

// calendarDay is one day of the week.
type calendarDay struct {
	Day   time.Time
	Name  string
	Today bool
	Lines []calendarLine
}

// calendarLine is a visit or an absence.
type calendarLine struct {
	At     time.Time
	When   string
	What   string
	Name   string // of the client, or of who is away
	With   string
	Href   string
	Class  string // how it is drawn
	Status string // the same in words; empty: nothing to say
}

// thisWeek leads to the week of today.
func thisWeek(v *visitor) error {
	path := "/calendar/" + weekName(v.site.Desk.Zone.Local(v.now))
	if v.r.URL.RawQuery != "" {
		path += "?" + v.r.URL.RawQuery
	}
	return v.seeOther(path)
}

// calendar shows the visits and absences of one week, of everybody or of one clinician.
func calendar(v *visitor) error {
	z := v.site.Desk.Zone
	monday, ok := mondayOf(v.r.PathValue("week"), z)
	if !ok {
		return care.Refuse("calendar", care.CodeUnknownFact, "There is no such week. A week is written like "+weekName(z.Local(v.now))+".", "")
	}
	sunday := z.AddDays(monday, 7)
	c, err := v.site.Desk.ReadCalendar(v.r.Context(), v.who, monday, sunday)
	if err != nil {
		return err
	}
	asked := v.r.URL.Query()
	kind := care.KindFor[*care.ClinicianUnavailable]()
	_, may := v.who.ActsAs(kind.By)
	p := calendarPage{Week: weekName(z.Local(monday)), Before: weekName(z.Local(z.AddDays(monday, -7))), After: weekName(z.Local(sunday)), Today: weekName(z.Local(v.now)),
		Title: weekTitle(z, monday), People: v.site.Desk.Policy.Clinicians, Rooms: v.site.Desk.Policy.Places, Who: asked.Get("who"),
		Zone: z.Local(monday).Format("MST"), MayNote: may, Noted: asked.Get("noted") != ""}
	for n := range 7 {
		day := z.AddDays(monday, n)
		d := calendarDay{Day: day, Name: z.DayFrom(day, day), Today: z.SameDay(day, v.now)}
		for _, a := range c.Absences {
			if (p.Who == "" || a.Clinician == p.Who) && a.From.Before(z.AddDays(day, 1)) && a.To.After(day) {
				d.Lines = append(d.Lines, v.absenceLine(a, day, z))
			}
		}
		for _, x := range c.Visits {
			if z.SameDay(x.Start, day) && p.shows(x.Place, x.People) {
				line := visitLine(&x.Visit, z)
				line.Name, line.Href, line.With = cmp.Or(x.Name, x.Client), clientPath(x.Client)+"/visits/"+url.PathEscape(x.ID), v.peopleOf(x.People)
				if x.Kind == visit.Infusion {
					line.Href = clientPath(x.Client) + "/infusion/" + url.PathEscape(x.ID)
				}
				d.Lines = append(d.Lines, line)
				p.Count++
			}
		}
		p.Days = append(p.Days, d)
	}
	return v.show(page{Title: "Calendar", Template: "calendar", Data: p})
}

func (v *visitor) absenceLine(a care.Absence, day time.Time, z clock.Zone) calendarLine {
	when := "all day"
	if from, to := a.From.After(day), a.To.Before(z.AddDays(day, 1)); from || to {
		parts := []string{}
		if from {
			parts = append(parts, "from "+clockTime(z, a.From))
		}
		if to {
			parts = append(parts, "until "+clockTime(z, a.To))
		}
		when = strings.Join(parts, " ")
	}
	return calendarLine{At: a.From, When: when, What: "Away", Name: v.peopleOf([]string{a.Clinician}), Class: "away"}
}

// visitLine draws a visit by where it stands.
func visitLine(x *care.Visit, z clock.Zone) calendarLine {
	l := calendarLine{At: x.Start, When: clockTime(z, x.Start) + "–" + clockTime(z, x.End()), What: x.Name(), Class: string(x.Kind)}
	switch {
	case x.Rebook:
		l.Class, l.Status = l.Class+" off", "to be rebooked"
	case x.Status == visit.Cancelled:
		l.Class, l.Status = l.Class+" off", "canceled"
	case x.Status == visit.NoShow:
		l.Class, l.Status = l.Class+" off", "missed"
	case x.Status == visit.Fulfilled:
		l.Class, l.Status = l.Class+" held", "held"
	case x.Tentative:
		l.Class, l.Status = l.Class+" tentative", "tentative"
	case x.Status == visit.Arrived:
		l.Status = "here"
	case x.Confirmed:
		l.Status = "confirmed"
	}
	return l
}

// peopleOf names clinicians.
func (v *visitor) peopleOf(ids []string) string {
	var names []string
	for _, id := range ids {
		name := id
		if m, ok := v.site.Desk.Policy.Clinician(id); ok {
			name = cmp.Or(m.Name, id)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// weekName is the name of the week of a day: 2026-W48.
func weekName(day time.Time) string {
	year, week := day.ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// mondayOf gives the start of a named week in a zone; ok is false if there is no such week.
func mondayOf(name string, z clock.Zone) (monday time.Time, ok bool) {
	year, week, cut := strings.Cut(name, "-W")
	y, errYear := strconv.Atoi(year)
	w, errWeek := strconv.Atoi(week)
	if !cut || errYear != nil || errWeek != nil || y < 2000 || y > 2200 {
		return monday, false
	}
	fourth, err := z.At(y, time.January, 4, 0, 0) // it is always in the first week
	if err != nil {
		return monday, false
	}
	weekday := (int(z.Local(fourth).Weekday()) + 6) % 7
	monday = z.Clock(z.AddDays(fourth, 7*(w-1)-weekday), 0, 0)
	return monday, weekName(z.Local(monday)) == fmt.Sprintf("%d-W%02d", y, w)
}

// weekTitle names a week by its first and last day, with both years if they differ.
func weekTitle(z clock.Zone, monday time.Time) string {
	first, last := z.Local(monday), z.Local(z.AddDays(monday, 6))
	if layout := "January 2, 2006"; first.Year() != last.Year() {
		return first.Format(layout) + " to " + last.Format(layout)
	}
	return first.Format("January 2") + " to " + last.Format("January 2, 2006")
}
