package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
)

// tokenHash is what a link is found by. It is keyed: nobody without the key can write the row of a token.
func (s *Store) tokenHash(token string) []byte { return s.index("link", token) }

// tokenHashBefore is what links by builds before migration 0020 are found by.
func tokenHashBefore(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// passHash is what a browser's pass is found by.
func (s *Store) passHash(pass string) []byte { return s.index("link-pass", pass) }

// proof is a keyed hash of several texts, which no other texts give.
func (s *Store) proof(purpose string, parts ...string) []byte {
	var text string
	for _, p := range parts {
		text += strconv.Itoa(len(p)) + ":" + p
	}
	return s.index(purpose, text)
}

// linkProof proves that we made a link for this client, purpose, channel and time. What is counted (openings, tries) is not in it.
func (s *Store) linkProof(hash []byte, l message.Link) []byte {
	return s.proof("link-proof-channel", string(hash), l.ClientID, string(l.Purpose), l.About, strconv.Itoa(l.Version), strconv.FormatInt(l.ExpiresAt.UnixMicro(), 10), string(l.Channel))
}

// linkProofBefore is linkProof by builds before migration 0024, without the channel.
func (s *Store) linkProofBefore(hash []byte, l message.Link) []byte {
	return s.proof("link-proof", string(hash), l.ClientID, string(l.Purpose), l.About, strconv.Itoa(l.Version), strconv.FormatInt(l.ExpiresAt.UnixMicro(), 10))
}

// passProof proves that we gave a browser a pass to a client's link, until a time.
func (s *Store) passProof(pass, link []byte, clientID string, until time.Time) []byte {
	return s.proof("link-pass-proof", string(pass), string(link), clientID, strconv.FormatInt(until.UnixMicro(), 10))
}

// readLink gives what stands behind a token, and the hash that its row has. A row that we did not write as it is now is none: the
// error is message.ErrNoLink.
func (s *Store) readLink(ctx context.Context, q querier, token, lock string) (l message.Link, hash []byte, err error) {
	var proof []byte
	var before bool
	err = q.QueryRow(ctx, `
		SELECT l.client_id, l.purpose, l.about, l.version, l.channel, l.letter, l.made_at, l.expires_at, l.uses_left, l.tries_left, l.token_hash, l.proof_hash,
			l.token_hash = $2 AND EXISTS (SELECT FROM link_before b WHERE (b.token_hash, b.client_id, b.purpose, b.about, b.version, b.expires_at) =
				(l.token_hash, l.client_id, l.purpose, l.about, l.version, l.expires_at))
		FROM link l WHERE l.token_hash IN ($1, $2) ORDER BY l.token_hash = $1 DESC LIMIT 1 `+lock, s.tokenHash(token), tokenHashBefore(token)).
		Scan(&l.ClientID, &l.Purpose, &l.About, &l.Version, &l.Channel, &l.Delivery, &l.MadeAt, &l.ExpiresAt, &l.UsesLeft, &l.TriesLeft, &hash, &proof, &before)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, nil, message.ErrNoLink
	}
	if err != nil {
		return l, nil, err
	}
	l.MadeAt, l.ExpiresAt = l.MadeAt.UTC(), l.ExpiresAt.UTC()
	l.NoCode = !hmac.Equal(proof, s.linkProof(hash, l))
	if l.NoCode && !before && !hmac.Equal(proof, s.linkProofBefore(hash, l)) {
		s.log.ErrorContext(ctx, "a link's row was not written by a program of this practice, or was changed: it opens nothing", "client", l.ClientID)
		return message.Link{}, nil, message.ErrNoLink
	}
	return l, hash, nil
}

// newPass gives a browser a pass to a link.
func (s *Store) newPass(ctx context.Context, tx pgx.Tx, link []byte, clientID string, now time.Time) (pass string, err error) {
	pass = randomToken()
	hash, until := s.passHash(pass), now.Add(passFor)
	_, err = tx.Exec(ctx, `INSERT INTO link_pass (pass_hash, token_hash, until, proof_hash) VALUES ($1, $2, $3, $4)`, hash, link, until, s.passProof(hash, link, clientID, until))
	return pass, err
}

// LinkPass says whether a browser's pass opens a link now, and has it last for another quarter of an hour. One that opens nothing is
// removed, so that it does not open anything when a clock that went back has caught up.
func (s *Store) LinkPass(ctx context.Context, token, pass string, now time.Time) (open bool, err error) {
	if pass == "" {
		return false, nil
	}
	err = s.inTx(ctx, "read pass", func(tx pgx.Tx) error {
		open = false
		hash := s.passHash(pass)
		var link, proof []byte
		var client string
		var until time.Time
		err := tx.QueryRow(ctx, `
			SELECT p.token_hash, p.proof_hash, p.until, l.client_id FROM link_pass p JOIN link l USING (token_hash)
			WHERE p.pass_hash = $1 AND p.token_hash IN ($2, $3) FOR UPDATE OF p`, hash, s.tokenHash(token), tokenHashBefore(token)).Scan(&link, &proof, &until, &client)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if !within(until, now, passFor) || !hmac.Equal(proof, s.passProof(hash, link, client, until)) {
			_, err = tx.Exec(ctx, `DELETE FROM link_pass WHERE pass_hash = $1`, hash)
			return err
		}
		open, until = true, now.Add(passFor)
		_, err = tx.Exec(ctx, `UPDATE link_pass SET until = $2, proof_hash = $3 WHERE pass_hash = $1`, hash, until, s.passProof(hash, link, client, until))
		return err
	})
	return open, err
}
