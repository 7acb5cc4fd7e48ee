package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Day is what the practice has to do on one day.
type Day struct {
	From, To  time.Time // its midnights
	Since     time.Time // when the last working day before it closed
	Alerts    []DayAlert
	Visits    []DayVisit
	Tasks     []DayTask
	Overnight []DayLine // from Since until the day's end, oldest first
}

// DayAlert is an open alert, which climbs or did.
type DayAlert struct {
	Client string
	Late   bool // nobody acknowledged it in time
	care.Alert
}

// DayVisit is one visit of the day, with what is missing for it.
type DayVisit struct {
	Client  string
	ID      string
	Kind    visit.Kind
	Name    string
	Start   time.Time
	Minutes int
	Place   string
	Phase   visit.Phase
	People  []string // ids of the clinicians whom it needs
	Missing []Missing
	Version int
}

// Missing is something that a visit still needs, and whose move it is.
type Missing struct {
	Words string
	Move  person.Role
	Due   time.Time // zero: no time is set
}

// DayTask is a task that is due by the end of the day.
type DayTask struct {
	Client string
	Late   bool
	care.Task
}

// DayLine is something that happened to a client.
type DayLine struct {
	Client string
	HistoryLine
}

// Sheet is what a day shows of a client. It is kept beside the chart, so that a day opens no chart.
type Sheet struct {
	Client string       `json:"client"`
	From   time.Time    `json:"from"`             // it has the visits that begin at or after this time
	Ahead  time.Time    `json:"ahead"`            // the chart's own time, which counts if it is ahead of now, as in a demo
	Alerts []care.Alert `json:"alerts,omitempty"` // open ones that climb, or did
	Visits []DayVisit   `json:"visits,omitempty"`
	Tasks  []care.Task  `json:"tasks,omitempty"`
	Treats []string     `json:"treats,omitempty"` // ids of who treats the client
}

// sheetFor is how long before the time at which a sheet is made its visits begin: more than a calendar feed looks back.
const sheetFor = 32 * 24 * time.Hour

// SheetOf gives the sheet of a chart as of a time, with the visits that begin at or after another. It holds as long as a summary of the
// same time: what goes on with time alone, visits that are over and alerts that climb, is told from the times in it.
func SheetOf(c *care.Chart, at, from time.Time) Sheet {
	at = chartTime(c, at)
	s := Sheet{Client: c.ClientID, From: from, Ahead: c.Published.At, Tasks: c.Tasks(at), Treats: treating(c, at)}
	for _, a := range c.OpenAlerts() {
		if c.AlertState(a, at) == care.StateEscalated || c.AlertState(a, a.Due) == care.StateEscalated {
			s.Alerts = append(s.Alerts, a)
		}
	}
	for i := range c.Visits {
		v := &c.Visits[i]
		if v.Start.Before(from) {
			continue
		}
		s.Visits = append(s.Visits, DayVisit{Client: c.ClientID, ID: v.ID, Kind: v.Kind, Name: v.Name(), Start: v.Start, Minutes: v.Minutes, Place: placeName(c, v.Place), Phase: v.Phase(at),
			People: c.BusyAt(v.Kind, v.Start), Missing: missing(c, v, s.Tasks, at),
			Version: v.Version})
	}
	return s
}

// phase is the phase of a visit at a time that is not before its sheet's.
func (v DayVisit) phase(at time.Time) visit.Phase {
	switch v.Phase {
	case visit.PhaseArrived, visit.PhaseTentative, visit.PhaseConfirmed, visit.PhaseBooked:
		if v.Start.Add(time.Duration(v.Minutes) * time.Minute).Before(at) {
			return visit.PhaseOver
		}
	}
	return v.Phase
}

// DayOf gives a day of the practice, as of now. reader keeps to the tasks of some roles; with mine, to the visits
// and clients of one clinician.
func DayOf(rows []care.BoardRow, day, now time.Time, reader DayReader) Day {
	var sheets []Sheet
	for _, r := range rows {
		sheets = append(sheets, SheetOf(r.Chart, now, time.Time{}))
	}
	return DayOfSheets(sheets, day, now, reader)
}

