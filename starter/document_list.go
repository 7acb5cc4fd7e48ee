package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type documentListCommand struct {
	Client string `arg:"" help:"The client's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
	who
}

// Run lists the documents that a client was given.
func (c documentListCommand) Run(t terminal) error {
	return look(t, c.who, desk.Ask{Action: access.ReadBilling, Subject: c.Client}, func(app *wiring.App, records *store.Store, _ person.Actor) error {
		issued, err := records.IssuedDocuments(t.ctx, c.Client)
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
