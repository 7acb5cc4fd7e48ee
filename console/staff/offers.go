package staff

import (
	"cmp"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

// offerGroup is a part of the work with the facts that somebody may record in it now, and those that they may not yet.
type offerGroup struct {
	Group care.Group
	Now   []link // to the form of each
	Later []care.Offer
}

// notYetPage is what the page of facts that cannot be recorded now shows.
type notYetPage struct {
	Head   clientHead
	Groups []offerGroup
}

// notYet shows which facts the person cannot record about a client now, and why. It is a page of its own because it is long and the client's
// page is opened all day.
func notYet(v *visitor) error {
	standing, err := v.site.Desk.Standing(v.r.Context(), v.who, v.r.PathValue("client"), false)
	if err != nil {
		return err
	}
	c, name := standing.Record.Chart, standing.Record.Contact.PreferredName
	return v.show(page{Title: "Cannot be recorded now", Template: "not-yet", Data: notYetPage{v.head(c.ClientID, name, "/record"), v.offers(c, v.chartNow(c))}})
}

// offers lists the facts that the person may record about a client, by part of the work.
func (v *visitor) offers(c *care.Chart, now time.Time) []offerGroup {
	best := map[string]care.Offer{} // the role in which it may be recorded comes first
	for _, role := range v.who.Roles() {
		by, _ := v.who.ActsAs([]person.Role{role})
		for _, o := range c.WithStaff(v.site.Desk.Policy).Offers(by, now) {
			if o.Why != nil && o.Why.Has(care.CodeNotYourRole) {
				continue
			}
			if had, ok := best[o.Fact]; !ok || o.Now && !had.Now {
				best[o.Fact] = o
			}
		}
	}
	var groups []offerGroup
	for _, name := range care.Groups() {
		g := offerGroup{Group: name}
		for _, o := range best {
			switch {
			case o.Group != name:
			case o.Now:
				g.Now = append(g.Now, linkTo(o.Title, clientPath(c.ClientID)+"/record/"+o.Fact))
			default:
				g.Later = append(g.Later, o)
			}
		}
		slices.SortFunc(g.Now, func(a, b link) int { return cmp.Compare(a.Text, b.Text) })
		slices.SortFunc(g.Later, func(a, b care.Offer) int { return cmp.Compare(a.Title, b.Title) })
		if len(g.Now)+len(g.Later) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}
