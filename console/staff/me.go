package staff

import (
	"cmp"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care/clock"
	"kapflow/care/person"
)

// mePage is who the reader is.
type mePage struct {
	Name, ID string
	Roles    []mineRole
	Feeds    bool      // the reader has visits of their own, and may have a calendar feed
	Feed     time.Time // when they made it; zero: they have none
	Address  string    // of a feed that was made just now, which is shown once
	Ended    bool      // it was ended just now
	Zone     clock.Zone
}

// mineRole is a role with the page on which its work begins.
type mineRole struct {
	Role  person.Role
	Start string
}

// me shows who the reader is. Passkeys and sessions are on the pages of the sign-in, which ask for a fresh one.
func me(v *visitor) error { return v.showMe(mePage{}) }

func (v *visitor) showMe(p mePage) (err error) {
	p.Name, p.ID, p.Zone, p.Feeds = v.name(), v.who.ID(), v.site.Desk.Zone, v.may(access.SeeFeed)
	for _, role := range v.who.Roles() {
		p.Roles = append(p.Roles, mineRole{role, landings[role]})
	}
	if p.Feeds {
		if p.Feed, err = v.site.Desk.OwnFeed(v.r.Context(), v.who); err != nil {
			return err
		}
	}
	return v.show(page{Title: "Me", Template: "me", Data: p})
}

// feedPosted makes the reader's calendar feed and shows its address this once, or ends it.
func feedPosted(v *visitor) error {
	if v.r.PostFormValue("do") == "end" {
		if err := v.site.Desk.EndFeed(v.r.Context(), v.who); err != nil {
			return err
		}
		return v.showMe(mePage{Ended: true})
	}
	secret, err := v.site.Desk.MakeFeed(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	origin := cmp.Or(strings.TrimSuffix(v.site.URL, "/"), "https://"+v.r.Host)
	return v.showMe(mePage{Address: origin + "/feed/" + secret + ".ics"})
}
