package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
	"kapflow/care/wording"
)

// ErrTooMany says that no further code is sent for now.
var ErrTooMany = errors.New("too many codes were sent")

const (
	// tokenLetters and tokenLength give 256 random bits (43 × log2 62 = 256.03). Letters and digits alone: a phone that
	// turns an address into something to tap leaves out a hyphen at its end.
	tokenLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tokenLength  = 43

	passFor  = 15 * time.Minute // a browser's pass, after its last page
	codeFor  = 10 * time.Minute
	codesDay = 6 // codes to one client in a day
)

// randomToken makes a token. One that happens to spell a word which no message may hold is not used: the message
// would be held back for it.
func randomToken() string {
	for {
		b := make([]byte, tokenLength)
		for i := range b {
			n, err := rand.Int(rand.Reader, big.NewInt(int64(len(tokenLetters))))
			if err != nil {
				panic("store: crypto/rand never fails: " + err.Error())
			}
			b[i] = tokenLetters[n.Int64()]
		}
		if token := string(b); wording.BannedWord(token) == "" {
			return token
		}
	}
}

// NewLink makes a link and gives its token, which is not kept.
func (s *Store) NewLink(ctx context.Context, l message.Link) (token string, err error) {
	err = s.alone("new link", func(q querier) error {
		token, err = s.newLink(ctx, q, l)
		return err
	})
	return token, err
}

func (s *Store) newLink(ctx context.Context, q querier, l message.Link) (token string, err error) {
	token = randomToken()
	hash := s.tokenHash(token)
	_, err = q.Exec(ctx, `
		INSERT INTO link (token_hash, client_id, purpose, about, version, channel, letter, made_at, expires_at, uses_left, tries_left, proof_hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		hash, l.ClientID, l.Purpose, l.About, l.Version, l.Channel, l.Delivery, l.MadeAt, l.ExpiresAt, l.UsesLeft, l.TriesLeft, s.linkProof(hash, l))
	return token, err
}

// Link gives what stands behind a token; care.ErrNoLink when there is nothing.
func (s *Store) Link(ctx context.Context, token string) (l message.Link, err error) {
	err = s.alone("read link", func(q querier) error {
		l, _, err = s.readLink(ctx, q, token, "")
		return err
	})
	return l, err
}

// UnlockLink tries a second factor: a date of birth (2006-01-02), a code that was sent, or a PIN. The right one uses
// the link once and gives the browser a pass; a wrong one takes a try away, and the last one revokes the link for good. The error
// is message.ErrLocked after message.DayTries wrong ones for any links of the client in 24 hours.
func (s *Store) UnlockLink(ctx context.Context, token string, given message.SecondFactor, now time.Time) (pass string, err error) {
	err = s.inTx(ctx, "unlock link", func(tx pgx.Tx) error {
		pass = ""
		l, hash, err := s.readLink(ctx, tx, token, "FOR UPDATE")
		if err != nil {
			return err
		}
		if _, err := lockClient(ctx, tx, l.ClientID); err != nil {
			return err
		}
		var wrongToday int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM link_try WHERE client_id = $1 AND at > $2`, l.ClientID, now.Add(-24*time.Hour)).Scan(&wrongToday); err != nil {
			return err
		}
		if l.UsesLeft <= 0 || l.TriesLeft <= 0 || !now.Before(l.ExpiresAt) {
			return message.ErrNoLink
		}
		if wrongToday >= message.DayTries {
			return message.ErrLocked
		}
		right, err := s.fits(ctx, tx, bearer{token, hash, l.ClientID}, given, now)
		if err != nil {
			return err
		}
		if !right {
			return s.countTry(ctx, tx, triedLink{l, hash, wrongToday + 1}, now)
		}
		if _, err := tx.Exec(ctx, `UPDATE link SET uses_left = uses_left - 1, code_hash = NULL, code_until = NULL WHERE token_hash = $1`, hash); err != nil {
			return err
		}
		pass, err = s.newPass(ctx, tx, hash, l.ClientID, now)
		return err
	})
	if err != nil {
		return "", err
	}
	return pass, nil
}

// triedLink is a link that was answered wrongly, and how often those of its client were in 24 hours, this time included.
type triedLink struct {
	message.Link
	hash  []byte
	today int
}

