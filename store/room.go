package store

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/jackc/pgx/v5"
)

// roomTried is how many bytes Room needs to be free.
const roomTried = 1 << 20

// errTakenBack ends the transaction of Room.
var errTakenBack = errors.New("taken back")

// Room says whether the disk of the database has room: it writes a megabyte and takes it back. The error is care.ErrDiskFull if it
// has none. Temporal does not say why it cannot keep a fact, and its data is on the same disk. Small rows find a place for some
// time after the disk is full, so that a row in the audit log shows nothing.
func (s *Store) Room(ctx context.Context) error {
	err := s.inTx(ctx, "look for room", func(tx pgx.Tx) error {
		body := make([]byte, roomTried)
		_, _ = rand.Read(body) // what can be compressed takes no room
		if _, err := tx.Exec(ctx, `INSERT INTO draft (person, about, form, begun_at, expires_at, data) VALUES ($1, '', '', now(), now(), $2)`, rand.Text(), body); err != nil {
			return err
		}
		return errTakenBack
	})
	if errors.Is(err, errTakenBack) {
		return nil
	}
	return err
}
