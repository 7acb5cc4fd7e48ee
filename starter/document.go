package main

import (
	"errors"
	"fmt"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/documents"
	"kapflow/output"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type documentCommand struct {
	Estimate  documentEstimateCommand  `cmd:"" help:"The good faith estimate of what treatment will cost; --issue also records that the client was given it."`
	Statement documentStatementCommand `cmd:"" help:"The client's account, with medical and psychotherapy fees shown separately."`
	Receipt   documentReceiptCommand   `cmd:"" help:"A receipt for one payment."`
	Superbill documentSuperbillCommand `cmd:"" help:"The itemized bill for one visit, for the client's insurer."`
	List      documentListCommand      `cmd:"" help:"List the documents that the client was given, with their hashes."`
	Copy      documentCopyCommand      `cmd:"" help:"Write a document again, exactly as it was given."`
}

// documentFlags are the flags of every command that writes a document.
type documentFlags struct {
	PDF bool   `name:"pdf" help:"Write a PDF instead of a web page."`
	Out string `help:"The file to write; - is standard output. Default: a name made from the document." type:"path"`
	who
}

// newDocumentFlags are those of a command that makes a document.
type newDocumentFlags struct {
	documentFlags
	Spell bool `help:"Print letters that no font here has by their numbers, such as [U+1F600], instead of refusing."`
}

// desktop is what a command about a client's money works with, once the desk let its person in.
type desktop struct {
	*wiring.App
	records *store.Store
	person  access.Person
	by      person.Actor
	documents.Subject
}

// withSubject reads everything that a document about a client needs.
func withSubject(t terminal, w who, action access.Action, clientID string, do func(desktop) error) error {
	return withPerson(t, w, func(app *wiring.App, p access.Person) error {
		ask := desk.Ask{Action: action, Subject: clientID}
		return lookAs(t, app, p, ask, func(app *wiring.App, records *store.Store, by person.Actor) error {
			s, err := subject(t, app, records, clientID)
			if err != nil {
				return err
			}
			return do(desktop{app, records, p, by, s})
		})
	})
}

func subject(t terminal, app *wiring.App, records *store.Store, clientID string) (s documents.Subject, err error) {
	s.Policy = app.Practice.Policy
	if s.Chart, err = records.Chart(t.ctx, clientID); errors.Is(err, care.ErrNoClient) {
		return s, care.Refuse("document", care.CodeUnknownClient, fmt.Sprintf("no client has the id %q; `starter board` lists them", clientID), "")
	} else if err != nil {
		return s, err
	}
	if s.Contact, err = records.Contact(t.ctx, clientID); err != nil {
		return s, err
	}
	if s.Billing, err = records.Billing(t.ctx, clientID); err != nil {
		return s, err
	}
	s.Transactions, err = records.TransactionsOf(t.ctx, clientID)
	s.Today = chartNow(s.Chart)
	return s, err
}

// handOut gives a document its number, stores it, writes it, and says what is missing in it. Without a number of a person's
// choice it is the next one of its kind and year.
func (f newDocumentFlags) handOut(t terminal, on desktop, d documents.Document, number string) (store.IssuedDocument, error) {
	s := on.Subject
	if f.Spell {
		d = d.Spelled()
	}
	if err := checkLetters(s, d); err != nil { // before anything is printed, stored or recorded
		return store.IssuedDocument{}, err
	}
	content, err := d.HTML() // under its provisional number, which is the same for the same payment or visit
	if err != nil {
		return store.IssuedDocument{}, err
	}
	kept, err := on.records.KeepNumbered(t.ctx, store.NumberedDocument{ClientID: s.Chart.ClientID, Kind: d.Kind, By: on.by, Content: content, Prefix: d.Prefix(),
		Year: s.Chart.Zone.Local(s.Today).Year(), Number: number, Render: func(number string) (html, pdf []byte, err error) {
			numbered := d.Numbered(number)
			if html, err = numbered.HTML(); err != nil {
				return nil, nil, err
			}
			pdf, err = numbered.PDF()
			return html, pdf, err
		}})
	if errors.Is(err, store.ErrNumberTaken) {
		return kept, usageError{fmt.Errorf("--number %s: %w", number, err)}
	}
	if err != nil {
		return kept, err
	}
	for _, m := range d.Missing {
		fmt.Fprintf(t.err, "Missing: %s. Add it with %s\n", m.What, m.Remedy)
	}
	return kept, f.write(t, kept)
}

// checkLetters refuses a document with letters that cannot be printed, and says how to give the name in others.
func checkLetters(s documents.Subject, d documents.Document) error {
	err := d.CheckLetters()
	if err == nil {
		return nil
	}
	return care.Refuse("document", care.CodeInvalid, fmt.Sprintf("%v. Nothing was printed. Give the client's name in letters that can be printed: "+
		`starter billing %s --with -, and then {"legal_name": "…"}. Other texts are in the practice file or in what was recorded. To print those letters by their numbers, add --spell`, err, s.Chart.ClientID), person.Coordinator)
}

// write writes a stored document as a page or a PDF.
func (f documentFlags) write(t terminal, p store.IssuedDocument) error {
	body, hash, end := p.HTML, p.HTMLSHA256, ".html"
	if f.PDF {
		body, hash, end = p.PDF, p.PDFSHA256, ".pdf"
	}
	if f.Out == "-" {
		_, err := t.file.Write(body)
		return err
	}
	file := f.Out
	if file == "" {
		file = fileName(p) + end
	}
	if err := output.NewFile(file, body); errors.Is(err, output.ErrTaken) {
		return usageError{err}
	} else if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s  sha256 %x\n", file, hash)
	return nil
}

// fileName names the file of a document after its client, kind and number. Numbers count within one client, so without the
// client's id two clients' documents would have one name.
func fileName(p store.IssuedDocument) string {
	return safeName(p.ClientID) + "-" + p.Kind + "-" + safeName(p.Number)
}

// safeName replaces everything in a document's number that could name another directory.
func safeName(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, number)
}
