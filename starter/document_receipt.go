package main

import (
	"kapflow/documents"
	"kapflow/worker/wiring"
)

type documentReceiptCommand struct {
	Client string `arg:"" help:"The client's id."`
	newDocumentFlags
	Payment string `help:"The key under which the payment was recorded. Default: the latest payment."`
}

// Run makes a receipt and stores it.
func (c documentReceiptCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(app *wiring.App, s documents.Subject) error {
		d, err := documents.Receipt(s, c.Payment)
		if err != nil {
			return usageError{err}
		}
		_, err = c.handOut(t, app, s, d, "")
		return err
	})
}
