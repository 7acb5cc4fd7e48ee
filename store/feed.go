package store

import (
	"context"
	"crypto/hmac"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/person"
)

// feedHash is what a calendar feed is found by.
func (s *Store) feedHash(secret string) []byte { return s.index("feed", secret) }

// feedProof proves that we made a feed for a person.
func (s *Store) feedProof(hash []byte, personID string) []byte {
	return s.proof("feed-proof", string(hash), personID)
}

// NewFeed makes a person's calendar feed and gives its secret, which is not kept. It replaces the one that they had.
func (s *Store) NewFeed(ctx context.Context, personID string, now time.Time) (secret string, err error) {
	secret = randomToken()
	hash := s.feedHash(secret)
	err = s.alone("make calendar feed", func(q querier) error {
		_, err := q.Exec(ctx, `
			INSERT INTO feed (person, token_hash, proof_hash, made_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (person) DO UPDATE SET token_hash = EXCLUDED.token_hash, proof_hash = EXCLUDED.proof_hash, made_at = EXCLUDED.made_at, read_on = ''`,
			personID, hash, s.feedProof(hash, personID), now)
		return err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// EndFeed ends a person's calendar feed. ended is false if they had none.
func (s *Store) EndFeed(ctx context.Context, personID string) (ended bool, err error) {
	err = s.alone("end calendar feed", func(q querier) error {
		tag, err := q.Exec(ctx, `DELETE FROM feed WHERE person = $1`, personID)
		ended = tag.RowsAffected() == 1
		return err
	})
	return ended, err
}

// FeedOf gives a person's calendar feed; person.ErrNoFeed if they have none.
func (s *Store) FeedOf(ctx context.Context, personID string) (f person.Feed, err error) {
	return s.feedThat(ctx, `person = $1`, personID)
}

// Feed gives the calendar feed behind a secret; person.ErrNoFeed if there is none. A row that we did not write as it is now is none.
func (s *Store) Feed(ctx context.Context, secret string) (f person.Feed, err error) {
	return s.feedThat(ctx, `token_hash = $1`, s.feedHash(secret))
}

func (s *Store) feedThat(ctx context.Context, condition string, arg any) (f person.Feed, err error) {
	err = s.alone("read calendar feed", func(q querier) error {
		var hash, proof []byte
		err := q.QueryRow(ctx, `SELECT person, made_at, read_on, token_hash, proof_hash FROM feed WHERE `+condition, arg).Scan(&f.Person, &f.MadeAt, &f.ReadOn, &hash, &proof)
		if errors.Is(err, pgx.ErrNoRows) {
			return person.ErrNoFeed
		}
		if err != nil {
			return err
		}
		if f.MadeAt = f.MadeAt.UTC(); !hmac.Equal(proof, s.feedProof(hash, f.Person)) {
			s.log.ErrorContext(ctx, "a calendar feed's row was not written by a program of this practice, or was changed: it opens nothing", "person", f.Person)
			return person.ErrNoFeed
		}
		return nil
	})
	return f, err
}

// FeedRead notes the day of which the audit log has a row of a person's feed.
func (s *Store) FeedRead(ctx context.Context, personID, day string) error {
	return s.alone("note calendar feed", func(q querier) error {
		_, err := q.Exec(ctx, `UPDATE feed SET read_on = $2 WHERE person = $1`, personID, day)
		return err
	})
}
