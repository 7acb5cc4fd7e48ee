package store_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/output"
	"kapflow/store"
)

// sealedColumns gives every sealed column: bytea that is no hash.
func (b *bundle) sealedColumns() map[string][]string {
	rows, err := b.psql().Query(b.t.Context(), `SELECT table_name::text, column_name::text FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type = 'bytea' AND column_name !~ 'hash|sha256|index|identity|^key$|^program$|_again$' AND table_name <> 'data_key'`)
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string][]string{}
	var table, column string
	if _, err := pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		out[table] = append(out[table], column)
		return nil
	}); err != nil {
		b.t.Fatal(err)
	}
	return out
}

// TestNoTokenOfALinkIsInAnythingStored has every write of the store carry a link, and opens all that was sealed.
func TestNoTokenOfALinkIsInAnythingStored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := strings.Repeat("k7Q2mX9d", 6)[:output.TokenLength]
	words := maps.Clone(canaries)
	for _, kind := range []string{"name", "email", "note", "reason", "reference", "detail"} {
		words[kind] = "see https://go.example.org/v/" + token
	}
	b.writeWords(words)
	columns := b.sealedColumns()
	// The mailbox stands in for the client's phone. Documents are made of texts that are elsewhere too. Sessions and passkeys hold no
	// text that anybody wrote for a client.
	for _, table := range slices.Sorted(maps.Keys(columns)) {
		if slices.Contains([]string{"mailbox", "document", "session", "passkey", "ceremony"}, table) {
			continue
		}
		for _, column := range columns[table] {
			seen := b.openAll(table, column, func(plain []byte) {
				if bytes.Contains(plain, []byte(token)) {
					t.Errorf("%s.%s holds the token: %s", table, column, plain)
				}
			})
			if !seen && column != "sent_to" { // the address, which no text of ours is in
				t.Errorf("nothing was written to %s.%s", table, column)
			}
		}
	}
}

// openAll opens every field of a column where it is, and tries to open it anywhere else.
func (b *bundle) openAll(table, column string, see func([]byte)) (seen bool) {
	b.t.Helper()
	row, client, version := store.BoundTo(table, column)
	rows, err := b.psql().Query(b.t.Context(), fmt.Sprintf(`SELECT %s, %s, %s, %s FROM %s WHERE %[2]s IS NOT NULL`, row, column, client, version, table))
	if err != nil {
		b.t.Fatal(err)
	}
	at := store.Place{Table: table, Column: column}
	var sealed []byte
	if _, err := pgx.ForEachRow(rows, []any{&at.Row, &sealed, &at.Client, &at.Version}, func() error {
		seen = true
		plain, err := b.OpenAt(at, sealed)
		see(plain)
		for _, there := range []store.Place{
			{Table: at.Table, Column: at.Column, Row: at.Row, Client: at.Client + "x", Version: at.Version},
			{Table: at.Table, Column: at.Column, Row: at.Row, Client: at.Client, Version: at.Version + 1},
			{Table: at.Table, Column: at.Column, Row: at.Row + "x", Client: at.Client, Version: at.Version},
		} {
			if _, err := b.OpenAt(there, sealed); err == nil {
				b.t.Errorf("%s.%s of %v opens as %v", table, column, at, there)
			}
		}
		return err
	}); err != nil {
		b.t.Fatalf("%s.%s: %v", table, column, err)
	}
	return seen
}

func TestClosedLinksOpenNothingAndLaterOnesDo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var tokens []string
	newLink := func(client string) string {
		t.Helper()
		token, err := b.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: client, Channel: person.SMS, Notification: message.Notification{Key: key("x")}, Now: day}))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for _, client := range []string{"client-a", "client-b"} {
		n := newClient(t, client)
		n.Contact.BirthDate = "1990-01-31"
		if _, _, err := b.NewClient(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	birth := message.SecondFactor{BirthDate: "1990-01-31"}
	for range 3 {
		tokens = append(tokens, newLink("client-a"))
	}
	pass, err := b.UnlockLink(t.Context(), tokens[0], birth, day)
	if err != nil {
		t.Fatal(err)
	}
	other := newLink("client-b")
	if err := b.CloseLinks(t.Context(), "client-a"); err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if _, err := b.UnlockLink(t.Context(), token, birth, day.Add(time.Minute)); err == nil {
			t.Error("a closed link opened")
		}
	}
	if open, err := b.LinkPass(t.Context(), tokens[0], pass, day.Add(time.Minute)); open || err != nil {
		t.Errorf("a browser's pass of a closed link opened it: %v", err)
	}
	for _, token := range []string{other, newLink("client-a")} {
		if _, err := b.UnlockLink(t.Context(), token, birth, day.Add(time.Minute)); err != nil {
			t.Errorf("another client's link, or a later one: %v", err)
		}
	}
}
