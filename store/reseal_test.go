package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/person"
	"kapflow/keyring"
	"kapflow/store"
)

// twoKeys are a practice's old field key and its new one.
func twoKeys(t *testing.T) (old, fresh, both keyring.Ring) {
	t.Helper()
	oldKey, newKey := keyring.NewEntry("old"), keyring.NewEntry("new")
	parse := func(text string) keyring.Ring {
		r, err := keyring.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	return parse(oldKey), parse(newKey), parse(newKey + "," + oldKey)
}

// with opens the same database with other keys.
func (b *bundle) with(keys keyring.Ring, asOwner bool) *store.Store {
	b.t.Helper()
	s, err := store.Open(b.t.Context(), store.Options{URL: b.url, Keys: keys, IndexKey: indexKey, MaxConns: 4, AsOwner: asOwner})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(s.Close)
	return s
}

// setupWith is setup with a given ring.
func setupWith(t *testing.T, keys keyring.Ring) *bundle {
	t.Helper()
	b := setup(t)
	b.exec(`TRUNCATE session`)
	b.exec(`ALTER TABLE data_key DISABLE TRIGGER USER; DELETE FROM data_key; ALTER TABLE data_key ENABLE TRIGGER USER`)
	b.Store, b.keys = b.with(keys, false), keys
	return b
}

// makeOlder gives every sealed field the form that builds before migration 0028 wrote.
func (b *bundle) makeOlder(form byte) {
	b.t.Helper()
	conn := b.psql()
	b.execOn(conn, `SET session_replication_role = replica`)
	for table, columns := range b.sealedColumns() {
		for _, column := range columns {
			row, client, version := store.BoundTo(table, column)
			rows, err := conn.Query(b.t.Context(), fmt.Sprintf(`SELECT ctid::text, %s, %s, %s, %s FROM %s WHERE %[5]s IS NOT NULL`, row, client, version, column, table))
			if err != nil {
				b.t.Fatal(err)
			}
			type field struct {
				ctid   string
				at     store.Place
				sealed []byte
			}
			fields, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (f field, err error) {
				f.at = store.Place{Table: table, Column: column}
				return f, r.Scan(&f.ctid, &f.at.Row, &f.at.Client, &f.at.Version, &f.sealed)
			})
			if err != nil {
				b.t.Fatal(err)
			}
			for _, f := range fields {
				plain, err := b.OpenAt(f.at, f.sealed)
				if err != nil {
					b.t.Fatal(err)
				}
				// By its place, because an update gives the row another one.
				b.execOn(conn, fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2 AND %[2]s = $3`, table, column, row), b.SealAsBefore(form, f.at, string(plain)), f.at.Row, f.sealed)
			}
		}
	}
}

// usedKeys gives the practice's keys that are needed.
func usedKeys(t *testing.T, s *store.Store) (keys []string) {
	t.Helper()
	uses, err := s.KeyUse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range uses {
		if !slices.Contains(keys, u.Key) {
			keys = append(keys, u.Key)
		}
	}
	return keys
}

// TestResealLeavesNothingUnderTheOldKey: rows of both older forms in every table; it is ended after each transaction once, and goes on.
func TestResealLeavesNothingUnderTheOldKey(t *testing.T) {
	t.Parallel()
	for _, form := range []byte{1, 2} {
		t.Run(fmt.Sprintf("Form%d", form), func(t *testing.T) {
			t.Parallel()
			old, fresh, both := twoKeys(t)
			b := setupWith(t, old)
			b.writeWords(canaries)
			before := b.everything(b.Store)
			b.makeOlder(form)
			if got := usedKeys(t, b.Store); !slices.Equal(got, []string{"old"}) {
				t.Fatalf("before, the keys %v are needed", got)
			}
			owner := b.with(both, true)
			ends := 0
			for {
				ctx, end := context.WithCancel(t.Context())
				_, err := owner.Reseal(ctx, func(store.Resealed) { end() }) // killed after one transaction
				end()
				if err == nil {
					break
				}
				if ends++; !errors.Is(err, context.Canceled) || ends > 100 {
					t.Fatal(ends, err)
				}
			}
			if ends < 10 {
				t.Errorf("it was ended only %d times", ends)
			}
			if got := usedKeys(t, owner); !slices.Equal(got, []string{"new"}) {
				t.Errorf("afterwards the keys %v are needed", got)
			}
			if after := b.everything(b.with(fresh, false)); after != before {
				t.Errorf("with the new key alone it reads otherwise:\n%s\nbefore:\n%s", after, before)
			}
			if _, err := b.with(fresh, false).CheckAudit(t.Context()); err != nil {
				t.Errorf("the audit log: %v", err)
			}
		})
	}
}

// everything is all that a store reads, as text.
func (b *bundle) everything(s *store.Store) string {
	b.t.Helper()
	ctx := b.t.Context()
	r, err := s.HealthRecord(ctx, "client-canary")
	if err != nil {
		b.t.Fatal(err)
	}
	facts, err := s.Facts(ctx, "client-canary")
	if err != nil {
		b.t.Fatal(err)
	}
	worklist, err := s.Worklist(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	log, err := s.AuditOf(ctx, "client-canary")
	if err != nil {
		b.t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%v %v %v %v %+v %+v %+v %+v\n", r.Chart.Facts, r.Chart.Flags, r.Contact, r.Billing, r.Messages, facts, worklist, log)
	for _, d := range r.Documents {
		fmt.Fprintf(&out, "%s %s %s\n", d.Number, d.HTML, d.PDF)
	}
	if err := s.EachMail(ctx, func(key, channel, to, subject, text string, _ time.Time) error {
		fmt.Fprintln(&out, key, channel, to, subject, text)
		return nil
	}); err != nil {
		b.t.Fatal(err)
	}
	return out.String()
}

// TestResealWhileProgramsWork: facts are recorded while rows are sealed again; nothing is lost and nothing is unreadable.
func TestResealWhileProgramsWork(t *testing.T) {
	t.Parallel()
	old, fresh, both := twoKeys(t)
	b := setupWith(t, old)
	const clients, facts = 4, 25
	for n := range clients {
		chart := b.enrolled(fmt.Sprintf("client-%d", n))
		for i := range 40 {
			b.save(record(t, chart, day.Add(time.Duration(i)*time.Minute), told{person.Coordinator, "messaging-consent-recorded", fmt.Sprintf("before-%d", i), `{"channel":"email","granted":true}`}))
		}
	}
	b.makeOlder(2)
	owner := b.with(both, true)
	var work sync.WaitGroup
	for n := range clients {
		id, s := fmt.Sprintf("client-%d", n), b.with(both, false)
		work.Go(func() {
			for i := range facts {
				chart, err := s.Chart(t.Context(), id)
				if err != nil {
					t.Error(err)
					return
				}
				ref, err := s.Hide(t.Context(), id, "phone", fmt.Sprintf("+1303555%04d", i))
				if err != nil {
					t.Error(err)
					return
				}
				step := record(t, chart, day.Add(time.Hour+time.Duration(i)*time.Minute), told{person.Coordinator, "contact-changed", fmt.Sprintf("during-%d", i), fmt.Sprintf(`{"phone":%q}`, ref)})
				if err := s.SaveChart(t.Context(), step); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := owner.Reseal(t.Context(), func(store.Resealed) {}); err != nil {
		t.Fatal(err)
	}
	work.Wait()
	if got := usedKeys(t, owner); !slices.Equal(got, []string{"new"}) {
		t.Errorf("the keys %v are needed", got)
	}
	reader := b.with(fresh, false)
	for n := range clients {
		id := fmt.Sprintf("client-%d", n)
		contact, contactErr := reader.Contact(t.Context(), id)
		read, err := reader.Facts(t.Context(), id)
		if err != nil || contactErr != nil || len(read) != 1+40+facts || contact.Phone != fmt.Sprintf("+1303555%04d", facts-1) {
			t.Errorf("%s: %d facts, %v, %v, %v", id, len(read), contact, err, contactErr)
		}
	}
}

// TestOnlyTheOwnerSealsAgain: programs cannot, and nothing but sealed columns changes in what is written once.
func TestOnlyTheOwnerSealsAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.writeWords(canaries)
	if _, err := b.Reseal(t.Context(), func(store.Resealed) {}); !errors.Is(err, store.ErrNotOwner) {
		t.Errorf("a program seals again: %v", err)
	}
	for table, column := range map[string]string{"fact": "name", "journal": "type", "document": "number", "private_text": "field", "audit_event": "detail"} {
		value := column + ` || 'x'`
		if table == "audit_event" {
			value = `'\x03'::bytea`
		}
		if _, err := b.psql().Exec(t.Context(), fmt.Sprintf(`SET kapflow.reseal = 'on'; UPDATE %s SET %s = %s`, table, column, value)); err == nil {
			t.Errorf("%s.%s can be changed", table, column)
		}
		if _, err := b.asProgram().Exec(t.Context(), fmt.Sprintf(`SET kapflow.reseal = 'on'; UPDATE %s SET %s = %[2]s`, table, column)); err == nil {
			t.Errorf("a program changes %s", table)
		}
	}
}
