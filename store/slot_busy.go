package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// Busy says who is busy in a slot with other clients, in the words of Reserve. It takes nothing, so the answer may be another one
// a moment later.
func (s *Store) Busy(ctx context.Context, slot care.Slot) (clash string, err error) {
	people := whole(slot.People)
	if len(people) == 0 || !slot.End.After(slot.Start) {
		return "", nil
	}
	err = s.inTx(ctx, "look up slots", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT p.id
			FROM slot s JOIN person p ON p.no = s.person_no
			WHERE p.id = ANY ($1) AND s.client_id <> $2 AND s.during && tstzrange($3, $4)
				AND (s.state = 'taken' OR s.state = 'held' AND s.held_until >= now())
			ORDER BY p.id`, people, slot.ClientID, slot.Start, slot.End)
		if err != nil {
			return err
		}
		busy, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(busy) == 0 {
			clash = ""
			return err
		}
		clash, err = s.sayBusy(ctx, tx, slot.ClientID, busy)
		return err
	})
	return clash, err
}
