package main

import (
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"

	"kapflow/worker/wiring"
	"kapflow/workflows"
)

type upgradeCommand struct{}

// Run wakes every running journey. Each then sees that a newer build is current, and continues on it as soon as nothing is
// under way.
func (c upgradeCommand) Run(t terminal) error {
	return withApp(t, func(app *wiring.App) error { return c.on(t, app) })
}

func (upgradeCommand) on(t terminal, app *wiring.App) error {
	rows, err := app.Store.Board(t.ctx)
	if err != nil {
		return err
	}
	woken := 0
	for _, r := range rows {
		var gone *serviceerror.NotFound
		if err := app.TemporalClient.SignalWorkflow(t.ctx, r.ClientID, "", workflows.WakeSignal, nil); errors.As(err, &gone) {
			continue // the journey has ended
		} else if err != nil {
			fmt.Fprintf(t.err, "starter: %s stays on the old version for now: %v\n", r.ClientID, err)
			continue
		}
		woken++
	}
	fmt.Fprintf(t.out, "%d clients will move to the new version.\n", woken)
	return nil
}
