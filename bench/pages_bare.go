package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapflow/practice"
)

// bareReads fetch the rows of a page with as few statements as they take, and open, sort and show nothing. Audited ones write the row of
// the look in the audit log as well, without which no page is shown.
type bareReads struct {
	pool     *pgxpool.Pool
	from, to time.Time // of the day
}

func openBareReads(ctx context.Context, url string, now time.Time) (*bareReads, error) {
	prac, err := practice.Sample(now)
	if err != nil {
		return nil, err
	}
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	c.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, c)
	day := prac.Zone.Clock(now, 0, 0)
	return &bareReads{pool: pool, from: day, to: prac.Zone.AddDays(day, 1)}, err
}

// newBatch begins what a page reads with what every page does.
func newBatch(audited bool) *pgx.Batch {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT * FROM session LIMIT 1`)
	if audited {
		batch.Queue(`INSERT INTO audit_event (id, actor, role, action, subject, proof_hash) VALUES ($1, 'bench', 'coordinator', 'look', 'practice', sha256('bench'))`, rand.Text())
	}
	return batch
}

// fetch reads every row of some statements, in one round trip.
func (b *bareReads) fetch(ctx context.Context, batch *pgx.Batch) error {
	results := b.pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	for range batch.Len() {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		for rows.Next() {
			if _, err := rows.Values(); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bareReads) board(ctx context.Context, audited bool) error {
	batch := newBatch(audited)
	batch.Queue(`SELECT c.id, c.line, p.preferred_name FROM client c JOIN contact p ON p.client_id = c.id WHERE erased_at IS NULL
		ORDER BY NOT attention, coalesce(next_due, 'infinity'::timestamptz), id LIMIT 51`)
	batch.Queue(`SELECT * FROM matter WHERE ended_at IS NULL`)
	return b.fetch(ctx, batch)
}

func (b *bareReads) today(ctx context.Context, audited bool) error {
	batch := newBatch(audited)
	for _, found := range []string{
		`SELECT client_id FROM client_entry WHERE kind = 'visit' AND who = '' AND due >= $1 AND due < $2 ORDER BY due LIMIT 50`,
		`SELECT client_id FROM client_entry WHERE kind = 'task' AND who = 'coordinator' AND due < $2 AND due > $1::timestamptz - interval '100 years' ORDER BY due LIMIT 25`,
		`SELECT client_id FROM client_entry WHERE kind = 'alert' AND who = '' AND due < $2 AND due > $1::timestamptz - interval '100 years' ORDER BY due LIMIT 25`,
	} {
		batch.Queue(`SELECT c.id, c.chart, p.preferred_name FROM (`+found+`) e JOIN client c ON c.id = e.client_id JOIN contact p ON p.client_id = c.id`, b.from, b.to)
	}
	batch.Queue(`SELECT * FROM matter WHERE ended_at IS NULL`)
	return b.fetch(ctx, batch)
}

func (b *bareReads) client(ctx context.Context, id string, audited bool) error {
	batch := newBatch(audited)
	for _, sql := range []string{
		`SELECT c.chart, c.epoch, (SELECT max(f.seq) FROM fact f WHERE f.client_id = c.id) FROM client c WHERE c.id = $1`,
		`SELECT r.no, r.body FROM send_record r JOIN client c ON c.id = r.client_id AND c.epoch = r.epoch WHERE c.id = $1 ORDER BY r.no`,
		`SELECT * FROM contact WHERE client_id = $1`,
		`SELECT * FROM data_key WHERE owner = $1`,
		`SELECT seq, body FROM fact WHERE client_id = $1 AND name = 'check-in-answered' ORDER BY seq`,
		`SELECT * FROM matter WHERE ended_at IS NULL AND client_id = $1`,
	} {
		batch.Queue(sql, id)
	}
	return b.fetch(ctx, batch)
}
