package main

import (
	"fmt"
	"time"

	"kapflow/care/person"
	"kapflow/worker/wiring"
)

type ledgerCheckCommand struct{}

// Run exports every closed month again and compares it with its stored hash.
func (ledgerCheckCommand) Run(t terminal) error {
	return withAudit(t, "read", "ledger", func(app *wiring.App) error {
		closings, err := app.Store.Closings(t.ctx)
		if err != nil {
			return err
		}
		for _, c := range closings {
			month, err := time.Parse("2006-01", c.Month)
			if err != nil {
				return err
			}
			if _, _, err := app.Store.CloseMonth(t.ctx, c.FeeSet, c.Month, person.Actor{}, monthJournal(month)); err != nil {
				return err
			}
			fmt.Fprintf(t.out, "%s %s  sha256 %x  unchanged\n", c.Month, c.FeeSet, c.SHA256)
		}
		if len(closings) == 0 {
			fmt.Fprintln(t.out, "No month is closed yet. Close one with: starter ledger export --month 2027-03")
		}
		return nil
	})
}
