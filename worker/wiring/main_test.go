package wiring

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/practice"
	"kapflow/store"
)

var (
	server  *devstack.Postgres
	offices atomic.Int64
)

// checksHere is how many random courses a property plays when nobody asks for more with -rapid.checks: each is some
// hundred transactions and web requests.
const checksHere = "15"

func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", checksHere); err != nil {
			panic(err)
		}
	}
	os.Exit(run(m))
}

// run starts one Postgres for all tests, with a migrated database that every test gets a copy of.
func run(m *testing.M) int {
	ctx := context.Background()
	var err error
	if server, err = devstack.StartPostgres(ctx, devstack.PostgresOptions{Out: os.Stderr, Unsafe: true}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = server.Stop(ctx) }()
	url, err := server.NewDatabase(ctx, "migrated", "")
	if err == nil {
		err = store.Migrate(ctx, url)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// office is the sample practice with a database of its own.
func office(t *testing.T) (practice.Practice, *store.Store) {
	t.Helper()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	url, err := server.NewDatabase(t.Context(), fmt.Sprintf("office_%d", offices.Add(1)), "migrated")
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), store.Options{URL: url, Keys: store.NewFieldKeys(), IndexKey: engine.RandomKey(), MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(records.Close)
	return prac, records
}
