// Package devstack starts a real Temporal server with its Web UI and a real PostgreSQL on this machine, for the demo
// and the tests.
//
// Both run on free ports of the loopback address, and several stacks can run side by side. Only Go and PostgreSQL's
// programs must be installed. The servers end with the process that started them: Stop ends them and removes their
// data. If that process is killed, the system ends them, and the next start on this machine removes the data. Linux and
// macOS are supported.
package devstack

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

// Options says what to start. The zero value is a private Temporal in memory and a private PostgreSQL.
type Options struct {
	// Out receives messages about slow steps for a person. Nil means none.
	Out io.Writer

	// TemporalAddress is a server to use in place of our own, as host:port.
	TemporalAddress string
	// TemporalDB is the SQLite file of our own server; empty keeps it in memory.
	TemporalDB string
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

	// DatabaseURL is a PostgreSQL to use in place of our own.
	DatabaseURL string
	// Unsafe allows our PostgreSQL to lose data when the machine stops, which makes it
	// much faster. A killed process loses no data.
	Unsafe bool
	// In is the directory to keep PostgreSQL's data in; see PostgresOptions.
	In string
}

// FromEnvironment returns the options from the environment: TEMPORAL_ADDRESS and DATABASE_URL name servers to use in
// place of our own.
func FromEnvironment() Options {
	return Options{
		TemporalAddress: os.Getenv("TEMPORAL_ADDRESS"),
		DatabaseURL:     os.Getenv("DATABASE_URL"),
	}
}

func (o Options) temporal(out io.Writer) TemporalOptions {
	return TemporalOptions{
		Out:           out,
		Address:       o.TemporalAddress,
		Database:      o.TemporalDB,
		TimeSkipping:  o.TimeSkipping,
		CodecEndpoint: o.CodecEndpoint,
		UIPort:        o.UIPort,
		Headless:      o.Headless,
		DynamicConfig: o.DynamicConfig,
	}
}

func (o Options) postgres(out io.Writer) PostgresOptions {
	return PostgresOptions{Out: out, URL: o.DatabaseURL, Unsafe: o.Unsafe, In: o.In}
}

// Stack is a running Temporal and a running PostgreSQL.
type Stack struct {
	Temporal *Temporal
	Postgres *Postgres
}

// Start starts both servers in parallel and returns when both answer. If either fails, or ctx ends first, both are
// removed. Once started they run until Stop; ctx has no effect any more.
func Start(ctx context.Context, opts Options) (*Stack, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := newProgress(opts.Out)
	var s Stack
	var temporal, postgres error
	var both sync.WaitGroup
	both.Go(func() {
		if s.Temporal, temporal = StartTemporal(ctx, opts.temporal(out)); temporal != nil {
			cancel()
		}
	})
	both.Go(func() {
		if s.Postgres, postgres = StartPostgres(ctx, opts.postgres(out)); postgres != nil {
			cancel()
		}
	})
	both.Wait()
	if err := firstCause(temporal, postgres); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return &s, nil
}

// firstCause leaves out the error of the server whose start was canceled because the other one failed.
func firstCause(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil, errors.Is(b, context.Canceled):
		return a
	case errors.Is(a, context.Canceled):
		return b
	default:
		return errors.Join(a, b)
	}
}

// Stop ends both servers and removes their data. If ctx ends, it stops waiting and ends them at once. Stop may be
// called again.
func (s *Stack) Stop(ctx context.Context) error {
	var temporal, postgres error
	var both sync.WaitGroup
	both.Go(func() { temporal = s.Temporal.Stop(ctx) })
	both.Go(func() { postgres = s.Postgres.Stop(ctx) })
	both.Wait()
	return errors.Join(temporal, postgres)
}

// SlimServer copies the modules that the embedded Temporal server is built with to a directory, and gives the go.mod that uses them. It is for
// commands that look at the server's sources, such as go vet -modfile.
func SlimServer(ctx context.Context, dir string) (modfile string, err error) {
	source, err := serverSource()
	if err != nil {
		return "", err
	}
	return slim(ctx, source, dir)
}

// Prepare does the slow steps, and those that need a network, in advance: it builds the embedded Temporal server and
// downloads PostgreSQL's programs if they are missing.
func Prepare(ctx context.Context, out io.Writer) error {
	p := newProgress(out)
	if _, err := temporalBinary(ctx, p); err != nil {
		return err
	}
	_, err := postgresPrograms(ctx, p, "")
	return err
}
