// Command server runs a complete Temporal cluster and its Web UI in one process on the loopback address, with SQLite as
// its store, or PostgreSQL as in production. It serves the demo, the tests and the benchmarks. Production runs the standard Temporal server.
//
// Once everything answers it prints one line of JSON to standard output,
//
//	{"grpc":"127.0.0.1:24011","http":"127.0.0.1:24012","ui":"http://127.0.0.1:24013"}
//
// and runs until SIGINT, SIGTERM or, with -exit-on-stdin-eof, until its owner has ended. All other output goes to
// standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopGrace limits an orderly stop, because the caller is waiting and a development database holds nothing valuable.
const stopGrace = 8 * time.Second

func main() {
	// Libraries print to standard output too. Only the line of addresses may go
	// there, because the process that started us reads it.
	addresses := os.Stdout
	os.Stdout = os.Stderr

	opts, err := parseOptions(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		os.Exit(2) // already explained
	}

	opts.Postgres = os.Getenv(postgresVariable)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if opts.ExitOnStdinEOF {
		ctx = untilEOF(ctx, os.Stdin)
	}
	// After the first signal, a second one ends the process at once.
	context.AfterFunc(ctx, stop)

	if err := run(ctx, opts, addresses); err != nil {
		fmt.Fprintln(os.Stderr, "embedded temporal server:", err)
		os.Exit(1)
	}
}

// untilEOF returns a context that ends when in is closed. The owner holds the other end of the pipe, so even its sudden
// death closes it. This works on every system, unlike Linux's parent-death signal.
func untilEOF(parent context.Context, in io.Reader) context.Context {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	return ctx
}

// run starts the cluster and the UI, prints their addresses, and stops them when ctx ends.
func run(ctx context.Context, opts Options, addresses io.Writer) error {
	ports, err := choosePorts(opts)
	if err != nil {
		return err
	}
	store, err := prepareStorage(opts)
	if err != nil {
		return err
	}
	cluster, err := newCluster(opts, ports, store)
	if err != nil {
		return err
	}
	if err := cluster.Start(); err != nil {
		return fmt.Errorf("start temporal: %w", err)
	}

	stopUI := func() {}
	if !opts.Headless {
		stopUI = startUI(opts, ports)
	}
	announced := awaitReady(ctx, opts, ports)
	if announced == nil {
		announced = announce(opts.AddrFile, addresses, ports, opts.Headless)
	}
	if announced == nil {
		<-ctx.Done()
	}

	giveUp := time.AfterFunc(stopGrace, func() {
		fmt.Fprintln(os.Stderr, "embedded temporal server: did not stop in time, giving up")
		os.Exit(1)
	})
	defer giveUp.Stop()
	stopUI()
	stopped := cluster.Stop()
	if ctx.Err() != nil {
		// It was stopped while starting, so an unanswered readiness check is not an error.
		announced = nil
	}
	return errors.Join(announced, stopped)
}
