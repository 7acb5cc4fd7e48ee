package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/schema"
	v12 "go.temporal.io/server/schema/postgresql/v12"
)

// postgresVariable holds the URL, as superuser, of a PostgreSQL that has both databases, in which the server keeps its data. It is not a flag, because
// every user can read a command line.
const postgresVariable = "KAPFLOW_TEMPORAL_POSTGRES"

// postgresParts are the server's two databases, as in production, with the schemas that come with this version of it.
var postgresParts = []struct{ database, folder, version string }{
	{"temporal", "postgresql/v12/temporal", v12.Version},
	{"temporal_visibility", "postgresql/v12/visibility", v12.VisibilityVersion},
}

// preparePostgres returns the settings of Temporal's two databases, in which it creates the tables and the namespace if
// they are missing.
func preparePostgres(address, namespace string) (stores, error) {
	var both []*config.SQL
	for _, part := range postgresParts {
		store, err := postgresStore(address, part.database)
		if err != nil {
			return stores{}, err
		}
		if err := createPostgres(store, part.folder, part.version); err != nil {
			return stores{}, fmt.Errorf("database %s: %w", part.database, err)
		}
		both = append(both, store)
	}
	return stores{main: both[0], visibility: both[1]}, createNamespace(both[0], namespace)
}

func postgresStore(address, database string) (*config.SQL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the URL of the PostgreSQL cannot be read") // the cause would show the password
	}
	password, _ := u.User.Password()
	return &config.SQL{
		PluginName: postgresql.PluginName, DatabaseName: database, ConnectAddr: u.Host, ConnectProtocol: "tcp",
		User: u.User.Username(), Password: password, MaxConns: 20, MaxIdleConns: 20,
		ConnectAttributes: map[string]string{"sslmode": "disable"},
	}, nil
}

// createPostgres creates the tables of an empty database, unless its schema is there. A process that was killed in between leaves
// tables without a version, which are dropped first.
func createPostgres(store *config.SQL, folder, version string) error {
	db, err := sql.NewSQLAdminDB(sqlplugin.DbKindUnknown, store, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if found, err := db.ReadSchemaVersion(store.DatabaseName); err == nil && found == version {
		return nil
	}
	if err := db.DropAllTables(store.DatabaseName); err != nil {
		return err
	}
	return createTables(db, store.DatabaseName, folder, version)
}

// createTables runs the schema, and writes its version last: with it, the database is complete.
func createTables(db sqlplugin.AdminDB, database, folder, version string) error {
	body, err := fs.ReadFile(schema.Assets(), folder+"/schema.sql")
	if err != nil {
		return err
	}
	statements, err := persistence.LoadAndSplitQueryFromReaders([]io.Reader{bytes.NewReader(body)})
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if err := db.Exec(statement); err != nil {
			return fmt.Errorf("%w in %q", err, statement)
		}
	}
	if err := db.CreateSchemaVersionTables(); err != nil {
		return err
	}
	return db.UpdateSchemaVersion(database, version, version)
}
