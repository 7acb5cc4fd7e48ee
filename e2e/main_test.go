// Package e2e_test shows that the house keeps its promises when things go wrong: it runs real workers, a real
// Temporal server and a real Postgres, and kills them.
package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/devstack"
	"kapflow/keyring"
	"kapflow/starter/rehearsal"
)

// longVariable, set to 1, runs outages for as long as they are promised to be survived, and not for as long as CI
// has time for.
const longVariable = "KAPFLOW_DRILL"

// outage is how long servers stay away in the middle of a course.
func outage() time.Duration {
	if long() {
		return time.Minute
	}
	return 6 * time.Second
}

func long() bool { return os.Getenv(longVariable) == "1" }

// drill skips a test that only the drills have time for.
func drill(t *testing.T) {
	t.Helper()
	if !long() {
		t.Skip("too long for CI; `make drills` runs it")
	}
}

// town is a Temporal server and a Postgres that houses share.
type town struct {
	*rehearsal.TestServers
	temporalFile string // the server's SQLite file
}

// houses counts the houses of all towns: two of them may share a Temporal, and no two may share a queue.
var houses atomic.Int64

// shared is the town of every test that does no harm to its servers.
var shared *town

func TestMain(m *testing.M) {
	if wires := os.Getenv(workerVariable); wires != "" {
		os.Exit(workAsProcess(wires))
	}
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	// These tests mostly wait, for timeouts and for servers to come back: more of them fit side by side than there are
	// cores. -parallel asks for another number.
	if err := flag.Set("test.parallel", strconv.Itoa(max(8, runtime.GOMAXPROCS(0)))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute) // the server may have to be built first
	defer cancel()
	dir, err := os.MkdirTemp(devstack.MemoryDir(), "kapflow-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if shared, err = openTown(ctx, dir, devstack.Options{Out: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, "the servers did not start:", err)
		return 1
	}
	defer func() {
		if err := shared.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "the servers did not stop:", err)
			code = 1
		}
	}()
	return m.Run()
}

// openTown starts both servers, with Temporal on a file so that it can be killed and brought back.
func openTown(ctx context.Context, dir string, options devstack.Options) (*town, error) {
	file := filepath.Join(dir, "temporal.db")
	options.TemporalDB = file
	servers, err := rehearsal.StartTestServers(ctx, options, keyring.Ring{})
	if err != nil {
		return nil, err
	}
	return &town{TestServers: servers, temporalFile: file}, nil
}

// ownTown starts servers for one test alone, which may kill them.
func ownTown(t *testing.T, options devstack.Options) *town {
	t.Helper()
	tn, err := openTown(t.Context(), t.TempDir(), options)
	must(t, err)
	t.Cleanup(func() {
		if err := tn.Stop(context.Background()); err != nil {
			t.Error("the servers did not stop:", err)
		}
	})
	return tn
}

// newHouse opens a house of its own: database, queue and keys. Nobody works in it yet.
func (tn *town) newHouse(t *testing.T, choices ...func(*wires)) *house {
	t.Helper()
	n := houses.Add(1)
	url, err := tn.NewDatabase(t.Context(), fmt.Sprintf("house_%d", n))
	must(t, err)
	w := wires{
		Temporal: tn.Temporal.Address, Database: url, Queue: fmt.Sprintf("house-%d", n),
		PayloadKey: keyring.NewEntry("e2e"), FieldKey: keyring.NewEntry("e2e"), IndexKey: keyring.NewKey(),
	}
	for _, choose := range choices {
		choose(&w)
	}
	h := &house{wires: w, town: tn}
	var leave func()
	h.App, leave, err = w.open(t.Context(), &h.log, h.now)
	must(t, err)
	t.Cleanup(leave)
	must(t, h.RegisterSearchAttributes(t.Context()))
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
