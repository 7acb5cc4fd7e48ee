package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"kapflow/access"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type ledgerBalanceCommand struct {
	At   string `help:"Show the balances at the end of this day, such as 2027-03-31. Default: everything posted."`
	JSON bool   `name:"json" help:"Print JSON."`
	who
}

// Run prints the trial balance of both fee sets.
func (c ledgerBalanceCommand) Run(t terminal) error {
	if err := checkDay("--at", c.At); err != nil {
		return err
	}
	return look(t, c.who, desk.Ask{Action: access.ReadLedger, Subject: "ledger"}, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		balances := map[money.FeeSet][]money.AccountBalance{}
		for _, set := range feeSets {
			books, err := records.Books(t.ctx, set)
			if err != nil {
				return err
			}
			if c.At != "" {
				books = books.Before(c.At + "~")
			}
			balances[set] = books.Balances()
		}
		if c.JSON {
			return writeJSON(t.out, balances)
		}
		return printBalances(t.out, balances)
	})
}

func printBalances(out io.Writer, balances map[money.FeeSet][]money.AccountBalance) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	for i, set := range feeSets {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s fees\tdebit\tcredit\t\n", wording.Title(string(set)))
		var debit, credit money.Cents
		for _, a := range balances[set] {
			switch {
			case a.Cents > 0:
				debit += a.Cents
				fmt.Fprintf(w, "%s\t%s\t\t\n", a.ID, a.Cents)
			case a.Cents < 0:
				credit -= a.Cents
				fmt.Fprintf(w, "%s\t\t%s\t\n", a.ID, -a.Cents)
			}
		}
		fmt.Fprintf(w, "total\t%s\t%s\t\n", debit, credit)
	}
	return w.Flush()
}
