package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/values"
	"kapflow/worker/wiring"
)

type billingCommand struct {
	Client string `arg:"" help:"The client's id."`
	With   string `required:"" help:"legal_name, address (lines with \\n), member_id as JSON in @FILE, or - for standard input. A field that is left out stays as it is; an empty text removes it."`
	who
}

// Run changes what documents say about a client.
func (c billingCommand) Run(t terminal) error {
	given, err := readWith(c.With)
	if err != nil {
		return err
	}
	var change care.BillingChange
	if err := values.Strict(given.body, &change, "legal_name", "address", "member_id"); err != nil {
		return usageError{fmt.Errorf("--with: %w", err)}
	}
	if given.inline && !inDemo() {
		if err := refuseInline([]string{"legal_name, address and member_id"}); err != nil {
			return err
		}
	}
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error {
		if err := app.Desk.ChangeBilling(t.ctx, by, c.Client, change); err != nil {
			return err
		}
		_, err := fmt.Fprintf(t.out, "New documents for %s will show the change.\n", c.Client)
		return err
	})
}
