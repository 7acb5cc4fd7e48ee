package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"kapflow/care/person"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type policyCommand struct {
	Check policyCheckCommand `cmd:"" help:"Check a practice file and list every fault with its line."`
}

type policyCheckCommand struct {
	File string `arg:"" help:"The practice file." type:"path"`
}

// Run checks a practice file and sums up what it says.
func (c policyCheckCommand) Run(t terminal) error {
	if _, err := os.Stat(c.File); err != nil {
		return usageError{err}
	}
	prac, err := practice.Load(c.File, time.Now())
	if err != nil {
		return err
	}
	if err := c.listsEveryClinician(t, prac); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s is in order: %s, version %s, %d clinicians, %d people in all, at least %d preparation sessions.\n",
		c.File, prac.Policy.Practice.Name, prac.Policy.Version, len(prac.Policy.Clinicians), len(prac.Policy.Everybody()), prac.Policy.Preparation.MinimumSessions)
	for _, role := range []person.Role{person.Coordinator, person.Accountant, person.Owner} {
		if len(prac.Policy.Holding(role)) == 0 {
			fmt.Fprintf(t.out, "Nobody holds the role %s yet. Add a person with this role under staff.\n", role)
		}
	}
	if by := prac.Policy.Confirmation; by.By == "" {
		fmt.Fprintln(t.out, "No physician has confirmed the safety settings yet. They are placeholders.")
	} else {
		fmt.Fprintf(t.out, "The safety settings were confirmed by %s on %s.\n", by.By, by.On)
	}
	return nil
}

// listsEveryClinician refuses a file that leaves out a clinician who has a client in an open course. It looks at the practice's
// database when the environment names one, and only reads.
func (c policyCheckCommand) listsEveryClinician(t terminal, prac practice.Practice) error {
	if os.Getenv("DATABASE_URL") == "" && os.Getenv("DATABASE_URL_FILE") == "" {
		return nil
	}
	options, _, err := optionsFromEnvironment(t)
	if err != nil {
		return err
	}
	options.Store.MaxConns = maxConns
	records, err := store.Open(t.ctx, options.Store)
	if err != nil {
		return &wiring.AwayError{Err: fmt.Errorf("cannot reach Postgres: %w", err)}
	}
	defer records.Close()
	return checkListed(t.ctx, records, prac)
}

func checkListed(ctx context.Context, records *store.Store, prac practice.Practice) error {
	if err := (&wiring.App{Practice: prac, Store: records}).CheckClinicians(ctx, time.Now()); err != nil {
		return &wiring.SettingsError{Err: err}
	}
	return nil
}
