package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/worker/wiring"
)

type restartCommand struct {
	Client string `arg:"" help:"The client's id."`
	Reason string `required:"" help:"Why: it is kept in the audit log."`
	who
}

// Run restarts a client's journey from its saved chart, on the build that runs now.
func (c restartCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c restartCommand) on(t terminal, app *wiring.App, by access.Person) error {
	if err := app.Desk.Restart(t.ctx, by, c.Client, c.Reason); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "The journey of %s was restarted from its saved chart.\n", c.Client)
	return nil
}
