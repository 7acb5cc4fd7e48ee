package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

// newRef makes a letter's opaque id: 128 random bits, so that nobody guesses another's.
func newRef() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

// OptOut notes that the receiver at a number wants no more texts; source is reply or carrier.
func (s *Store) OptOut(ctx context.Context, phone, source string, at time.Time) error {
	return s.inTx(ctx, "note opt-out", func(tx pgx.Tx) error { return s.optOut(ctx, tx, phone, source, at) })
}

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

// keptBack gives the claim an end, or keeps the letter, for what the chart cannot know: the number opted out, the
// client had enough texts, the channel is held, or what this letter stands in for arrived after all.
func (s *Store) keptBack(ctx context.Context, tx pgx.Tx, chart *care.Chart, l message.Delivery, claim *message.SendDecision) error {
	if l.Notification.Of != "" && !l.Notification.Look {
		var arrived bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM letter WHERE client_id = $1 AND duty = $2 AND state = 'delivered')`,
			l.ClientID, l.Notification.Of).Scan(&arrived); err != nil {
			return err
		}
		if arrived {
			claim.State, claim.Why = message.StateSuppressed, "the first message arrived after all"
			return nil
		}
	}
	if l.Channel == person.SMS {
		if stopped, err := s.optedOut(ctx, tx, claim.Contact.Phone); err != nil {
			return err
		} else if stopped {
			claim.State, claim.Why, claim.Fault = message.StateSuppressed, "this number has opted out", message.FaultOptedOut
			return nil
		}
		if full, err := s.capped(ctx, tx, chart, l); err != nil {
			return err
		} else if full != "" {
			claim.State, claim.Why, claim.Fault = message.StateSuppressed, full, message.FaultCapped
			return nil
		}
	}
	var seen time.Time
	err := tx.QueryRow(ctx, `SELECT coalesce(max(seen_at), 'epoch') FROM matter WHERE kind = $1 AND about = $2`, message.WorklistChannel, l.Channel).Scan(&seen)
	if since := l.Now.Sub(seen); since >= 0 && since < channelRests {
		claim.State, claim.Why, claim.Fault = message.StatePlanned, "the provider refuses our account", message.FaultConfiguration
	}
	return err
}

func (s *Store) optedOut(ctx context.Context, tx pgx.Tx, phone string) (stopped bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM opt_out WHERE phone_index = $1)`, s.phoneIndex(phone)).Scan(&stopped)
	return stopped, err
}

// capped says why a client gets no more texts today or this week (message rule M24). What is not held back is not counted.
func (s *Store) capped(ctx context.Context, tx pgx.Tx, chart *care.Chart, l message.Delivery) (why string, err error) {
	p := chart.Policy.Messages
	if p.TextsPerDay == 0 && p.TextsPerWeek == 0 || !l.Notification.Capped() {
		return "", nil
	}
	midnight := chart.ClientZone.Clock(l.Now, 0, 0)
	var today, week int
	err = tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE claimed_at >= $2), count(*) FROM letter
		WHERE client_id = $1 AND capped AND claimed_at >= $3 AND state IN ('sending', 'unknown', 'sent', 'delivered')`,
		l.ClientID, midnight, chart.ClientZone.AddDays(midnight, -6)).Scan(&today, &week)
	return p.Full(today, week), err
}

// noteChannel keeps the matter about a channel whose provider refuses our account, and ends it when a message leaves.
func (s *Store) noteChannel(ctx context.Context, tx pgx.Tx, e message.DeliveryResult) error {
	switch {
	case e.Fault == message.FaultConfiguration && e.State == message.StatePlanned:
		return s.noteWorklistItem(ctx, tx, message.WorklistItem{Kind: message.WorklistChannel, About: string(channelOf(e.Key)), Words: e.Why, Since: e.At}, e.At)
	case e.State == message.StateSent:
		_, err := tx.Exec(ctx, `DELETE FROM matter WHERE kind = $1 AND about = $2`, message.WorklistChannel, channelOf(e.Key))
		return err
	}
	return nil
}

// channelOf reads the channel off a letter's key.
func channelOf(key string) person.Channel {
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] == '/' {
			return person.Channel(key[i+1:])
		}
	}
	return ""
}
