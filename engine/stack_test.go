package engine

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"kapflow/devstack"
)

// serverVariable names a running server to test against, one that allows time skipping. Without it the tests start one.
const serverVariable = "KAPFLOW_TEST_TEMPORAL"

var shared struct {
	sync.Mutex
	temporal *devstack.Temporal
	err      error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := shared.temporal.Stop(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "the Temporal server did not stop:", err)
		code = 1
	}
	os.Exit(code)
}

// temporalAddress is where all tests of this package find their one real server; the first to ask starts it.
func temporalAddress(t *testing.T) string {
	t.Helper()
	if address := os.Getenv(serverVariable); address != "" {
		return address
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.temporal == nil && shared.err == nil {
		shared.temporal, shared.err = devstack.StartTemporal(context.Background(), devstack.TemporalOptions{
			Out: os.Stderr, Headless: true, TimeSkipping: true,
		})
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.temporal.Address
}
