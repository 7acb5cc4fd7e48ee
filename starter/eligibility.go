package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/desk"
	"kapflow/eligibility"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type eligibilityCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	Payer  string `required:"" help:"The clearing house's number of the insurer."`
	Record bool   `help:"Record the answer as a coverage draft (coverage-entered), which the psychotherapist reviews and signs."`
	who
}

// Run asks the insurer, if the practice has set that up, and shows the answer.
func (c eligibilityCommand) Run(t terminal) error {
	settings, _, err := config.Peek(os.Environ())
	if err != nil {
		return usageError{err}
	}
	if settings.EligibilityURL == "" {
		return usageError{errors.New("asking insurers is not set up: set KAPFLOW_ELIGIBILITY_URL and KAPFLOW_ELIGIBILITY_KEY, or call the insurer and record coverage-entered")}
	}
	return withPerson(t, c.who, func(app *wiring.App, p access.Person) error {
		biller := app.Practice.Policy.Documents.Psychotherapy
		return c.on(t, app, p, &eligibility.Checker{BaseURL: settings.EligibilityURL, Key: settings.EligibilityKey.Reveal(), Practice: biller.Name, NPI: biller.NPI})
	})
}

func (c eligibilityCommand) on(t terminal, app *wiring.App, p access.Person, checker *eligibility.Checker) error {
	if checker.NPI == "" {
		return usageError{errors.New("documents.psychotherapy.npi is missing in the practice file; the insurer needs to know who asks")}
	}
	var answer eligibility.Answer
	ask := desk.Ask{Action: access.AskInsurer, Subject: c.Client}
	err := lookAs(t, app, p, ask, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		question, err := c.question(t, records)
		if err != nil {
			return err
		}
		answer, err = checker.Ask(t.ctx, question)
		return err
	})
	if errors.Is(err, eligibility.ErrAway) {
		return fmt.Errorf("%w. Nothing was recorded. Call the insurer, or try again later", err)
	}
	if err != nil {
		return usageError{err}
	}
	c.print(t, answer)
	if !c.Record {
		fmt.Fprintln(t.out, "Nothing was recorded. Add --record to keep this as a draft for the psychotherapist to review and sign.")
		return nil
	}
	with, err := c.draft(answer)
	if err != nil {
		return err
	}
	if _, err := app.Desk.Record(t.ctx, desk.Command{ClientID: c.Client, Fact: "coverage-entered", By: p, With: with}); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Recorded coverage-entered for %s. It counts once the psychotherapist has signed it (coverage-reviewed).\n", c.Client)
	return nil
}

// draft returns the fields of coverage-entered that the insurer answered.
func (c eligibilityCommand) draft(a eligibility.Answer) (json.RawMessage, error) {
	fields := a.Fields
	fields.Payer, fields.Plan, fields.Notes = care.Private(c.Payer), care.Private(a.Plan), care.Private(strings.Join(a.Notes, "\n"))
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write the draft: %w", err)
	}
	var said map[string]any
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("write the draft: %w", err)
	}
	maps.DeleteFunc(said, func(_ string, v any) bool { return v == nil || v == "" })
	return json.Marshal(said)
}

// question reads what identifies the client to the insurer.
func (c eligibilityCommand) question(t terminal, records *store.Store) (q eligibility.Question, err error) {
	if _, err := records.Chart(t.ctx, c.Client); errors.Is(err, care.ErrNoClient) {
		return q, care.Refuse("eligibility", care.CodeUnknownClient, fmt.Sprintf("no client has the id %q; `starter board` lists them", c.Client), "")
	} else if err != nil {
		return q, err
	}
	contact, err := records.Contact(t.ctx, c.Client)
	if err != nil {
		return q, err
	}
	billing, err := records.Billing(t.ctx, c.Client)
	if err != nil {
		return q, err
	}
	q = eligibility.Question{Payer: c.Payer, LegalName: billing.LegalName, BirthDate: contact.BirthDate, MemberID: billing.MemberID}
	if missing := q.Lacks(); len(missing) > 0 {
		return q, usageError{fmt.Errorf("the insurer cannot be asked yet: %s is missing; add it with starter billing %s --with …, or record contact-changed", strings.Join(missing, " and "), c.Client)}
	}
	return q, nil
}

func (c eligibilityCommand) print(t terminal, a eligibility.Answer) {
	f := a.Fields
	fmt.Fprintf(t.out, "The insurer's answer, for review: %s\n", strings.ReplaceAll(string(f.Result), "-", " "))
	for _, x := range []struct {
		words string
		cents *money.Cents
	}{{"co-pay", f.Copay}, {"deductible", f.DeductibleTotal}, {"deductible met", f.DeductibleMet}, {"out-of-pocket max", f.OOPTotal}, {"out-of-pocket paid", f.OOPMet}} {
		if x.cents != nil {
			fmt.Fprintf(t.out, "  %-20s %s\n", x.words, *x.cents)
		}
	}
	if f.CoinsuranceBP != nil {
		fmt.Fprintf(t.out, "  %-20s %g %%\n", "co-insurance", float64(*f.CoinsuranceBP)/100)
	}
	if f.AuthorizationNeeded != nil {
		fmt.Fprintf(t.out, "  %-20s %v\n", "needs authorization", *f.AuthorizationNeeded)
	}
	for _, n := range a.Notes {
		fmt.Fprintln(t.out, "  Open:", n)
	}
}
