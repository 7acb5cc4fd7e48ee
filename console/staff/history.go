package staff

import (
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
)

// historyPage is everything that happened to a client's course.
type historyPage struct {
	Head   clientHead
	Lines  []record.HistoryLine // newest first
	Pager  pager
	At     string        // as the form shows it: 2006-01-02T15:04
	Stood  *record.Stood // how the course stood at that moment; nil: no moment is asked for
	Fault  string
	Zone   clock.Zone
	People map[string]string
}

// atLayout is how a form writes a date and a time.
const atLayout = "2006-01-02T15:04"

// history shows everything that happened, up to a moment if one is asked for, and how the course stood then.
func history(v *visitor) error {
	rec, err := v.site.Desk.OpenRecord(v.r.Context(), v.who, v.r.PathValue("client"))
	if err != nil {
		return err
	}
	zone := rec.Chart.Zone
	p := historyPage{Head: v.head(rec.Chart.ClientID, rec.Contact.PreferredName, "/history"), Zone: zone, At: v.r.URL.Query().Get("at"), People: v.site.people()}
	until, asked := time.Time{}, p.At != ""
	if asked {
		wall, err := time.Parse(atLayout, p.At)
		if err == nil {
			until, err = zone.At(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute())
		}
		if until.IsZero() {
			p.Fault = "Give a date and a time that there is, such as Nov 3, 2026, 9:00 AM."
			asked = err == nil
		}
	}
	lines, err := record.History(rec)
	if err != nil {
		return err
	}
	var kept []record.HistoryLine
	for i := len(lines) - 1; i >= 0; i-- {
		if l := lines[i]; v.mayReadLine(l) && (!asked || !l.Recorded.After(until)) {
			l.Words, l.Why = v.plain(l.Words), v.plain(l.Why)
			kept = append(kept, l)
		}
	}
	if asked {
		stood, err := record.StoodAt(rec, until)
		if err != nil {
			return err
		}
		v.plainChanges(stood.Gates)
		v.plainChanges(stood.Tasks)
		p.Stood = &stood
	}
	p.Pager = v.pager(len(kept))
	p.Lines = kept[p.Pager.From:p.Pager.To]
	return v.show(page{Title: "History", Template: "history", Data: p})
}

// plainChanges takes amounts out of reasons for somebody who sees no money.
func (v *visitor) plainChanges(list []care.Change) {
	for i := range list {
		list[i].Reason = v.plain(list[i].Reason)
	}
}
