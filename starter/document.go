package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/desk"
	"kapflow/documents"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type documentCommand struct {
	Estimate  estimateCommand  `cmd:"" help:"The good faith estimate of what the course will cost; --issue also records that it was given."`
	Statement accountCommand   `cmd:"" help:"The client's account, medical and psychotherapy fees apart."`
	Receipt   receiptCommand   `cmd:"" help:"A receipt for one payment."`
	Superbill superbillCommand `cmd:"" help:"The itemised bill of one visit, for the client's insurer."`
	List      papersCommand    `cmd:"" help:"List what the client was handed, with the hashes."`
	Copy      copyCommand      `cmd:"" help:"Write a document again exactly as it was handed out."`
}

// paperFlags are common to every document.
type paperFlags struct {
	PDF bool   `name:"pdf" help:"Write a PDF in place of a page for the browser."`
	Out string `help:"The file to write, - for standard output; default: named after the document." type:"path"`
	By  string `help:"Who hands it out: ROLE or ROLE/ID." default:"coordinator"`
}

type estimateCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	paperFlags
	Number    string   `help:"The estimate's number; default: GFE- and the day."`
	Diagnosis []string `help:"ICD-10 codes, given by the clinician, if any apply."`
	Issue     bool     `help:"Record that the client was given it (estimate-issued), with its hash."`
}

// Run makes the estimate, keeps it, and records its issue when asked to.
func (c estimateCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(house *wiring.House, s documents.Subject) error {
		e := s.Chart.DraftEstimate(s.Today)
		if c.Number == "" {
			c.Number = "GFE-" + s.Chart.Zone.Local(s.Today).Format("20060102")
		}
		kept, err := c.handOut(t, house, s, documents.Estimate(s, e, c.Number, c.Diagnosis))
		if err != nil || !c.Issue {
			return err
		}
		with, err := json.Marshal(map[string]any{"number": c.Number, "hash": fmt.Sprintf("%x", kept.HTMLSHA256)})
		if err != nil {
			return err
		}
		if _, err := house.Desk.Record(t.ctx, desk.Command{ClientID: c.Client, Fact: "estimate-issued", By: kept.By, ID: "estimate-" + kept.ID, With: with}); err != nil {
			return err
		}
		fmt.Fprintln(t.err, "Recorded estimate-issued for", c.Client+".")
		return nil
	})
}

type accountCommand struct {
	Client string `arg:"" help:"The client's id."`
	paperFlags
}

// Run makes the statement and keeps it.
func (c accountCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(house *wiring.House, s documents.Subject) error {
		_, err := c.handOut(t, house, s, documents.Statement(s))
		return err
	})
}

type receiptCommand struct {
	Client string `arg:"" help:"The client's id."`
	paperFlags
	Payment string `help:"The key under which the payment was recorded; default: the newest payment."`
}

// Run makes a receipt and keeps it.
func (c receiptCommand) Run(t terminal) error {
	return withSubject(t, c.Client, func(house *wiring.House, s documents.Subject) error {
		d, err := documents.Receipt(s, c.Payment)
		if err != nil {
			return usageError{err}
		}
		_, err = c.handOut(t, house, s, d)
		return err
	})
}

type superbillCommand struct {
	Client      string `arg:"" help:"The client's id."`
	Appointment string `arg:"" help:"The visit, such as preparation-2."`
	paperFlags
	Code      []string `help:"Service codes (CPT, HCPCS) that the clinician gives for this visit, each with its modifier after a dash: 90834 or 90834-95; default: the practice's."`
	Diagnosis []string `help:"ICD-10 codes, given by the clinician."`
	Units     int      `help:"Units of each service." default:"1"`
	Clinician string   `help:"The id of the clinician who gave the codes; default: the one who saw the client."`
}

// Run makes a superbill and keeps it. Every code comes from the practice's settings or this command.
func (c superbillCommand) Run(t terminal) error {
	coding := documents.Coding{Diagnoses: c.Diagnosis, Units: c.Units, By: c.Clinician}
	for _, code := range c.Code {
		number, modifier, _ := strings.Cut(code, "-")
		if !policy.ValidServiceCode(number) {
			return usageError{fmt.Errorf("--code %s: a service code has five letters or digits", code)}
		}
		coding.Services = append(coding.Services, policy.ServiceCode{Code: number, Modifier: modifier})
	}
	return withSubject(t, c.Client, func(house *wiring.House, s documents.Subject) error {
		if v := s.Chart.Visit(c.Appointment); v != nil && coding.By == "" {
			coding.By = s.Chart.Psychotherapist
			if v.Kind.FeeSet() == money.Medical {
				coding.By = s.Chart.Physician
			}
		}
		d, err := documents.Superbill(s, c.Appointment, coding)
		if err != nil {
			return usageError{err}
		}
		_, err = c.handOut(t, house, s, d)
		return err
	})
}

