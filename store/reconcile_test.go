package store_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// TestFactWithoutAnAuditRowIsOnTheList: a fact that came around the desk is found, once, and an honest one is not. A row that SQL
// wrote about it does not stand for it.
func TestFactWithoutAnAuditRowIsOnTheList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	reported := func(fact, id string) {
		t.Helper()
		if err := b.Audit(t.Context(), coordinator, "record", "client-a", json.RawMessage(fmt.Sprintf(`{"fact":%q,"id":%q}`, fact, id))); err != nil {
			t.Fatal(err)
		}
	}
	list := func() (kinds []string) {
		t.Helper()
		if err := b.ReconcileFacts(t.Context(), day.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		items, err := b.Worklist(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range items {
			if m.Kind != message.WorklistUnaudited || m.ClientID != "client-a" {
				t.Errorf("on the list is %+v", m)
			}
			kinds = append(kinds, m.About)
		}
		return kinds
	}
	reported("enrolled", "enrol-client-a")
	reported("goals-recorded", "g-1")
	b.save(record(t, chart, day.Add(time.Minute), told{person.Psychotherapist, "goals-recorded", "g-1", `{"intention":"ref:1"}`}))
	if got := list(); len(got) != 0 {
		t.Errorf("of honest facts %v are on the list", got)
	}
	b.save(record(t, chart, day.Add(2*time.Minute), told{person.Psychotherapist, "goals-recorded", "g-2", `{"intention":"ref:1"}`}))
	b.execOn(b.asProgram(), `INSERT INTO audit_event (id, actor, role, action, subject, detail, report_hash, proof_hash)
		SELECT 'forged', actor, role, action, subject, detail, report_hash, proof_hash FROM audit_event WHERE report_hash IS NOT NULL LIMIT 1`)
	reported("goals-recorded", "g-3")
	b.save(record(t, chart, day.Add(3*time.Minute), told{person.Psychotherapist, "goals-recorded", "g-3", `{"intention":"ref:1"}`}))
	for range 2 {
		if got := list(); len(got) != 1 || got[0] != "client-a/fact/3" {
			t.Errorf("on the list are %v", got)
		}
	}
	// A row by an earlier build has no hash of its report.
	reported("goals-recorded", "g-4")
	b.exec(`ALTER TABLE audit_event DISABLE TRIGGER USER; UPDATE audit_event SET report_hash = NULL, proof_hash = NULL WHERE seq = (SELECT max(seq) FROM audit_event)`)
	b.save(record(t, chart, day.Add(4*time.Minute), told{person.Psychotherapist, "goals-recorded", "g-4", `{"intention":"ref:1"}`}))
	if got := list(); len(got) != 1 {
		t.Errorf("with a row by an earlier build: %v", got)
	}
}
