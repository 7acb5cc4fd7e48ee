package staff

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"kapflow/access"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
)

// todayPage is one day of the practice.
type todayPage struct {
	Alerts           []record.DayAlert
	Names            map[string]string // client's id → preferred name
	Visits           []visitRow
	Tasks            []taskRow
	Lines            []lineRow // what happened overnight, newest first, as far as it is shown
	Since            time.Time // when the night began
	Older            int       // how many more there are
	LateAlerts       bool      // an alert is past its time
	MoreTasks        int       // that are not shown
	Zone             clock.Zone
	Now              time.Time
	On               time.Time // noon of the day
	Mine             bool
	Today            bool // the day is today
	Previous, Next   string
	Earlier, Later   string            // links to the visits before and after those shown; empty: there are none
	MineLink, AllIDs string            // links to the other view
	people           map[string]string // id → name
	Enrolls          bool              // the reader enrolls clients
}

// mostTasks is how many of somebody's tasks a day shows; the board shows the rest.
const mostTasks = desk.DayTasks

// mostLines is how many lines of the night a day shows, so that it prints on one page.
const mostLines = 12

// today shows one day: open alerts, what is late first, the visits in order with what is missing, the reader's tasks, and the night.
func today(v *visitor) error {
	zone := v.site.Desk.Zone
	asked := v.r.URL.Query()
	day := zone.Clock(v.now, 12, 0)
	if on, err := time.Parse(time.DateOnly, asked.Get("day")); err == nil {
		if noon, err := zone.At(on.Year(), on.Month(), on.Day(), 12, 0); err == nil {
			day = noon
		}
	}
	mine := v.treatsOnly()
	switch asked.Get("who") {
	case "mine":
		mine = true
	case "all":
		mine = false
	}
	after, _ := strconv.Atoi(asked.Get("after")) // what is no number is the beginning
	read, err := v.site.Desk.ReadDay(v.r.Context(), v.who, day, mine, after)
	if err != nil {
		return err
	}
	p := todayPage{Alerts: read.Alerts, Names: read.Names, Since: read.Since, Zone: zone, Now: v.now, On: day, Mine: mine, Today: zone.SameDay(day, v.now), people: v.site.people(), Enrolls: v.enrolls()}
	link := func(t time.Time, who string) string {
		return fmt.Sprintf("/today?day=%s&who=%s", zone.Local(t).Format(time.DateOnly), who)
	}
	who := map[bool]string{true: "mine", false: "all"}
	p.Previous, p.Next = link(zone.AddDays(day, -1), who[mine]), link(zone.AddDays(day, 1), who[mine])
	from := func(after int) string { return link(day, who[mine]) + "&after=" + strconv.Itoa(after) }
	if read.After > 0 {
		p.Earlier = from(max(0, read.After-desk.DayRows))
	}
	if read.Left > 0 {
		p.Later = from(read.After + desk.DayRows)
	}
	p.MineLink, p.AllIDs = link(day, "mine"), link(day, "all")
	p.LateAlerts = slices.ContainsFunc(p.Alerts, func(a record.DayAlert) bool { return a.Late })
	for _, x := range read.Visits {
		p.Visits = append(p.Visits, p.visitRow(v, x))
	}
	for _, t := range read.Tasks[:min(len(read.Tasks), mostTasks)] {
		p.Tasks = append(p.Tasks, p.taskRow(v, t))
	}
	p.MoreTasks = read.Owed - len(p.Tasks)
	for _, l := range slices.Backward(read.Overnight) {
		switch {
		case !v.mayReadLine(l.HistoryLine):
		case len(p.Lines) < mostLines:
			p.Lines = append(p.Lines, p.lineRow(l))
		default:
			p.Older++
		}
	}
	return v.show(page{Title: "Today", Template: "today", Data: p})
}

// treatsOnly says whether somebody looks after their own clients and not after the whole practice's.
func (v *visitor) treatsOnly() bool {
	return v.holds(person.Psychotherapist) && !v.holds(person.Coordinator)
}

// holds says whether the person holds a role.
func (v *visitor) holds(role person.Role) bool { return slices.Contains(v.who.Roles(), role) }

// people are the names of those who work here, by their ids.
func (s *Site) people() map[string]string {
	names := map[string]string{}
	for _, m := range s.Desk.Policy.Everybody() {
		names[m.ID] = m.Name
	}
	return names
}

// landings say where the work of a role begins.
var landings = map[person.Role]string{
	person.Coordinator: "/today", person.Psychotherapist: "/today", person.Physician: "/inbox", person.Nurse: "/today",
	person.Accountant: "/money", person.Owner: "/practice",
}

// landing leads to the page on which somebody's work begins: that of their first role.
func landing(v *visitor) error { return v.seeOther(landings[v.who.Roles()[0]]) }

// left says how much time there is until something is due, or how long ago that was.
func left(due, now time.Time) string {
	word, d := "left", due.Sub(now)
	if d <= 0 {
		word, d = "late", -d
	}
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch days := minutes / (24 * 60); {
	case days >= 2:
		return fmt.Sprintf("%d days %s", days, word)
	case minutes >= 60 && minutes%60 != 0 && minutes < 6*60:
		return fmt.Sprintf("%d h %d min %s", minutes/60, minutes%60, word)
	case minutes >= 60:
		return fmt.Sprintf("%d h %s", minutes/60, word)
	default:
		return fmt.Sprintf("%d min %s", minutes, word)
	}
}

// may says whether the person may do something, for leaving out links that lead to a refusal.
func (v *visitor) may(action access.Action) bool { return v.who.May(action, v.now) }
