package store_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/store"
)

// A paper is kept with the hash of what left the house: once, whole, and as it was then.
func TestIssuedDocumentIsKeptWithItsHash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	paper := func(client, html string) store.IssuedDocument {
		return store.IssuedDocument{ClientID: client, Kind: "estimate", Number: "GFE-1", HTML: []byte(html), PDF: []byte("%PDF " + html), By: coordinator}
	}
	keep := func(p store.IssuedDocument) store.IssuedDocument {
		t.Helper()
		kept, err := b.KeepIssuedDocument(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	first := keep(paper("client-a", "seven infusions"))
	if html, pdf := sha256.Sum256([]byte("seven infusions")), sha256.Sum256([]byte("%PDF seven infusions")); !bytes.Equal(first.HTMLSHA256, html[:]) || !bytes.Equal(first.PDFSHA256, pdf[:]) {
		t.Errorf("kept under the hashes %x and %x", first.HTMLSHA256, first.PDFSHA256)
	}
	if diff := cmp.Diff(first, keep(paper("client-a", "seven infusions"))); diff != "" {
		t.Errorf("the same paper again is another: %s", diff)
	}
	second := keep(paper("client-a", "eight infusions"))
	other := keep(paper("client-b", "seven infusions"))
	for client, want := range map[string][]store.IssuedDocument{"client-a": {first, second}, "client-b": {other}} {
		got, err := b.IssuedDocuments(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", client, diff)
		}
	}
	for _, sql := range []string{`UPDATE document SET number = 'x'`, `DELETE FROM document`, `TRUNCATE document`} {
		if _, err := b.psql().Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is let through", sql)
		}
	}
}
