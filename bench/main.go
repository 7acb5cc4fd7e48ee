// Command bench measures what the standard course costs of Temporal, and how fast the journey is beside bare
// workflows on the same server in the same run. It starts a Temporal server and a Postgres of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"

	"kapflow/bench/stage"
)

// budget bounds the whole run: a benchmark that takes longer is not run.
const budget = 3 * time.Minute

func main() {
	update := flag.Bool("update-cost", false, "write what the standard course costs to bench/cost.json, and stop")
	only := flag.String("only", "", "measure one part only: cost, latency, courses or ledger")
	profile := flag.String("cpuprofile", "", "write a CPU profile of this process (clients and workers) to a file")
	flag.Parse()
	if err := profiled(*profile, func(ctx context.Context) error { return run(ctx, os.Stdout, *only, *update) }); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled runs it until done or interrupted, under a CPU profile if a file is named.
func profiled(file string, do func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if file == "" {
		return do(ctx)
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	err = do(ctx)
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

func run(ctx context.Context, out io.Writer, only string, update bool) (err error) {
	began := time.Now()
	s, err := stage.Open(ctx, os.Stderr, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()

	if only == "" && !update || only == "ledger" {
		if err := measureLedger(ctx, out, s); err != nil || only == "ledger" {
			return err
		}
	}
	played, err := playStandard(ctx, s)
	if err != nil {
		return err
	}
	if only == "" || only == "cost" || update {
		printTally(out, played.tally)
	}
	if update {
		path := filepath.Join("bench", costFile)
		fmt.Fprintln(out, "writing", path)
		return writeCost(path, played.tally.Cost)
	}
	if only == "" || only == "latency" {
		if err := measureLatency(ctx, out, s); err != nil {
			return err
		}
	}
	if only == "" || only == "courses" {
		if err := measureCourses(ctx, out, s, played); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\nmeasured in %.0f s\n", time.Since(began).Seconds())
	return nil
}