// DayOfSheets is DayOf from sheets that hold at now.
func DayOfSheets(sheets []Sheet, day, now time.Time, reader DayReader) Day {
	d := Day{From: reader.Zone.Clock(day, 0, 0), To: reader.Zone.Clock(reader.Zone.AddDays(day, 1), 0, 0)}
	for _, s := range sheets {
		at := now
		if s.Ahead.After(now) {
			at = s.Ahead
		}
		if reader.Mine && !slices.Contains(s.Treats, reader.ID) {
			continue
		}
		for _, a := range s.Alerts {
			d.Alerts = append(d.Alerts, DayAlert{s.Client, !at.Before(a.Due), a})
		}
		for _, v := range s.Visits {
			if !v.Start.Before(d.From) && v.Start.Before(d.To) && (!reader.Mine || slices.Contains(v.People, reader.ID)) {
				v.Phase, v.Missing = v.phase(at), slices.Clone(v.Missing)
				d.Visits = append(d.Visits, v)
			}
		}
		for _, t := range s.Tasks {
			if slices.Contains(reader.Roles, t.Role) && t.Due.Before(d.To) {
				t.Words = taskWords(t)
				d.Tasks = append(d.Tasks, DayTask{s.Client, !at.Before(t.Due), t})
			}
		}
	}
	slices.SortStableFunc(d.Alerts, func(a, b DayAlert) int { return a.Due.Compare(b.Due) })
	slices.SortStableFunc(d.Visits, func(a, b DayVisit) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Client, b.Client)) })
	slices.SortStableFunc(d.Tasks, func(a, b DayTask) int { return a.Due.Compare(b.Due) })
	return d
}

// DayReader is who reads a day.
type DayReader struct {
	Zone  clock.Zone // the practice's
	ID    string
	Roles []person.Role
	Mine  bool // only what needs this clinician
}

// chartTime is the time at which to look at a chart: now, or the chart's own time if that is ahead, as in a demo.
func chartTime(c *care.Chart, now time.Time) time.Time {
	if c.Published.At.After(now) {
		return c.Published.At
	}
	return now
}

// treats says whether a clinician treats the client now.
func treats(c *care.Chart, id string, at time.Time) bool {
	return slices.Contains(treating(c, at), id)
}

// treatments are the kinds of visits whose clinicians treat a client.
var treatments = []visit.Kind{visit.Preparation, visit.Consult, visit.Infusion}

// missing gives what an open visit still needs: the shut gates of an infusion, and the tasks about it.
func missing(c *care.Chart, v *care.Visit, tasks []care.Task, now time.Time) (out []Missing) {
	if v.Open() && v.Kind == visit.Infusion {
		for _, g := range c.GatesOf(v, now) {
			if !g.Open {
				out = append(out, Missing{Words: g.Reason, Move: g.MustAct})
			}
		}
	}
	for _, t := range tasks {
		if t.About == v.ID {
			out = append(out, Missing{Words: t.Words, Move: t.Role, Due: t.Due})
		}
	}
	return out
}

// LastClose is when the last working day before a day closed.
func LastClose(p policy.Policy, zone clock.Zone, day time.Time) time.Time {
	return clock.Calendar{Zone: zone, Office: p.Alerts.Office()}.WorkingDayBefore(day)
}

// nightLine is a line of the history as a day tells it: shorter, with visits by their names, and without anybody's own words.
func nightLine(c *care.Chart, l HistoryLine) HistoryLine {
	l.With, l.Why = nil, ""
	switch {
	case l.Type == "alert":
		l.Words = "Alert " + l.To + ": " + wording.Title(l.What)
	case l.Type == "fact":
		l.Words = wording.Title(l.What)
		if v := c.Visit(l.About); v != nil {
			l.Words += ": " + v.Name()
		}
	}
	return l
}

// taskWords are the words of a task without the code of what it is about, which tells people nothing.
func taskWords(t care.Task) string { return strings.TrimSuffix(t.Words, " ("+t.About+")") }

// Night gives what some lines of the journal tell since the last working day closed: facts, alerts, and deliveries that did not
// arrive or of which nobody knows. Words that clients or clinicians wrote are left out.
func (d Day) Night(rows []care.BoardRow, lines []care.JournalLine, reader DayReader) ([]DayLine, error) {
	charts := map[string]*care.Chart{}
	for _, r := range rows {
		if !reader.Mine || treats(r.Chart, reader.ID, d.From) {
			charts[r.ClientID] = r.Chart
		}
	}
	var out []DayLine
	for _, l := range lines {
		c := charts[l.ClientID]
		if c == nil || l.At.Before(d.Since) || !l.At.Before(d.To) {
			continue
		}
		line, err := HealthRecord{Chart: c}.historyLine(l)
		if err != nil {
			return nil, err
		}
		failed := line.Type == "message" && (line.To == string(message.StateRejected) || line.To == string(message.StateUnknown))
		if line.Type == "fact" || line.Type == "alert" || failed {
			next := DayLine{l.ClientID, nightLine(c, line)}
			same := func(x DayLine) bool { // an alert has a line for each role
				return x.Client == next.Client && x.Type == next.Type && x.What == next.What && x.To == next.To && x.Recorded.Equal(next.Recorded)
			}
			if line.Type != "alert" || !slices.ContainsFunc(out, same) {
				out = append(out, next)
			}
		}
	}
	return out, nil
}
