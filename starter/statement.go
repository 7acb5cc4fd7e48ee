package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/documents"
)

type statementCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	JSON   bool   `name:"json" help:"Print the transactions as JSON."`
	who
}

// Run prints a client's account as text. document statement makes a page or PDF of it.
func (c statementCommand) Run(t terminal) error {
	return withSubject(t, c.who, access.ReadBilling, c.Client, func(s desktop) error {
		if c.JSON {
			return writeJSON(t.out, s.Transactions)
		}
		_, err := fmt.Fprint(t.out, documents.Statement(s.Subject).Text())
		return err
	})
}
