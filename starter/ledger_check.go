package main

import (
	"fmt"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/documents"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type ledgerCheckCommand struct {
	who
}

// Run exports every closed month again and compares it with its stored hash.
func (c ledgerCheckCommand) Run(t terminal) error {
	return look(t, c.who, desk.Ask{Action: access.ReadLedger, Subject: "ledger"}, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		closings, err := records.Closings(t.ctx)
		if err != nil {
			return err
		}
		for _, closing := range closings {
			month, err := time.Parse("2006-01", closing.Month)
			if err != nil {
				return err
			}
			if _, _, err := records.CloseMonth(t.ctx, closing.FeeSet, closing.Month, person.Actor{}, documents.MonthJournal(month)); err != nil {
				return err
			}
			fmt.Fprintf(t.out, "%s %s  sha256 %x  unchanged\n", closing.Month, closing.FeeSet, closing.SHA256)
		}
		if len(closings) == 0 {
			fmt.Fprintln(t.out, "No month is closed yet. Close one with: starter ledger export --month 2027-03")
		}
		return nil
	})
}
