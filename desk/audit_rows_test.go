package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
)

// TestALinkActsForItsClientOnly, in everything that clients may do.
func TestALinkActsForItsClientOnly(t *testing.T) {
	t.Parallel()
	d, s := auditedDesk(t)
	name := "Robin Sample"
	change := care.BillingChange{LegalName: &name}
	if err := d.ChangeBilling(t.Context(), access.FromLink("client-a"), "client-a", change); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(access.Person) error{"billing": func(who access.Person) error { return d.ChangeBilling(t.Context(), who, "client-a", change) }}
	for _, kind := range care.Vocabulary() {
		if kind.Allows(person.Client) {
			calls[kind.Name] = func(who access.Person) error { return recordOf("client-a", kind.Name, "x")(t.Context(), d, who) }
		}
	}
	for what, call := range calls {
		s.rows = nil
		var refused *care.Refusal
		if err := call(access.FromLink("client-b")); !errors.As(err, &refused) || refused.Code != care.CodeNotYourRole || len(s.rows) != 1 || s.rows[0].by.ID != "client-b" {
			t.Errorf("%s of another client: %v, %v", what, err, s.rows)
		}
	}
	if len(calls) < 8 {
		t.Errorf("clients may do %d things", len(calls))
	}
}

// TestRowsSayHowSomebodyWasVerified: a session, and what emergency access was taken for.
func TestRowsSayHowSomebodyWasVerified(t *testing.T) {
	t.Parallel()
	d, s := auditedDesk(t)
	who, err := access.FromSession(d.Policy, access.Session{ID: "accountant-sample", Emergency: access.Emergency{Reason: "the client fainted", Since: d.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.OpenRecord(t.Context(), who, "client-a"); err != nil {
		t.Fatal(err)
	}
	if row := s.rows[0]; row.by != accountant || row.detail["via"] != "session" || row.detail["emergency"] != "the client fainted" {
		t.Errorf("%+v", row)
	}
	if err := d.NoteStranger(t.Context(), access.Stranger(), "dr-sample"); err != nil {
		t.Fatal(err)
	}
	if row := s.rows[1]; row.by.ID != "nobody" || row.action != "sign-in-refused" || row.detail["login"] != access.Login() || row.detail["as"] != "dr-sample" || row.detail["via"] != "command line" {
		t.Errorf("%+v", row)
	}
}

// TestWithoutAnAuditRowNothingIsDone: whoever may and whoever may not gets nothing while the audit log cannot be written.
func TestWithoutAnAuditRowNothingIsDone(t *testing.T) {
	t.Parallel()
	d, s := auditedDesk(t)
	s.broken = true
	for name, ask := range requests() {
		if err := ask.do(t.Context(), d, access.FromRehearsal(d.Policy, ask.by)); err == nil || !strings.Contains(err.Error(), "the audit log cannot be written") {
			t.Errorf("%s was answered: %v", name, err)
		}
	}
	done := false
	err := d.Do(t.Context(), access.FromRehearsal(d.Policy, coordinator), desk.Ask{Action: access.ReadBoard, Subject: "board"}, func(person.Actor) error {
		done = true
		return nil
	})
	if err == nil || done {
		t.Errorf("done: %v, %v", done, err)
	}
	if got, err := s.Billing(t.Context(), "client-a"); err != nil || got != (care.Billing{}) {
		t.Errorf("%v, %v", got, err)
	}
}

// pairedStore writes an audit row only once a record was asked for, and fails if it is broken.
type pairedStore struct {
	*countedStore
	asked chan struct{}
}

func (s *pairedStore) Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error {
	select {
	case <-s.asked:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.countedStore.Audit(ctx, by, action, subject, detail)
}

func (s *pairedStore) HealthRecord(ctx context.Context, clientID string) (record.HealthRecord, error) {
	defer close(s.asked)
	return s.countedStore.HealthRecord(ctx, clientID)
}

func (s *pairedStore) Standing(ctx context.Context, clientID string, factsToo func(*care.Chart) bool) (record.Standing, error) {
	defer close(s.asked)
	return s.countedStore.Standing(ctx, clientID, factsToo)
}

func (s *pairedStore) BoardPage(ctx context.Context, f record.BoardFilter, after record.BoardPlace, limit int) ([]record.BoardLine, record.BoardPlace, error) {
	defer close(s.asked)
	return s.countedStore.BoardPage(ctx, f, after, limit)
}

func (s *pairedStore) CountFound(ctx context.Context, search record.EntrySearch) (int, error) {
	defer close(s.asked)
	return s.countedStore.CountFound(ctx, search)
}

// TestARecordIsReadWhileItsRowIsWritten, and given to nobody if the row was not written.
func TestARecordIsReadWhileItsRowIsWritten(t *testing.T) {
	t.Parallel()
	d, counted := auditedDesk(t)
	who := access.FromRehearsal(d.Policy, nurseSample)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a desk that reads only after the row would wait for ever
	defer cancel()
	for _, counted.broken = range []bool{false, true} {
		d.Store = &pairedStore{counted, make(chan struct{})}
		rec, err := d.OpenRecord(ctx, who, "client-a")
		if (err != nil) != counted.broken || (rec.Chart == nil) != counted.broken {
			t.Errorf("broken: %v, record: %v, %v", counted.broken, rec.Chart, err)
		}
		d.Store = &pairedStore{counted, make(chan struct{})}
		standing, err := d.Standing(ctx, who, "client-a", true)
		if (err != nil) != counted.broken || (standing.Record.Chart == nil) != counted.broken {
			t.Errorf("broken: %v, standing: %v, %v", counted.broken, standing.Record.Chart, err)
		}
		d.Store = &pairedStore{counted, make(chan struct{})}
		board, err := d.ReadBoard(ctx, who, record.BoardFilter{}, record.BoardPlace{})
		if (err != nil) != counted.broken || (board.Names == nil) != counted.broken {
			t.Errorf("broken: %v, board: %v, %v", counted.broken, board, err)
		}
		d.Store = &pairedStore{counted, make(chan struct{})}
		day, err := d.ReadDay(ctx, who, d.Now(), false, 0)
		if (err != nil) != counted.broken || (day.Names == nil) != counted.broken {
			t.Errorf("broken: %v, day: %v, %v", counted.broken, day, err)
		}
	}
	if len(counted.rows) != 4 {
		t.Errorf("%d rows", len(counted.rows))
	}
}
