package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type staffListCommand struct {
	JSON bool `help:"Print JSON."`
	who
}

// staffLine is one person who works here.
type staffLine struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Roles    []person.Role `json:"roles"`
	Passkeys int           `json:"passkeys"`
	Blocked  int           `json:"blocked"` // of these, because they may have been copied
	Sessions int           `json:"sessions"`
}

// Run lists the staff.
func (c staffListCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c staffListCommand) on(t terminal, app *wiring.App, by access.Person) error {
	ask := desk.Ask{Action: access.ReadStaff, Subject: desk.Practice}
	return lookAs(t, app, by, ask, func(app *wiring.App, records *store.Store, _ person.Actor) error {
		lines := []staffLine{}
		for _, m := range app.Practice.Policy.Everybody() {
			line := staffLine{ID: m.ID, Name: m.Name, Roles: m.Roles}
			keys, err := records.Passkeys(t.ctx, m.ID)
			if err != nil {
				return err
			}
			for _, k := range keys {
				line.Passkeys++
				if k.Blocked {
					line.Blocked++
				}
			}
			if line.Sessions, err = records.OpenSessions(t.ctx, m.ID, time.Now()); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		if c.JSON {
			return writeJSON(t.out, lines)
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "Id\tName\tRoles\tPasskeys\tSessions")
		for _, l := range lines {
			blocked := ""
			if l.Blocked > 0 {
				blocked = fmt.Sprintf(" (%d blocked)", l.Blocked)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d%s\t%d\n", l.ID, l.Name, person.JoinRoles(l.Roles), l.Passkeys, blocked, l.Sessions)
		}
		return w.Flush()
	})
}
