package store_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapflow/store"
)

// TestALostServerCostsOneRequest: Postgres ended every connection of the store, as when it starts anew. The first request meets one of them
// and gives up the others.
func TestALostServerCostsOneRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	var together func(connections int) error
	together = func(connections int) error {
		return b.InTx(t.Context(), "test", func(pgx.Tx) error {
			if connections == 1 {
				return nil
			}
			return together(connections - 1)
		})
	}
	if err := together(5); err != nil {
		t.Fatal(err)
	}
	b.exec(`SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	failed := 0
	for range 5 {
		_, err := b.Contact(t.Context(), "client-a")
		if err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		if err != nil {
			failed++
		}
	}
	if failed > 1 {
		t.Errorf("%d requests of 5 failed", failed)
	}
}
