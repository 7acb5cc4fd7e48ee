package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapflow/bench/stage"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/starter/rehearsal"
)

const (
	postingsARound = 500
	ledgerRounds   = 6
	ledgerHands    = 4  // who post at once
	ledgerClients  = 64 // whose accounts they post to
)

var bareHash = make([]byte, 32)

// bareTables have the same columns and indexes, and no constraints or triggers.
const bareTables = `
	CREATE TABLE bare_tx (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id text NOT NULL, key text NOT NULL, input_hash bytea NOT NULL,
		fee_set text NOT NULL, occurred_on date NOT NULL, posted_at timestamptz NOT NULL DEFAULT now(), by_id text NOT NULL, by_role text NOT NULL,
		memo text NOT NULL, reverses bigint UNIQUE, moved_to date, UNIQUE (client_id, key), UNIQUE (id, fee_set));
	CREATE INDEX ON bare_tx (fee_set, (coalesce(moved_to, occurred_on)), id);
	CREATE TABLE bare_entry (tx_id bigint NOT NULL, line int NOT NULL, account_id text NOT NULL, fee_set text NOT NULL, amount_cents bigint NOT NULL,
		PRIMARY KEY (tx_id, line));
	CREATE INDEX ON bare_entry (account_id)`

// The rows of one posting: a head and two lines.
const (
	bareHead = `INSERT INTO bare_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo)
		VALUES ($1, $2, $3, 'medical', $4, 'coordinator', 'coordinator', 'Payment by card') RETURNING id`
	bareLines = `INSERT INTO bare_entry VALUES ($1, 1, 'medical:cash', 'medical', 5000), ($1, 2, 'medical:receivable:client', 'medical', -5000)`
	bareBoth  = `WITH head AS (` + bareHead + `) INSERT INTO bare_entry SELECT head.id, l.line, l.account, 'medical', l.cents
		FROM head, (VALUES (1, 'medical:cash', 5000), (2, 'medical:receivable:client', -5000)) AS l (line, account, cents)`
)

// way is one way to write a posting's rows.
type way struct {
	name string
	do   func(key, clientID string) error
	took time.Duration
	each []time.Duration
}

// measureLedger compares posting, with all its guarantees, with inserting the same rows into tables that have none. The
// bare inserts are done in one statement, and in a transaction as programs do it.
func measureLedger(ctx context.Context, out io.Writer, s *rehearsal.TestServers) error {
	h, err := stage.Open(ctx, s, stage.Options{})
	if err != nil {
		return err
	}
	defer h.Close()
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
	if _, err := pool.Exec(ctx, fmt.Sprintf(`
		INSERT INTO client (id, identity, chart, chart_version, stage, enrolled_at, saved_at)
		SELECT 'client-' || n, convert_to(n::text, 'UTF8'), 'x', 1, 'enrolled', now(), now() FROM generate_series(0, %d) n`, ledgerClients-1)); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, bareTables); err != nil {
		return err
	}
	ways := []*way{
		{name: "posting", do: func(key, clientID string) error {
			_, err := h.Store.Post(ctx, clientID, h.Practice.Zone, money.Posting{Key: key, FeeSet: money.Medical, On: time.Now(), By: person.Actor{ID: "coordinator", Role: person.Coordinator},
				Memo: "Payment by card", Lines: []money.Line{{Account: "medical:cash", Cents: 5000}, {Account: "medical:receivable:client", Cents: -5000}}})
			return err
		}},
		{name: "bare, one statement", do: func(key, clientID string) error {
			_, err := pool.Exec(ctx, bareBoth, clientID, key, bareHash, time.Now())
			return err
		}},
		{name: "bare, BEGIN … COMMIT", do: func(key, clientID string) error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				var id int64
				if err := tx.QueryRow(ctx, bareHead, clientID, key, bareHash, time.Now()).Scan(&id); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, bareLines, id)
				return err
			})
		}},
	}
	return compareWays(out, ways)
}

// compareWays runs the ways in turns and prints how fast each is.
func compareWays(out io.Writer, ways []*way) error {
	for round := range ledgerRounds {
		for i, w := range ways {
			began := time.Now()
			single, err := inHands(fmt.Sprintf("%d/%d", i, round), w.do)
			if err != nil {
				return err
			}
			if round == 0 {
				continue // the first round opens connections, prepares statements and creates accounts
			}
			w.took += time.Since(began)
			w.each = append(w.each, single...)
		}
	}
	fmt.Fprintf(out, "\nThe ledger, %d postings of two lines by %d at once for %d clients, in turns with bare inserts of the same rows\n", len(ways[0].each), ledgerHands, ledgerClients)
	rate := func(w *way) float64 { return float64(len(w.each)) / w.took.Seconds() }
	for _, w := range ways {
		slices.Sort(w.each)
		fmt.Fprintf(out, "  %-21s %6.0f a second   half within %s, 99 of 100 within %s\n", w.name, rate(w),
			w.each[len(w.each)/2].Round(10*time.Microsecond), w.each[len(w.each)*99/100].Round(10*time.Microsecond))
	}
	for _, bare := range ways[1:] {
		fmt.Fprintf(out, "  %.2f of the rate of %s, with all guarantees on (aim: 0.5)\n", rate(ways[0])/rate(bare), bare.name)
	}
	return nil
}

// inHands does one round, several at a time, and returns how long each call took.
func inHands(prefix string, do func(key, clientID string) error) ([]time.Duration, error) {
	took, errs := make([]time.Duration, postingsARound), make([]error, ledgerHands)
	var all sync.WaitGroup
	for hand := range ledgerHands {
		all.Go(func() {
			for n := hand; n < postingsARound && errs[hand] == nil; n += ledgerHands {
				began := time.Now()
				errs[hand] = do(fmt.Sprintf("%s/%d", prefix, n), fmt.Sprintf("client-%d", n%ledgerClients))
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
