package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"kapflow/access"
	"kapflow/desk"
	"kapflow/documents"
)

type documentEstimateCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	newDocumentFlags
	Number    string   `help:"The estimate's number. Default: the next one of the year."`
	Diagnosis []string `help:"ICD-10 codes from the clinician, if any apply."`
	Despite   bool     `help:"With --issue: issue it although something that the law asks for is missing."`
	Issue     bool     `help:"Record that the client was given it (estimate-issued), with its hash."`
}

// Run makes the estimate, stores it, and with --issue records that the client was given it.
func (c documentEstimateCommand) Run(t terminal) error {
	return withSubject(t, c.who, access.GiveDocument, c.Client, func(s desktop) error {
		e := s.Chart.DraftEstimate(s.Today)
		d := documents.Estimate(s.Subject, e, "GFE", c.Diagnosis)
		if c.Issue && len(d.Missing) > 0 && !c.Despite {
			return missingByLaw(d)
		}
		kept, err := c.handOut(t, s, d, c.Number)
		if err != nil || !c.Issue {
			return err
		}
		with, err := json.Marshal(map[string]any{"number": kept.Number, "hash": fmt.Sprintf("%x", kept.HTMLSHA256)})
		if err != nil {
			return err
		}
		if _, err := s.Desk.Record(t.ctx, desk.Command{ClientID: c.Client, Fact: "estimate-issued", By: s.person, ID: "estimate-" + kept.ID, With: with}); err != nil {
			return err
		}
		fmt.Fprintln(t.err, "Recorded estimate-issued for", c.Client+".")
		return nil
	})
}

// missingByLaw refuses to issue an estimate that lacks something the law asks for (45 CFR 149.610). A person may issue it all
// the same, by saying so.
func missingByLaw(d documents.Document) error {
	list := make([]string, len(d.Missing))
	for i, m := range d.Missing {
		list[i] = m.What + " (add it with " + m.Remedy + ")"
	}
	return usageError{fmt.Errorf("the estimate was not issued; the law asks for what is missing: %s; to issue it without, say --despite", strings.Join(list, "; "))}
}
