package main

import (
	"fmt"
	"time"

	"kapflow/care/money"
)

type ledgerCommand struct {
	Balance ledgerBalanceCommand `cmd:"" help:"Show the balance of every account, one table for each fee set."`
	Journal ledgerJournalCommand `cmd:"" help:"Print a fee set's books as an hledger journal."`
	Export  ledgerExportCommand  `cmd:"" help:"Write a month's journals for the accountant, close the month, and print the hashes."`
	Check   ledgerCheckCommand   `cmd:"" help:"Export every closed month again and compare it with the stored hash."`
}

// feeSets are the two sets of books, in the order they are printed.
var feeSets = money.FeeSets()

// checkDay refuses a flag that is not a date. Empty is valid.
func checkDay(flag, day string) error {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return usageError{fmt.Errorf("%s %s: write the date as 2027-03-31", flag, day)}
	}
	return nil
}
