// Command setup prepares this machine for the demo and the tests: it builds the embedded Temporal server, which takes
// minutes the first time, and finds or downloads PostgreSQL's programs. After it, no test needs a network.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"kapflow/devstack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := devstack.Prepare(ctx, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "setup:", err)
		os.Exit(1)
	}
}
