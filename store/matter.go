package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

func matterPlace(kind, about string) place { return place{"matter", "words", kind + "/" + about} }

// noteMatter puts something on the coordinator's list, once, and notes that it is still so.
func (s *Store) noteMatter(ctx context.Context, tx pgx.Tx, c care.Matter) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO matter (kind, about, client_id, words, since, seen_at) VALUES ($1, $2, $3, $4, $5, $5)
		ON CONFLICT (kind, about) DO UPDATE SET seen_at = greatest(matter.seen_at, EXCLUDED.seen_at)`,
		c.Kind, c.About, c.ClientID, s.sealText(matterPlace(c.Kind, c.About), c.Words), c.Since)
	return err
}

// Matters gives what is on the coordinator's list beside the clients' own tasks, oldest first.
func (s *Store) Matters(ctx context.Context) (list []care.Matter, err error) {
	err = s.inTx(ctx, "read matters", func(tx pgx.Tx) error {
		list, err = each(ctx, tx, s.scanMatter, `SELECT kind, about, client_id, words, since FROM matter ORDER BY since, kind, about`)
		return err
	})
	return list, err
}

func (s *Store) scanMatter(r pgx.Row) (c care.Matter, err error) {
	var words []byte
	if err := r.Scan(&c.Kind, &c.About, &c.ClientID, &words, &c.Since); err != nil {
		return c, err
	}
	c.Since = c.Since.UTC()
	c.Words, err = s.openText(matterPlace(c.Kind, c.About), words)
	return c, err
}

// EndMatter takes something off the list.
func (s *Store) EndMatter(ctx context.Context, kind, about string) (ended bool, err error) {
	err = s.inTx(ctx, "end matter", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM matter WHERE kind = $1 AND about = $2`, kind, about)
		ended = tag.RowsAffected() > 0
		return err
	})
	return ended, err
}
