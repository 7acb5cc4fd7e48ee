package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"kapflow/care/person"
	"kapflow/store"
)

func TestAuditKeepsWhoDidWhatInAnUnbrokenChain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if head, err := b.CheckAudit(t.Context()); err != nil || len(head) != 0 {
		t.Errorf("an empty log: %x, %v", head, err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := b.Audit(t.Context(), coordinator, "read", "client-a", json.RawMessage(`{"page":"chart"}`)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := b.Audit(t.Context(), person.Actor{ID: "dr-a", Role: person.Physician}, "denied", "client-b", nil); err != nil {
		t.Fatal(err)
	}
	head, err := b.CheckAudit(t.Context())
	if err != nil || len(head) != 32 {
		t.Errorf("head %x, %v", head, err)
	}
	events, err := b.AuditOf(t.Context(), "client-a")
	if err != nil || len(events) != 20 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for i, e := range events {
		if e.Seq != int64(i+1) || e.By != coordinator || e.Action != "read" || !bytes.Equal(e.Detail, []byte(`{"page":"chart"}`)) {
			t.Errorf("event %d is %+v", i, e)
		}
	}
	if events, err := b.AuditOf(t.Context(), "client-b"); err != nil || len(events) != 1 || events[0].Detail != nil {
		t.Errorf("without detail: %+v, %v", events, err)
	}
}

func TestTamperingWithTheAuditLogShows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql string }{
		{"Rewritten", `UPDATE audit_event SET action = 'nothing' WHERE seq = 2`},
		{"Backdated", `UPDATE audit_event SET at = at - interval '1 day' WHERE seq = 3`},
		{"Removed", `DELETE FROM audit_event WHERE seq = 2`},
		{"LastRemoved", `DELETE FROM audit_event WHERE seq = 3`},
		{"LastTwoRemoved", `DELETE FROM audit_event WHERE seq >= 2`},
		{"AllRemoved", `DELETE FROM audit_event`},
		{"FirstRemoved", `DELETE FROM audit_event WHERE seq = 1`},
		{"HashesSwapped", `UPDATE audit_event SET hash = prev_hash WHERE seq = 3`},
		{"DetailReplaced", `UPDATE audit_event SET detail = '\x00' WHERE seq = 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for range 3 {
				if err := b.Audit(t.Context(), coordinator, "read", "client-a", json.RawMessage(`{}`)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.psql().Exec(t.Context(), c.sql); err == nil {
				t.Error("the log could be changed without taking the trigger off")
			}
			b.exec(`ALTER TABLE audit_event DISABLE TRIGGER USER; ` + c.sql)
			if _, err := b.CheckAudit(t.Context()); !errors.Is(err, store.ErrTampered) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestRewritingByTheOwnerShows: the owner of the tables takes every trigger off, and writes the log again with hashes and a head
// that fit. Proofs need a key that is not in the database, and what was kept elsewhere shows the rest.
func TestRewritingByTheOwnerShows(t *testing.T) {
	t.Parallel()
	const chainAgain = `DO $$ DECLARE r audit_event; before bytea := '\x'; n bigint := 0; BEGIN
		FOR r IN SELECT * FROM audit_event ORDER BY seq LOOP
			n := n + 1; r.prev_hash := before; r.seq := n;
			UPDATE audit_event SET seq = n, prev_hash = before WHERE id = r.id;
			SELECT audit_digest(e) INTO before FROM audit_event e WHERE e.id = r.id;
			UPDATE audit_event SET hash = before WHERE id = r.id;
		END LOOP;
		UPDATE audit_head SET seq = n, hash = before; END $$`
	for _, c := range []struct {
		name, sql string
		onlyKept  bool // it shows against a kept head alone
	}{
		{name: "Rewritten", sql: `UPDATE audit_event SET action = 'nothing' WHERE seq = 3`},
		{name: "RewrittenWithoutProof", sql: `UPDATE audit_event SET action = 'nothing', proof_hash = NULL WHERE seq = 3`},
		{name: "ProofOfAnother", sql: `UPDATE audit_event SET action = 'nothing', proof_hash = (SELECT proof_hash FROM audit_event WHERE seq = 2) WHERE seq = 3`},
		{name: "AnotherReport", sql: `UPDATE audit_event SET report_hash = sha256('x') WHERE seq = 3`},
		{name: "Removed", sql: `DELETE FROM audit_event WHERE seq = 2`},
		{name: "Added", sql: `INSERT INTO audit_event (seq, id, at, actor, role, action, subject, prev_hash, hash) VALUES (99, 'z', now(), 'dr-a', 'physician', 'export', 'client-a', '', '')`},
		{name: "EndRemoved", sql: `DELETE FROM audit_event WHERE seq >= 3`, onlyKept: true},
		{name: "AllRemoved", sql: `DELETE FROM audit_event`, onlyKept: true},
		{name: "AllWithoutProof", sql: `UPDATE audit_event SET action = 'nothing', proof_hash = NULL`, onlyKept: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for range 4 {
				if err := b.Audit(t.Context(), coordinator, "record", "client-a", json.RawMessage(`{"fact":"paused","id":"f-1"}`)); err != nil {
					t.Fatal(err)
				}
			}
			kept, err := b.CheckAuditFrom(t.Context())
			if err != nil || kept.Seq != 4 {
				t.Fatalf("%+v, %v", kept, err)
			}
			if _, err := b.CheckAuditFrom(t.Context(), kept); err != nil {
				t.Errorf("against its own head: %v", err)
			}
			conn := b.psql()
			b.execOn(conn, `SET session_replication_role = replica`)
			b.execOn(conn, c.sql)
			b.execOn(conn, chainAgain)
			if _, err := b.CheckAudit(t.Context()); errors.Is(err, store.ErrTampered) == c.onlyKept {
				t.Errorf("without a kept head: %v", err)
			}
			if _, err := b.CheckAuditFrom(t.Context(), kept); !errors.Is(err, store.ErrTampered) {
				t.Errorf("against a head that was kept: %v", err)
			}
		})
	}
}

// TestRowsOfSQLShowInTheAuditLog: a program's login writes rows in somebody's name, with every proof that it could think of.
func TestRowsOfSQLShowInTheAuditLog(t *testing.T) {
	t.Parallel()
	for name, proof := range map[string]string{"None": `NULL`, "OfAnother": `(SELECT proof_hash FROM audit_event LIMIT 1)`, "OwnKey": `sha256('x')`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if err := b.Audit(t.Context(), coordinator, "record", "client-a", nil); err != nil {
				t.Fatal(err)
			}
			b.execOn(b.asProgram(), `INSERT INTO audit_event (id, actor, role, action, subject, proof_hash) VALUES ('x', 'dr-a', 'physician', 'export', 'client-a', `+proof+`)`)
			if _, err := b.CheckAudit(t.Context()); !errors.Is(err, store.ErrTampered) {
				t.Errorf("got %v", err)
			}
		})
	}
}
