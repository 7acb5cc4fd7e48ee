package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/person"
)

// sealedPasskey is what is sealed of a passkey.
type sealedPasskey struct {
	ID   []byte `json:"id"`
	Data []byte `json:"data"`
}

// HAZARD: the row's name is a hash of the credential's id. sealJSON is not used, because it takes texts out that look like
// the token of a link, and keys look like that.
func passkeyPlace(hash []byte) place {
	return place{table: "passkey", column: "data", row: hex.EncodeToString(hash)}
}

func (s *Store) sealPasskey(p person.Passkey) ([]byte, error) {
	plain, err := json.Marshal(sealedPasskey{p.ID, p.Data})
	if err != nil {
		return nil, err
	}
	return s.seal(passkeyPlace(s.index("passkey", string(p.ID))), plain)
}

const passkeyColumns = `SELECT id_hash, person, sign_count, blocked, made_at, used_at, data FROM passkey `

func (s *Store) scanPasskey(r pgx.Row) (p person.Passkey, err error) {
	var hash, sealed []byte
	var used *time.Time
	if err := r.Scan(&hash, &p.Person, &p.Count, &p.Blocked, &p.MadeAt, &used, &sealed); err != nil {
		return p, err
	}
	p.MadeAt = p.MadeAt.UTC()
	if used != nil {
		p.UsedAt = used.UTC()
	}
	plain, err := s.open(passkeyPlace(hash), sealed)
	if err != nil {
		return p, err
	}
	var kept sealedPasskey
	err = json.Unmarshal(plain, &kept)
	p.ID, p.Data = kept.ID, kept.Data
	return p, err
}

// Passkeys lists a person's passkeys, oldest first.
func (s *Store) Passkeys(ctx context.Context, personID string) (list []person.Passkey, err error) {
	err = s.alone("read passkeys", func(q querier) error {
		list, err = each(ctx, q, s.scanPasskey, passkeyColumns+`WHERE person = $1 ORDER BY made_at, id_hash`, personID)
		return err
	})
	return list, err
}

// Passkey finds a passkey by its id.
func (s *Store) Passkey(ctx context.Context, id []byte) (p person.Passkey, found bool, err error) {
	err = s.alone("read passkey", func(q querier) error {
		p, err = s.scanPasskey(q.QueryRow(ctx, passkeyColumns+`WHERE id_hash = $1`, s.index("passkey", string(id))))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	return p, found, err
}

// AddPasskey keeps a new passkey. With a token it uses up that one-time link in the same transaction, and fails with
// person.ErrNoInvite if the link is not good any more. An id that is known is ErrConflict.
func (s *Store) AddPasskey(ctx context.Context, p person.Passkey, token string) error {
	sealed, err := s.sealPasskey(p)
	if err != nil {
		return err
	}
	return s.inTx(ctx, "add passkey", func(tx pgx.Tx) error {
		if token != "" {
			i, err := s.useInvite(ctx, tx, person.InvitePasskey, token, p.MadeAt)
			if err != nil {
				return err
			}
			if i.Person != p.Person {
				return person.ErrNoInvite
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO passkey (id_hash, person, sign_count, blocked, made_at, data) VALUES ($1, $2, $3, $4, $5, $6)`,
			s.index("passkey", string(p.ID)), p.Person, p.Count, p.Blocked, p.MadeAt, sealed)
		return err
	})
}

// UsePasskey notes a use of a passkey: its new count, flags and time. It reports false if the count or the block was changed since the
// passkey was read, so that one answer of an authenticator signs in once.
func (s *Store) UsePasskey(ctx context.Context, before, after person.Passkey) (fresh bool, err error) {
	sealed, err := s.sealPasskey(after)
	if err != nil {
		return false, err
	}
	err = s.alone("use passkey", func(q querier) error {
		tag, err := q.Exec(ctx, `
			UPDATE passkey SET sign_count = $3, blocked = $4, used_at = $5, data = $6
			WHERE id_hash = $1 AND sign_count = $2 AND NOT blocked`,
			s.index("passkey", string(after.ID)), before.Count, after.Count, after.Blocked, after.UsedAt, sealed)
		fresh = tag.RowsAffected() == 1
		return err
	})
	return fresh, err
}

// RemovePasskey removes one passkey of a person.
func (s *Store) RemovePasskey(ctx context.Context, personID string, id []byte) (removed bool, err error) {
	err = s.alone("remove passkey", func(q querier) error {
		tag, err := q.Exec(ctx, `DELETE FROM passkey WHERE person = $1 AND id_hash = $2`, personID, s.index("passkey", string(id)))
		removed = tag.RowsAffected() == 1
		return err
	})
	return removed, err
}

func (s *Store) inviteHash(token string) []byte { return s.index("invite", token) }

// NewInvite makes a one-time link and gives its token, which is not kept. It replaces unused ones of the same person and kind.
func (s *Store) NewInvite(ctx context.Context, i person.Invite) (token string, err error) {
	token = randomToken()
	err = s.inTx(ctx, "new invitation", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM invite WHERE person = $1 AND kind = $2 AND used_at IS NULL`, i.Person, i.Kind); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO invite (token_hash, kind, person, expires_at) VALUES ($1, $2, $3, $4)`, s.inviteHash(token), i.Kind, i.Person, i.ExpiresAt)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Invite gives what stands behind a one-time link's token and changes nothing; person.ErrNoInvite if it is not good.
func (s *Store) Invite(ctx context.Context, kind person.InviteKind, token string, now time.Time) (i person.Invite, err error) {
	err = s.alone("read invitation", func(q querier) error {
		err := q.QueryRow(ctx, `SELECT kind, person, expires_at FROM invite WHERE token_hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3`,
			s.inviteHash(token), kind, now).Scan(&i.Kind, &i.Person, &i.ExpiresAt)
		if errors.Is(err, pgx.ErrNoRows) {
			return person.ErrNoInvite
		}
		i.ExpiresAt = i.ExpiresAt.UTC()
		return err
	})
	return i, err
}

// UseInvite uses a one-time link up; person.ErrNoInvite if it is not good, or was used at this moment.
func (s *Store) UseInvite(ctx context.Context, kind person.InviteKind, token string, now time.Time) (i person.Invite, err error) {
	err = s.inTx(ctx, "use invitation", func(tx pgx.Tx) error {
		i, err = s.useInvite(ctx, tx, kind, token, now)
		return err
	})
	return i, err
}

// useInvite is UseInvite within a transaction.
func (s *Store) useInvite(ctx context.Context, q querier, kind person.InviteKind, token string, now time.Time) (i person.Invite, err error) {
	err = q.QueryRow(ctx, `
		UPDATE invite SET used_at = $3 WHERE token_hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3
		RETURNING kind, person, expires_at`, s.inviteHash(token), kind, now).Scan(&i.Kind, &i.Person, &i.ExpiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return i, person.ErrNoInvite
	}
	return i, err
}
