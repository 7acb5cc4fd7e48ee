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
// there is something to do. The owner's login also takes the right to make temporary tables from everybody, each time: a
// restored backup has it again.
func Migrate(ctx context.Context, url string) error {
	return withMigrations(url, func(db *sql.DB, p *goose.Provider) error {
		pending, err := p.HasPending(ctx)
		if err == nil && pending {
			_, err = p.Up(ctx)
		}
		if err == nil {
			err = denyTemporary(ctx, db)
		}
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == insufficientPrivilege {
			return fmt.Errorf("this database has not this program's schema, and this login may not change it; run `worker migrate` with the owner's DATABASE_URL: %w", err)
		}
		return err
	})
}

// denyTemporary takes the right to make temporary tables from everybody, if this login owns the database.
func denyTemporary(ctx context.Context, db *sql.DB) error {
	var statement string
	err := db.QueryRowContext(ctx, `
		SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', d.datname) FROM pg_catalog.pg_database d
		WHERE d.datname = current_database() AND pg_has_role(current_user, d.datdba, 'MEMBER') AND EXISTS (
			SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0 AND a.privilege_type = 'TEMPORARY')`).Scan(&statement)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = db.ExecContext(ctx, statement)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Message == "tuple concurrently updated" {
		return nil // another program took it at this moment
	}
	return err
}

func withMigrations(url string, run func(*sql.DB, *goose.Provider) error) (err error) {
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
	if err := run(db, provider); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}
