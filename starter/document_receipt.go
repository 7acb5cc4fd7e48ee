package main

import (
	"kapflow/access"
	"kapflow/documents"
)

type documentReceiptCommand struct {
	Client string `arg:"" help:"The client's id."`
	newDocumentFlags
	Payment string `help:"The key under which the payment was recorded. Default: the latest payment."`
}

// Run makes a receipt and stores it.
func (c documentReceiptCommand) Run(t terminal) error {
	return withSubject(t, c.who, access.GiveDocument, c.Client, func(s desktop) error {
		d, err := documents.Receipt(s.Subject, c.Payment)
		if err != nil {
			return usageError{err}
		}
		_, err = c.handOut(t, s, d, "")
		return err
	})
}
