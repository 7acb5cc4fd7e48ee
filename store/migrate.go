package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver that goose speaks through
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings a database to this program's schema. Programs that start at the same moment take turns: the
// first one migrates, the others find nothing to do. A login that may not change the schema only finds out whether
// there is something to do.
func Migrate(ctx context.Context, url string) error {
	return withMigrations(url, func(p *goose.Provider) error {
		pending, err := p.HasPending(ctx)
		if err == nil && pending {
			_, err = p.Up(ctx)
		}
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == insufficientPrivilege {
			return fmt.Errorf("this database has not this program's schema, and this login may not change it; run `worker migrate` with the owner's DATABASE_URL: %w", err)
		}
		return err
	})
}

func withMigrations(url string, run func(*goose.Provider) error) (err error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return errors.New("store: migrate: the database's URL cannot be read") // the driver would quote the password
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	// Look every second for the lock, five minutes long: a migration may have to rewrite a large table.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	if err := run(provider); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}
