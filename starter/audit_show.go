package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"kapflow/access"
	"kapflow/worker/wiring"
)

type auditShowCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	who
	JSON bool `name:"json" help:"Print JSON."`
}

// Run shows who read or changed one client's record, and who was refused.
func (c auditShowCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c auditShowCommand) on(t terminal, app *wiring.App, by access.Person) error {
	looks, err := app.Desk.AccessLog(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, map[string]any{"client": c.Client, "head": hex.EncodeToString(looks.Head), "events": looks.Events})
	}
	zone := app.Practice.Zone
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "WHEN\tWHO\tWHAT\t\t")
	for _, e := range looks.Events {
		fmt.Fprintf(w, "%s\t%s/%s\t%s\t%s\t\n", zone.SayLong(e.At), e.By.Role, e.By.ID, e.Action, auditDetail(e.Detail))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "\nNothing in the audit log was changed. Save this code outside this system: %x\n", looks.Head)
	return err
}

// auditDetail returns the end of a row: what it was about, and how whoever asked was verified.
func auditDetail(detail json.RawMessage) string {
	var d auditWords
	if len(detail) == 0 || json.Unmarshal(detail, &d) != nil {
		return ""
	}
	text := d.about()
	if d.Login != "" {
		text += " (" + d.Via + ", user " + d.Login + ")"
	}
	if d.Emergency != "" {
		text += " (emergency: " + d.Emergency + ")"
	}
	return strings.TrimSpace(text)
}

// auditWords are the words of a row that are shown.
type auditWords struct {
	Fact, Code, Recipient, Page, Via, Login, Emergency string

	How, Why, As, Person, Reason string // of sign-ins, invitations and emergency access
}

// about says who received an export, which page was opened, how somebody signed in, or the fact and why it was refused.
func (d auditWords) about() string {
	for _, words := range []string{d.Recipient, d.Page} {
		if words != "" {
			return words
		}
	}
	var signIn []string
	for _, words := range []string{d.How, d.Why, d.As, d.Person, d.Reason} {
		if words != "" {
			signIn = append(signIn, words)
		}
	}
	if d.Fact == "" && len(signIn) > 0 {
		return strings.Join(signIn, ", ")
	}
	return strings.Trim(d.Fact+": "+d.Code, ": ")
}
