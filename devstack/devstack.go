// Package devstack starts a real Temporal server with its Web UI and a real
// PostgreSQL on this machine, for the demo and the tests.
//
// Both run on free ports of the loopback address, as many stacks side by side as
// are asked for, and with nothing to install but Go and PostgreSQL's programs.
// They live no longer than the process that started them: Stop ends them and
// removes their data; if that process is killed they are ended by the system, and
// the next start on this machine removes the data. Linux and macOS are supported.
package devstack

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

// Options says what to start. The zero value is a private Temporal in memory and
// a private PostgreSQL.
type Options struct {
	// Out is told what takes long, in words for a person. Nil keeps it quiet.
	Out io.Writer

	// TemporalAddress is a server to use in place of our own, as host:port.
	TemporalAddress string
	// TemporalDB is the SQLite file of our own server; empty keeps it in memory.
	TemporalDB string
	// TimeSkipping lets workflows be moved through virtual time.
	TimeSkipping bool
	// CodecEndpoint is where the Web UI has payloads decoded.
	CodecEndpoint string
	// UIPort is the Web UI's port; 0 picks a free one.
	UIPort int
	// Headless leaves the Web UI out.
	Headless bool
	// DynamicConfig is laid over our server's settings, by Temporal's own keys.
	DynamicConfig map[string]any

	// DatabaseURL is a PostgreSQL to use in place of our own.
	DatabaseURL string
	// Unsafe lets our PostgreSQL lose data when the machine stops, which makes it
	// much faster. A killed process loses nothing.
	Unsafe bool
}

// FromEnvironment returns the options that the environment asks for: the servers
// to use in place of our own, by TEMPORAL_ADDRESS and DATABASE_URL.
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
	return PostgresOptions{Out: out, URL: o.DatabaseURL, Unsafe: o.Unsafe}
}

// Stack is a running Temporal and a running PostgreSQL.
type Stack struct {
	Temporal *Temporal
	Postgres *Postgres
}

// Start starts both at once and returns when both answer. If either fails, or
// ctx ends first, neither is left. Once started they run until Stop: ctx has no
// say any more.
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

// firstCause leaves out the error of whichever was merely called off because the
// other had failed.
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

// Stop ends both and removes their data. It always does; when ctx ends it only
// becomes less polite about it. Stop may be called again.
func (s *Stack) Stop(ctx context.Context) error {
	var temporal, postgres error
	var both sync.WaitGroup
	both.Go(func() { temporal = s.Temporal.Stop(ctx) })
	both.Go(func() { postgres = s.Postgres.Stop(ctx) })
	both.Wait()
	return errors.Join(temporal, postgres)
}

// Prepare does what takes minutes or needs a network, so that later starts do
// not: it builds the embedded Temporal server and makes sure of PostgreSQL's
// programs.
func Prepare(ctx context.Context, out io.Writer) error {
	p := newProgress(out)
	if _, err := temporalBinary(ctx, p); err != nil {
		return err
	}
	_, err := postgresPrograms(ctx, p, "")
	return err
}
