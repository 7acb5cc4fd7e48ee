package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/desk"
	"kapflow/worker/wiring"
)

type recordCommand struct {
	Preview bool   `help:"Print what would happen, and record nothing."`
	Client  string `arg:"" help:"The client's id, as the board shows it, or - for a fact about the practice."`
	Fact    string `arg:"" help:"What to record; starter facts lists them all."`
	With    string `help:"The fact's fields as JSON, @FILE, or - for standard input. Private fields come by file or standard input only." default:"{}"`
	who
	ID   string `name:"id" help:"An id for this report. Recording the same id again changes nothing."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run records one fact and prints the stage of each client it concerns.
func (c recordCommand) Run(t terminal) error {
	with, err := readWith(c.With)
	if err != nil {
		return err
	}
	if err := with.noPrivateInline(c.Fact, inDemo()); err != nil {
		return err
	}
	return withPerson(t, c.who, func(app *wiring.App, actor access.Person) error { return c.on(t, app, actor, with.body) })
}

func (c recordCommand) on(t terminal, app *wiring.App, actor access.Person, with json.RawMessage) error {
	cmd := desk.Command{ClientID: c.Client, Fact: c.Fact, By: actor, ID: c.ID, With: with}
	if c.Preview {
		return c.preview(t, app, cmd)
	}
	answers, err := recordFact(t, app.Desk, cmd)
	var refusal *care.Refusal
	if errors.As(err, &refusal) && c.JSON {
		if err := writeJSON(t.out, map[string]any{"refused": refusal}); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, answers)
	}
	for _, a := range answers {
		fmt.Fprintf(t.out, "Recorded %s for %s%s. Stage: %s.\n", c.Fact, a.ClientID, amountsIn(c.Fact, with)+timesIn(c.Fact, with, app.Practice.Zone), a.Stage)
		if a.Repeated {
			fmt.Fprintln(t.out, "It was recorded before. Nothing changed.")
		}
		if a.Appointment != "" {
			fmt.Fprintln(t.out, "The visit is", a.Appointment+".")
		}
	}
	if len(answers) == 0 {
		fmt.Fprintln(t.out, "No client has a visit that this changes.")
	}
	return nil
}

// amountsIn echoes the amounts of a report in dollars: ", amount $100.00". A report that was taken in can be read.
func amountsIn(fact string, with json.RawMessage) string {
	kind, _ := care.KindNamed(fact)
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(with, &fields) != nil {
		return ""
	}
	text := ""
	for _, f := range kind.Fields() {
		var cents money.Cents
		if raw, given := fields[f.Name]; given && f.Type == "amount" && json.Unmarshal(raw, &cents) == nil {
			text += ", " + strings.ReplaceAll(f.Name, "_", " ") + " " + cents.String()
		}
	}
	return text
}

// timesIn echoes the times of a report: ", start Tue Dec 1, 2026, 2:00 PM MST". One that was given with an offset is written with it,
// and every other one in the practice's zone.
func timesIn(fact string, with json.RawMessage, practice clock.Zone) string {
	kind, _ := care.KindNamed(fact)
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(with, &fields) != nil {
		return ""
	}
	text := ""
	for _, f := range kind.Fields() {
		var given string
		if f.Type != "time" || json.Unmarshal(fields[f.Name], &given) != nil || given == "" {
			continue
		}
		said := ""
		if at, err := time.Parse(time.RFC3339, given); err == nil {
			said = at.Format("Mon Jan 2, 2006, 3:04 PM -07:00")
		} else if at, err := practice.ParseTime(given); err == nil {
			said = practice.SayLong(at)
		}
		if said != "" {
			text += ", " + strings.ReplaceAll(f.Name, "_", " ") + " " + said
		}
	}
	return text
}

func recordFact(t terminal, d *desk.Desk, cmd desk.Command) ([]desk.Answer, error) {
	if kind, _ := care.KindNamed(cmd.Fact); kind.PracticeWide {
		if cmd.ClientID == "-" {
			cmd.ClientID = ""
		}
		return d.RecordWide(t.ctx, cmd)
	}
	answer, err := d.Record(t.ctx, cmd)
	return []desk.Answer{answer}, err
}
