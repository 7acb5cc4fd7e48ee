package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type keysShowCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
	who
}

// Run lists the practice's keys that are needed. A key that is not listed can be taken out of KAPFLOW_FIELD_KEYS.
func (c keysShowCommand) Run(t terminal) error {
	return look(t, c.who, desk.Ask{Action: access.SealAgain, Subject: desk.Practice}, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		uses, err := records.KeyUse(t.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(t.out, uses)
		}
		for _, u := range uses {
			fmt.Fprintf(t.out, "%-20s %-30s %d\n", u.Key, u.Table, u.Count)
		}
		_, err = fmt.Fprintln(t.out, "Every other key can be taken out of KAPFLOW_FIELD_KEYS. Keep it as long as backups from before.")
		return err
	})
}
