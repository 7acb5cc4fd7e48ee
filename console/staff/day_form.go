package staff

import (
	"slices"

	"kapflow/care"
	"kapflow/care/form"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
)

// quickForm is the form of a fact as a part of a page: with a few of its fields, about a visit that the page knows.
type quickForm struct {
	Action  string
	Fact    string
	Title   string
	Do      string // record, or preview
	Once    string
	Seen    int
	Back    string
	Visit   string
	Inputs  []input
	Offered bool          // the person may record it now
	Why     *care.Refusal // why not
}

// quick makes forms for the facts about one visit.
type quick struct {
	v    *visitor
	rec  record.HealthRecord
	id   string // of the visit
	back string
	now  map[string]care.Offer
}

// quickFor makes the forms of a page about a visit.
func (v *visitor) quickFor(rec record.HealthRecord, visit, back string) quick {
	return quick{v: v, rec: rec, id: visit, back: back + "/" + visit, now: v.offersAbout(rec.Chart, visit)}
}

// offersAbout says of every fact about a visit whether the person may record it now.
func (v *visitor) offersAbout(c *care.Chart, visit string) map[string]care.Offer {
	c, now := c.WithStaff(v.site.Desk.Policy), v.chartNow(c)
	return v.offered(func(by person.Actor) []care.Offer { return c.OffersAbout(visit, by, now) })
}

// form makes the form of a fact with some of its fields.
func (q quick) form(kind care.Kind, do string, fields ...string) *quickForm {
	fact := kind.Name
	offer, mine := q.now[fact]
	if !mine {
		return nil
	}
	by, _ := q.v.who.ActsAs(kind.By)
	m := inputs{typed: form.Values{}, page: fact + "-", choices: func(field string) []care.Choice {
		return q.rec.Chart.Choices(kind, field, by, q.v.chartNow(q.rec.Chart))
	}}
	shown := slices.DeleteFunc(kind.FieldsFor(by.Role), func(f care.Field) bool { return !slices.Contains(fields, f.Name) })
	return &quickForm{Action: formPath(q.rec.Chart.ClientID, fact), Fact: fact, Title: kind.Title(), Do: do, Once: desk.NewID("fact"), Seen: lastFact(q.rec),
		Back: q.back, Visit: q.id, Inputs: m.of(shown, ""), Offered: offer.Now, Why: offer.Why}
}
