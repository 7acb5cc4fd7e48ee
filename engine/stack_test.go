package engine

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"kapflow/devstack"
)

// serverVariable names a running server for the tests. It must allow time skipping. If it is not set, the tests start
// one.
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

// temporalAddress is the address of the one real server for all tests of this package. The first call starts it.
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
