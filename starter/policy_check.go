package main

import (
	"fmt"
	"os"
	"time"

	"kapflow/care/person"
	"kapflow/practice"
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
	fmt.Fprintf(t.out, "%s is in order: %s, version %s, %d clinicians, %d people in all, at least %d preparation sessions.\n",
		c.File, prac.Policy.Practice.Name, prac.Policy.Version, len(prac.Policy.Clinicians), len(prac.Policy.Everybody()), prac.Policy.Preparation.MinimumSessions)
	for _, role := range []person.Role{person.Coordinator, person.Accountant, person.Owner} {
		if len(prac.Policy.Holding(role)) == 0 {
			fmt.Fprintf(t.out, "Nobody holds the role %s yet. Add a person with this role under staff.\n", role)
		}
	}
	if prac.Policy.Confirmation.By == "" {
		fmt.Fprintln(t.out, "No physician has confirmed the safety settings yet. They are placeholders.")
	}
	return nil
}