// withSubject reads everything that papers about a client need, and notes who asked for it.
func withSubject(t terminal, clientID string, do func(*wiring.House, documents.Subject) error) error {
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	s, err := subject(t, house, clientID)
	if err != nil {
		return err
	}
	if err := house.Store.Audit(t.ctx, person.Actor{ID: "command-line", Role: person.Coordinator}, "read-billing", clientID, nil); err != nil {
		return err
	}
	return do(house, s)
}

func subject(t terminal, house *wiring.House, clientID string) (s documents.Subject, err error) {
	s.Policy = house.Practice.Policy
	if s.Chart, err = house.Store.Chart(t.ctx, clientID); errors.Is(err, care.ErrNoClient) {
		return s, care.Refuse("document", care.CodeUnknownClient, fmt.Sprintf("no client has the id %q; `starter board` lists them", clientID), "")
	} else if err != nil {
		return s, err
	}
	if s.Contact, err = house.Store.Contact(t.ctx, clientID); err != nil {
		return s, err
	}
	if s.Billing, err = house.Store.Billing(t.ctx, clientID); err != nil {
		return s, err
	}
	s.Transactions, err = house.Store.TransactionsOf(t.ctx, clientID)
	s.Today = chartNow(s.Chart)
	return s, err
}

// handOut keeps a document and writes it, and says what it lacks.
func (f paperFlags) handOut(t terminal, house *wiring.House, s documents.Subject, d documents.Document) (store.IssuedDocument, error) {
	by, err := actorNamed(f.By, house.Practice.Policy)
	if err != nil {
		return store.IssuedDocument{}, err
	}
	html, err := d.HTML()
	if err != nil {
		return store.IssuedDocument{}, err
	}
	pdf, err := d.PDF()
	if err != nil {
		return store.IssuedDocument{}, err
	}
	kept, err := house.Store.KeepIssuedDocument(t.ctx, store.IssuedDocument{ClientID: s.Chart.ClientID, Kind: d.Kind, Number: d.Number, HTML: html, PDF: pdf, By: by})
	if err != nil {
		return kept, err
	}
	for _, m := range d.Missing {
		fmt.Fprintf(t.err, "Missing: %s. Add it with %s\n", m.What, m.Remedy)
	}
	return kept, f.write(t, kept)
}

// write writes a document that was kept, in the form asked for.
func (f paperFlags) write(t terminal, p store.IssuedDocument) error {
	body, hash, end := p.HTML, p.HTMLSHA256, ".html"
	if f.PDF {
		body, hash, end = p.PDF, p.PDFSHA256, ".pdf"
	}
	if f.Out == "-" {
		_, err := t.out.Write(body)
		return err
	}
	file := f.Out
	if file == "" {
		file = p.Kind + "-" + safeName(p.Number) + end
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s  sha256 %x\n", file, hash)
	return nil
}

// safeName keeps a number that a person chose from naming another directory.
func safeName(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, number)
}

type papersCommand struct {
	Client string `arg:"" help:"The client's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists what a client was handed.
func (c papersCommand) Run(t terminal) error {
	return withBooks(t, "read-billing", c.Client, func(house *wiring.House) error {
		papers, err := house.Store.IssuedDocuments(t.ctx, c.Client)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(t.out, papers)
		}
		for _, p := range papers {
			fmt.Fprintf(t.out, "%s  %s  %-9s  %s\n    page %x\n    PDF  %x\n", p.ID, house.Practice.Zone.Say(p.MadeAt), p.Kind, p.Number, p.HTMLSHA256, p.PDFSHA256)
		}
		if len(papers) == 0 {
			fmt.Fprintln(t.out, "The client was handed nothing yet. See starter document --help.")
		}
		return nil
	})
}

type copyCommand struct {
	Client string `arg:"" help:"The client's id."`
	ID     string `arg:"" name:"id" help:"The document's id, as starter document list shows it."`
	paperFlags
}

// Run writes a kept document again.
func (c copyCommand) Run(t terminal) error {
	return withBooks(t, "read-billing", c.Client, func(house *wiring.House) error {
		papers, err := house.Store.IssuedDocuments(t.ctx, c.Client)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(papers, func(p store.IssuedDocument) bool { return p.ID == c.ID })
		if i < 0 {
			return usageError{fmt.Errorf("the client was handed no document %s; starter document list %s shows them", c.ID, c.Client)}
		}
		return c.write(t, papers[i])
	})
}
