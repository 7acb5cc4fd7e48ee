package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/store"
)

// TestEveryFieldOfAClientIsSealedWithTheClientsKey goes through every write there is, and looks at every sealed field.
func TestEveryFieldOfAClientIsSealedWithTheClientsKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.writeWords(canaries)
	keys := b.dataKeyIDs()
	if keys["client-canary"] == "" || keys[""] == "" || keys["client-canary"] == keys[""] {
		t.Fatalf("the keys are %v", keys)
	}
	looked := 0
	for table, columns := range b.sealedColumns() {
		if resealed := store.SealedColumns()[table]; !slices.Equal(slices.Sorted(slices.Values(columns)), slices.Sorted(slices.Values(resealed))) {
			t.Errorf("%s has the sealed columns %v, and Reseal goes through %v", table, columns, resealed)
			continue
		}
		for _, column := range columns {
			_, owner, _ := store.BoundTo(table, column)
			if table == "audit_event" {
				owner = "''"
			}
			rows, err := b.psql().Query(t.Context(), fmt.Sprintf(`SELECT %s, %s FROM %s WHERE %[2]s IS NOT NULL`, owner, column, table))
			if err != nil {
				t.Fatal(err)
			}
			var of string
			var sealed []byte
			if _, err := pgx.ForEachRow(rows, []any{&of, &sealed}, func() error {
				looked++
				if form, id := sealed[0], string(sealed[2:2+sealed[1]]); form != 3 || id != keys[of] {
					t.Errorf("%s.%s of %q has form %d and key %s, want the key %s", table, column, of, form, id, keys[of])
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if looked < 30 {
		t.Errorf("only %d fields were looked at", looked)
	}
}

// dataKeyIDs gives the ids of all data keys by owner.
func (b *bundle) dataKeyIDs() map[string]string {
	b.t.Helper()
	rows, err := b.psql().Query(b.t.Context(), `SELECT owner, id FROM data_key`)
	if err != nil {
		b.t.Fatal(err)
	}
	ids := map[string]string{}
	var owner, id string
	if _, err := pgx.ForEachRow(rows, []any{&owner, &id}, func() error { ids[owner] = id; return nil }); err != nil {
		b.t.Fatal(err)
	}
	return ids
}

// TestListsOpenRecordsWhoseKeysAreNotInMemory: a program that has just started knows no key of a client.
func TestListsOpenRecordsWhoseKeysAreNotInMemory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 7 {
		b.enrolled(fmt.Sprintf("client-%d", n))
	}
	fresh, err := store.Open(t.Context(), store.Options{URL: b.url, Keys: b.keys, IndexKey: indexKey, MaxConns: 1}) // a second connection would never come
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fresh.Close)
	if board, err := fresh.Board(t.Context()); err != nil || len(board) != 7 {
		t.Errorf("%d rows, %v", len(board), err)
	}
	if names, err := fresh.NamesOf(t.Context(), []string{"client-3", "client-5"}); err != nil || names["client-3"] != "Robin" {
		t.Errorf("%v, %v", names, err)
	}
}

// TestDataKeyOfAnotherClientOpensNothing puts one client's key in the place of another's, as the owner of the tables could.
func TestDataKeyOfAnotherClientOpensNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	b.exec(`UPDATE data_key SET (id, sealed) = (SELECT id, sealed FROM data_key WHERE owner = 'client-b') WHERE owner = 'client-a'`)
	fresh, err := store.Open(t.Context(), store.Options{URL: b.url, Keys: b.keys, IndexKey: indexKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fresh.Close)
	if _, err := fresh.Chart(t.Context(), "client-a"); !errors.Is(err, store.ErrSealed) {
		t.Errorf("the chart opens with the key of another client: %v", err)
	}
	if _, err := fresh.Chart(t.Context(), "client-b"); err != nil {
		t.Error(err)
	}
}

// TestOneActionMakesKeysForMany: the coordinator's list is written in one transaction for many clients.
func TestOneActionMakesKeysForMany(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var list []message.WorklistItem
	for n := range 9 {
		list = append(list, message.WorklistItem{About: fmt.Sprintf("m-%d", n), ClientID: fmt.Sprintf("client-%d", n), Words: "look", Since: day})
	}
	if err := b.KeepWorklist(t.Context(), message.WorklistReply, day, list); err != nil {
		t.Fatal(err)
	}
	if ids := b.dataKeyIDs(); len(ids) != 10 {
		t.Errorf("%d keys", len(ids))
	}
}

// TestSaveAsksForNoKeyThatIsInMemory: while a client is at work, a save makes the round trips that it made before there were data keys.
func TestSaveAsksForNoKeyThatIsInMemory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.exec(`ALTER TABLE data_key RENAME TO out_of_reach`)
	b.save(record(t, chart, day.Add(time.Hour), told{person.Coordinator, "messaging-consent-recorded", "f-1", `{"channel":"email","granted":true}`}))
	if _, err := b.Chart(t.Context(), "client-a"); err != nil {
		t.Error(err)
	}
}
