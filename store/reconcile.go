package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
)

// reconcileAtOnce is how many facts one look goes through at most; the next look goes on.
const reconcileAtOnce = 2000

// unreconciled is a fact that nobody has looked for in the audit log.
type unreconciled struct {
	client, id, name string
	seq, upTo        int // its number, and that of the client's last fact that was looked for
	at               time.Time
}

// ReconcileFacts looks for the audit row of every fact since the last look. The desk writes the row before a fact, so a fact
// without one came around the desk: it goes on the coordinator's list, once.
func (s *Store) ReconcileFacts(ctx context.Context, now time.Time) error {
	return s.inTx(ctx, "reconcile facts", func(tx pgx.Tx) error {
		facts, err := each(ctx, tx, func(r pgx.Row) (f unreconciled, err error) {
			return f, r.Scan(&f.client, &f.seq, &f.id, &f.name, &f.at, &f.upTo)
		}, `SELECT c.id, f.seq, f.fact_id, f.name, f.recorded_at, coalesce(r.seq, 0)
			FROM client c LEFT JOIN reconciled r ON r.client_id = c.id
			CROSS JOIN LATERAL (SELECT * FROM fact f WHERE f.client_id = c.id AND f.seq > coalesce(r.seq, 0)) f
			ORDER BY c.id, f.seq LIMIT $1`, reconcileAtOnce)
		if err != nil || len(facts) == 0 {
			return err
		}
		audited, err := s.auditedReports(ctx, tx, facts)
		if err != nil {
			return err
		}
		upTo := map[string]int{}
		for _, f := range facts {
			if !audited[string(s.reportHash(f.client, f.name, f.id))] {
				if err := s.noteWorklistItem(ctx, tx, unauditedFact(f), now); err != nil {
					return err
				}
			}
			if _, seen := upTo[f.client]; !seen {
				upTo[f.client] = f.upTo
			}
			if f.seq == upTo[f.client]+1 { // facts after a gap are looked for again: one that is being saved may still fill it
				upTo[f.client] = f.seq
			}
		}
		for client, seq := range upTo {
			if _, err := tx.Exec(ctx, `INSERT INTO reconciled (client_id, seq) VALUES ($1, $2)
				ON CONFLICT (client_id) DO UPDATE SET seq = greatest(reconciled.seq, EXCLUDED.seq)`, client, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

func unauditedFact(f unreconciled) message.WorklistItem {
	return message.WorklistItem{Kind: message.WorklistUnaudited, About: fmt.Sprintf("%s/fact/%d", f.client, f.seq), ClientID: f.client, Since: f.at.UTC(),
		Words: fmt.Sprintf("fact %d of this client, %s, is in the record, and the audit log does not say who reported it; ask who did, and have the access to Temporal looked at", f.seq, f.name)}
}

// auditedReports gives the hashes of those reports of some facts that the audit log has. Rows by earlier builds have no hash; they
// are opened.
func (s *Store) auditedReports(ctx context.Context, tx pgx.Tx, facts []unreconciled) (map[string]bool, error) {
	var wanted [][]byte
	for _, f := range facts {
		wanted = append(wanted, s.reportHash(f.client, f.name, f.id))
	}
	rows, err := tx.Query(ctx, `SELECT report_hash FROM audit_event WHERE report_hash = ANY ($1)`, wanted)
	if err != nil {
		return nil, err
	}
	audited := map[string]bool{}
	var hash []byte
	if _, err := pgx.ForEachRow(rows, []any{&hash}, func() error { audited[string(hash)] = true; return nil }); err != nil {
		return nil, err
	}
	var clients []string
	for i, f := range facts {
		if !audited[string(wanted[i])] {
			clients = append(clients, f.client)
		}
	}
	if len(clients) == 0 {
		return audited, nil
	}
	rows, err = tx.Query(ctx, `SELECT id, subject, coalesce(detail_again, detail) FROM audit_event WHERE subject = ANY ($1) AND action = 'record' AND report_hash IS NULL AND detail IS NOT NULL`, clients)
	if err != nil {
		return nil, err
	}
	var id, subject string
	var detail []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &subject, &detail}, func() error {
		plain, err := s.open(auditPlace(id, subject), detail)
		if err != nil {
			return nil //nolint:nilerr // a row that we did not write stands for no report
		}
		if hash := s.reportOf("record", subject, json.RawMessage(plain)); hash != nil {
			audited[string(hash)] = true
		}
		return nil
	})
	return audited, err
}
