package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/documents"
	"kapflow/worker/wiring"
)

// namesArePrinted gives one client names as people write them, and asks for a statement under each: it is a PDF with the name, or a
// refusal that names the letters, before anything is stored or written.
func namesArePrinted(t *testing.T, app *wiring.App, client string) {
	before, err := app.Store.Billing(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for name, letters := range map[string]string{"李小龙": "", "محمد علي": "", "Sunny 😀 Ray": "U+1F600", "अमिताभ": "U+093F", "Zoë": ""} {
		if err := app.Store.ChangeBilling(t.Context(), client, care.BillingChange{LegalName: &name}); err != nil {
			t.Fatal(err)
		}
		term := terminal{ctx: t.Context(), out: io.Discard, err: io.Discard, file: io.Discard}
		s, err := subject(term, app, app.Store, client)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := app.Store.IssuedDocuments(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "statement.pdf")
		_, err = newDocumentFlags{documentFlags: documentFlags{PDF: true, Out: file}}.handOut(term, desktop{App: app, records: app.Store, by: frontDesk, Subject: s}, documents.Statement(s), "")
		body, readErr := os.ReadFile(file)
		if letters == "" {
			if err != nil || !strings.HasPrefix(string(body), "%PDF") {
				t.Errorf("%s: %v, %v", name, err, readErr)
			}
			continue
		}
		var refused *care.Refusal
		if !errors.As(err, &refused) || exitCode(err) != exitRefused || !strings.Contains(err.Error(), letters) || !strings.Contains(err.Error(), "starter billing") {
			t.Errorf("%s is refused without its letters or a remedy: %v", name, err)
		}
		spelt := filepath.Join(t.TempDir(), "spelt.pdf")
		if _, err = (newDocumentFlags{documentFlags{PDF: true, Out: spelt}, true}).handOut(term, desktop{App: app, records: app.Store, by: frontDesk, Subject: s}, documents.Statement(s), ""); err != nil {
			t.Errorf("%s is not spelt: %v", name, err)
		}
		if after, err := app.Store.IssuedDocuments(t.Context(), client); err != nil || len(after) != len(kept)+1 || !errors.Is(readErr, os.ErrNotExist) {
			t.Errorf("%s was refused and stored or written all the same: %v", name, err)
		}
	}
	if err := app.Store.ChangeBilling(t.Context(), client, care.BillingChange{LegalName: &before.LegalName}); err != nil {
		t.Fatal(err)
	}
}
