package store_test

import (
	"errors"
	"testing"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/store"
)

// TestErasedRecordIsGoneForEveryReader: with all keys of the practice, no call gives anything of the client, and others are untouched.
func TestErasedRecordIsGoneForEveryReader(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.writeWords(canaries)
	b.enrolled("client-b")
	owner := b.with(b.keys, true)
	if err := b.Erase(t.Context(), "client-canary"); !errors.Is(err, store.ErrNotOwner) {
		t.Fatalf("a program erases: %v", err)
	}
	if err := owner.Erase(t.Context(), "client-nobody"); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("erasing nobody: %v", err)
	}
	for range 2 { // again changes nothing
		if err := owner.Erase(t.Context(), "client-canary"); err != nil {
			t.Fatal(err)
		}
	}
	fresh := b.with(b.keys, false)
	for table, columns := range b.sealedColumns() {
		for _, column := range columns {
			row, client, version := store.BoundTo(table, column)
			if table == "audit_event" || client == "''" {
				continue
			}
			rows, err := b.psql().Query(t.Context(), `SELECT `+row+`, `+version+`, `+column+` FROM `+table+` WHERE `+client+` = 'client-canary' AND `+column+` IS NOT NULL`)
			if err != nil {
				t.Fatal(err)
			}
			at := store.Place{Table: table, Column: column, Client: "client-canary"}
			var sealed []byte
			for rows.Next() {
				if err := rows.Scan(&at.Row, &at.Version, &sealed); err != nil {
					t.Fatal(err)
				}
				if plain, err := fresh.OpenAt(at, sealed); err == nil {
					t.Errorf("%s.%s still opens: %s", table, column, plain)
				}
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := fresh.Facts(t.Context(), "client-canary"); !errors.Is(err, care.ErrErased) {
		t.Errorf("the facts: %v", err)
	}
	for name, s := range map[string]*store.Store{"a program that knew the key": b.Store, "a new one": fresh} {
		if _, err := s.Chart(t.Context(), "client-canary"); !errors.Is(err, care.ErrErased) {
			t.Errorf("%s reads the chart: %v", name, err)
		}
	}
	if ids, err := fresh.ClientsByPhone(t.Context(), canaries["phone"]); err != nil || len(ids) != 0 {
		t.Errorf("the number still leads to %v, %v", ids, err)
	}
	board, boardErr := fresh.Board(t.Context())
	namesErr := fresh.NamesLike(t.Context(), nil, func(care.ClientName) {})
	lines, linesErr := fresh.Journal(t.Context(), 0, 100)
	list, listErr := fresh.Worklist(t.Context())
	if err := errors.Join(boardErr, namesErr, linesErr, listErr); err != nil || len(board) != 1 || board[0].ClientID != "client-b" || len(lines) == 0 {
		t.Errorf("the lists: %d rows, %d lines, %d items, %v", len(board), len(lines), len(list), err)
	}
	if log, err := fresh.AuditOf(t.Context(), "client-canary"); err != nil || len(log) == 0 {
		t.Errorf("who looked at it: %v, %v", log, err)
	}
	if _, created, err := fresh.NewClient(t.Context(), newClient(t, "client-c")); err != nil || !created {
		t.Errorf("the same person comes again: %v, %v", created, err)
	}
}

// TestErasedOnlyIfAllIsUnderTheClientsKey: a field of an older form would outlive the key.
func TestErasedOnlyIfAllIsUnderTheClientsKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.writeWords(canaries)
	b.makeOlder(2)
	owner := b.with(b.keys, true)
	if err := owner.Erase(t.Context(), "client-canary"); !errors.Is(err, store.ErrNotResealed) {
		t.Fatal(err)
	}
	if _, err := owner.Reseal(t.Context(), func(store.Resealed) {}); err != nil {
		t.Fatal(err)
	}
	if err := owner.Erase(t.Context(), "client-canary"); err != nil {
		t.Error(err)
	}
}

// TestMailAndReportsBelongToTheirClient: a row that is given to another client, or to nobody, does not open.
func TestMailAndReportsBelongToTheirClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	if err := b.PutMail(t.Context(), "client-a/remind/infusion-1/v1/1d/sms", "sms", "+13035550123", "", "hello"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.TakeEvent(t.Context(), message.ProviderEvent{Provider: "twilio", ID: "SM1", Kind: message.EventReply, At: day, From: "+13035550123", Text: "I am late"}); err != nil {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM mailbox m, provider_event e WHERE m.client_id = 'client-a' AND e.client_id = 'client-a'`); n != 1 {
		t.Fatal("the rows are nobody's")
	}
	for _, client := range []string{"client-b", ""} {
		b.exec(`UPDATE mailbox SET client_id = $1`, client)
		b.exec(`UPDATE provider_event SET client_id = $1`, client)
		if _, err := b.WaitingEvents(t.Context(), 10); !errors.Is(err, store.ErrSealed) {
			t.Errorf("a report opens for %q: %v", client, err)
		}
		if err := b.EachMail(t.Context(), nil); !errors.Is(err, store.ErrSealed) {
			t.Errorf("a message opens for %q: %v", client, err)
		}
	}
}
