package main

import (
	"fmt"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type mailboxCommand struct {
	Client string `arg:"" help:"The client's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
	who
}

// Run shows the messages that a client was sent.
func (c mailboxCommand) Run(t terminal) error {
	return look(t, c.who, desk.Ask{Action: access.ReadMessages, Subject: c.Client}, func(app *wiring.App, records *store.Store, _ person.Actor) error {
		return c.on(t, app, records)
	})
}

func (c mailboxCommand) on(t terminal, app *wiring.App, records *store.Store) error {
	messages, err := records.Messages(t.ctx, c.Client)
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
