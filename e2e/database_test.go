package e2e_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/desk"
	"kapflow/devstack"
)

// breakingStore kills Postgres behind the last thing that the desk writes before it sends a fact to the journey.
type breakingStore struct {
	patientStore
	broke func()
}

func (b breakingStore) Hide(ctx context.Context, clientID, field, text string) (string, error) {
	ref, err := b.patientStore.Hide(ctx, clientID, field, text)
	if err == nil {
		b.broke()
	}
	return ref, err
}

// A database that fails while a fact is being recorded delays the answer and nothing else: the fact is recorded once.
// After three seconds the write goes on where it was; an outage that outlasts it is waited for by an ordinary activity.
func TestDatabaseAwayDuringAnUpdateDelaysTheAnswerOnly(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]time.Duration{"short": 3 * time.Second, "longer-than-a-write-may-take": 12 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tn := ownPostgres(t)
			h := tn.newHouse(t)
			h.work(t)
			id := h.enroll(t, "database")
			before := h.chart(t, id)
			back := make(chan error, 1)
			h.Desk.Store = breakingStore{patientStore{h.Store}, func() {
				if err := tn.Postgres.Kill(); err != nil {
					back <- err
					return
				}
				go func() {
					time.Sleep(away) // this is the outage
					back <- tn.Postgres.Restart(context.WithoutCancel(t.Context()))
				}()
			}}
			began := time.Now()
			answer, err := h.report(t, coordinator, desk.Command{ClientID: id, Fact: "paused", ID: "the-one", With: json.RawMessage(`{"reason": "asked for it"}`)})
			must(t, err)
			must(t, <-back)
			if took := time.Since(began); took < away {
				t.Errorf("answered after %s, before the database was back", took)
			}
			h.Desk.Store = patientStore{h.Store}
			repeated, err := h.report(t, coordinator, desk.Command{ClientID: id, Fact: "paused", ID: "the-one", With: json.RawMessage(`{"reason": "asked for it"}`)})
			must(t, err)
			if !repeated.Repeated || repeated.Seq != answer.Seq {
				t.Errorf("asked again, the desk answers %+v, not fact %d", repeated, answer.Seq)
			}
			if after := h.chart(t, id); after.Facts != before.Facts+1 || after.Stage() != care.StagePaused {
				t.Errorf("%d facts were added, want one; the stage is %s", after.Facts-before.Facts, after.Stage())
			}
			if rows := h.query(t, `SELECT name FROM fact WHERE fact_id = 'the-one'`); len(rows) != 1 {
				t.Errorf("the fact stands %d times in Postgres", len(rows))
			}
		})
	}
}

// chart reads a client's chart.
func (h *house) chart(t *testing.T, id string) *care.Chart {
	t.Helper()
	chart, err := patientStore{h.Store}.Chart(t.Context(), id)
	must(t, err)
	return chart
}

// ownPostgres is the shared Temporal beside a Postgres for one test alone, which may kill it.
func ownPostgres(t *testing.T) *town {
	t.Helper()
	return ownTown(t, devstack.Options{TemporalAddress: shared.Temporal.Address})
}
