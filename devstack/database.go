package devstack

import (
	"context"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// NewDatabase makes a database and returns its URL. It is a copy of the database named template, to which there must be
// no connections meanwhile, or empty if template is "". A template that has been migrated once saves every test from
// migrating.
func (p *Postgres) NewDatabase(ctx context.Context, name, template string) (string, error) {
	if template == "" {
		// Unlike template1, it accepts no connections.
		template = "template0"
	}
	err := p.administer(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s",
		pgx.Identifier{name}.Sanitize(), pgx.Identifier{template}.Sanitize()))
	if err != nil {
		return "", fmt.Errorf("make database %s: %w", name, err)
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		// The error would show the password.
		return "", fmt.Errorf("make database %s: DATABASE_URL is not in the form of a URL", name)
	}
	u.Path = "/" + name
	return u.String(), nil
}

// DropDatabase removes a database and closes its connections. Stop removes the databases of a server that was started
// here. A server given by DATABASE_URL keeps them.
func (p *Postgres) DropDatabase(ctx context.Context, name string) error {
	err := p.administer(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", pgx.Identifier{name}.Sanitize()))
	if err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// administer runs one statement in its own connection.
func (p *Postgres) administer(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, p.admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
