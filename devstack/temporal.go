package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// startTimeout is how long a server may take to start, on a busy machine.
const startTimeout = time.Minute

// storeVariable, set to postgres, has every Temporal server keep its data in PostgreSQL.
const storeVariable = "KAPFLOW_DEVSTACK_TEMPORAL"

// TemporalOptions says which Temporal server to start. The zero value is a private one in memory, with its Web UI.
type TemporalOptions struct {
	// Out receives messages about slow steps. Nil means none.
	Out io.Writer
	// Address is a running server to use in place of starting one.
	Address string
	// Database is an SQLite file that survives Kill and Restart. It is created if it does
	// not exist, and Stop does not remove it. Empty keeps data in memory.
	Database string
	// Namespace to create; empty for "default".
	Namespace string
	// TimeSkipping allows moving workflows through virtual time.
	TimeSkipping bool
	// CodecEndpoint is where the Web UI decodes payloads.
	CodecEndpoint string
	// UIPort is the Web UI's port; 0 picks a free one.
	UIPort int
	// Headless starts no Web UI.
	Headless bool
	// DynamicConfig overrides our server's settings, by Temporal's own keys.
	DynamicConfig map[string]any
	// Postgres keeps the data in a PostgreSQL of its own, with Temporal's schema as in production, in place of SQLite. It
	// survives Kill and Restart. KAPFLOW_DEVSTACK_TEMPORAL=postgres does so for every server.
	Postgres bool
	// Store is a PostgreSQL that was started here, to keep the data in beside what else it holds, as one PostgreSQL does in
	// production. Stop leaves it running.
	Store *Postgres
	// LogLevel of the server's own messages; empty for "error".
	LogLevel string
}

// Temporal is a running Temporal server.
type Temporal struct {
	// Address of the frontend, as host:port. It does not change with a Restart.
	Address string
	// HTTPAddress of the frontend's HTTP API, as host:port; empty for a server
	// that was not started here.
	HTTPAddress string
	// UI is the address of the Web UI, or empty without one.
	UI string

	opts   TemporalOptions
	store  *Postgres // where it keeps its data; nil: in SQLite
	own    *Postgres // the store, if it was started for this server
	binary string
	dir    *runDir

	mu  sync.Mutex // guards run, and runs Stop, Kill and Restart one after the other
	run *temporalRun
}

// errNotOurs means that the server was not started here, so it cannot be ended here.
var errNotOurs = errors.New("this server was not started here")

// StartTemporal starts a Temporal server and returns once it answers. If it fails, or ctx ends first, everything is
// removed. Once started it runs until Stop.
func StartTemporal(ctx context.Context, opts TemporalOptions) (*Temporal, error) {
	if opts.Address != "" {
		return useTemporal(ctx, opts)
	}
	if opts.Database != "" {
		// The server has another working directory.
		file, err := filepath.Abs(opts.Database)
		if err != nil {
			return nil, err
		}
		opts.Database = file
	}
	binary, err := temporalBinary(ctx, newProgress(opts.Out))
	if err != nil {
		return nil, err
	}
	dir, err := newRunDir("")
	if err != nil {
		return nil, fmt.Errorf("directory for the Temporal server: %w", err)
	}
	t := &Temporal{opts: opts, binary: binary, dir: dir}
	if opts.Store != nil || opts.Postgres || os.Getenv(storeVariable) == "postgres" {
		if err := t.startStore(ctx); err != nil {
			return nil, errors.Join(err, t.own.Stop(context.WithoutCancel(ctx)), dir.remove())
		}
	}
	for attempt := 1; ; attempt++ {
		var where addresses
		t.run, where, err = t.launch(ctx, addresses{})
		if err == nil {
			t.Address, t.HTTPAddress, t.UI = where.GRPC, where.HTTP, where.UI
			return t, nil
		}
		if !errors.Is(err, errPortTaken) || attempt == bindAttempts {
			return nil, errors.Join(err, t.own.Stop(context.WithoutCancel(ctx)), dir.remove())
		}
	}
}