// countTry takes a try away from a link and from its client's day. The last one of either is an item for the coordinator.
func (s *Store) countTry(ctx context.Context, tx pgx.Tx, l triedLink, now time.Time) error {
	if _, err := tx.Exec(ctx, `INSERT INTO link_try (client_id, at) VALUES ($1, $2)`, l.ClientID, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE link SET tries_left = tries_left - 1 WHERE token_hash = $1`, l.hash); err != nil {
		return err
	}
	if l.today >= message.DayTries {
		if err := s.noteWorklistItem(ctx, tx, l.LockedForDay(now), now); err != nil {
			return err
		}
	}
	if l.TriesLeft > 1 {
		return nil
	}
	return s.noteWorklistItem(ctx, tx, l.Locked(now), now)
}

// NoteNoFactor puts on the coordinator's list that a client has no second factor, once a day.
func (s *Store) NoteNoFactor(ctx context.Context, l message.Link, now time.Time) error {
	return s.inTx(ctx, "note that a link cannot be opened", func(tx pgx.Tx) error { return s.noteWorklistItem(ctx, tx, l.NoFactor(now), now) })
}

// bearer is a link's token, the hash that its row has, and its client.
type bearer struct {
	token    string
	hash     []byte
	clientID string
}

// fits compares in constant time; nothing given never fits.
func (s *Store) fits(ctx context.Context, tx pgx.Tx, of bearer, given message.SecondFactor, now time.Time) (bool, error) {
	if given.Code != "" {
		var hash []byte
		var until *time.Time
		if err := tx.QueryRow(ctx, `SELECT code_hash, code_until FROM link WHERE token_hash = $1`, of.hash).Scan(&hash, &until); err != nil {
			return false, err
		}
		return hash != nil && within(*until, now, codeFor) && subtle.ConstantTimeCompare(hash, s.codeHash(of.token, given.Code)) == 1, nil
	}
	contact, err := s.readContact(ctx, tx, of.clientID)
	if err != nil {
		return false, err
	}
	if given.PIN != "" {
		return contact.PIN != "" && subtle.ConstantTimeCompare([]byte(contact.PIN), []byte(given.PIN)) == 1, nil
	}
	return contact.BirthDate != "" && subtle.ConstantTimeCompare([]byte(contact.BirthDate), []byte(given.BirthDate)) == 1, nil
}

// within says whether an end that was set at most so long before it lies ahead. One that is further away was set before the clock went
// back.
func within(end, now time.Time, longest time.Duration) bool {
	return now.Before(end) && end.Sub(now) <= longest+clockSlack
}

// codeHash is keyed: six digits behind a plain hash are guessed in a second by who has the table.
func (s *Store) codeHash(token, code string) []byte { return s.index("link-code", token+"\x00"+code) }

// NewLinkCode makes the six-digit code that a link's holder asked for, valid for ten minutes. ErrTooMany
// when the client was sent enough of them today.
func (s *Store) NewLinkCode(ctx context.Context, token string, now time.Time) (code string, err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("store: new code: %w", err)
	}
	code = fmt.Sprintf("%06d", n)
	err = s.inTx(ctx, "new code", func(tx pgx.Tx) error {
		l, hash, err := s.readLink(ctx, tx, token, "FOR UPDATE")
		if err != nil {
			return err
		}
		if _, err := lockClient(ctx, tx, l.ClientID); err != nil {
			return err
		}
		var sent int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM link_code WHERE client_id = $1 AND sent_at > $2`, l.ClientID, now.Add(-24*time.Hour)).Scan(&sent); err != nil {
			return err
		}
		if sent >= codesDay {
			return ErrTooMany
		}
		if _, err := tx.Exec(ctx, `INSERT INTO link_code (client_id, sent_at) VALUES ($1, $2)`, l.ClientID, now); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE link SET code_hash = $2, code_until = $3 WHERE token_hash = $1`, hash, s.codeHash(token, code), now.Add(codeFor))
		return err
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// EndLinkPasses ends every browser's pass of a link: the holder is done, or what the link was for is done (spent), after
// which it cannot be opened again.
func (s *Store) EndLinkPasses(ctx context.Context, token string, spent bool) error {
	return s.inTx(ctx, "end passes", func(tx pgx.Tx) error {
		keyed, before := s.tokenHash(token), tokenHashBefore(token)
		if _, err := tx.Exec(ctx, `DELETE FROM link_pass WHERE token_hash IN ($1, $2)`, keyed, before); err != nil || !spent {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE link SET uses_left = 0 WHERE token_hash IN ($1, $2)`, keyed, before)
		return err
	})
}

// CloseLinks closes every link of a client that is still open and ends the passes of browsers. Messages that are sent later
// carry new links.
func (s *Store) CloseLinks(ctx context.Context, clientID string) error {
	return s.inTx(ctx, "close links", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM link_pass WHERE token_hash IN (SELECT token_hash FROM link WHERE client_id = $1)`, clientID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE link SET uses_left = 0, code_hash = NULL, code_until = NULL WHERE client_id = $1 AND uses_left > 0`, clientID)
		return err
	})
}
