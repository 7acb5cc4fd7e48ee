package main

import (
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
	"kapflow/workflows"
)

type upgradeCommand struct {
	who
}

// Run wakes every running journey. Each then sees that a newer build is current, and continues on it as soon as nothing is
// under way.
func (c upgradeCommand) Run(t terminal) error {
	return look(t, c.who, desk.Ask{Action: access.Upgrade, Subject: desk.Practice}, func(app *wiring.App, records *store.Store, _ person.Actor) error {
		return c.on(t, app, records)
	})
}

func (upgradeCommand) on(t terminal, app *wiring.App, records *store.Store) error {
	woken, after := 0, ""
	for {
		ids, next, err := records.ClientIDs(t.ctx, after, clientsAtOnce)
		if err != nil {
			return err
		}
		for _, id := range ids {
			var gone *serviceerror.NotFound
			if err := app.TemporalClient.SignalWorkflow(t.ctx, id, "", workflows.WakeSignal, nil); errors.As(err, &gone) {
				continue // the journey has ended
			} else if err != nil {
				fmt.Fprintf(t.err, "starter: %s stays on the old version for now: %v\n", id, err)
				continue
			}
			woken++
		}
		if after = next; after == "" {
			break
		}
	}
	fmt.Fprintf(t.out, "%d clients will move to the new version.\n", woken)
	return nil
}
