package main

import (
	"fmt"
	"strconv"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type staffSignOutCommand struct {
	ID       string `arg:"" help:"Whose sessions to end: their id in the practice file."`
	Passkeys bool   `help:"Remove all their passkeys too, if a device was lost. They then need a new invitation."`
	who
}

// Run ends all sessions of one person. It works for people too who are not in the practice file any more.
func (c staffSignOutCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c staffSignOutCommand) on(t terminal, app *wiring.App, by access.Person) error {
	ask := desk.Ask{Action: access.EndSessions, Subject: desk.Practice, Detail: map[string]string{"person": c.ID, "passkeys": strconv.FormatBool(c.Passkeys)}}
	return lookAs(t, app, by, ask, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		if c.Passkeys {
			keys, err := records.Passkeys(t.ctx, c.ID)
			if err != nil {
				return err
			}
			for _, k := range keys {
				if _, err := records.RemovePasskey(t.ctx, c.ID, k.ID); err != nil {
					return err
				}
			}
			fmt.Fprintf(t.out, "%d passkeys of %s were removed.\n", len(keys), c.ID)
		}
		ended, err := records.EndSessions(t.ctx, c.ID, time.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s was signed out. Sessions that were open: %d.\n", c.ID, ended)
		return nil
	})
}
