package main

import (
	"fmt"

	"kapflow/care/person"
	"kapflow/worker/wiring"
)

type worklistEndCommand struct {
	IDs []string `arg:"" name:"id" help:"The item's id, as the board shows it, such as m-1a2b3c4d."`
	By  string   `help:"Who dealt with it: ROLE or ROLE/ID." default:"coordinator"`
}

// Run removes items from the coordinator's list.
func (c worklistEndCommand) Run(t terminal) error {
	return withActor(t, c.By, func(app *wiring.App, by person.Actor) error { return c.on(t, app, by) })
}

func (c worklistEndCommand) on(t terminal, app *wiring.App, by person.Actor) error {
	for _, id := range c.IDs {
		if err := app.Desk.EndWorklistItem(t.ctx, by, id); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s was removed from the list\n", id)
	}
	return nil
}
