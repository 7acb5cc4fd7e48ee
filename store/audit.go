package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/person"
)

// ErrTampered says that the audit log is not what was written.
var ErrTampered = errors.New("the audit log was tampered with")

func auditPlace(id, subject string) place {
	return place{table: "audit_event", column: "detail", row: id, client: subject}
}

// Audit notes who did or tried what. When it fails, the request fails.
func (s *Store) Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error {
	id := rand.Text()
	return s.alone("audit", func(q querier) error {
		// The trigger fills in number, time and hashes.
		_, err := q.Exec(ctx, `INSERT INTO audit_event (id, actor, role, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, by.ID, by.Role, action, subject, s.sealText(auditPlace(id, subject), string(detail)))
		return err
	})
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
		}, `SELECT seq, id, at, actor, role, action, subject, detail FROM audit_event WHERE subject = $1 ORDER BY seq`, subject)
		return err
	})
	return events, err
}

// CheckAudit goes along the chain and gives its head, to be kept somewhere else. It fails with ErrTampered at the
// first row that is not as it was written, or if rows at the end are gone. An owner of the tables who rewrites rows and head alike
// shows only against a head kept elsewhere.
func (s *Store) CheckAudit(ctx context.Context) (head []byte, err error) {
	err = s.inTx(ctx, "check audit log", func(tx pgx.Tx) error {
		// One moment for rows and head: they change together.
		if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`); err != nil {
			return err
		}
		var seq int64
		err := tx.QueryRow(ctx, `
			SELECT seq FROM (
				SELECT seq, e.hash, e.prev_hash, audit_digest(e) AS digest,
					row_number() OVER w AS place, lag(e.hash, 1, '\x'::bytea) OVER w AS before
				FROM audit_event e
				WINDOW w AS (ORDER BY seq)
			) chain
			WHERE seq <> place OR prev_hash <> before OR hash <> digest
			ORDER BY seq
			LIMIT 1`).Scan(&seq)
		if err == nil {
			return fmt.Errorf("%w at row %d", ErrTampered, seq)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		var there bool
		err = tx.QueryRow(ctx, `
			SELECT h.seq, h.hash, h.seq = 0 OR EXISTS (SELECT FROM audit_event e WHERE e.seq = h.seq AND e.hash = h.hash) FROM audit_head h`).Scan(&seq, &head, &there)
		if err == nil && !there {
			return fmt.Errorf("%w: its end is missing, up to row %d", ErrTampered, seq)
		}
		return err
	})
	return head, err
}
