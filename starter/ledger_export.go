package main

import (
	"fmt"
	"path/filepath"
	"time"

	"kapflow/access"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/documents"
	"kapflow/output"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type ledgerExportCommand struct {
	Month string `required:"" help:"The month, such as 2027-03. It must be over. Earlier months that are still open are closed too."`
	Dir   string `help:"The directory to write into." default:"." type:"path"`
	Draft bool   `help:"Write the files without closing the month. This is possible at any time."`
	who
}

// Run writes both journals of a month and closes it.
func (c ledgerExportCommand) Run(t terminal) error {
	first, err := time.Parse("2006-01", c.Month)
	if err != nil {
		return usageError{fmt.Errorf("--month %s: write it as 2027-03", c.Month)}
	}
	return look(t, c.who, desk.Ask{Action: access.ExportLedger, Subject: "ledger " + c.Month}, func(app *wiring.App, records *store.Store, by person.Actor) error {
		today, err := practiceDay(t, app, records)
		if err != nil {
			return err
		}
		if over := first.AddDate(0, 1, 0); !c.Draft && today < over.Format(time.DateOnly) {
			return usageError{fmt.Errorf("--month %s: this month is not over and cannot be closed; --draft writes what there is so far", c.Month)}
		}
		month := monthEnd{records, by, app.Practice.Zone, first}
		for _, set := range feeSets {
			if err := c.export(t, month, set); err != nil {
				return err
			}
		}
		return nil
	})
}

// practiceDay is the day on the practice's calendar: today, or the day of its last posting if that is later, as in the virtual
// time of a demo.
func practiceDay(t terminal, app *wiring.App, records *store.Store) (string, error) {
	day := app.Practice.Zone.Local(time.Now().UTC()).Format(time.DateOnly)
	for _, set := range feeSets {
		books, err := records.Books(t.ctx, set)
		if err != nil {
			return "", err
		}
		if n := len(books.Transactions); n > 0 {
			day = max(day, books.Transactions[n-1].Day)
		}
	}
	return day, nil
}

// monthEnd is a month that a person exports and closes.
type monthEnd struct {
	records *store.Store
	by      person.Actor
	zone    clock.Zone
	month   time.Time
}

func (c ledgerExportCommand) export(t terminal, m monthEnd, set money.FeeSet) error {
	body, closing := []byte(nil), money.Closing{}
	var err error
	if c.Draft {
		books, readErr := m.records.Books(t.ctx, set)
		body, err = documents.MonthJournal(m.month)(books), readErr
	} else {
		closing, body, err = m.records.CloseMonth(t.ctx, set, c.Month, m.by, documents.MonthJournal(m.month))
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
	fmt.Fprintf(t.out, "%s  sha256 %x  closed %s\n", file, closing.SHA256, m.zone.SayLong(closing.ClosedAt))
	return nil
}
