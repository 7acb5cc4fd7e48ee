package desk

import (
	"context"
	"fmt"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// Month is one calendar month of the books, of both fee sets.
type Month struct {
	Name string // 2027-03
	Over bool   // it may be closed
	Sets []MonthOfSet
}

// MonthOfSet is a month of one fee set's books.
type MonthOfSet struct {
	FeeSet       money.FeeSet
	Transactions int
	Changes      []money.AccountBalance // of each account that changed in the month, in cents
	Closed       *money.Closing         // nil: the month is open
}

// Months lists the months of the books, newest first, without their transactions.
func (d *Desk) Months(ctx context.Context, who access.Person) (months []Month, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadLedger, Subject: "ledger"}, func(person.Actor) error {
		first, err := d.Store.FirstPosting(ctx)
		if err != nil || first.IsZero() {
			return err
		}
		closings, err := d.Store.Closings(ctx)
		if err != nil {
			return err
		}
		for m := d.thisMonth(); !m.Before(first); m = m.AddDate(0, -1, 0) {
			month := Month{Name: m.Format(monthForm), Over: m.Before(d.thisMonth())}
			for _, set := range money.FeeSets() {
				month.Sets = append(month.Sets, MonthOfSet{FeeSet: set, Closed: closingOf(closings, set, month.Name)})
			}
			months = append(months, month)
		}
		return nil
	})
	return months, err
}

// ReadMonth gives one month of the books, written 2027-03.
func (d *Desk) ReadMonth(ctx context.Context, who access.Person, name string) (month Month, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadLedger, Subject: "ledger " + name}, func(person.Actor) error {
		month, err = d.month(ctx, name)
		return err
	})
	return month, err
}

// CloseMonth closes a month of both fee sets, with every month before it: nothing can be posted in them any more. It keeps the hash of what it
// exported. A month that is closed already stays as it is. The error is a *care.Refusal while the month is not over.
func (d *Desk) CloseMonth(ctx context.Context, who access.Person, name string) (month Month, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ExportLedger, Subject: "ledger " + name}, func(by person.Actor) error {
		first, err := d.monthNamed(name)
		if err != nil {
			return err
		}
		if !first.Before(d.thisMonth()) {
			return care.Refuse("month", care.CodeInFuture, "This month is not over. It can be closed when the next one begins.", "")
		}
		for _, set := range money.FeeSets() {
			if _, _, err := d.Store.CloseMonth(ctx, set, name, by, d.MonthJournal(first)); err != nil {
				return err
			}
		}
		month, err = d.month(ctx, name)
		return err
	})
	return month, err
}

// GiveJournal gives a month of one fee set as an hledger journal. Of an open month it is what there is so far.
func (d *Desk) GiveJournal(ctx context.Context, who access.Person, name string, set money.FeeSet) (journal []byte, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ExportLedger, Subject: "ledger " + name}, func(person.Actor) error {
		first, err := d.monthNamed(name)
		if err != nil {
			return err
		}
		books, err := d.Store.Books(ctx, set)
		if err == nil {
			journal = d.MonthJournal(first)(books)
		}
		return err
	})
	return journal, err
}

const monthForm = "2006-01"

// thisMonth is the first day of the practice's month, as a date.
func (d *Desk) thisMonth() time.Time {
	now := d.Zone.Local(d.Now())
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// monthNamed reads a month. The error is a *care.Refusal.
func (d *Desk) monthNamed(name string) (time.Time, error) {
	first, err := time.Parse(monthForm, name)
	if err != nil {
		return first, care.Refuse("month", care.CodeUnknownFact, "There is no such month. Write it like "+d.thisMonth().Format(monthForm)+".", "")
	}
	return first, nil
}

func (d *Desk) month(ctx context.Context, name string) (Month, error) {
	first, err := d.monthNamed(name)
	if err != nil {
		return Month{}, err
	}
	closings, err := d.Store.Closings(ctx)
	if err != nil {
		return Month{}, fmt.Errorf("read closed months: %w", err)
	}
	month := Month{Name: name, Over: first.Before(d.thisMonth())}
	for _, set := range money.FeeSets() {
		books, err := d.Store.Books(ctx, set)
		if err != nil {
			return Month{}, fmt.Errorf("read books: %w", err)
		}
		books = books.From(first.Format(time.DateOnly)).Before(first.AddDate(0, 1, 0).Format(time.DateOnly))
		s := MonthOfSet{FeeSet: set, Transactions: len(books.Transactions), Closed: closingOf(closings, set, name)}
		for _, b := range books.Balances() {
			if b.Cents != 0 {
				s.Changes = append(s.Changes, b)
			}
		}
		month.Sets = append(month.Sets, s)
	}
	return month, nil
}

// closingOf is the closing that closed a month of a fee set: its own, or that of a later month; nil: it is open.
func closingOf(closings []money.Closing, set money.FeeSet, month string) *money.Closing {
	for i := range closings { // by month
		if c := &closings[i]; c.FeeSet == set && c.Month >= month {
			return c
		}
	}
	return nil
}
