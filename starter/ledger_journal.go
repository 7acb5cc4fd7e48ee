package main

import (
	"errors"

	"kapflow/care/money"
	"kapflow/documents"
	"kapflow/worker/wiring"
)

type ledgerJournalCommand struct {
	FeeSet string `arg:"" name:"fee-set" enum:"medical,psychotherapy" help:"medical or psychotherapy. Each has its own books."`
	From   string `help:"First day, such as 2027-03-01. Default: from the beginning."`
	To     string `help:"Last day. Default: to the end."`
}

// Run prints one fee set's journal.
func (c ledgerJournalCommand) Run(t terminal) error {
	if err := errors.Join(checkDay("--from", c.From), checkDay("--to", c.To)); err != nil {
		return err
	}
	return withAudit(t, "read", "ledger", func(app *wiring.App) error {
		books, err := app.Store.Books(t.ctx, money.FeeSet(c.FeeSet))
		if err != nil {
			return err
		}
		_, err = t.out.Write(documents.Journal(books, c.From, c.To))
		return err
	})
}
