package main

import (
	"errors"
	"fmt"
	"os"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/worker/wiring"
)

type enrollCommand struct {
	File string `arg:"" help:"JSON (a client or a list) or CSV with a heading line. Columns: reference, preferred_name, phone, email, birth_date, legal_name, address (lines with ;), member_id, timezone, presenting (several with ;), physician, psychotherapist, consent_sms, consent_email (minimal or appointment-time), other_person (yes: not the client with the same name and number)." type:"path"`
	who
	JSON bool `name:"json" help:"Print JSON."`
}

// enrolled is the result of one row.
type enrolled struct {
	Line   int    `json:"line"`
	Client string `json:"client,omitempty"`
	State  string `json:"state"` // enrolled, already-enrolled, refused
	Reason string `json:"reason,omitempty"`
}

// Run enrolls every valid row, none twice, and reports the others with line and reason.
func (c enrollCommand) Run(t terminal) error {
	body, err := os.ReadFile(c.File)
	if err != nil {
		return usageError{err}
	}
	intakes, err := readIntakes(c.File, body)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", c.File, err)}
	}
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by, intakes) })
}

func (c enrollCommand) on(t terminal, app *wiring.App, by access.Person, intakes []intake) error {
	results, bad, err := enrollAll(t, app.Desk, by, intakes)
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

// enrollAll enrolls clients one after the other. bad counts the rows that were refused; err ends the enrollment.
func enrollAll(t terminal, d *desk.Desk, by access.Person, intakes []intake) (results []enrolled, bad int, err error) {
	for _, in := range intakes {
		if in.fault != nil {
			results, bad = append(results, enrolled{Line: in.line, State: "refused", Reason: in.fault.Error()}), bad+1
			continue
		}
		answer, err := d.Enroll(t.ctx, by, in.Enrollment)
		var refusal *care.Refusal
		switch {
		case err == nil:
			results = append(results, enrolled{Line: in.line, Client: answer.ClientID, State: "enrolled"})
		case errors.As(err, &refusal) && refusal.Code == care.CodeAlreadyEnrolled:
			results = append(results, enrolled{Line: in.line, Client: answer.ClientID, State: refusal.Code})
		case errors.As(err, &refusal):
			results, bad = append(results, enrolled{Line: in.line, State: "refused", Reason: refusal.Message}), bad+1
		default:
			return results, bad, err
		}
	}
	return results, bad, nil
}
