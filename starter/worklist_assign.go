package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"kapflow/access"
	"kapflow/desk"
	"kapflow/worker/wiring"
)

type worklistAssignCommand struct {
	ID     string `arg:"" help:"The item's id, as the board shows it, such as m-1a2b3c4d."`
	Client string `help:"The client whose words they are."`
	With   string `help:"If they are nobody's: {\"reason\":\"…\"} as @FILE, or - for standard input. The reason is private."`
	who
}

// Run says whose words a text from a shared number has.
func (c worklistAssignCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c worklistAssignCommand) on(t terminal, app *wiring.App, by access.Person) error {
	whose := desk.Whose{Item: c.ID, ClientID: c.Client}
	switch {
	case (c.Client == "") == (c.With == ""):
		return usageError{errors.New("say whose words they are with --client ID, or with --with @FILE why they are nobody's")}
	case c.With != "":
		given, err := readWith(c.With)
		if err != nil {
			return err
		}
		if given.inline && !inDemo() {
			return refuseInline([]string{"reason"})
		}
		var x struct {
			Reason string `json:"reason"`
		}
		if err := json.Unmarshal(given.body, &x); err != nil {
			return usageError{fmt.Errorf("--with: %w", err)}
		}
		whose.Reason = x.Reason
	}
	if err := app.Desk.AssignReply(t.ctx, by, whose); err != nil {
		return err
	}
	if whose.ClientID == "" {
		fmt.Fprintf(t.out, "%s is nobody's and was removed from the list.\n", c.ID)
		return nil
	}
	fmt.Fprintf(t.out, "%s was assigned to %s.\n", c.ID, whose.ClientID)
	return nil
}
