package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// NoteAbsence notes that a clinician is away, under the id of the report that says so: the same report again
// changes nothing. From then on Away knows.
func (s *Store) NoteAbsence(ctx context.Context, report, clinician string, from, to time.Time) error {
	return s.inTx(ctx, "note absence", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, newPeople, []string{clinician}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO absence (report, person_no, during)
			SELECT $1, no, tstzrange($3, $4) FROM person WHERE id = $2
			ON CONFLICT DO NOTHING`, report, clinician, from, to)
		return err
	})
}

// Away gives the people a slot needs who are away at some time of it.
func (s *Store) Away(ctx context.Context, slot care.Slot) (ids []string, err error) {
	err = s.alone("look up absences", func(q querier) error {
		rows, err := q.Query(ctx, `
			SELECT DISTINCT p.id FROM absence a JOIN person p ON p.no = a.person_no
			WHERE p.id = ANY ($1) AND a.during && tstzrange($2, $3)
			ORDER BY p.id`, whole(slot.People), slot.Start, slot.End)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids, err
}
