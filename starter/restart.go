package main

import (
	"fmt"

	"kapflow/worker/wiring"
)

type restartCommand struct {
	Client string `arg:"" help:"The client's id."`
	Reason string `required:"" help:"Why: it is kept in the audit log."`
	By     string `required:"" help:"Who asks: ROLE or ROLE/ID."`
}

// Run restarts a client's journey from its saved chart, on the build that runs now.
func (c restartCommand) Run(t terminal) error {
	return withApp(t, func(app *wiring.App) error { return c.on(t, app) })
}

func (c restartCommand) on(t terminal, app *wiring.App) error {
	by, err := actorNamed(c.By, app.Practice.Policy)
	if err != nil {
		return err
	}
	if err := app.Desk.Restart(t.ctx, by, c.Client, c.Reason); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "The journey of %s was restarted from its saved chart.\n", c.Client)
	return nil
}
