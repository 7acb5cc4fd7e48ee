package main

import (
	"fmt"

	"kapflow/documents"
	"kapflow/worker/wiring"
)

type statementCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	JSON   bool   `name:"json" help:"Print the transactions as JSON."`
}

// Run prints a client's account as text. document statement makes a page or PDF of it.
func (c statementCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(_ *wiring.App, s documents.Subject) error {
		if c.JSON {
			return writeJSON(t.out, s.Transactions)
		}
		_, err := fmt.Fprint(t.out, documents.Statement(s).Text())
		return err
	})
}
