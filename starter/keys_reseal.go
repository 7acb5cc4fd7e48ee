package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type keysResealCommand struct{ who }

// Run seals everything again that is under an older key.
func (c keysResealCommand) Run(t terminal) error {
	t.asOwner = true
	return look(t, c.who, desk.Ask{Action: access.SealAgain, Subject: desk.Practice}, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		steps := 0
		done, err := records.Reseal(t.ctx, func(done store.Resealed) {
			if steps++; steps%100 == 0 {
				fmt.Fprintf(t.err, "Keys: %d. Rows: %d.\n", done.Keys, done.Rows)
			}
		})
		if err != nil {
			return fmt.Errorf("%w; keys sealed again: %d, rows: %d; run it again to go on", err, done.Keys, done.Rows)
		}
		_, err = fmt.Fprintf(t.out, "Everything is sealed with the current key. Keys sealed again: %d. Rows sealed again: %d.\n", done.Keys, done.Rows)
		return err
	})
}
