package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/store"
)

// call is one method of a store.
type call struct {
	name  string
	reads bool // sealed fields
	do    func(ctx context.Context, s *store.Store) error
}

// calls gives every method, called about the client of setupFull. Those that seal again what others read are last.
func calls(t *testing.T, chart *care.Chart) []call {
	step := record(t, chart, day, told{person.Coordinator, "messaging-consent-recorded", "f-9", `{"channel":"email","granted":true}`})
	hour := slot("client-a", "consult-1", at(5, 0), at(6, 0), "dr-a")
	return []call{
		{"Ping", false, func(ctx context.Context, s *store.Store) error { return s.Ping(ctx) }},
		{"Room", false, func(ctx context.Context, s *store.Store) error { return s.Room(ctx) }},
		{"Chart", true, func(ctx context.Context, s *store.Store) error { _, err := s.Chart(ctx, "client-a"); return err }},
		{"Board", true, func(ctx context.Context, s *store.Store) error { _, err := s.Board(ctx); return err }},
		{"Contact", true, func(ctx context.Context, s *store.Store) error { _, err := s.Contact(ctx, "client-a"); return err }},
		{"ClientsByPhone", false, func(ctx context.Context, s *store.Store) error { _, err := s.ClientsByPhone(ctx, "1"); return err }},
		{"Books", false, func(ctx context.Context, s *store.Store) error { _, err := s.Books(ctx, money.Medical); return err }},
		{"TransactionsOf", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.TransactionsOf(ctx, "client-a")
			return err
		}},
		{"Closings", false, func(ctx context.Context, s *store.Store) error { _, err := s.Closings(ctx); return err }},
		{"Billing", true, func(ctx context.Context, s *store.Store) error { _, err := s.Billing(ctx, "client-a"); return err }},
		{"Papers", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.IssuedDocuments(ctx, "client-a")
			return err
		}},
		{"HealthRecord", true, func(ctx context.Context, s *store.Store) error { _, err := s.HealthRecord(ctx, "client-a"); return err }},
		{"Standing", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Standing(ctx, "client-a", func(*care.Chart) bool { return true })
			return err
		}},
		{"Facts", true, func(ctx context.Context, s *store.Store) error { _, err := s.Facts(ctx, "client-a"); return err }},
		{"FactAnswer", false, func(ctx context.Context, s *store.Store) error {
			_, _, err := s.FactAnswer(ctx, "client-a", "f-1")
			return err
		}},
		{"Hide", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.Hide(ctx, "client-a", "note", "x")
			return err
		}},
		{"Journal", true, func(ctx context.Context, s *store.Store) error { _, err := s.Journal(ctx, 0, 100); return err }},
		{"Reserve", false, func(ctx context.Context, s *store.Store) error { _, err := s.Reserve(ctx, hour); return err }},
		{"Release", false, func(ctx context.Context, s *store.Store) error { return s.Release(ctx, hour) }},
		{"Touched", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.Touched(ctx, "dr-a", day, at(1, 0))
			return err
		}},
		{"Claim", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Claim(ctx, delivery("n"), letItGo)
			return err
		}},
		{"Settle", false, func(ctx context.Context, s *store.Store) error {
			return s.Settle(ctx, message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateDelivered, At: day})
		}},
		{"KeepSendRecord", false, func(ctx context.Context, s *store.Store) error {
			return s.KeepSendRecord(ctx, "client-a", care.SendRecord{No: 1, At: day})
		}},
		{"TakeOver", true, func(ctx context.Context, s *store.Store) error { _, err := s.TakeOver(ctx, "client-a"); return err }},
		{"SeeWorker", false, func(ctx context.Context, s *store.Store) error { return s.SeeWorker(ctx, "w", "1") }},
		{"ForgetWorker", false, func(ctx context.Context, s *store.Store) error { return s.ForgetWorker(ctx, "w") }},
		{"LiveBuilds", false, func(ctx context.Context, s *store.Store) error { _, err := s.LiveBuilds(ctx); return err }},
		{"ClaimBuild", false, func(ctx context.Context, s *store.Store) error { return s.ClaimBuild(ctx, "1", []byte("x")) }},
		{"Messages", true, func(ctx context.Context, s *store.Store) error { _, err := s.Messages(ctx, "client-a"); return err }},
		{"Audit", false, func(ctx context.Context, s *store.Store) error {
			return s.Audit(ctx, coordinator, "read", "client-a", nil)
		}},
		{"AuditOf", true, func(ctx context.Context, s *store.Store) error { _, err := s.AuditOf(ctx, "client-a"); return err }},
		{"CheckAudit", false, func(ctx context.Context, s *store.Store) error { _, err := s.CheckAudit(ctx); return err }},
		{"PutMail", false, func(ctx context.Context, s *store.Store) error { return s.PutMail(ctx, "k2", "sms", "x", "", "x") }},
		{"EachMail", true, func(ctx context.Context, s *store.Store) error {
			return s.EachMail(ctx, func(string, string, string, string, string, time.Time) error { return nil })
		}},
		{"NewClient", false, func(ctx context.Context, s *store.Store) error {
			_, _, err := s.NewClient(ctx, newClient(t, "client-z"))
			return err
		}},
		{"SaveChart", false, func(ctx context.Context, s *store.Store) error { return s.SaveChart(ctx, step) }},
	}
}

