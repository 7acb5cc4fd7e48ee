package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"kapflow/care"
)

// syncSlots makes a client's slots those of the chart's open visits, once b is run.
//
// The visits are taken in already, so a slot that somebody else has does not fail the save. It is written as
// doubled: it blocks nobody, but Touched finds the visit, and the next save tries to take it again.
func (s *Store) syncSlots(ctx context.Context, b *statements, c *care.Chart) {
	var w wanted
	for _, slot := range c.Slots() {
		if slot.End.After(slot.Start) {
			w.add(slot)
		}
	}
	if len(w.people) > 0 {
		b.Queue(newPeople, whole(w.people))
	}
	const visits = `(
		SELECT v.appointment, p.no AS person_no, tstzrange(v.starts, v.ends) AS during
		FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) AS v (appointment, person, starts, ends)
		JOIN person p ON p.id = v.person)`
	args := []any{c.ClientID, w.appointments, w.people, w.starts, w.ends}

	// What no open visit takes any more goes, and every doubled slot, to be tried again. A reservation goes when a
	// visit is in its place; others are for facts still under way.
	b.Queue(`
		DELETE FROM slot s
		WHERE s.client_id = $1 AND CASE s.state
			WHEN 'held' THEN EXISTS (SELECT FROM `+visits+` v WHERE v.person_no = s.person_no AND v.during && s.during)
			WHEN 'doubled' THEN true
			ELSE NOT EXISTS (SELECT FROM `+visits+` v
				WHERE v.appointment = s.appointment AND v.person_no = s.person_no AND v.during = s.during)
			END`, args...)
	if len(w.people) == 0 {
		return
	}
	b.Queue(dropLapsed)
	const missing = `
		INSERT INTO slot (client_id, appointment, person_no, during, state)
		SELECT $1, v.appointment, v.person_no, v.during, $6
		FROM ` + visits + ` v
		WHERE NOT EXISTS (SELECT FROM slot s
			WHERE s.client_id = $1 AND s.appointment = v.appointment AND s.person_no = v.person_no AND s.during = v.during)
		ORDER BY v.person_no, v.during
		ON CONFLICT DO NOTHING`
	b.Queue(missing, append(slices.Clone(args), "taken")...)
	b.Queue(missing, append(slices.Clone(args), "doubled")...).Exec(func(tag pgconn.CommandTag) error {
		if n := tag.RowsAffected(); n > 0 {
			s.log.WarnContext(ctx, "a saved visit takes time that another visit has", "client", c.ClientID, "slots", n)
		}
		return nil
	})
}

// wanted is the time that visits take of people, as columns.
type wanted struct {
	appointments, people []string
	starts, ends         []time.Time
}

func (w *wanted) add(slot care.Slot) {
	for _, id := range whole(slot.People) {
		w.appointments, w.people = append(w.appointments, slot.Appointment), append(w.people, id)
		w.starts, w.ends = append(w.starts, slot.Start), append(w.ends, slot.End)
	}
}
