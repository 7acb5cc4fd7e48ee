package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// NoteAbsence notes that a clinician is away, under the id of the report that says so. The same report again changes nothing;
// with other days, or another clinician, it replaces the absence. From then on Away knows. The revision counts the changes
// from 1.
func (s *Store) NoteAbsence(ctx context.Context, a care.Absence) (revision int, err error) {
	err = s.inTx(ctx, "note absence", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, newPeople, []string{a.Clinician}); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `
			INSERT INTO absence (report, person_no, during)
			SELECT $1, no, tstzrange($3, $4) FROM person WHERE id = $2
			ON CONFLICT (report, person_no) DO UPDATE SET during = excluded.during,
				revision = absence.revision + CASE WHEN absence.during = excluded.during THEN 0 ELSE 1 END
			RETURNING revision`, a.ID, a.Clinician, a.From, a.To).Scan(&revision); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM absence WHERE report = $1 AND person_no <> (SELECT no FROM person WHERE id = $2)`, a.ID, a.Clinician)
		return err
	})
	return revision, err
}

// EndAbsence ends a noted absence at an instant, or as if it never was, and gives it as it was noted. found is false when
// there is none with that id. Ending it again at the same instant changes nothing.
func (s *Store) EndAbsence(ctx context.Context, id string, at *time.Time) (a care.Absence, revision int, found bool, err error) {
	err = s.inTx(ctx, "end absence", func(tx pgx.Tx) error {
		var from, to *time.Time
		err := tx.QueryRow(ctx, `
			SELECT p.id, lower(a.during), upper(a.during) FROM absence a JOIN person p ON p.no = a.person_no
			WHERE a.report = $1 FOR UPDATE OF a`, id).Scan(&a.Clinician, &from, &to)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		a.ID, found = id, true
		if from != nil { // an empty stretch has no bounds: it was taken back before
			a.From, a.To = from.UTC(), to.UTC()
		}
		return tx.QueryRow(ctx, `
			WITH ended AS (SELECT CASE WHEN $3::timestamptz > $2::timestamptz THEN tstzrange($2, $3) ELSE 'empty' END AS during)
			UPDATE absence a SET during = ended.during,
				revision = a.revision + CASE WHEN a.during = ended.during THEN 0 ELSE 1 END
			FROM ended WHERE a.report = $1 RETURNING a.revision`, id, a.From, a.EndedBy(at)).Scan(&revision)
	})
	return a, revision, found, err
}

// ToldOfAbsence gives the clients whose records know of an absence, or of an earlier version of it.
func (s *Store) ToldOfAbsence(ctx context.Context, id string) (clients []string, err error) {
	err = s.alone("look up absences", func(q querier) error {
		rows, err := q.Query(ctx, `
			SELECT DISTINCT f.client_id FROM fact f
			WHERE f.name = ANY ($1) AND starts_with(f.fact_id, $2 || ':') AND `+notLost+`
			ORDER BY f.client_id`, care.WideFacts(), id)
		if err != nil {
			return err
		}
		clients, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return clients, err
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

// Absences gives the noted absences that touch a stretch of time, by their starts.
func (s *Store) Absences(ctx context.Context, from, to time.Time) (list []care.Absence, err error) {
	err = s.alone("look up absences", func(q querier) error {
		list, err = each(ctx, q, func(r pgx.Row) (a care.Absence, err error) {
			err = r.Scan(&a.ID, &a.Clinician, &a.From, &a.To)
			a.From, a.To = a.From.UTC(), a.To.UTC()
			return a, err
		}, `SELECT a.report, p.id, lower(a.during), upper(a.during) FROM absence a JOIN person p ON p.no = a.person_no
			WHERE a.during && tstzrange($1, $2) ORDER BY lower(a.during), a.report`, from, to)
		return err
	})
	return list, err
}
