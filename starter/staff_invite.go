package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console/signin"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type staffInviteCommand struct {
	ID string `arg:"" help:"Whom to invite: their id in the practice file, such as dr-sample."`
	who
}

// Run prints an invitation. Whoever opens it first can sign in as that person, so it is handed over in person.
func (c staffInviteCommand) Run(t terminal) error {
	settings, _, err := config.Peek(os.Environ())
	if err != nil {
		return &wiring.SettingsError{Err: err}
	}
	if settings.ConsoleURL == "" {
		return &wiring.SettingsError{Err: errors.New("KAPFLOW_CONSOLE_URL is missing. Set it to the address of the staff console; the link leads there")}
	}
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by, settings.ConsoleURL) })
}

func (c staffInviteCommand) on(t terminal, app *wiring.App, by access.Person, consoleURL string) error {
	ask := desk.Ask{Action: access.Invite, Subject: desk.Practice, Detail: map[string]string{"person": c.ID}}
	return lookAs(t, app, by, ask, func(app *wiring.App, records *store.Store, _ person.Actor) error {
		if err := app.Desk.Listed(c.ID); err != nil {
			return err
		}
		token, err := records.NewInvite(t.ctx, person.Invite{Kind: person.InvitePasskey, Person: c.ID, ExpiresAt: time.Now().Add(signin.InviteLasts)})
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Give this link to %s and to nobody else. It works once, until tomorrow at this time.\n\n%s\n", c.ID, consoleURL+signin.InvitePath+token)
		return nil
	})
}
