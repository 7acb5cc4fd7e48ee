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
	by               string // role
	seq              int
	at               time.Time
}

// ReconcileFacts looks for the audit row of every fact since the last look. The desk writes the row before a fact, so a fact
// without one came around the desk: it goes on the coordinator's list, once. It reads the facts that were saved since, and no client
// without one.
func (s *Store) ReconcileFacts(ctx context.Context, now time.Time) error {
	return s.inTx(ctx, "reconcile facts", func(tx pgx.Tx) error {
		if err := s.noteLostFacts(ctx, tx, now); err != nil {
			return err
		}
		facts, err := each(ctx, tx, func(r pgx.Row) (f unreconciled, err error) {
			return f, r.Scan(&f.client, &f.seq, &f.id, &f.name, &f.at)
		}, `WITH checked AS (DELETE FROM fact_unchecked WHERE (client_id, seq, recorded_at) IN (SELECT client_id, seq, recorded_at FROM fact_unchecked LIMIT $1)
				RETURNING client_id, seq, recorded_at)
			SELECT f.client_id, f.seq, f.fact_id, f.name, f.recorded_at FROM fact f JOIN checked USING (client_id, seq, recorded_at) WHERE `+notLost+` ORDER BY f.client_id, f.seq`, reconcileAtOnce)
		if err != nil || len(facts) == 0 {
			return err
		}
		audited, err := s.auditedReports(ctx, tx, facts)
		if err != nil {
			return err
		}
		for _, f := range facts {
			if !audited[string(s.reportHash(f.client, f.name, f.id))] {
				if err := s.noteWorklistItem(ctx, tx, unauditedFact(f), now); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// reportedAgain is how long a lost fact waits for its report to come again, as it does when whoever sent it got no answer.
const reportedAgain = 15 * time.Minute

// noteLostFacts puts facts on the coordinator's list that were saved in a workflow task that was lost and were not reported again.
// Nobody was told that they are recorded.
func (s *Store) noteLostFacts(ctx context.Context, tx pgx.Tx, now time.Time) error {
	lost, err := each(ctx, tx, func(r pgx.Row) (f unreconciled, err error) {
		return f, r.Scan(&f.client, &f.seq, &f.name, &f.by, &f.at)
	}, `SELECT f.client_id, f.seq, f.name, f.by_role, f.recorded_at
		FROM fact_lost l JOIN fact f USING (client_id, seq, recorded_at)
		WHERE f.recorded_at < $1 AND NOT EXISTS (
			SELECT FROM fact k WHERE k.client_id = f.client_id AND k.fact_id = f.fact_id AND k.recorded_at > f.recorded_at)`, now.Add(-reportedAgain))
	if err != nil {
		return err
	}
	for _, f := range lost {
		if err := s.noteWorklistItem(ctx, tx, lostFact(f), now); err != nil {
			return err
		}
	}
	return nil
}

func lostFact(f unreconciled) message.WorklistItem {
	return message.WorklistItem{Kind: message.WorklistFactLost, About: fmt.Sprintf("%s/fact/%d/%d", f.client, f.seq, f.at.UnixMicro()), ClientID: f.client, Since: f.at.UTC(),
		Words: fmt.Sprintf("the %s reported %s for this client and got no answer, because a program stopped at that moment; it is not in the record: ask whether it still holds, and record it again", f.by, f.name)}
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
