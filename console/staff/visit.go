package staff

import (
	"cmp"
	"slices"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// visitPage is one visit: when and where it is, and what may be done with it.
type visitPage struct {
	Client   string
	Contact  person.Contact
	Visit    *care.Visit
	Zone     clock.Zone
	When     string
	Place    string
	With     string // the clinicians it needs
	Infusion bool
	Recorded *recordedNote // of a form that led here; nil: none
	Gates    []care.Gate   // of an infusion that is still to come
	Move     *quickForm
	Now      []care.Offer // what else may be recorded about it now
	Later    []care.Offer // what may not, and why
	Link     string       // where a form for a fact begins; the fact's name follows
}

// oneVisit shows a visit, with the form that moves it.
func oneVisit(v *visitor) error {
	rec, appt, err := v.openVisit()
	if err != nil {
		return err
	}
	c := rec.Chart
	now := v.chartNow(c)
	p := visitPage{Client: c.ClientID, Contact: rec.Contact, Visit: appt, Zone: c.ZoneOf(appt), When: c.ZoneOf(appt).SayLong(appt.Start), Place: appt.Place,
		Infusion: appt.Kind == visit.Infusion, Link: clientPath(c.ClientID) + "/record/"}
	if p.Recorded, err = v.recordedNote(rec); err != nil {
		return err
	}
	if place, ok := c.Policy.Place(appt.Place); ok {
		p.Place = cmp.Or(place.Name, place.ID)
	}
	p.With = v.peopleOf(c.BusyAt(appt.Kind, appt.Start))
	if p.Infusion && appt.Open() {
		p.Gates = c.GatesOf(appt, now)
	}
	q := v.quickFor(rec, appt.ID, "visits")
	moves := care.KindFor[*care.AppointmentMoved]()
	if move := q.form(moves, "preview", "start", "place", "minutes", "reason"); move != nil && move.Offered {
		p.Move = move
	}
	for _, o := range q.now {
		switch {
		case o.Fact == moves.Name && p.Move != nil:
		case o.Now:
			p.Now = append(p.Now, o)
		default:
			p.Later = append(p.Later, o)
		}
	}
	byTitle := func(a, b care.Offer) int { return cmp.Compare(a.Title, b.Title) }
	slices.SortFunc(p.Now, byTitle)
	slices.SortFunc(p.Later, byTitle)
	return v.show(page{Title: "Visit", Template: "visit", Data: p, Zone: p.Zone})
}
