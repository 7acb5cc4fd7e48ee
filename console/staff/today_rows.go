package staff

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// visitRow is one visit of the day, in words. They are worked out here, because templates take several times as long.
type visitRow struct {
	Machine string // the start for programs, in UTC
	Clock   string // and for people, with the zone
	Minutes int
	Client  link
	Visit   link
	Tone    string // the class of the phase's tag
	Phase   string
	Where   string // the place, and the people whom it needs
	Missing []missingRow
	Ready   bool // nothing is missing, and that is worth saying
}

// missingRow is something that a visit still needs.
type missingRow struct {
	Words string
	Move  person.Role // whose move it is; empty: nobody's
	By    string      // when it is due; empty: no time is set
}

// taskRow is a task of the reader.
type taskRow struct {
	Client link
	Do     link   // the task in words, leading to where it is done
	By     string // when it is due
	Late   bool
}

// lineRow is something that happened overnight.
type lineRow struct {
	Client link
	Words  string
	Said   string // when, and by whom
}

// phaseTones are the classes of the tags of phases; others have none.
var phaseTones = map[visit.Phase]string{
	visit.PhaseConfirmed: " good", visit.PhaseHeld: " good", visit.PhaseOver: " bad", visit.PhaseMissed: " bad",
	visit.PhaseRunning: " warn", visit.PhaseArrived: " warn", visit.PhaseTentative: " warn",
}

// quiet are the phases of visits of which nobody needs to hear that nothing is missing.
var quiet = []visit.Phase{visit.PhaseHeld, visit.PhaseCancelled, visit.PhaseMissed}

// visitRow says a visit in words. An infusion of today leads to its infusion day.
func (p *todayPage) visitRow(v *visitor, x record.DayVisit) visitRow {
	page := "visits"
	if p.Today && x.Kind == visit.Infusion {
		page = "infusion"
	}
	where := []string{x.Place}
	for _, id := range x.People {
		where = append(where, cmp.Or(p.people[id], id))
	}
	row := visitRow{Machine: x.Start.UTC().Format(time.RFC3339), Clock: p.Zone.Local(x.Start).Format("3:04 PM MST"), Minutes: x.Minutes, Client: p.client(x.Client),
		Visit: linkTo(x.Name, clientPath(x.Client)+"/"+page+"/"+url.PathEscape(x.ID)), Tone: phaseTones[x.Phase], Phase: wording.Title(string(x.Phase)),
		Where: strings.Join(where, " · "), Ready: len(x.Missing) == 0 && !slices.Contains(quiet, x.Phase)}
	for _, m := range x.Missing {
		missing := missingRow{Words: upperFirst(v.plain(m.Words)), Move: m.Move}
		if !m.Due.IsZero() {
			missing.By = p.Zone.SayLong(m.Due)
		}
		row.Missing = append(row.Missing, missing)
	}
	return row
}

// taskRow says a task in words. Whether its form may be sent now is not known here, since lists open no charts; the form says what comes first.
func (p *todayPage) taskRow(v *visitor, t record.DayTask) taskRow {
	anything := func(string) bool { return true }
	return taskRow{Client: p.client(t.Client), Do: taskLink(t.Client, t.Task, v.plain(t.Words), anything), By: p.Zone.SayLong(t.Due), Late: t.Late}
}

// lineRow says what happened in words.
func (p *todayPage) lineRow(l record.DayLine) lineRow {
	said := shortTime(p.Zone, l.Recorded, p.On)
	if l.By.ID != "" {
		said += ", " + whoIs(p.people, l.By)
	}
	return lineRow{p.client(l.Client), l.Words, said}
}

// client leads to a client's page.
func (p *todayPage) client(id string) link { return linkTo(cmp.Or(p.Names[id], id), clientPath(id)) }
