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
	return v.show(page{Title: "Cannot be recorded now", Template: "not-yet", Data: notYetPage{v.head(c.ClientID, name, "/record"), offerGroups(c.ClientID, v.offeredOf(c, v.chartNow(c)))}})
}

// offered gives by name the facts that the person may record in any of their roles, in the one in which it is possible now if there is one. offers
// asks a client's chart for one role. Facts of other people's roles are left out.
func (v *visitor) offered(offers func(by person.Actor) []care.Offer) map[string]care.Offer {
	best := map[string]care.Offer{}
	for _, role := range v.who.Roles() {
		by, _ := v.who.ActsAs([]person.Role{role})
		for _, o := range offers(by) {
			if o.Why != nil && o.Why.Has(care.CodeNotYourRole) {
				continue
			}
			if had, ok := best[o.Fact]; !ok || o.Now && !had.Now {
				best[o.Fact] = o
			}
		}
	}
	return best
}

// offeredOf is offered about a client.
func (v *visitor) offeredOf(c *care.Chart, now time.Time) map[string]care.Offer {
	c = c.WithStaff(v.site.Desk.Policy)
	return v.offered(func(by person.Actor) []care.Offer { return c.Offers(by, now) })
}

// offerGroups lists what may be recorded about a client, by part of the work.
func offerGroups(client string, offered map[string]care.Offer) (groups []offerGroup) {
	for _, name := range care.Groups() {
		g := offerGroup{Group: name}
		for _, o := range offered {
			switch {
			case o.Group != name:
			case o.Now:
				g.Now = append(g.Now, linkTo(o.Title, formPath(client, o.Fact)))
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
