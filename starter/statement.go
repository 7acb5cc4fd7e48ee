package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"kapflow/care"
	"kapflow/documents"
	"kapflow/worker/wiring"
)

type statementCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	JSON   bool   `name:"json" help:"Print the client's transactions as JSON."`
}

// Run prints a client's account. For paper there is document statement.
func (c statementCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(_ *wiring.House, s documents.Subject) error {
		if c.JSON {
			return writeJSON(t.out, s.Transactions)
		}
		_, err := fmt.Fprint(t.out, documents.Statement(s).Text())
		return err
	})
}

type billingCommand struct {
	Client string `arg:"" help:"The client's id."`
	With   string `required:"" help:"legal_name, address (lines with \\n), member_id as JSON, @FILE, or - for standard input. What is left out stays; an empty text takes it away."`
	By     string `help:"Who changes it: ROLE or ROLE/ID." default:"coordinator"`
}

// Run changes what papers say of a client.
func (c billingCommand) Run(t terminal) error {
	body, err := readWith(c.With)
	if err != nil {
		return err
	}
	var change care.BillingChange
	if err := strictJSON(body, &change); err != nil {
		return usageError{fmt.Errorf("--with: %w; it may hold legal_name, address and member_id", err)}
	}
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	by, err := actorNamed(c.By, house.Practice.Policy)
	if err != nil {
		return err
	}
	if err := house.Desk.ChangeBilling(t.ctx, by, c.Client, change); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Changed what papers say of %s.\n", c.Client)
	return nil
}

// strictJSON reads JSON and refuses fields that are not known.
func strictJSON(body json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}
