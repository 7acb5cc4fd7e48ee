package main

import (
	"fmt"
	"slices"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type documentCopyCommand struct {
	Client string `arg:"" help:"The client's id."`
	ID     string `arg:"" name:"id" help:"The document's id, as starter document list shows it."`
	documentFlags
}

// Run writes a stored document again.
func (c documentCopyCommand) Run(t terminal) error {
	return look(t, c.who, desk.Ask{Action: access.ReadBilling, Subject: c.Client}, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		issued, err := records.IssuedDocuments(t.ctx, c.Client)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(issued, func(p store.IssuedDocument) bool { return p.ID == c.ID })
		if i < 0 {
			return usageError{fmt.Errorf("this client was given no document %s; list them with: starter document list %s", c.ID, c.Client)}
		}
		return c.write(t, issued[i])
	})
}