// startStore makes the two databases that production has, in a PostgreSQL of the server's own if it was given none.
func (t *Temporal) startStore(ctx context.Context) (err error) {
	if t.store = t.opts.Store; t.store == nil {
		if t.own, err = StartPostgres(ctx, PostgresOptions{Out: t.opts.Out, Unsafe: true}); err != nil {
			return err
		}
		t.store = t.own
	}
	for _, name := range []string{"temporal", "temporal_visibility"} {
		if _, err := t.store.NewDatabase(ctx, name, ""); err != nil {
			return err
		}
	}
	return nil
}

// StoreDir is the data directory of the PostgreSQL that the server keeps its data in, or empty.
func (t *Temporal) StoreDir() string {
	if t.store == nil {
		return ""
	}
	return t.store.DataDir
}

// RestartOn starts the server again on another store, which holds a copy of its data. It needs a server with a Store.
func (t *Temporal) RestartOn(ctx context.Context, store *Postgres) error {
	if t.dir == nil || t.opts.Store == nil {
		return errNotOurs
	}
	if err := t.Kill(); err != nil {
		return err
	}
	t.store = store
	return t.Restart(ctx)
}

// useTemporal uses the server at the given address. The engine, which has the credentials, finds out whether it may
// sign in.
func useTemporal(ctx context.Context, opts TemporalOptions) (*Temporal, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", opts.Address)
	if err != nil {
		return nil, fmt.Errorf("no Temporal server answers at TEMPORAL_ADDRESS=%s (unset it to have one started): %w", opts.Address, err)
	}
	return &Temporal{Address: opts.Address, opts: opts}, conn.Close()
}

// PID is the process number of the server. It is 0 if the server does not run or was not started here.
func (t *Temporal) PID() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.run == nil || !t.run.child.running() {
		return 0
	}
	return t.run.child.pid()
}

// Stop ends the server and removes its data. It does nothing to a server that was not started here. If ctx ends, it
// does not wait for the server to finish its work.
func (t *Temporal) Stop(ctx context.Context) error {
	if t == nil || t.dir == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.run.stop(ctx), t.own.Stop(ctx), t.dir.remove())
}

// Kill ends the server as a crash would. Restart starts it again.
func (t *Temporal) Kill() error {
	if t.dir == nil {
		return errNotOurs
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.run.kill()
}

// Restart starts the server again, on the same addresses and with the same data, after a Kill or while it runs. It
// needs a server with a Database or Postgres.
func (t *Temporal) Restart(ctx context.Context) error {
	switch {
	case t.dir == nil:
		return errNotOurs
	case t.opts.Database == "" && t.store == nil:
		return errors.New("a Temporal server in memory loses all data when it ends: start it with a Database to restart it")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.run.stop(ctx); err != nil {
		return err
	}
	same := addresses{GRPC: t.Address, HTTP: t.HTTPAddress, UI: t.UI}
	run, err := retryPort(ctx, func() (*temporalRun, error) {
		run, _, err := t.launch(ctx, same)
		return run, err
	})
	if err != nil {
		return fmt.Errorf("restart the Temporal server: %w", err)
	}
	t.run = run
	return nil
}

// retryPort retries a start on given ports while one of them is in use, most likely by the server's own old
// connections.
func retryPort[R any](ctx context.Context, start func() (R, error)) (R, error) {
	for attempt := 1; ; attempt++ {
		r, err := start()
		if err == nil || !errors.Is(err, errPortTaken) || attempt == bindAttempts {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// temporalRun is one process of the server, from start to end.
type temporalRun struct {
	child *child
	alive io.Closer // our end of its standard input; closing it ends the server
}

func (r *temporalRun) stop(ctx context.Context) error {
	return errors.Join(r.child.stop(ctx, syscall.SIGTERM), closeOnce(r.alive))
}

func (r *temporalRun) kill() error {
	return errors.Join(r.child.kill(), closeOnce(r.alive))
}
