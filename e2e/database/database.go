// Package database gives the tests of a room a real Postgres: one server for the package, and for each test a database of
// its own with all tables in it.
package database

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"kapflow/devstack"
	"kapflow/store"
)

// template is migrated once; every test's database is a copy of it.
const template = "migrated"

// Server is the package's Postgres while Run runs.
var Server *devstack.Postgres

var given atomic.Int64

// Run runs a package's tests beside a Postgres and gives the exit code; TestMain hands it on to os.Exit.
func Run(m *testing.M) int {
	ctx := context.Background()
	var err error
	if Server, err = devstack.StartPostgres(ctx, devstack.PostgresOptions{Out: os.Stderr, Unsafe: true, In: devstack.MemoryDir()}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = Server.Stop(ctx) }()
	url, err := Server.NewDatabase(ctx, template, "")
	if err == nil {
		err = store.Migrate(ctx, url)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// New makes a database for one test and gives its URL.
func New(t testing.TB) string {
	t.Helper()
	url, err := Server.NewDatabase(t.Context(), fmt.Sprintf("test_%d", given.Add(1)), template)
	if err != nil {
		t.Fatal(err)
	}
	return url
}
