package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
	"kapflow/care/person"
)

// newRef makes a delivery's opaque id: 128 random bits, so that nobody guesses another's.
func newRef() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

// optOut notes that the receiver at a number wants no more texts; source is reply or carrier. ErrInvalid if it is no number.
func (s *Store) optOut(ctx context.Context, tx pgx.Tx, phone, source string, at time.Time) error {
	index := s.phoneIndex(phone)
	if index == nil {
		return ErrInvalid
	}
	_, err := tx.Exec(ctx, `INSERT INTO opt_out (phone_index, source, at) VALUES ($1, $2, $3) ON CONFLICT (phone_index) DO NOTHING`, index, source, at)
	return err
}

// channelRests is how long a channel is left alone after its provider refused our account, before it is tried again.
const channelRests = 2 * time.Minute

// noteChannel notes what an answer of a provider tells beyond its own delivery: whether our account works on the channel,
// and that the receiver opted out at the carrier.
func (s *Store) noteChannel(ctx context.Context, tx pgx.Tx, e message.DeliveryResult) error {
	steps := message.Follows(e.State, e.Fault)
	switch {
	case steps.Have(message.TellAccount):
		return s.noteWorklistItem(ctx, tx, message.WorklistItem{Kind: message.WorklistChannel, About: string(e.Key.Channel), Words: e.Why, Since: e.At}, e.At)
	case steps.Have(message.AccountWorks):
		_, err := tx.Exec(ctx, `DELETE FROM matter WHERE kind = $1 AND about = $2`, message.WorklistChannel, e.Key.Channel)
		return err
	case steps.Have(message.EndChannel) && e.Key.Channel == person.SMS && e.SentTo != "":
		return s.optOut(ctx, tx, e.SentTo, "carrier", e.At)
	}
	return nil
}
