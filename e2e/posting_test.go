package e2e_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/money"
	"kapflow/desk"
	"kapflow/devstack"
)

// A worker killed after it posted and before it answered leaves one posting: the next worker finds it, and whoever waits, or
// asks again, gets the one answer.
//
// Postgres holds the worker there: told to wait for a standby that does not exist, it has written a commit and does not
// say so.
func TestWorkerKilledBetweenPostingAndAnsweringPostsOnce(t *testing.T) {
	t.Parallel()
	tn := ownTown(t, devstack.Options{})
	const patient = "&synchronous_commit=local" // this process writes too, and is not to be held
	h := tn.newHouse(t, func(w *wires) { w.Database += patient })
	held := func(w *wires) { w.Database = strings.TrimSuffix(w.Database, patient) }
	worker := h.hire(t, held)
	id := h.enroll(t, "posting")

	release := tn.holdCommits(t)
	type told struct {
		answer desk.Answer
		err    error
	}
	waiting := make(chan told, 1)
	const payment = `{"fee_set":"medical","amount":47500,"method":"card","key":"k-1"}`
	go func() {
		answer, err := h.report(t, coordinator, desk.Command{ClientID: id, Fact: "payment-received", ID: "payment-1", With: json.RawMessage(payment)})
		waiting <- told{answer, err}
	}()
	const database = `SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep'`
	await(t, "the worker held between posting and answering", time.Minute, func() bool { return h.query(t, database)[0] != "0" })
	must(t, worker.kill())
	select {
	case got := <-waiting:
		t.Fatalf("answered %+v before the worker could", got)
	default:
	}
	release()

	const posted = `SELECT count(DISTINCT t.id) || ' of ' || count(*) || ' lines, ' || count(DISTINCT t.posted_at) FROM ledger_tx t JOIN ledger_entry e ON e.tx_id = t.id WHERE t.key = 'pay:k-1'`
	await(t, "the posting that the killed worker made", time.Minute, func() bool { return h.query(t, posted)[0] == "1 of 2 lines, 1" })
	tx := h.query(t, `SELECT id || ' ' || posted_at FROM ledger_tx WHERE key = 'pay:k-1'`)[0]

	h.hire(t, held)
	first := <-waiting
	must(t, first.err)
	again, err := h.report(t, coordinator, desk.Command{ClientID: id, Fact: "payment-received", ID: "payment-1", With: json.RawMessage(payment)})
	must(t, err)
	if again.Seq != first.answer.Seq || !again.Repeated {
		t.Errorf("first answered %+v, then %+v", first.answer, again)
	}
	if got := h.query(t, posted)[0]; got != "1 of 2 lines, 1" {
		t.Errorf("posted: %s", got)
	}
	if got := h.query(t, `SELECT id || ' ' || posted_at FROM ledger_tx WHERE key = 'pay:k-1'`)[0]; got != tx {
		t.Errorf("the posting was %s and is %s", tx, got)
	}
	if got := h.query(t, `SELECT count(*)::text FROM fact f WHERE name = 'payment-received'
		AND NOT EXISTS (SELECT FROM fact_lost x WHERE x.client_id = f.client_id AND x.seq = f.seq AND x.recorded_at = f.recorded_at)`)[0]; got != "1" {
		t.Errorf("%s facts", got)
	}
	if c := h.chart(t, id); len(c.Account.Payments) != 1 || c.Balance(money.Medical) != -47500 {
		t.Errorf("the chart has %+v", c.Account)
	}
}

// holdCommits has Postgres keep every commit from being answered, until release is called.
func (tn *town) holdCommits(t *testing.T) (release func()) {
	t.Helper()
	admin := tn.connect(t)
	set := func(sql string) {
		t.Helper()
		_, err := admin.Exec(t.Context(), sql)
		must(t, err)
		_, err = admin.Exec(t.Context(), `SELECT pg_reload_conf()`)
		must(t, err)
	}
	probe := tn.connect(t)
	_, err := probe.Exec(t.Context(), `CREATE TABLE probe (n int)`)
	must(t, err)
	set(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_, _ = probe.Exec(ctx, `INSERT INTO probe VALUES (1)`) // one of them is held, once the server has heard
		}
	}()
	await(t, "a held commit", time.Minute, func() bool {
		var n int
		must(t, admin.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`).Scan(&n))
		return n == 1
	})
	return func() {
		stop()
		<-ended
		set(`ALTER SYSTEM RESET synchronous_standby_names`)
	}
}

// connect opens a connection to Postgres as its superuser.
func (tn *town) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), tn.Postgres.URL)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
