package store_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapflow/e2e/database"
	"kapflow/store"
)

func TestMigrationsGoUpAndDownAndUpAgain(t *testing.T) {
	t.Parallel()
	url, err := database.Server.NewDatabase(t.Context(), "migrations", "")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	left := func() (names []string) {
		rows, err := conn.Query(t.Context(), `
			SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'goose%'
			UNION ALL
			SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
			ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return names
	}

	// Several workers start at the same moment.
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := store.Migrate(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	up := left()
	if len(up) == 0 {
		t.Fatal("nothing was made")
	}
	if err := store.MigrateDown(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if names := left(); len(names) != 0 {
		t.Errorf("going down leaves %v", names)
	}
	if err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if names := left(); len(names) != len(up) {
		t.Errorf("the second way up made %d things, the first %d", len(names), len(up))
	}
}

// A connection taken around inTx would bring its own idea of errors, and a query outside a transaction can see
// half of what another one wrote.
func TestOnlyOneHelperTouchesAConnection(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	pool := regexp.MustCompile(`\.pool\b`)
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if pool.Match(source) && name != "tx.go" && name != "open.go" && name != "migrate_test.go" {
			t.Errorf("%s uses the pool; go through inTx", name)
		}
	}
}
