package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Names gives every client's preferred name by the client's id.
func (s *Store) Names(ctx context.Context) (names map[string]string, err error) {
	err = s.alone("read names", func(q querier) error {
		rows, err := q.Query(ctx, `SELECT client_id, preferred_name, version FROM contact`)
		if err != nil {
			return err
		}
		names = map[string]string{}
		var id string
		var sealed []byte
		var version int
		_, err = pgx.ForEachRow(rows, []any{&id, &sealed, &version}, func() error {
			names[id], err = s.openText(contactPlace(id, "preferred_name", version), sealed)
			return err
		})
		return err
	})
	return names, err
}
