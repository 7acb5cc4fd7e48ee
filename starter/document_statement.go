package main

import (
	"kapflow/access"
	"kapflow/documents"
)

type documentStatementCommand struct {
	Client string `arg:"" help:"The client's id."`
	newDocumentFlags
}

// Run makes the statement and stores it.
func (c documentStatementCommand) Run(t terminal) error {
	return withSubject(t, c.who, access.GiveDocument, c.Client, func(s desktop) error {
		_, err := c.handOut(t, s, documents.Statement(s.Subject), "")
		return err
	})
}
