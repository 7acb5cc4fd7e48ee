// Command bench measures what the standard course costs of Temporal, and how fast the journey is compared with bare
// workflows on the same server in the same run. With -storm it measures how late reminders are that are all due at once. It
// starts a Temporal server and a Postgres of its own.
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

	"kapflow/devstack"
	"kapflow/keyring"
	"kapflow/starter/rehearsal"
)

// budget limits the whole run. Nobody would run a benchmark that takes longer.
const budget = 3 * time.Minute

func main() {
	update := flag.Bool("update-cost", false, "write what the standard course costs to bench/cost.json, and stop")
	only := flag.String("only", "", "measure one part only: cost, latency, courses, ledger or pages")
	st := storm{Within: time.Minute}
	flag.IntVar(&st.Reminders, "storm", 0, "hand over so many reminders that fall due within one minute, in real time, and stop")
	flag.Float64Var(&st.Rate, "rate", 20, "texts a second that the provider allows in a storm")
	flag.DurationVar(&st.Lead, "lead", 0, "time to start a storm's journeys in; 0: a tenth of a second for each")
	pg := pages{Which: []string{"Board", "Today", "Client", "Find"}}
	flag.Func("pages", "the pages to measure, of Board, Today, Client, Find and Reports; all but the last if it is not given", pg.choose)
	flag.IntVar(&pg.Looks, "looks", 20, "looks of each reader at each page")
	flag.IntVar(&pg.Clients, "clients", 1000, "clients of the practice whose pages are measured; a template made by bench/practice is used if the server at DATABASE_URL has one of this week")
	flag.IntVar(&pg.Logs, "logs", 1, "one of these clients in so many has facts and a journal")
	flag.IntVar(&pg.Readers, "readers", 50, "who look at pages at once")
	flag.DurationVar(&pg.Pause, "pause", time.Second, "between two looks of one reader")
	flag.BoolVar(&pg.InPlace, "in-place", false, "measure on the template itself and not on a copy; its audit log grows")
	profile := flag.String("cpuprofile", "", "write a CPU profile of this process (clients and workers) to a file")
	flag.Parse()
	measure := func(ctx context.Context) error { return run(ctx, os.Stdout, *only, *update) }
	if *only == "pages" {
		measure = func(ctx context.Context) error { return runPages(ctx, os.Stdout, pg) }
	}
	if st.Reminders > 0 {
		measure = func(ctx context.Context) error { return runStorm(ctx, os.Stdout, st) }
	}
	if err := profiled(*profile, measure); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled runs do until it ends or is interrupted, and writes a CPU profile if a file is named.
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

// runStorm measures a storm and nothing else, because anything that runs beside it makes reminders late.
func runStorm(ctx context.Context, out io.Writer, st storm) (err error) {
	if st.Lead == 0 {
		st.Lead = 10*time.Second + time.Duration(st.Reminders)*100*time.Millisecond
	}
	s, err := rehearsal.StartTestServers(ctx, devstack.Options{Out: os.Stderr}, keyring.Ring{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, stormBudget)
	defer cancel()
	return measureStorm(ctx, out, s, st)
}

func run(ctx context.Context, out io.Writer, only string, update bool) (err error) {
	began := time.Now()
	s, err := rehearsal.StartTestServers(ctx, devstack.Options{Out: os.Stderr}, keyring.Ring{})
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
