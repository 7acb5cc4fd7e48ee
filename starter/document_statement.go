package main

import (
	"kapflow/documents"
	"kapflow/worker/wiring"
)

type documentStatementCommand struct {
	Client string `arg:"" help:"The client's id."`
	newDocumentFlags
}

// Run makes the statement and stores it.
func (c documentStatementCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(app *wiring.App, s documents.Subject) error {
		_, err := c.handOut(t, app, s, documents.Statement(s), "")
		return err
	})
}
