package main

import (
	"fmt"
	"time"

	"kapflow/access"
	"kapflow/desk"
	"kapflow/worker/wiring"
)

type eraseCommand struct {
	Client    string    `arg:"" help:"The client's id."`
	Reason    string    `required:"" help:"Why: it is kept in the audit log."`
	Retention time.Time `required:"" format:"2006-01-02" help:"The day until which a law asked to keep the record." placeholder:"YYYY-MM-DD"`
	who
}

// Run erases a client's record for good.
func (c eraseCommand) Run(t terminal) error {
	t.asOwner = true
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c eraseCommand) on(t terminal, app *wiring.App, by access.Person) error {
	if err := app.Desk.Erase(t.ctx, by, desk.EraseOrder{ClientID: c.Client, Reason: c.Reason, RetentionEnded: c.Retention}); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "The record of %s was erased. Backups can be read until they expire: delete those that are older than today when you may.\n", c.Client)
	return nil
}
