package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"kapflow/care/person"
	"kapflow/worker/wiring"
)

type auditCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	By     string `help:"Who looks: ROLE or ROLE/ID." default:"coordinator"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run shows who looked at one client's record, changed it, or was refused.
func (c auditCommand) Run(t terminal) error {
	return inside(t, c.By, func(house *wiring.House, by person.Actor) error { return c.on(t, house, by) })
}

func (c auditCommand) on(t terminal, house *wiring.House, by person.Actor) error {
	events, head, err := house.Desk.AccessLog(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, map[string]any{"client": c.Client, "head": hex.EncodeToString(head), "events": events})
	}
	zone := house.Practice.Zone
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "WHEN\tWHO\tWHAT\t\t")
	for _, e := range events {
		fmt.Fprintf(w, "%s\t%s/%s\t%s\t%s\t\n", zone.SayLong(e.At), e.By.Role, e.By.ID, e.Action, auditDetail(e.Detail))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "\nThe whole audit log is as it was written. Its head, to be kept somewhere else: %x\n", head)
	return err
}

// auditDetail is what a row says besides: the fact and its refusal, or who got a hand-over.
func auditDetail(detail json.RawMessage) string {
	var d struct{ Fact, Code, Recipient, Page string }
	if len(detail) == 0 || json.Unmarshal(detail, &d) != nil {
		return ""
	}
	for _, words := range []string{d.Recipient, d.Page} {
		if words != "" {
			return words
		}
	}
	if d.Code != "" {
		return d.Fact + ": " + d.Code
	}
	return d.Fact
}
