package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

func letterPlace(key, column string) place { return place{"letter", column, key} }

// ranks orders the states of a letter: it only ever goes to a higher one. A provider may take back "sent" (the
// carrier refused it) but nobody takes back an end.
var ranks = map[string]int{
	care.LetterSending:    0,
	care.LetterUnknown:    1,
	care.LetterSent:       2,
	care.LetterDelivered:  3,
	care.LetterRejected:   3,
	care.LetterSuppressed: 3,
	care.LetterExpired:    3,
	care.LetterSuperseded: 3,
}

// Claim decides, in one transaction with the saved chart in hand, whether a letter may be sent now. Of many who
// claim one letter, one is granted it. A letter whose sending began but never ended is given back with Again:
// only who knows the sender can tell whether to send it again.
func (s *Store) Claim(ctx context.Context, l care.Letter, lastWord func(*care.Chart, care.Letter) (state, why string)) (claim care.Claim, err error) {
	err = s.inTx(ctx, "claim letter", func(tx pgx.Tx) error {
		claim = care.Claim{}
		// The lock also keeps the chart from changing between the last word and the claim.
		chart, err := s.readChart(ctx, tx, l.ClientID, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		var sealed []byte
		err = tx.QueryRow(ctx, `SELECT state, why FROM letter WHERE key = $1`, l.Key).Scan(&claim.State, &sealed)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return s.claimFirst(ctx, tx, chart, l, lastWord, &claim)
		case err != nil:
			return err
		case claim.State != care.LetterSending:
			claim.Why, err = s.openText(letterPlace(l.Key, "why"), sealed)
			return err
		}
		claim.Again = true
		if _, err := tx.Exec(ctx, `UPDATE letter SET attempt = attempt + 1 WHERE key = $1`, l.Key); err != nil {
			return err
		}
		return s.addresses(ctx, tx, chart, l, &claim)
	})
	return claim, err
}

func (s *Store) claimFirst(ctx context.Context, tx pgx.Tx, chart *care.Chart, l care.Letter, lastWord func(*care.Chart, care.Letter) (state, why string), claim *care.Claim) error {
	claim.State, claim.Why = lastWord(chart, l)
	claim.Granted = claim.State == ""
	if claim.Granted {
		claim.State = care.LetterSending
	}
	var settled *time.Time
	if !claim.Granted {
		settled = &l.Now
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO letter (key, client_id, duty, channel, template, to_role, about, version, state, why, late, claimed_at, settled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		l.Key, l.ClientID, l.Duty.Key, l.Channel, l.Duty.Template, l.To, l.Duty.About, l.Duty.Version,
		claim.State, s.sealText(letterPlace(l.Key, "why"), claim.Why), l.Late, l.Now, settled); err != nil {
		return err
	}
	if claim.Granted {
		return s.addresses(ctx, tx, chart, l, claim)
	}
	return s.journalLetter(ctx, tx, l.Key)
}

// addresses gives the claimer what to send by, as it is at this moment.
func (s *Store) addresses(ctx context.Context, tx pgx.Tx, chart *care.Chart, l care.Letter, claim *care.Claim) (err error) {
	claim.Consent = chart.Consent(l.Channel)
	claim.Contact, err = s.readContact(ctx, tx, l.ClientID)
	return err
}

// Settle notes what became of a claimed letter. A state only goes forward. Text and provider's id are taken
// whenever they are still missing: a provider's report may be here before the sender's own.
func (s *Store) Settle(ctx context.Context, key, state, why, text, providerID string, at time.Time) error {
	return s.inTx(ctx, "settle letter", func(tx pgx.Tx) error {
		rank, known := ranks[state]
		if !known {
			return ErrInvalid
		}
		var now string
		err := tx.QueryRow(ctx, `SELECT state FROM letter WHERE key = $1 FOR UPDATE`, key).Scan(&now)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNoLetter
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			UPDATE letter
			SET text = coalesce(text, $2), provider_id = CASE provider_id WHEN '' THEN $3 ELSE provider_id END
			WHERE key = $1`, key, s.sealText(letterPlace(key, "text"), text), providerID); err != nil {
			return err
		}
		if rank <= ranks[now] {
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE letter SET state = $2, why = $3, settled_at = $4 WHERE key = $1`,
			key, state, s.sealText(letterPlace(key, "why"), why), at); err != nil {
			return err
		}
		return s.journalLetter(ctx, tx, key)
	})
}

// journalLetter writes the journal's line of a letter's state. The text stays with the letter.
func (s *Store) journalLetter(ctx context.Context, tx pgx.Tx, key string) error {
	m, err := s.scanMessage(tx.QueryRow(ctx, `SELECT `+messageColumns+` FROM letter WHERE key = $1`, key))
	if err != nil {
		return err
	}
	m.Text = ""
	return s.writeJournal(ctx, tx, m.ClientID, []line{{m.At, "message", "letter/" + key + "/" + m.State, m}})
}

// NoteHandled notes what became of a duty, so that the saved chart shows it as done at once. A deferred duty
// stays owed.
func (s *Store) NoteHandled(ctx context.Context, clientID, duty, outcome string) error {
	if outcome == care.OutcomeDeferred {
		return nil
	}
	return s.inTx(ctx, "note duty", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO handled (client_id, duty, outcome) VALUES ($1, $2, $3)
			ON CONFLICT (client_id, duty) DO UPDATE SET outcome = EXCLUDED.outcome`, clientID, duty, outcome)
		return err
	})
}

const messageColumns = `key, client_id, channel, template, to_role, about, version, state, why, text, late, coalesce(settled_at, claimed_at)`

func (s *Store) scanMessage(r pgx.Row) (m care.Message, err error) {
	var why, text []byte
	if err := r.Scan(&m.Key, &m.ClientID, &m.Channel, &m.Template, &m.To, &m.About, &m.Version, &m.State, &why, &text, &m.Late, &m.At); err != nil {
		return m, err
	}
	m.At = m.At.UTC()
	if m.Why, err = s.openText(letterPlace(m.Key, "why"), why); err != nil {
		return m, err
	}
	m.Text, err = s.openText(letterPlace(m.Key, "text"), text)
	return m, err
}

// Messages gives a client's letters in the order in which they were claimed.
func (s *Store) Messages(ctx context.Context, clientID string) (messages []care.Message, err error) {
	err = s.inTx(ctx, "read messages", func(tx pgx.Tx) error {
		messages, err = each(ctx, tx, s.scanMessage, `SELECT `+messageColumns+` FROM letter WHERE client_id = $1 ORDER BY no`, clientID)
		return err
	})
	return messages, err
}
