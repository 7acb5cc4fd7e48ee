package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/store"
)

// doors are the things that wait for other transactions of their kind.
func (b *bundle) doors(client string) map[string]func() error {
	ctx := b.t.Context()
	return map[string]func() error{
		"Audit": func() error { return b.Audit(ctx, coordinator, "record", client, nil) },
		"Save": func() error {
			chart, err := b.Chart(ctx, client)
			if err != nil {
				return err
			}
			chart.Version++
			return b.SaveChart(ctx, care.Save{Chart: chart, Postings: []money.Posting{paid("pay:1", 5000)}})
		},
		"CloseMonth": func() error {
			_, _, err := b.CloseMonth(ctx, money.Medical, "2027-02", coordinator, func(money.Books) []byte { return nil })
			return err
		},
		"Enrol": func() error {
			n := newClient(b.t, client+"-next")
			n.FindSame, n.Contact.PreferredName = true, "Kim"
			_, _, err := b.NewClient(ctx, n)
			return err
		},
	}
}

// TestNobodyWhoOnlyReadsHoldsUpThePractice: whatever lock a login without the right to write takes, every door stays open.
func TestNobodyWhoOnlyReadsHoldsUpThePractice(t *testing.T) {
	t.Parallel()
	locks := []string{}
	for _, name := range []string{"journal", "ledger_close", "same-person", "audit_event"} {
		locks = append(locks, fmt.Sprintf(`SELECT pg_advisory_lock(hashtext('%s'))`, name), fmt.Sprintf(`SELECT pg_advisory_lock(hashtext('%s'), 0)`, name))
	}
	for _, table := range []string{"turn", "audit_head", "client", "ledger_close", "journal", "fact"} {
		for _, mode := range []string{"FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE", "FOR KEY SHARE"} {
			locks = append(locks, fmt.Sprintf(`SELECT * FROM %s %s`, table, mode))
		}
		for _, mode := range []string{"ACCESS SHARE", "ROW SHARE", "SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"} {
			locks = append(locks, fmt.Sprintf(`LOCK TABLE %s IN %s MODE`, table, mode))
		}
	}
	b := setup(t)
	b.enrolled("client-a")
	for _, sql := range locks { // each in a transaction of its own that stays open
		conn := b.psql()
		b.execOn(conn, `SET SESSION AUTHORIZATION kapflow_readonly`)
		b.execOn(conn, `BEGIN`)
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			_ = conn.Close(t.Context())
		}
	}
	for name, open := range b.doors("client-a") {
		began := time.Now()
		if err := open(); err != nil || time.Since(began) > 8*time.Second {
			t.Errorf("%s: %v after %s", name, err, time.Since(began))
		}
	}
}

// TestHeldLockIsAClearError: who may write can lock rows, and then a program says so instead of hanging.
func TestHeldLockIsAClearError(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{"Save": `SELECT held FROM turn WHERE name = 'journal' FOR UPDATE`, "CloseMonth": `SELECT held FROM turn WHERE name = 'ledger_close' FOR UPDATE`,
		"Enrol": `SELECT held FROM turn WHERE name = 'same-person' FOR UPDATE`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.enrolled("client-a")
			conn := b.asProgram()
			b.execOn(conn, `BEGIN`)
			b.execOn(conn, sql)
			door := b.doors("client-a")[name]
			if err := door(); !errors.Is(err, store.ErrBusy) || !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			b.execOn(conn, `ROLLBACK`)
			if err := door(); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
