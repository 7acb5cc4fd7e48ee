// Command worker runs a practice's journeys. It migrates the database, registers search attributes and schedules in
// Temporal, executes workflows and activities, and serves the console, payload decoding, health and metrics.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"kapflow/config"
	"kapflow/engine"
	"kapflow/output"
	"kapflow/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(output.Terminal(os.Stderr), "worker:", err)
		os.Exit(1)
	}
}

const usage = `usage: worker            run journeys until stopped
       worker migrate    update the database's tables, and end
       worker health     ask the running worker whether it is ready, and end`

func run(ctx context.Context, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%s", usage)
	}
	if len(args) == 1 && args[0] == "health" {
		settings, _, err := config.Peek(os.Environ())
		if err != nil {
			return err
		}
		return askHealth(ctx, settings.PrivateListen)
	}
	settings, warnings, err := config.Load(os.Environ())
	if err != nil {
		return fmt.Errorf("the settings are not in order:\n%w", err)
	}
	log := slog.New(engine.RedactingHandler(slog.NewJSONHandler(output.Terminal(os.Stderr), &slog.HandlerOptions{Level: settings.LogLevel})))
	for _, w := range warnings {
		log.Warn(string(w))
	}
	switch {
	case len(args) == 0:
		return work(ctx, settings, log)
	case args[0] == "migrate":
		return store.Migrate(ctx, settings.DatabaseURL.Reveal())
	default:
		return fmt.Errorf("%s", usage)
	}
}
