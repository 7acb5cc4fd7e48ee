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
			b.exec(`ALTER TABLE audit_event DISABLE TRIGGER append_only; ` + c.sql)
			if _, err := b.CheckAudit(t.Context()); !errors.Is(err, store.ErrTampered) {
				t.Errorf("got %v", err)
			}
		})
	}
}
