package store

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/person"
)

// keepEnded is how long rows of sessions and sign-ins stay after their end. A request that began before the end may still
// want to save its session; it finds the row and changes nothing.
const keepEnded = 24 * time.Hour

func sessionPlace(hash []byte) place {
	return place{table: "session", column: "data", row: hex.EncodeToString(hash)}
}

// SaveSession keeps a session of the staff console under the hash of its token. An ended one stays ended.
func (s *Store) SaveSession(ctx context.Context, token string, row person.SessionRow) error {
	hash := s.index("session", token)
	return s.alone("save session", func(q querier) error {
		data, err := s.seal(sessionPlace(hash), row.Data)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, `
			INSERT INTO session (token_hash, person, epoch, expires_at, data) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (token_hash) DO UPDATE SET person = EXCLUDED.person, epoch = EXCLUDED.epoch, expires_at = EXCLUDED.expires_at, data = EXCLUDED.data
			WHERE NOT session.ended`,
			hash, row.Person, row.Epoch, row.ExpiresAt, data)
		return err
	})
}

// clockSlack is how far the clocks of two programs may be apart.
const clockSlack = time.Minute

// Session gives the data of a session that is open at a time, and until when it is. Expired, ended and unknown ones are not found. One whose end is further
// away than idle, the time for which a page extends it, was extended before the clock went back: it ends now, so that it does not live
// longer than it may.
func (s *Store) Session(ctx context.Context, token string, now time.Time, idle time.Duration) (data []byte, until time.Time, found bool, err error) {
	latest := now.Add(idle + clockSlack)
	data, until, err = s.session(ctx, token, func(until time.Time) bool { return until.After(now) && !until.After(latest) })
	if err == nil && until.After(latest) {
		err = s.cutSession(ctx, token, now, latest)
	}
	return data, until, data != nil, err
}

// LapsedSession gives the data of a session that ran out by itself, within a day after that. One that somebody ended is not found.
func (s *Store) LapsedSession(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error) {
	data, _, err = s.session(ctx, token, func(until time.Time) bool { return !until.After(now) && until.After(now.Add(-24*time.Hour)) })
	return data, data != nil, err
}

// session gives the end of a session that nobody ended, in UTC, and its data if the end is as wanted. The statement asks for the token alone: with
// times in it, Postgres would plan it anew for each page.
func (s *Store) session(ctx context.Context, token string, wanted func(until time.Time) bool) (data []byte, until time.Time, err error) {
	hash := s.index("session", token)
	err = s.alone("read session", func(q querier) error {
		var sealed []byte
		err := q.QueryRow(ctx, `
			SELECT s.data, s.expires_at FROM session s LEFT JOIN session_epoch e USING (person)
			WHERE s.token_hash = $1 AND NOT s.ended AND s.epoch = coalesce(e.epoch, 0)`, hash).Scan(&sealed, &until)
		switch until = until.UTC(); {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err != nil || !wanted(until):
			return err
		}
		data, err = s.open(sessionPlace(hash), sealed)
		return err
	})
	return data, until, err
}

// cutSession ends a session at a time, unless its end was moved to before latest meanwhile.
func (s *Store) cutSession(ctx context.Context, token string, now, latest time.Time) error {
	return s.alone("cut session", func(q querier) error {
		_, err := q.Exec(ctx, `UPDATE session SET expires_at = $2 WHERE token_hash = $1 AND NOT ended AND expires_at > $3`, s.index("session", token), now, latest)
		return err
	})
}

// TouchSession moves the end of an open session and changes nothing else, so that it undoes no change of another request.
func (s *Store) TouchSession(ctx context.Context, token string, until time.Time) error {
	return s.alone("extend session", func(q querier) error {
		_, err := q.Exec(ctx, `UPDATE session SET expires_at = $2 WHERE token_hash = $1 AND NOT ended`, s.index("session", token), until)
		return err
	})
}

// EndSession ends one session. An unknown one is no error.
func (s *Store) EndSession(ctx context.Context, token string) error {
	return s.alone("end session", func(q querier) error {
		_, err := q.Exec(ctx, `UPDATE session SET ended = true, data = NULL WHERE token_hash = $1`, s.index("session", token))
		return err
	})
}

// EndSessions ends all sessions of a person at once, those too that are being opened at this moment, and gives how many were open.
func (s *Store) EndSessions(ctx context.Context, personID string, now time.Time) (ended int, err error) {
	err = s.inTx(ctx, "end sessions", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO session_epoch (person, epoch) VALUES ($1, 1)
			ON CONFLICT (person) DO UPDATE SET epoch = session_epoch.epoch + 1`, personID); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM session WHERE person = $1 AND NOT ended AND expires_at > $2`, personID, now).Scan(&ended); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE session SET ended = true, data = NULL WHERE person = $1 AND NOT ended`, personID)
		return err
	})
	return ended, err
}

// SessionEpoch gives the number that new sessions of a person carry.
func (s *Store) SessionEpoch(ctx context.Context, personID string) (epoch int, err error) {
	err = s.alone("read sessions", func(q querier) error {
		return q.QueryRow(ctx, `SELECT coalesce((SELECT epoch FROM session_epoch WHERE person = $1), 0)`, personID).Scan(&epoch)
	})
	return epoch, err
}

// OpenSessions counts a person's sessions that are open at a time.
func (s *Store) OpenSessions(ctx context.Context, personID string, now time.Time) (open int, err error) {
	err = s.alone("count sessions", func(q querier) error {
		return q.QueryRow(ctx, `SELECT count(*) FROM session WHERE person = $1 AND NOT ended AND expires_at > $2`, personID, now).Scan(&open)
	})
	return open, err
}

func ceremonyPlace(hash []byte) place {
	return place{table: "ceremony", column: "data", row: hex.EncodeToString(hash)}
}

// NewCeremony keeps what the second step of a sign-in needs, under an id that nobody can guess. It also removes what ended
// long ago.
func (s *Store) NewCeremony(ctx context.Context, id string, data []byte, now, until time.Time) error {
	hash := s.index("ceremony", id)
	return s.inTx(ctx, "begin sign-in", func(tx pgx.Tx) error {
		sealed, err := s.seal(ceremonyPlace(hash), data)
		if err != nil {
			return err
		}
		var b statements
		b.Queue(`DELETE FROM ceremony WHERE expires_at < $1`, now.Add(-keepEnded))
		b.Queue(`DELETE FROM session WHERE expires_at < $1`, now.Add(-keepEnded))
		b.Queue(`INSERT INTO ceremony (id_hash, expires_at, data) VALUES ($1, $2, $3)`, hash, until, sealed)
		return b.run(ctx, tx)
	})
}

// TakeCeremony gives what was kept for the second step of a sign-in, and forgets it: a second call finds nothing.
func (s *Store) TakeCeremony(ctx context.Context, id string, now time.Time) (data []byte, found bool, err error) {
	hash := s.index("ceremony", id)
	err = s.alone("go on with sign-in", func(q querier) error {
		var sealed []byte
		var until time.Time
		err := q.QueryRow(ctx, `DELETE FROM ceremony WHERE id_hash = $1 RETURNING data, expires_at`, hash).Scan(&sealed, &until)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if !now.Before(until) {
			return nil
		}
		data, err = s.open(ceremonyPlace(hash), sealed)
		found = err == nil
		return err
	})
	return data, found, err
}
