package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/person"
)

// ErrTampered says that the audit log is not what was written.
var ErrTampered = errors.New("the audit log was tampered with")

// auditTable is the audit log's table, whose details are sealed with the practice's own data key.
const auditTable = "audit_event"

func auditPlace(id, subject string) place {
	return place{table: auditTable, column: "detail", row: id, client: subject}
}

// Audit notes who did or tried what. When it fails, the request fails.
func (s *Store) Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error {
	id := rand.Text()
	return s.alone("audit", func(q querier) error {
		sealed, err := s.sealText(auditPlace(id, subject), string(detail))
		if err != nil {
			return err
		}
		// The trigger fills in number, time, hashes, and the proof, for which it gets this row's key.
		_, err = q.Exec(ctx, `INSERT INTO audit_event (id, actor, role, action, subject, detail, report_hash, proof_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, by.ID, by.Role, action, subject, sealed, s.reportOf(action, subject, detail), s.auditKey(id))
		return err
	})
}

// auditKey is the key of one row's proof. The database sees it once and does not keep it.
func (s *Store) auditKey(id string) []byte { return s.index("audit-row", id) }

// reportHash is what an audit row and a fact of one report have in common.
func (s *Store) reportHash(clientID, fact, id string) []byte {
	return s.proof("audit-report", clientID, fact, id)
}

// reportOf gives the hash of the report that a row is about; NULL if it is about none.
func (s *Store) reportOf(action, subject string, detail json.RawMessage) []byte {
	var of struct{ Fact, ID string }
	if action != "record" || json.Unmarshal(detail, &of) != nil || of.ID == "" {
		return nil
	}
	return s.reportHash(subject, of.Fact, of.ID)
}

// AuditEvent is one row of the audit log.
type AuditEvent = care.AuditEvent

// AuditOf gives everything that was done or tried about a subject, oldest first: who looked at this client.
func (s *Store) AuditOf(ctx context.Context, subject string) (events []AuditEvent, err error) {
	err = s.alone("read audit log", func(q querier) error {
		events, err = each(ctx, q, func(r pgx.Row) (e AuditEvent, err error) {
			var id string
			var detail []byte
			if err := r.Scan(&e.Seq, &id, &e.At, &e.By.ID, &e.By.Role, &e.Action, &e.Subject, &detail); err != nil {
				return e, err
			}
			e.At = e.At.UTC()
			if detail != nil {
				e.Detail, err = s.open(auditPlace(id, e.Subject), detail)
			}
			return e, err
		}, `SELECT seq, id, at, actor, role, action, subject, coalesce(detail_again, detail) FROM audit_event WHERE subject = $1 ORDER BY seq`, subject)
		return err
	})
	return events, err
}
