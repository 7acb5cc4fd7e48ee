package main

import (
	"fmt"
	"os"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk/intake"
	"kapflow/worker/wiring"
)

type enrollCommand struct {
	File string `arg:"" help:"JSON (a client or a list) or CSV with a heading line. Columns: reference, preferred_name, pronouns, phone, email, birth_date, legal_name, address (lines with ;), member_id, timezone, presenting (several with ;), physician, psychotherapist, consent_sms, consent_email (minimal or appointment-time), other_person (yes: not the client with the same name and number)." type:"path"`
	who
	JSON bool `name:"json" help:"Print JSON."`
}

// Run enrolls every valid row, none twice, and reports the others with line and reason.
func (c enrollCommand) Run(t terminal) error {
	body, err := os.ReadFile(c.File)
	if err != nil {
		return usageError{err}
	}
	rows, err := intake.Read(c.File, body)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", c.File, err)}
	}
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by, rows) })
}

func (c enrollCommand) on(t terminal, app *wiring.App, by access.Person, rows []intake.Row) error {
	results, bad, err := intake.Enroll(t.ctx, app.Desk, by, rows)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(t.out, results); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			fmt.Fprintf(t.out, "%s:%d: %s %s%s\n", c.File, r.Line, r.State, r.Client, r.Reason)
		}
	}
	if bad > 0 {
		return care.Refuse(care.OpeningKind().Name, care.CodeInvalid, fmt.Sprintf("%d of %d rows were not enrolled", bad, len(results)), person.Coordinator)
	}
	return nil
}
