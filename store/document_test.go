package store_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/store"
)

// A document is kept with the hash of what left the house: once, whole, and as it was then.
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

// Numbers of a kind and year have no gap and no double, whoever asks for them at once and whatever fails; the same document
// keeps its number and a changed one gets the next.
func TestDocumentNumbersHaveNoGapAndNoDouble(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	keep := func(client, content, number string, year int, fault error) (store.IssuedDocument, error) {
		return b.KeepNumbered(t.Context(), store.NumberedDocument{ClientID: client, Kind: "estimate", By: coordinator, Content: []byte(content), Prefix: "GFE", Year: year, Number: number,
			Render: func(number string) ([]byte, []byte, error) {
				return []byte(content + number), []byte("%PDF " + content + number), fault
			}})
	}
	var group sync.WaitGroup
	got := make([]string, 20)
	for i := range got {
		group.Add(1)
		go func() {
			defer group.Done()
			var fault error
			if i%4 == 3 {
				fault = errors.New("no paper")
			}
			kept, err := keep([]string{"client-a", "client-b"}[i%2], fmt.Sprintf("content %d", i), "", 2027, fault)
			if got[i] = kept.Number; (err != nil) != (fault != nil) {
				t.Error(err)
			}
		}()
	}
	group.Wait()
	got = slices.DeleteFunc(got, func(n string) bool { return n == "" })
	slices.Sort(got)
	for i, number := range got {
		if want := fmt.Sprintf("GFE-2027-%04d", i+1); number != want {
			t.Fatalf("number %d is %s, want %s", i, number, want)
		}
	}
	for _, x := range []struct{ client, content, number, want string }{
		{"client-a", "six infusions", "", "GFE-2027-0016"}, {"client-a", "six infusions", "", "GFE-2027-0016"}, {"client-a", "ten infusions", "", "GFE-2027-0017"},
		{"client-b", "six infusions", "GFE-2027-0018", "GFE-2027-0018"}, {"client-b", "ten infusions", "", "GFE-2027-0019"}} {
		if kept, err := keep(x.client, x.content, x.number, 2027, nil); err != nil || kept.Number != x.want {
			t.Errorf("%s of %s has the number %s, want %s: %v", x.content, x.client, kept.Number, x.want, err)
		}
	}
	if kept, err := keep("client-a", "next year", "", 2028, nil); err != nil || kept.Number != "GFE-2028-0001" {
		t.Errorf("%s: %v", kept.Number, err)
	}
	if _, err := keep("client-a", "another", "GFE-2027-0001", 2027, nil); !errors.Is(err, store.ErrNumberTaken) {
		t.Errorf("a number was given twice: %v", err)
	}
}
