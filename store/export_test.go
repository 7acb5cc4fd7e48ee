package store

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// InTx lets tests bring two transactions into each other's way.
func (s *Store) InTx(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	return s.inTx(ctx, what, fn)
}

// MigrateDown undoes every migration. It is for tests and for an operator's own hand, never for the program.
func MigrateDown(ctx context.Context, url string) error {
	return withMigrations(url, func(_ *sql.DB, p *goose.Provider) error {
		_, err := p.DownTo(ctx, 0)
		return err
	})
}

// OpenAt opens a sealed field of any table.
func (s *Store) OpenAt(table, column, row string, sealed []byte) ([]byte, error) {
	return s.open(place{table, column, row}, sealed)
}
