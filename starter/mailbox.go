package main

import (
	"fmt"

	"kapflow/worker/wiring"
)

type mailboxCommand struct {
	Client string `arg:"" help:"The client's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run shows the messages that a client was sent.
func (c mailboxCommand) Run(t terminal) error {
	return withAudit(t, "read", c.Client, func(app *wiring.App) error { return c.on(t, app) })
}

func (c mailboxCommand) on(t terminal, app *wiring.App) error {
	messages, err := app.Store.Messages(t.ctx, c.Client)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, messages)
	}
	for _, m := range messages {
		fmt.Fprintf(t.out, "%s  %-5s  to the %-15s  %-10s %s\n", app.Practice.Zone.SayLong(m.At), m.Channel, m.To, m.State, m.About)
		if m.Text != "" {
			fmt.Fprintf(t.out, "    %s\n", m.Text)
		} else {
			fmt.Fprintf(t.out, "    not sent: %s\n", m.Why)
		}
	}
	return nil
}
