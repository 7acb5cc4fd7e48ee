package store_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/store"
)

// TestEveryFunctionFindsOnlyWhatItWasMadeFor: a function without a fixed search path takes a temporary table of the caller's for
// one of ours.
func TestEveryFunctionFindsOnlyWhatItWasMadeFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows, err := b.psql().Query(t.Context(), `
		SELECT p.proname::text, coalesce(array_to_string(p.proconfig, '; '), ''), p.prosrc FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	// A table comes after one of these words; "added" is the transition table of ledger_lines.
	table := regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INSERT INTO|DELETE FROM|UPDATE)\s+([a-z_.]+)`)
	var name, settings, body string
	seen := 0
	if _, err := pgx.ForEachRow(rows, []any{&name, &settings, &body}, func() error {
		seen++
		if settings != "search_path=pg_catalog, public, pg_temp" {
			t.Errorf("%s has the settings %q", name, settings)
		}
		for _, m := range table.FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(m[1], "public.") && m[1] != "added" && m[1] != "unnest" && m[1] != "generate_series" {
				t.Errorf("%s reads or writes %s without saying which schema it is in", name, m[1])
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if seen < 8 {
		t.Errorf("only %d functions were looked at", seen)
	}
}

// asProgram opens a connection that may do what programs may.
func (b *bundle) asProgram() *pgx.Conn {
	b.t.Helper()
	conn := b.psql()
	if _, err := conn.Exec(b.t.Context(), `SET SESSION AUTHORIZATION kapflow_app`); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

func TestNobodyMakesTemporaryTables(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := store.Migrate(t.Context(), b.url); err != nil { // as after a restore
		t.Fatal(err)
	}
	for _, role := range []string{"kapflow_app", "kapflow_readonly"} {
		conn := b.psql()
		if _, err := conn.Exec(t.Context(), `SET SESSION AUTHORIZATION `+role); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), `CREATE TEMP TABLE audit_event (seq bigint)`); err == nil {
			t.Errorf("%s made a temporary table", role)
		}
	}
}

// TestTemporaryTablesStandInForNothing gives the attacker temporary tables all the same, one of each name, and tries every
// door to the ledgers and the audit log.
func TestTemporaryTablesStandInForNothing(t *testing.T) {
	t.Parallel()
	const post = `SELECT ledger_post('client-a', 'forged', %s, 'medical', '2027-03-01', 'x', 'coordinator', 'x', %s)`
	for name, c := range map[string]struct {
		shadow []string // statements that fill the temporary tables
		try    string
	}{
		"Unbalanced": {[]string{`INSERT INTO pg_temp.ledger_entry (tx_id, line, account_id, fee_set, amount_cents) SELECT g, n, 'x', 'medical', 3 - 2 * n FROM generate_series(1, 1000) g, generate_series(1, 2) n`},
			fmt.Sprintf(post, "NULL", `'{medical:cash,medical:revenue:x}', '{asset,revenue}', '{500000,-4}'`)},
		"Empty": {[]string{`INSERT INTO pg_temp.ledger_entry (tx_id, line, account_id, fee_set, amount_cents) SELECT g, n, 'x', 'medical', 3 - 2 * n FROM generate_series(1, 1000) g, generate_series(1, 2) n`},
			fmt.Sprintf(post, "NULL", `'{}', '{}', '{}'`)},
		"HalfAReversal": {[]string{`INSERT INTO pg_temp.ledger_entry (tx_id, line, account_id, fee_set, amount_cents) SELECT g, n, 'x', 'medical', 3 - 2 * n FROM generate_series(1, 1000) g, generate_series(1, 2) n`},
			fmt.Sprintf(post, "'pay:1'", `'{medical:cash,medical:revenue:x}', '{asset,revenue}', '{-10,10}'`)},
		"ClosedMonth": {[]string{`DELETE FROM pg_temp.ledger_close`}, fmt.Sprintf(post, "NULL", `'{medical:cash,medical:revenue:x}', '{asset,revenue}', '{7,-7}'`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			chart := b.enrolled("client-a")
			b.save(care.Save{Chart: chart, Postings: []money.Posting{paid("pay:1", 5000)}})
			b.exec(`INSERT INTO ledger_close (fee_set, month, sha256, by_id) VALUES ('medical', '2027-03-01', 'x', 'x')`)
			conn := b.asProgram()
			for _, table := range []string{"ledger_entry", "ledger_tx", "ledger_account", "ledger_close", "audit_event", "audit_head"} {
				if _, err := conn.Exec(t.Context(), `CREATE TEMP TABLE `+table+` (LIKE public.`+table+`)`); err != nil {
					t.Fatal(err)
				}
			}
			for _, sql := range c.shadow {
				if _, err := conn.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			_, err := conn.Exec(t.Context(), `SET search_path = pg_temp, public; `+c.try)
			if name == "ClosedMonth" {
				if moved := b.count(`SELECT count(*) FROM ledger_tx WHERE key = 'forged' AND moved_to = '2027-04-01'`); err != nil || moved != 1 {
					t.Errorf("a posting went into a month that is closed: %v", err)
				}
			} else if err == nil {
				t.Error("it was posted")
			}
			if sum := b.count(`SELECT coalesce(sum(amount_cents), 0) FROM ledger_entry`); sum != 0 {
				t.Errorf("the books are out by %d", sum)
			}
		})
	}
}

// TestForgedNumbersDoNotStopTheAuditLog tries every way in which a number that is none of the log's could get into it.
func TestForgedNumbersDoNotStopTheAuditLog(t *testing.T) {
	t.Parallel()
	const row = `(seq, id, at, actor, role, action, subject, prev_hash, hash) VALUES (9223372036854775806, 'q', now(), 'a', 'b', 'c', 'd', '', '')`
	for name, statements := range map[string][]string{
		"TemporaryTable": {`CREATE TEMP TABLE audit_event (LIKE public.audit_event)`, `INSERT INTO pg_temp.audit_event ` + row, `SET search_path = pg_temp, public`,
			`INSERT INTO public.audit_event (id, actor, role, action, subject) VALUES ('y', 'a', 'b', 'c', 'd')`},
		"TemporaryHead": {`CREATE TEMP TABLE audit_head (LIKE public.audit_head)`, `INSERT INTO pg_temp.audit_head VALUES (true, 9223372036854775806, '')`, `SET search_path = pg_temp, public`,
			`INSERT INTO public.audit_event (id, actor, role, action, subject) VALUES ('y', 'a', 'b', 'c', 'd')`},
		"Said":       {`INSERT INTO audit_event ` + row},
		"HeadMoved":  {`UPDATE audit_head SET seq = 9223372036854775806`},
		"HeadGone":   {`DELETE FROM audit_head`},
		"SecondHead": {`INSERT INTO audit_head VALUES (false, 9223372036854775806, '')`},
		"OwnDigest": {`CREATE FUNCTION pg_temp.audit_digest(public.audit_event) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'`, `SET search_path = pg_temp, public`,
			`INSERT INTO public.audit_event (id, actor, role, action, subject) VALUES ('y', 'a', 'b', 'c', 'd')`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if err := b.Audit(t.Context(), coordinator, "record", "client-a", nil); err != nil {
				t.Fatal(err)
			}
			conn := b.asProgram()
			for _, sql := range statements {
				_, err := conn.Exec(t.Context(), sql) // some are refused, which is well
				t.Log(sql, err)
			}
			if err := b.Audit(t.Context(), coordinator, "record", "client-a", nil); err != nil {
				t.Errorf("an honest row is refused: %v", err)
			}
			if _, err := b.CheckAudit(t.Context()); err != nil && !errors.Is(err, store.ErrUnproven) { // a row of SQL's own shows
				t.Errorf("the chain is broken: %v", err)
			}
		})
	}
}

// TestLogWithAForgedNumberGoesOn: before, a number at the end of all numbers could get in, and no row could follow it.
func TestLogWithAForgedNumberGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 2 {
		if err := b.Audit(t.Context(), coordinator, "record", "client-a", nil); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(`ALTER TABLE audit_event DISABLE TRIGGER chain;
		INSERT INTO audit_event (seq, id, at, actor, role, action, subject, prev_hash, hash) VALUES (9223372036854775806, 'q', now(), 'a', 'b', 'c', 'd', '', '');
		ALTER TABLE audit_event ENABLE TRIGGER chain`)
	if err := b.Audit(t.Context(), coordinator, "record", "client-a", nil); err != nil {
		t.Errorf("the log has stopped: %v", err)
	}
	if _, err := b.CheckAudit(t.Context()); !errors.Is(err, store.ErrTampered) {
		t.Errorf("the forged row does not show: %v", err)
	}
}

// TestWhoOnlyReadsCannotHoldTheAuditLog: the lock of the log is one that needs the right to write.
func TestWhoOnlyReadsCannotHoldTheAuditLog(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{`SELECT pg_advisory_lock(hashtext('audit_event'))`, `BEGIN; SELECT * FROM audit_head FOR UPDATE`, `BEGIN; SELECT * FROM audit_head FOR KEY SHARE`,
		`BEGIN; LOCK TABLE audit_head IN SHARE MODE`, `BEGIN; LOCK TABLE audit_event IN SHARE MODE`, `BEGIN; LOCK TABLE audit_event IN ACCESS SHARE MODE`} {
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			conn := b.psql()
			if _, err := conn.Exec(t.Context(), `SET SESSION AUTHORIZATION kapflow_readonly`); err != nil {
				t.Fatal(err)
			}
			_, err := conn.Exec(t.Context(), sql)
			t.Log(err)
			done := make(chan error, 1)
			go func() { done <- b.Audit(t.Context(), coordinator, "record", "client-a", nil) }()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(30 * time.Second):
				t.Error("every audited action waits for somebody who may only read")
			}
		})
	}
}
