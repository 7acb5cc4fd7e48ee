package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

func factPlace(clientID string, seq int) place {
	return place{table: "fact", column: "body", row: fmt.Sprintf("%s/%d", clientID, seq), client: clientID}
}

// writeFact adds a fact to the log, once.
func (s *Store) writeFact(b *statements, clientID string, e care.Entry) error {
	body, err := s.sealJSON(factPlace(clientID, e.Seq), e)
	if err != nil {
		return err
	}
	b.Queue(`
		INSERT INTO fact (client_id, seq, fact_id, name, by_id, by_role, happened_at, recorded_at, body)
		SELECT $1, $2,
			-- A chart remembers only its newest ids. Should one be taken in twice for that, the fact counts: it is
			-- written without its id.
			CASE WHEN EXISTS (SELECT FROM fact WHERE client_id = $1 AND fact_id = $3 AND seq <> $2) THEN '' ELSE $3 END,
			$4, $5, $6, $7, $8, $9
		ON CONFLICT DO NOTHING`,
		clientID, e.Seq, e.ID, e.Fact, e.By.ID, e.By.Role, e.At, e.Now, body)
	return nil
}

// FactAnswer gives the number of a fact that was recorded under an id, for ids that the chart has forgotten.
func (s *Store) FactAnswer(ctx context.Context, clientID, factID string) (seq int, found bool, err error) {
	if factID == "" {
		return 0, false, nil
	}
	err = s.alone("look up fact", func(q querier) error {
		err := q.QueryRow(ctx, `SELECT seq FROM fact WHERE client_id = $1 AND fact_id = $2`, clientID, factID).Scan(&seq)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	return seq, found, err
}

// Facts gives a client's facts log, oldest first. Private texts are references, which Reveal reads.
func (s *Store) Facts(ctx context.Context, clientID string) (entries []care.Entry, err error) {
	err = s.alone("read facts", func(q querier) error {
		entries, err = s.readFacts(ctx, q, clientID, `SELECT seq, body FROM fact WHERE client_id = $1 ORDER BY seq`)
		return err
	})
	return entries, err
}

func (s *Store) readFacts(ctx context.Context, q querier, clientID, sql string, args ...any) ([]care.Entry, error) {
	return each(ctx, q, func(r pgx.Row) (e care.Entry, err error) {
		var seq int
		var body []byte
		if err := r.Scan(&seq, &body); err != nil {
			return e, err
		}
		return e, s.openJSON(factPlace(clientID, seq), body, &e)
	}, sql, append([]any{clientID}, args...)...)
}
