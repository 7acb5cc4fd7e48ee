package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Names gives every client's preferred name by the client's id.
func (s *Store) Names(ctx context.Context) (map[string]string, error) {
	return s.names(ctx, ``)
}

// NamesOf gives the preferred names of some clients by their ids.
func (s *Store) NamesOf(ctx context.Context, clientIDs []string) (map[string]string, error) {
	if len(clientIDs) == 0 {
		return map[string]string{}, nil
	}
	return s.names(ctx, ` WHERE client_id = ANY($1)`, clientIDs)
}

func (s *Store) names(ctx context.Context, where string, args ...any) (names map[string]string, err error) {
	err = s.alone("read names", func(q querier) error {
		rows, err := q.Query(ctx, `SELECT client_id, preferred_name, version FROM contact`+where, args...)
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
