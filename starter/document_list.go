package main

import (
	"fmt"

	"kapflow/worker/wiring"
)

type documentListCommand struct {
	Client string `arg:"" help:"The client's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists the documents that a client was given.
func (c documentListCommand) Run(t terminal) error {
	return withAudit(t, "read-billing", c.Client, func(app *wiring.App) error {
		issued, err := app.Store.IssuedDocuments(t.ctx, c.Client)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(t.out, issued)
		}
		for _, p := range issued {
			fmt.Fprintf(t.out, "%s  %s  %-9s  %s\n    page %x\n    PDF  %x\n", p.ID, app.Practice.Zone.SayLong(p.MadeAt), p.Kind, p.Number, p.HTMLSHA256, p.PDFSHA256)
		}
		if len(issued) == 0 {
			fmt.Fprintln(t.out, "This client was given no document yet. Make one with: starter document --help")
		}
		return nil
	})
}
