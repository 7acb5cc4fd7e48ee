// Command server runs a whole Temporal cluster and its Web UI in one process on
// this machine's loopback address, stored in SQLite. It serves the demo, the
// tests and the benchmarks; production runs the standard Temporal server.
//
// Once everything answers it prints one line of JSON to standard output,
//
//	{"grpc":"127.0.0.1:24011","http":"127.0.0.1:24012","ui":"http://127.0.0.1:24013"}
//
// and runs until SIGINT, SIGTERM or, with -exit-on-stdin-eof, until its owner is
// gone. Everything else it has to say goes to standard error.
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

// stopGrace bounds an orderly stop. Whoever asked for it is waiting, and nothing
// in a development database is worth more than that.
const stopGrace = 8 * time.Second

func main() {
	// Libraries print to standard output too; only the line of addresses may go
	// there, because that is what the process that started us reads.
	addresses := os.Stdout
	os.Stdout = os.Stderr

	opts, err := parseOptions(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		os.Exit(2) // explained already
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if opts.ExitOnStdinEOF {
		ctx = untilEOF(ctx, os.Stdin)
	}
	// From the first signal on, a second one ends the process at once.
	context.AfterFunc(ctx, stop)

	if err := run(ctx, opts, addresses); err != nil {
		fmt.Fprintln(os.Stderr, "embedded temporal server:", err)
		os.Exit(1)
	}
}

// untilEOF returns a context that ends when in is closed. The owner holds the
// other end of the pipe, so its death, however sudden, closes it: this works on
// every system, where Linux's parent-death signal does not.
func untilEOF(parent context.Context, in io.Reader) context.Context {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	return ctx
}

// run starts the cluster and the UI, announces them, and stops them when ctx ends.
func run(ctx context.Context, opts Options, addresses io.Writer) error {
	ports, err := choosePorts(opts)
	if err != nil {
		return err
	}
	store, err := prepareStorage(opts.DB, opts.Namespace)
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
		// Asked to stop while starting: an unanswered readiness check is no fault.
		announced = nil
	}
	return errors.Join(announced, stopped)
}