// setupFull is a client about whom there is something in every table.
func setupFull(t *testing.T) (*bundle, *care.Chart) {
	t.Helper()
	b, chart := agreed(t)
	b.claim(delivery("k"), letItGo)
	b.settle(message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateSent, Text: "See you", ProviderID: "SM1", At: day})
	legal := "Robin Sample"
	_, kept := b.KeepIssuedDocument(t.Context(), store.IssuedDocument{ClientID: "client-a", Kind: "receipt", Number: "M-1", HTML: []byte("x"), PDF: []byte("y"), By: coordinator})
	if err := errors.Join(kept, b.ChangeBilling(t.Context(), "client-a", care.BillingChange{LegalName: &legal}), b.Audit(t.Context(), coordinator, "read", "client-a", []byte(`{}`)), b.PutMail(t.Context(), "k", "sms", "x", "", "x")); err != nil {
		t.Fatal(err)
	}
	return b, chart
}

func TestEveryCallSaysThatTheDatabaseIsGone(t *testing.T) {
	t.Parallel()
	b, chart := setupFull(t)
	name := b.url[strings.LastIndex(b.url, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	if err := database.Server.DropDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	for _, c := range calls(t, chart) {
		if err := c.do(t.Context(), b.Store); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEveryCallEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	b, chart := setupFull(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range calls(t, chart) {
		if err := c.do(ctx, b.Store); !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestNothingWorksWithoutTheKey: a program with other keys would write what no other program could read.
func TestNothingWorksWithoutTheKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := store.Open(t.Context(), store.Options{URL: b.url, Keys: keyring.New(), IndexKey: indexKey}); !errors.Is(err, store.ErrSealed) {
		t.Errorf("it opens with another key: %v", err)
	}
}

// TestNothingStartsWithAnotherIndexKey: it would find nobody, and enroll people twice. One row that it proves is enough, so that whoever
// writes rows without the key keeps nobody from starting.
func TestNothingStartsWithAnotherIndexKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open := func(key []byte) error {
		s, err := store.Open(t.Context(), store.Options{URL: b.url, Keys: b.keys, IndexKey: key})
		if err == nil {
			s.Close()
		}
		return err
	}
	other := keyring.NewKey()
	if err := open(other); err != nil {
		t.Errorf("before anything was written: %v", err)
	}
	audit := func() {
		if err := b.Audit(t.Context(), coordinator, "read", "client-a", nil); err != nil {
			t.Fatal(err)
		}
	}
	audit()
	if err := open(other); !errors.Is(err, store.ErrIndexKey) {
		t.Errorf("with another key: %v", err)
	}
	for range 30 {
		b.exec(`INSERT INTO audit_event (id, actor, role, action, subject, proof_hash) VALUES (gen_random_uuid()::text, 'x', 'x', 'x', 'x', 'x')`)
	}
	if err := open(indexKey); err != nil {
		t.Errorf("after 30 rows without the key: %v", err)
	}
}

func TestTransactionCalledOffForADeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	var tries, both sync.WaitGroup
	tries.Add(2)
	lock := func(first, second string) {
		again := false
		err := b.InTx(t.Context(), "test", func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SET LOCAL ROLE NONE; SET LOCAL deadlock_timeout = '10ms'`); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `SELECT FROM client WHERE id = $1 FOR UPDATE`, first); err != nil {
				return err
			}
			if !again {
				again = true
				tries.Done()
				tries.Wait() // until each has what the other wants
			}
			_, err := tx.Exec(t.Context(), `SELECT FROM client WHERE id = $1 FOR UPDATE`, second)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	both.Go(func() { lock("client-a", "client-b") })
	both.Go(func() { lock("client-b", "client-a") })
	both.Wait()
}
