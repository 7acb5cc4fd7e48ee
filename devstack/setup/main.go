// Command setup prepares this machine for the demo and the tests: it builds the embedded Temporal server, which takes
// minutes the first time, and finds or downloads PostgreSQL's programs. After it, no test needs a network.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"kapflow/devstack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "setup:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir := flag.String("slim", "", "only copy the modules of the embedded Temporal server to this directory, and print the go.mod that uses them")
	flag.Parse()
	if *dir == "" {
		return devstack.Prepare(ctx, os.Stderr)
	}
	whole, err := filepath.Abs(*dir)
	if err != nil {
		return err
	}
	modfile, err := devstack.SlimServer(ctx, whole)
	if err == nil {
		fmt.Println(modfile)
	}
	return err
}
