package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kapflow/bench/stage"
	"kapflow/care"
	"kapflow/engine"
	"kapflow/store"
)

const (
	postingsARound = 500
	ledgerRounds   = 6
	ledgerHands    = 4 // who post at once
)

// measureLedger posts with every guarantee on, beside a bare insert of the same rows into tables without any, in turns.
func measureLedger(ctx context.Context, out io.Writer, s *stage.Stage) error {
	h, err := s.House(ctx, stage.Options{})
	if err != nil {
		return err
	}
	defer h.Close()
	records, err := store.Open(ctx, store.Options{URL: h.DatabaseURL, Keys: store.NewFieldKeys(), IndexKey: engine.RandomKey(), MaxConns: ledgerHands})
	if err != nil {
		return err
	}
	defer records.Close()
	config, err := pgxpool.ParseConfig(h.DatabaseURL)
	if err != nil {
		return err
	}
	config.MaxConns = ledgerHands
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, `
		INSERT INTO client (id, identity, chart, chart_version, stage, enrolled_at, saved_at) VALUES ('client-bench', 'x', 'x', 1, 'enrolled', now(), now());
		CREATE TABLE bare_tx (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id text, key text, fee_set text, occurred_on date, posted_at timestamptz DEFAULT now(), by_id text, by_role text, memo text);
		CREATE TABLE bare_entry (tx_id bigint, line int, account_id text, fee_set text, amount_cents bigint)`); err != nil {
		return err
	}
	bare := func(key string) error {
		_, err := pool.Exec(ctx, `
			WITH head AS (INSERT INTO bare_tx (client_id, key, fee_set, occurred_on, by_id, by_role, memo)
				VALUES ('client-bench', $1, 'medical', $2, 'coordinator', 'coordinator', 'Payment by card') RETURNING id)
			INSERT INTO bare_entry SELECT head.id, l.line, l.account, 'medical', l.cents
			FROM head, (VALUES (1, 'medical:cash', 5000), (2, 'medical:receivable:client', -5000)) AS l (line, account, cents)`, key, time.Now())
		return err
	}
	post := func(key string) error {
		_, err := records.Post(ctx, "client-bench", h.Practice.Zone, care.Posting{Key: key, FeeSet: care.Medical, On: time.Now(), By: care.Actor{ID: "coordinator", Role: care.Coordinator},
			Memo: "Payment by card", Lines: []care.Line{{Account: "medical:cash", Cents: 5000}, {Account: "medical:receivable:client", Cents: -5000}}})
		return err
	}
	var took [2]time.Duration
	var each [2][]time.Duration
	for round := range ledgerRounds {
		for i, do := range []func(string) error{bare, post} {
			began := time.Now()
			single, err := inHands(fmt.Sprintf("%d/%d", i, round), do)
			if err != nil {
				return err
			}
			took[i] += time.Since(began)
			each[i] = append(each[i], single...)
		}
	}
	fmt.Fprintf(out, "\nThe ledger, %d postings of two lines by %d at once, in turns with a bare insert of the same rows\n", len(each[0]), ledgerHands)
	var rate [2]float64
	for i, name := range []string{"bare insert", "posting"} {
		slices.Sort(each[i])
		rate[i] = float64(len(each[i])) / took[i].Seconds()
		fmt.Fprintf(out, "  %-12s %7.0f a second   half within %s, 99 of 100 within %s\n", name, rate[i],
			each[i][len(each[i])/2].Round(10*time.Microsecond), each[i][len(each[i])*99/100].Round(10*time.Microsecond))
	}
	fmt.Fprintf(out, "  %.2f of the bare rate, with all guarantees on (aim: 0.5)\n", rate[1]/rate[0])
	return nil
}

// inHands does a round, several at once, and gives how long each single one took.
func inHands(prefix string, do func(key string) error) ([]time.Duration, error) {
	took, errs := make([]time.Duration, postingsARound), make([]error, ledgerHands)
	var all sync.WaitGroup
	for hand := range ledgerHands {
		all.Go(func() {
			for n := hand; n < postingsARound && errs[hand] == nil; n += ledgerHands {
				began := time.Now()
				errs[hand] = do(fmt.Sprintf("%s/%d", prefix, n))
				took[n] = time.Since(began)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return took, nil
}
