package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// holdFor is how long a slot stays reserved for a fact that is under way. It counts on Postgres's clock, which
// goes on in a rehearsal too.
const holdFor = time.Minute

// dropLapsed frees what was reserved for facts that were never saved. Nobody else does, so whoever is about to
// take a slot does it first.
const dropLapsed = `DELETE FROM slot WHERE state = 'held' AND held_until < now()`

// Reserve takes a slot for a visit until the chart that holds it is saved, or says who is busy. What the
// client's own visits take already is theirs: a visit may move within its own time.
func (s *Store) Reserve(ctx context.Context, slot care.Slot) (clash string, err error) {
	people := whole(slot.People)
	if len(people) == 0 || !slot.End.After(slot.Start) {
		return "", nil
	}
	err = s.inTx(ctx, "reserve slot", func(tx pgx.Tx) error {
		if _, err := lockClient(ctx, tx, slot.ClientID); err != nil {
			return err
		}
		var b statements
		b.Queue(newPeople, people)
		b.Queue(dropLapsed)
		if err := b.run(ctx, tx); err != nil {
			return err
		}
		busy, err := hold(ctx, tx, slot, people)
		if err != nil || len(busy) == 0 {
			return err
		}
		if clash, err = s.sayBusy(ctx, tx, slot.ClientID, busy); err != nil {
			return err
		}
		return errBusy
	})
	if errors.Is(err, errBusy) {
		return clash, nil
	}
	return "", err
}

// errBusy undoes what a reservation got of some people when others are busy.
var errBusy = errors.New("a clinician is busy then")

// hold reserves the parts of a slot that the client does not have yet, and gives the people of whom somebody
// else has such a part. ON CONFLICT waits for a transaction that is about to take the same time.
func hold(ctx context.Context, tx pgx.Tx, slot care.Slot, people []string) (busy []string, err error) {
	if _, err := tx.Exec(ctx, `
		UPDATE slot SET held_until = now() + $5
		WHERE client_id = $1 AND appointment = $2 AND state = 'held' AND during && tstzrange($3, $4)`,
		slot.ClientID, slot.Appointment, slot.Start, slot.End, holdFor); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		WITH part AS MATERIALIZED (
			SELECT p.no, p.id, unnest(tstzmultirange(tstzrange($3, $4)) - coalesce((
				SELECT range_agg(o.during) FROM slot o
				WHERE o.client_id = $1 AND o.person_no = p.no AND o.state <> 'doubled'), '{}')) AS during
			FROM person p
			WHERE p.id = ANY ($5)
		), got AS (
			INSERT INTO slot (client_id, appointment, person_no, during, state, held_until)
			SELECT $1, $2, no, during, 'held', now() + $6 FROM part ORDER BY no, during
			ON CONFLICT DO NOTHING
			RETURNING person_no, during
		)
		SELECT DISTINCT part.id
		FROM part LEFT JOIN got ON got.person_no = part.no AND got.during = part.during
		WHERE got.person_no IS NULL
		ORDER BY part.id`, slot.ClientID, slot.Appointment, slot.Start, slot.End, people, holdFor)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// sayBusy names who is busy, never for whom.
func (s *Store) sayBusy(ctx context.Context, tx pgx.Tx, clientID string, busy []string) (string, error) {
	chart, err := s.readChart(ctx, tx, clientID, "")
	if err != nil {
		return "", err
	}
	for i, id := range busy {
		if c, ok := chart.Policy.Clinician(id); ok {
			busy[i] = fmt.Sprintf("the %s %s", c.Role, id)
		}
	}
	if len(busy) == 1 {
		return busy[0] + " is busy then", nil
	}
	return strings.Join(busy, " and ") + " are busy then", nil
}

// Release gives a reserved slot back after a refusal. What a saved visit takes stays.
func (s *Store) Release(ctx context.Context, slot care.Slot) error {
	if !slot.End.After(slot.Start) {
		return nil
	}
	return s.alone("release slot", func(q querier) error {
		_, err := q.Exec(ctx, `
			DELETE FROM slot
			WHERE client_id = $1 AND appointment = $2 AND state = 'held' AND during <@ tstzrange($3, $4)`,
			slot.ClientID, slot.Appointment, slot.Start, slot.End)
		return err
	})
}

// Touched gives the clients with a visit that needs a clinician in a stretch of time.
func (s *Store) Touched(ctx context.Context, clinician string, from, to time.Time) (ids []string, err error) {
	if !to.After(from) {
		return nil, nil
	}
	err = s.alone("look up visits", func(q querier) error {
		rows, err := q.Query(ctx, `
			SELECT DISTINCT s.client_id
			FROM slot s JOIN person p ON p.no = s.person_no
			WHERE p.id = $1 AND s.during && tstzrange($2, $3) AND s.state <> 'held'
			ORDER BY s.client_id`, clinician, from, to)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids, err
}

// newPeople gives a number to everyone who has none. Most often all have one: a bare INSERT would use up a number for
// each of them.
const newPeople = `
	INSERT INTO person (id)
	SELECT id FROM unnest($1::text[]) AS id
	WHERE NOT EXISTS (SELECT FROM person p WHERE p.id = id.id)
	ORDER BY id
	ON CONFLICT (id) DO NOTHING`

// whole gives people sorted, each once, without those whom a practice does not have.
func whole(people []string) []string {
	out := slices.DeleteFunc(slices.Clone(people), func(id string) bool { return id == "" })
	slices.Sort(out)
	return slices.Compact(out)
}
