package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"kapflow/care"
	"kapflow/store"
)

func posting(key string, lines ...care.Line) care.Posting {
	return care.Posting{Key: key, FeeSet: care.Medical, On: time.Date(2027, time.March, 2, 5, 0, 0, 0, time.UTC), By: coordinator,
		Lines: lines, Memo: "Payment by card"}
}

func paid(key string, cents care.Cents) care.Posting {
	return posting(key, care.Line{Account: "medical:cash", Cents: cents}, care.Line{Account: "medical:receivable:client", Cents: -cents})
}

func TestPaymentRecordedByManyAtOnceIsOneTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := b.SaveChart(t.Context(), care.Save{Chart: chart, Postings: []care.Posting{paid("pay:1", 5000)}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := b.count(`SELECT 100 * count(DISTINCT t.id) + count(*) FROM ledger_tx t JOIN ledger_entry e ON e.tx_id = t.id`); n != 102 {
		t.Errorf("transactions and lines: %d", n)
	}
	if n := b.count(`SELECT count(*) FROM journal WHERE type = 'ledger'`); n != 1 {
		t.Errorf("the journal has it %d times", n)
	}
}

func TestPostingIsKeptAsItWasPosted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.enrolled("client-b")
	b.save(care.Save{Chart: chart, Postings: []care.Posting{paid("pay:1", 5000)}})
	other := b.enrolled("client-c")
	b.save(care.Save{Chart: other, Postings: []care.Posting{paid("pay:1", 700)}}) // a key is unique per client only

	type entry struct {
		On, Account, Kind string
		Cents             int64
	}
	var got []entry
	rows, err := b.psql().Query(t.Context(), `
		SELECT t.occurred_on::text, a.id, a.kind, e.amount_cents
		FROM ledger_tx t JOIN ledger_entry e ON e.tx_id = t.id JOIN ledger_account a ON a.id = e.account_id
		ORDER BY t.id, e.line`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.On, &e.Account, &e.Kind, &e.Cents); err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	const on = "2027-03-01" // still the first of March where the practice is
	want := []entry{{on, "medical:cash", "asset", 5000}, {on, "medical:receivable:client", "asset", -5000},
		{on, "medical:cash", "asset", 700}, {on, "medical:receivable:client", "asset", -700}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLedgerRefusesAPostingThatMayNotBe(t *testing.T) {
	t.Parallel()
	twice := paid("pay:1", 5000)
	for _, c := range []struct {
		name    string
		posting care.Posting
		want    error
	}{
		{"Unbalanced", posting("x", care.Line{Account: "medical:cash", Cents: 5}, care.Line{Account: "medical:revenue:consult", Cents: -4}), store.ErrInvalid},
		{"Empty", posting("x"), store.ErrInvalid},
		{"NothingMoves", posting("x", care.Line{Account: "medical:cash"}, care.Line{Account: "medical:revenue:consult"}), store.ErrInvalid},
		{"OfTheOtherFeeSet", posting("x", care.Line{Account: "medical:cash", Cents: 5}, care.Line{Account: "psychotherapy:revenue:psychotherapy", Cents: -5}), store.ErrInvalid},
		{"OfNoFeeSet", posting("x", care.Line{Account: "cash:cash", Cents: 5}, care.Line{Account: "medical:cash", Cents: -5}), store.ErrInvalid},
		{"UnknownKindOfAccount", posting("x", care.Line{Account: "medical:treasure", Cents: 5}, care.Line{Account: "medical:cash", Cents: -5}), store.ErrInvalid},
		{"SameKeyOtherAmount", paid("pay:1", 5001), store.ErrConflict},
		{"SameKeyOtherMemo", func() care.Posting { p := twice; p.Memo = "Payment by check"; return p }(), store.ErrConflict},
		{"SameKeyOtherDay", func() care.Posting { p := twice; p.On = p.On.Add(24 * time.Hour); return p }(), store.ErrConflict},
		{"SameKeyOtherHand", func() care.Posting { p := twice; p.By.ID = "coord-2"; return p }(), store.ErrConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			chart := b.enrolled("client-a")
			b.save(care.Save{Chart: chart, Postings: []care.Posting{twice}})
			chart.Version++
			err := b.SaveChart(t.Context(), care.Save{Chart: chart, Postings: []care.Posting{c.posting}})
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if n := b.count(`SELECT count(*) FROM ledger_tx`); n != 1 {
				t.Errorf("%d transactions are kept", n)
			}
			if n := b.count(`SELECT chart_version FROM client`); n == chart.Version {
				t.Error("the chart was saved without its posting")
			}
		})
	}
}

func TestPostgresRefusesToChangeWhatWasPosted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.save(care.Save{Chart: chart, Postings: []care.Posting{paid("pay:1", 5000)}})
	for _, c := range []struct{ name, sql, state string }{
		{"UpdateLine", `UPDATE ledger_entry SET amount_cents = 1`, "42501"},
		{"UpdateHead", `UPDATE ledger_tx SET memo = ''`, "42501"},
		{"UpdateAccount", `UPDATE ledger_account SET kind = 'expense'`, "42501"},
		{"DeleteLine", `DELETE FROM ledger_entry`, "42501"},
		{"DeleteHead", `DELETE FROM ledger_tx`, "42501"},
		{"TruncateLines", `TRUNCATE ledger_entry`, "42501"},
		{"TruncateHeads", `TRUNCATE ledger_tx CASCADE`, "42501"},
		{"TruncateClients", `TRUNCATE client CASCADE`, "42501"},
		{"LateLines", `INSERT INTO ledger_entry VALUES (1, 3, 'medical:cash', 'medical', 5), (1, 4, 'medical:cash', 'medical', -5)`, "23514"},
		{"HeadWithoutLines", `INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo)
			VALUES ('client-a', 'x', '', 'medical', now(), 'x', 'x', '')`, "23514"},
		{"KeyAgain", `INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo)
			VALUES ('client-a', 'pay:1', '', 'medical', now(), 'x', 'x', '')`, "23505"},
		{"ThirdFeeSet", `INSERT INTO ledger_account VALUES ('gift:cash', 'gift', 'asset')`, "23514"},
		{"SavepointAroundAPosting", `DO $$ BEGIN
			BEGIN
				INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo)
				VALUES ('client-a', 'y', '', 'medical', now(), 'x', 'x', '');
			EXCEPTION WHEN division_by_zero THEN NULL; END;
			INSERT INTO ledger_entry SELECT max(id), 1, 'medical:cash', 'medical', 5 FROM ledger_tx;
		END $$`, "23514"},
		{"UpdateFact", `UPDATE fact SET name = 'x'`, "42501"},
		{"DeleteFromJournal", `DELETE FROM journal`, "42501"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &bundle{url: b.url, t: t}
			_, err := b.psql().Exec(t.Context(), c.sql)
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != c.state {
				t.Errorf("got %v, want SQLSTATE %s", err, c.state)
			}
		})
	}
}
