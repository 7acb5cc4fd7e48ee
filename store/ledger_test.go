package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/store"
)

func posting(key string, lines ...money.Line) money.Posting {
	return money.Posting{Key: key, FeeSet: money.Medical, On: time.Date(2027, time.March, 2, 5, 0, 0, 0, time.UTC), By: coordinator,
		Lines: lines, Memo: "Payment by card"}
}

func paid(key string, cents money.Cents) money.Posting {
	return posting(key, money.Line{Account: "medical:cash", Cents: cents}, money.Line{Account: "medical:receivable:client", Cents: -cents})
}

func TestPaymentRecordedByManyAtOnceIsOneTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	var all sync.WaitGroup
	answers := make([]store.Posted, 20)
	for i := range answers {
		all.Go(func() {
			if err := b.SaveChart(t.Context(), care.Save{Chart: chart, Postings: []money.Posting{paid("pay:1", 5000)}}); err != nil {
				t.Error(err)
			}
			var err error
			if answers[i], err = b.Post(t.Context(), chart.ClientID, denver, paid("pay:2", 700)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := b.count(`SELECT 100 * count(DISTINCT t.id) + count(*) FROM ledger_tx t JOIN ledger_entry e ON e.tx_id = t.id`); n != 204 {
		t.Errorf("transactions and lines: %d", n)
	}
	if n := b.count(`SELECT count(*) FROM journal WHERE type = 'ledger'`); n != 1 {
		t.Errorf("the journal has it %d times", n)
	}
	for i, a := range answers {
		if a.Tx == 0 || a.At.IsZero() || a != answers[0] {
			t.Errorf("answer %d is %v, the first was %v", i, a, answers[0])
		}
	}
}

func TestPostingIsKeptAsItWasPosted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.enrolled("client-b")
	b.save(care.Save{Chart: chart, Postings: []money.Posting{paid("pay:1", 5000)}})
	other := b.enrolled("client-c")
	b.save(care.Save{Chart: other, Postings: []money.Posting{paid("pay:1", 700)}}) // a key is unique per client only

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
		posting money.Posting
		want    error
	}{
		{"Unbalanced", posting("x", money.Line{Account: "medical:cash", Cents: 5}, money.Line{Account: "medical:revenue:consult", Cents: -4}), store.ErrInvalid},
		{"Empty", posting("x"), store.ErrInvalid},
		{"NothingMoves", posting("x", money.Line{Account: "medical:cash"}, money.Line{Account: "medical:revenue:consult"}), store.ErrInvalid},
		{"OfTheOtherFeeSet", posting("x", money.Line{Account: "medical:cash", Cents: 5}, money.Line{Account: "psychotherapy:revenue:psychotherapy", Cents: -5}), store.ErrInvalid},
		{"OfNoFeeSet", posting("x", money.Line{Account: "cash:cash", Cents: 5}, money.Line{Account: "medical:cash", Cents: -5}), store.ErrInvalid},
		{"UnknownKindOfAccount", posting("x", money.Line{Account: "medical:treasure", Cents: 5}, money.Line{Account: "medical:cash", Cents: -5}), store.ErrInvalid},
		{"SameKeyOtherAmount", paid("pay:1", 5001), store.ErrConflict},
		{"SameKeyOtherMemo", func() money.Posting { p := twice; p.Memo = "Payment by check"; return p }(), store.ErrConflict},
		{"SameKeyOtherDay", func() money.Posting { p := twice; p.On = p.On.Add(24 * time.Hour); return p }(), store.ErrConflict},
		{"SameKeyOtherHand", func() money.Posting { p := twice; p.By.ID = "coord-2"; return p }(), store.ErrConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			chart := b.enrolled("client-a")
			b.save(care.Save{Chart: chart, Postings: []money.Posting{twice}})
			chart.Version++
			err := b.SaveChart(t.Context(), care.Save{Chart: chart, Postings: []money.Posting{c.posting}})
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
	b.save(care.Save{Chart: chart, Postings: []money.Posting{paid("pay:1", 5000)}})
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

// The eight attacks, once as the role that programs act as and once as the owner of the tables, who could post
// around the function.
func TestPostgresRefusesEveryAttackOnTheLedger(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.save(care.Save{Chart: chart, Postings: []money.Posting{paid("pay:1", 5000)}})
	call := func(key, accounts, cents string) string {
		return fmt.Sprintf(`SELECT ledger_post('client-a', '%s', NULL, 'medical', '2027-03-01', 'x', 'coordinator', 'x', '{%s}', array_fill('asset'::text, ARRAY[cardinality('{%[2]s}'::text[])]), '{%[3]s}')`, key, accounts, cents)
	}
	insert := func(key, lines string) string {
		return fmt.Sprintf(`BEGIN;
			INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo) VALUES ('client-a', '%s', '', 'medical', now(), 'x', 'x', '');
			INSERT INTO ledger_entry SELECT (SELECT max(id) FROM ledger_tx), l.* FROM (VALUES %s) l (line, account, fee_set, cents) WHERE cents <> 0; COMMIT`, key, lines)
	}
	const update, remove, truncate = `UPDATE ledger_entry SET amount_cents = 1`, `DELETE FROM ledger_tx`, `TRUNCATE ledger_entry`
	const late = `INSERT INTO ledger_entry VALUES (1, 3, 'medical:cash', 'medical', 5), (1, 4, 'medical:cash', 'medical', -5)`
	therapy := paid("pay:th", 100)
	therapy.FeeSet, therapy.Lines = money.Psychotherapies, []money.Line{{Account: "psychotherapy:cash", Cents: 100}, {Account: "psychotherapy:receivable:client", Cents: -100}}
	b.save(care.Save{Chart: chart, Postings: []money.Posting{therapy}})
	for _, c := range []struct{ name, app, appState, owner, ownerState string }{
		{"Unbalanced", call("a", "medical:cash,medical:revenue:x", "5,-4"), "23514", insert("a", `(1, 'medical:cash', 'medical', 5), (2, 'medical:cash', 'medical', -4)`), "23514"},
		{"Empty", call("b", "", ""), "23514", insert("b", `(1, 'medical:cash', 'medical', 0)`), "23514"},
		{"ReusedKeyWithOtherInput", call("pay:1", "medical:cash,medical:receivable:client", "5001,-5001"), "23505", insert("pay:1", `(1, 'medical:cash', 'medical', 5)`), "23505"},
		{"AcrossFeeSets", call("c", "medical:cash,psychotherapy:cash", "5,-5"), "23503", insert("c", `(1, 'medical:cash', 'medical', 5), (2, 'psychotherapy:cash', 'medical', -5)`), "23503"},
		{"LateLine", late, "42501", late, "23514"},
		{"Update", update, "42501", update, "42501"},
		{"Delete", remove, "42501", remove, "42501"},
		{"Truncate", truncate, "42501", truncate, "42501"},
	} {
		for role, attack := range map[string]struct{ sql, state string }{"RESET ROLE": {c.owner, c.ownerState}, "SET ROLE kapflow_app": {c.app, c.appState}} {
			t.Run(c.name+"/"+role, func(t *testing.T) {
				b := &bundle{url: b.url, t: t}
				conn := b.psql()
				if _, err := conn.Exec(t.Context(), role); err != nil {
					t.Fatal(err)
				}
				_, err := conn.Exec(t.Context(), attack.sql)
				var pg *pgconn.PgError
				if !errors.As(err, &pg) || pg.Code != attack.state {
					t.Errorf("got %v, want SQLSTATE %s", err, attack.state)
				}
			})
		}
	}
	if n := b.count(`SELECT 100 * count(DISTINCT t.id) + count(*) FROM ledger_tx t JOIN ledger_entry e ON e.tx_id = t.id`); n != 204 {
		t.Errorf("transactions and lines after the attacks: %d", n)
	}
}

// What the role of programs could do around the attacks: take the guards off, or change what is guarded.
func TestProgramsMayNotTakeTheGuardsOff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.save(care.Save{Chart: b.enrolled("client-a"), Postings: []money.Posting{paid("pay:1", 5000)}})
	for name, sql := range map[string]string{
		"DropTrigger":     `DROP TRIGGER append_only ON ledger_entry`,
		"DisableTrigger":  `ALTER TABLE ledger_entry DISABLE TRIGGER ALL`,
		"ReplicaMode":     `SET session_replication_role = replica`,
		"ReplaceFunction": `CREATE OR REPLACE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
		"NewFunction":     `CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
		"DropTable":       `DROP TABLE ledger_entry`,
		"InsertHead":      `INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo) VALUES ('client-a', 'x', '', 'medical', now(), 'x', 'x', '')`,
		"InsertAccount":   `INSERT INTO ledger_account VALUES ('medical:x', 'medical', 'asset')`,
		"RewriteAudit":    `UPDATE audit_event SET actor = 'x'`,
		"DeleteFact":      `DELETE FROM fact`,
		"Migrate":         `DELETE FROM goose_db_version`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &bundle{url: b.url, t: t}
			conn := b.psql()
			if _, err := conn.Exec(t.Context(), `SET ROLE kapflow_app`); err != nil {
				t.Fatal(err)
			}
			_, err := conn.Exec(t.Context(), sql)
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "42501" {
				t.Errorf("got %v, want it not permitted", err)
			}
		})
	}
}

func TestReversalUndoesOnePostingWholeAndOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	undo := func(key, reverses string, cents money.Cents) money.Posting {
		p := paid(key, -cents)
		p.Reverses = reverses
		return p
	}
	chart, other := b.enrolled("client-a"), b.enrolled("client-b")
	try := func(c *care.Chart, p money.Posting) error {
		_, err := b.Post(t.Context(), c.ClientID, denver, p)
		return err
	}
	ok := func(p money.Posting) {
		t.Helper()
		if err := try(chart, p); err != nil {
			t.Fatal(err)
		}
	}
	ok(paid("pay:1", 5000))
	ok(paid("pay:2", 5000))
	if err := try(chart, undo("correct:1", "pay:1", 4000)); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("half a reversal: %v", err)
	}
	ok(undo("correct:1", "pay:1", 5000))
	ok(undo("correct:1", "pay:1", 5000)) // again: nothing
	if err := try(chart, undo("again", "pay:1", 5000)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("reversed twice: %v", err)
	}
	if err := try(chart, undo("undo", "correct:1", -5000)); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a reversal of a reversal: %v", err)
	}
	if err := try(other, undo("correct:2", "pay:2", 5000)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("another client's payment reversed: %v", err)
	}
	if err := try(chart, undo("correct:9", "pay:9", 5000)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("what was not posted, or not yet: %v", err)
	}
	if n := b.count(`SELECT count(*) FROM ledger_tx`); n != 3 {
		t.Errorf("%d transactions, want 3", n)
	}
}

// TestFirstPostingsAtOneMomentMakeTheirAccountsTogether: an account comes into being with its first posting, and many first
// postings may come at one moment. None of them is refused for it.
func TestFirstPostingsAtOneMomentMakeTheirAccountsTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const clients, rounds = 8, 12
	for i := range clients {
		b.enrolled(fmt.Sprintf("client-%d", i))
	}
	for round := range rounds {
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				account := fmt.Sprintf("medical:revenue:new-%d", round)
				p := posting(fmt.Sprintf("first:%d", round), money.Line{Account: account, Cents: -100}, money.Line{Account: "medical:cash", Cents: 100})
				if _, err := b.Post(t.Context(), fmt.Sprintf("client-%d", i), denver, p); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if n := b.count(`SELECT count(*) FROM ledger_account`); n != rounds+1 {
		t.Errorf("%d accounts", n)
	}
}
