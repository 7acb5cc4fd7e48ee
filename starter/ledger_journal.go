package main

import (
	"errors"

	"kapflow/access"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/documents"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type ledgerJournalCommand struct {
	FeeSet string `arg:"" name:"fee-set" enum:"medical,psychotherapy" help:"medical or psychotherapy. Each has its own books."`
	From   string `help:"First day, such as 2027-03-01. Default: from the beginning."`
	To     string `help:"Last day. Default: to the end."`
	who
}

// Run prints one fee set's journal.
func (c ledgerJournalCommand) Run(t terminal) error {
	if err := errors.Join(checkDay("--from", c.From), checkDay("--to", c.To)); err != nil {
		return err
	}
	return look(t, c.who, desk.Ask{Action: access.ReadLedger, Subject: "ledger"}, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		books, err := records.Books(t.ctx, money.FeeSet(c.FeeSet))
		if err != nil {
			return err
		}
		_, err = t.out.Write(documents.Journal(books, c.From, c.To))
		return err
	})
}
