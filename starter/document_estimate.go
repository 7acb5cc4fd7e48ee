package main

import (
	"encoding/json"
	"fmt"

	"kapflow/desk"
	"kapflow/documents"
	"kapflow/worker/wiring"
)

type documentEstimateCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	documentFlags
	Number    string   `help:"The estimate's number. Default: GFE- and the date."`
	Diagnosis []string `help:"ICD-10 codes from the clinician, if any apply."`
	Issue     bool     `help:"Record that the client was given it (estimate-issued), with its hash."`
}

// Run makes the estimate, stores it, and with --issue records that the client was given it.
func (c documentEstimateCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(app *wiring.App, s documents.Subject) error {
		e := s.Chart.DraftEstimate(s.Today)
		if c.Number == "" {
			c.Number = "GFE-" + s.Chart.Zone.Local(s.Today).Format("20060102")
		}
		kept, err := c.handOut(t, app, s, documents.Estimate(s, e, c.Number, c.Diagnosis))
		if err != nil || !c.Issue {
			return err
		}
		with, err := json.Marshal(map[string]any{"number": c.Number, "hash": fmt.Sprintf("%x", kept.HTMLSHA256)})
		if err != nil {
			return err
		}
		if _, err := app.Desk.Record(t.ctx, desk.Command{ClientID: c.Client, Fact: "estimate-issued", By: kept.By, ID: "estimate-" + kept.ID, With: with}); err != nil {
			return err
		}
		fmt.Fprintln(t.err, "Recorded estimate-issued for", c.Client+".")
		return nil
	})
}
