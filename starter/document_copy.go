package main

import (
	"fmt"
	"slices"

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
	return withAudit(t, "read-billing", c.Client, func(app *wiring.App) error {
		issued, err := app.Store.IssuedDocuments(t.ctx, c.Client)
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
