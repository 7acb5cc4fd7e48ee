// Command practice fills a database with a practice of sample clients and keeps it as a template, from which the benchmark copies. It
// needs a PostgreSQL of its own (DATABASE_URL, whose login may make databases). The benchmark finds the template on the same server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"kapflow/bench/sample"
	"kapflow/devstack"
)

func main() {
	clients := flag.Int("clients", 100_000, "how many sample clients the practice has")
	logs := flag.Int("logs", 1, "one client in so many has facts, journal, private texts and messages; the others have charts and what lists know of them")
	flag.Parse()
	if err := run(*clients, *logs); err != nil {
		fmt.Fprintln(os.Stderr, "practice:", err)
		os.Exit(1)
	}
}

func run(clients, logs int) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return errors.New("set DATABASE_URL to a PostgreSQL that keeps the practice")
	}
	server, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{Out: os.Stderr, URL: url})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx))) }()
	began := time.Now()
	t, err := sample.EnsureTemplate(ctx, server, sample.Options{Clients: clients, Logs: logs, Now: sample.Now(began), Progress: func(done int) {
		if done%1000 == 0 {
			fmt.Fprintf(os.Stderr, "\r%d clients, %.0f s", done, time.Since(began).Seconds())
		}
	}})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "\n")
	fmt.Printf("the template %s has %d clients and %.0f bytes for each; made in %.0f s\n", t.Name, clients, float64(t.Bytes)/float64(clients), t.Took.Seconds())
	return nil
}
