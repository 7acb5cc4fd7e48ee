package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/worker/wiring"
)

type worklistEndCommand struct {
	IDs []string `arg:"" name:"id" help:"The item's id, as the board shows it, such as m-1a2b3c4d."`
	who
}

// Run removes items from the coordinator's list.
func (c worklistEndCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c worklistEndCommand) on(t terminal, app *wiring.App, by access.Person) error {
	for _, id := range c.IDs {
		if err := app.Desk.EndWorklistItem(t.ctx, by, id); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s was removed from the list\n", id)
	}
	return nil
}
