package main

import (
	"fmt"
	"path/filepath"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/output"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type ledgerExportCommand struct {
	Month string `required:"" help:"The month, such as 2027-03. It must be over. Earlier months that are still open are closed too."`
	Dir   string `help:"The directory to write into." default:"." type:"path"`
	Draft bool   `help:"Write the files without closing the month. This is possible at any time."`
	By    string `help:"Who closes the month: an id." default:"coordinator"`
}

// Run writes both journals of a month and closes it.
func (c ledgerExportCommand) Run(t terminal) error {
	first, err := time.Parse("2006-01", c.Month)
	if err != nil {
		return usageError{fmt.Errorf("--month %s: write it as 2027-03", c.Month)}
	}
	return withAudit(t, "export", "ledger "+c.Month, func(app *wiring.App) error {
		today, err := practiceDay(t, app)
		if err != nil {
			return err
		}
		if over := first.AddDate(0, 1, 0); !c.Draft && today < over.Format(time.DateOnly) {
			return usageError{fmt.Errorf("--month %s: this month is not over and cannot be closed; --draft writes what there is so far", c.Month)}
		}
		for _, set := range feeSets {
			if err := c.export(t, app, set, first); err != nil {
				return err
			}
		}
		return nil
	})
}

// practiceDay is the day on the practice's calendar: today, or the day of its last posting if that is later, as in the virtual
// time of a demo.
func practiceDay(t terminal, app *wiring.App) (string, error) {
	day := app.Practice.Zone.Local(time.Now().UTC()).Format(time.DateOnly)
	for _, set := range feeSets {
		books, err := app.Store.Books(t.ctx, set)
		if err != nil {
			return "", err
		}
		if n := len(books.Transactions); n > 0 {
			day = max(day, books.Transactions[n-1].Day)
		}
	}
	return day, nil
}

func (c ledgerExportCommand) export(t terminal, app *wiring.App, set money.FeeSet, month time.Time) error {
	body, closing := []byte(nil), store.Closing{}
	var err error
	if c.Draft {
		books, readErr := app.Store.Books(t.ctx, set)
		body, err = monthJournal(month)(books), readErr
	} else {
		closing, body, err = app.Store.CloseMonth(t.ctx, set, c.Month, person.Actor{ID: c.By, Role: person.Coordinator}, monthJournal(month))
	}
	if err != nil {
		return err
	}
	file := filepath.Join(c.Dir, fmt.Sprintf("%s-%s.journal", set, c.Month))
	if err := output.ReplaceFile(file, body); err != nil {
		return err
	}
	if c.Draft {
		fmt.Fprintf(t.out, "%s  draft; the month stays open\n", file)
		return nil
	}
	fmt.Fprintf(t.out, "%s  sha256 %x  closed %s\n", file, closing.SHA256, app.Practice.Zone.SayLong(closing.ClosedAt))
	return nil
}
