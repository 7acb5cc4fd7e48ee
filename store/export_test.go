package store

import (
	"context"
	"database/sql"
	"slices"

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

// Place says where a sealed field of any table is kept.
type Place struct {
	Table, Column, Row, Client string
	Version                    int
}

// OpenAt opens a sealed field of any table.
func (s *Store) OpenAt(p Place, sealed []byte) (plain []byte, err error) {
	err = s.again("open", func() (err error) {
		plain, err = s.open(place{p.Table, p.Column, p.Row, p.Client, p.Version}, sealed)
		return err
	})
	return plain, err
}

// SealAsBefore seals a field in the first form, as builds before migration 0019 did, or in the second, as builds before 0028 did.
func (s *Store) SealAsBefore(form byte, p Place, plain string) []byte {
	id := s.keys.Current()
	head := header(form, id)
	return s.keys.Key(id).Seal(head, nil, []byte(plain), place{p.Table, p.Column, p.Row, p.Client, p.Version}.bound(head))
}

// BoundTo gives, in SQL, the row's name, the client and the version that the sealed fields of a column are bound to.
func BoundTo(table, column string) (row, client, version string) {
	for _, t := range sealedTables {
		if t.name == table && slices.Contains(t.columns, column) {
			return t.row, t.client, t.version
		}
	}
	return "NULL", "NULL", "NULL"
}

// SealedColumns gives the columns that Reseal goes through, by table.
func SealedColumns() map[string][]string {
	all := map[string][]string{}
	for _, t := range sealedTables {
		all[t.name] = append(all[t.name], t.columns...)
	}
	return all
}
