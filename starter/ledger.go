package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/documents"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type ledgerCommand struct {
	Balance ledgerBalanceCommand `cmd:"" help:"Show what stands on every account, one table for each fee set."`
	Journal ledgerJournalCommand `cmd:"" help:"Print a fee set's books as an hledger journal."`
	Export  ledgerExportCommand  `cmd:"" help:"Write a month's journals for the accountant, close the month, and print the hashes."`
	Check   ledgerCheckCommand   `cmd:"" help:"Export every closed month again and compare it with the hash that was kept."`
}

var feeSets = []money.FeeSet{money.Medical, money.Psychotherapies}

// withBooks runs something on the books of a practice and notes who looked.
func withBooks(t terminal, action, subject string, do func(*wiring.House) error) error {
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	if err := house.Store.Audit(t.ctx, person.Actor{ID: "command-line", Role: person.Coordinator}, action, subject, nil); err != nil {
		return err
	}
	return do(house)
}

type ledgerBalanceCommand struct {
	At   string `help:"The day at whose end the balances are taken, such as 2027-03-31; default: everything posted."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints the trial balance of both fee sets.
func (c ledgerBalanceCommand) Run(t terminal) error {
	if err := checkDay("--at", c.At); err != nil {
		return err
	}
	return withBooks(t, "read", "ledger", func(house *wiring.House) error {
		balances := map[money.FeeSet][]money.AccountBalance{}
		for _, set := range feeSets {
			books, err := house.Store.Books(t.ctx, set)
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

type ledgerJournalCommand struct {
	FeeSet string `arg:"" name:"fee-set" enum:"medical,psychotherapy" help:"medical or psychotherapy: each has books of its own."`
	From   string `help:"First day, such as 2027-03-01; default: from the beginning."`
	To     string `help:"Last day; default: to the end."`
}

// Run prints one fee set's journal.
func (c ledgerJournalCommand) Run(t terminal) error {
	if err := errors.Join(checkDay("--from", c.From), checkDay("--to", c.To)); err != nil {
		return err
	}
	return withBooks(t, "read", "ledger", func(house *wiring.House) error {
		books, err := house.Store.Books(t.ctx, money.FeeSet(c.FeeSet))
		if err != nil {
			return err
		}
		_, err = t.out.Write(documents.Journal(books, c.From, c.To))
		return err
	})
}

type ledgerExportCommand struct {
	Month string `required:"" help:"The month, such as 2027-03. It must be over; earlier months that are still open are closed with it."`
	Dir   string `help:"Where the files are written." default:"." type:"path"`
	Draft bool   `help:"Write the files without closing the month, at any time."`
	By    string `help:"Who closes the month: an id." default:"coordinator"`
}

// Run writes both journals of a month and closes it.
func (c ledgerExportCommand) Run(t terminal) error {
	first, err := time.Parse("2006-01", c.Month)
	if err != nil {
		return usageError{fmt.Errorf("--month %s: write it as 2027-03", c.Month)}
	}
	return withBooks(t, "export", "ledger "+c.Month, func(house *wiring.House) error {
		now := house.Practice.Zone.Local(time.Now().UTC())
		if over := first.AddDate(0, 1, 0); !c.Draft && now.Format(time.DateOnly) < over.Format(time.DateOnly) {
			return usageError{fmt.Errorf("--month %s: is not over, so it cannot be closed; --draft writes what there is", c.Month)}
		}
		for _, set := range feeSets {
			if err := c.export(t, house, set, first); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c ledgerExportCommand) export(t terminal, house *wiring.House, set money.FeeSet, month time.Time) error {
	body, closing := []byte(nil), store.Closing{}
	var err error
	if c.Draft {
		books, readErr := house.Store.Books(t.ctx, set)
		body, err = monthJournal(month)(books), readErr
	} else {
		closing, body, err = house.Store.CloseMonth(t.ctx, set, c.Month, person.Actor{ID: c.By, Role: person.Coordinator}, monthJournal(month))
	}
	if err != nil {
		return err
	}
	file := filepath.Join(c.Dir, fmt.Sprintf("%s-%s.journal", set, c.Month))
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return err
	}
	if c.Draft {
		fmt.Fprintf(t.out, "%s  draft, the month stays open\n", file)
		return nil
	}
	fmt.Fprintf(t.out, "%s  sha256 %x  closed %s\n", file, closing.SHA256, house.Practice.Zone.Say(closing.ClosedAt))
	return nil
}

// monthJournal exports one month of whichever books it is given.
func monthJournal(first time.Time) func(money.Books) []byte {
	return func(b money.Books) []byte {
		return documents.Journal(b, first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly))
	}
}

type ledgerCheckCommand struct{}

// Run compares every closed month with its hash.
func (ledgerCheckCommand) Run(t terminal) error {
	return withBooks(t, "read", "ledger", func(house *wiring.House) error {
		closings, err := house.Store.Closings(t.ctx)
		if err != nil {
			return err
		}
		for _, c := range closings {
			month, err := time.Parse("2006-01", c.Month)
			if err != nil {
				return err
			}
			if _, _, err := house.Store.CloseMonth(t.ctx, c.FeeSet, c.Month, person.Actor{}, monthJournal(month)); err != nil {
				return err
			}
			fmt.Fprintf(t.out, "%s %s  sha256 %x  as exported\n", c.Month, c.FeeSet, c.SHA256)
		}
		if len(closings) == 0 {
			fmt.Fprintln(t.out, "No month is closed yet. Close one with: starter ledger export --month 2027-03")
		}
		return nil
	})
}

func checkDay(flag, day string) error {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return usageError{fmt.Errorf("%s %s: write the day as 2027-03-31", flag, day)}
	}
	return nil
}
