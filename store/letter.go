package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

func deliveryPlace(key, column string) place { return place{"letter", column, key} }

// ranks orders the states of a letter: it only ever goes to a higher one. A provider may take back "sent" (the
// carrier refused it) but nobody takes back an end.
var ranks = map[string]int{
	message.StatePlanned:    -1,
	message.StateSending:    0,
	message.StateUnknown:    1,
	message.StateSent:       2,
	message.StateDelivered:  3,
	message.StateRejected:   3,
	message.StateSuppressed: 3,
	message.StateExpired:    3,
	message.StateSuperseded: 3,
}

// Claim decides, in one transaction with the saved chart in hand, whether a letter may be sent now. Of many who
// claim one letter, one is granted it. A letter whose sending began but never ended is given back with Again:
// only who knows the sender can tell whether to send it again. One that was kept for another try is asked about anew.
// care.ErrUnsaved while the chart that made the letter due is still on its way here: an older one knows nothing of it, and
// would say that it is no longer due.
func (s *Store) Claim(ctx context.Context, l message.Delivery, lastWord func(*care.Chart, message.Delivery) (state, why string)) (claim message.SendDecision, err error) {
	err = s.inTx(ctx, "claim letter", func(tx pgx.Tx) error {
		claim = message.SendDecision{}
		// The lock also keeps the chart from changing between the last word and the claim.
		chart, err := s.readChart(ctx, tx, l.ClientID, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		if chart.SavedVersion < l.ChartVersion {
			return message.ErrUnsaved
		}
		var sealed []byte
		var ref *string
		err = tx.QueryRow(ctx, `SELECT state, why, fault, ref FROM letter WHERE key = $1`, l.Key).Scan(&claim.State, &sealed, &claim.Fault, &ref)
		if ref != nil && (claim.State == message.StatePlanned || claim.State == message.StateSending) {
			claim.Ref = *ref
		}
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return s.claimFirst(ctx, tx, chart, l, lastWord, &claim)
		case err != nil:
			return err
		case claim.State == message.StatePlanned:
			return s.claimFirst(ctx, tx, chart, l, lastWord, &claim)
		case claim.State != message.StateSending:
			claim.Why, err = s.openText(deliveryPlace(l.Key, "why"), sealed)
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

func (s *Store) claimFirst(ctx context.Context, tx pgx.Tx, chart *care.Chart, l message.Delivery, lastWord func(*care.Chart, message.Delivery) (state, why string), claim *message.SendDecision) error {
	claim.State, claim.Why = lastWord(chart, l)
	claim.Fault = ""
	if claim.State == message.StatePlanned {
		claim.Fault = message.FaultQuiet
	}
	if claim.State == "" {
		if err := s.addresses(ctx, tx, chart, l, claim); err != nil {
			return err
		}
		if err := s.keptBack(ctx, tx, chart, l, claim); err != nil {
			return err
		}
	}
	claim.Granted = claim.State == ""
	if claim.Granted {
		claim.State = message.StateSending
	} else {
		claim.Contact, claim.Consent = person.Contact{}, message.Consent{}
	}
	var settled *time.Time
	if !claim.Granted && claim.State != message.StatePlanned {
		settled = &l.Now
	}
	if claim.Ref == "" {
		claim.Ref = newRef()
	}
	m, err := s.scanMessage(tx.QueryRow(ctx, `
		INSERT INTO letter (key, client_id, duty, channel, template, to_role, about, version, state, why, late, first_at, claimed_at, settled_at, ref, fault, capped)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16)
		ON CONFLICT (key) DO UPDATE SET state = EXCLUDED.state, why = EXCLUDED.why, late = letter.late OR EXCLUDED.late,
			claimed_at = EXCLUDED.claimed_at, settled_at = EXCLUDED.settled_at, fault = EXCLUDED.fault, attempt = letter.attempt + 1
		RETURNING `+messageColumns,
		l.Key, l.ClientID, l.Notification.Key, l.Channel, l.Notification.Template, l.To, l.Notification.About, l.Notification.Version,
		claim.State, s.sealText(deliveryPlace(l.Key, "why"), claim.Why), l.Late, l.Now, settled, claim.Ref, claim.Fault,
		l.Channel == person.SMS && l.Notification.Capped()))
	if err != nil {
		return err
	}
	if claim.Granted || claim.State == message.StatePlanned {
		return nil
	}
	claim.Ref = ""
	return s.journalDelivery(ctx, tx, m)
}

// addresses gives the claimer what to send by, as it is at this moment.
func (s *Store) addresses(ctx context.Context, tx pgx.Tx, chart *care.Chart, l message.Delivery, claim *message.SendDecision) (err error) {
	claim.Consent = chart.Consent(l.Channel)
	claim.Contact, err = s.readContact(ctx, tx, l.ClientID)
	return err
}

// Settle notes what became of a claimed letter. A state only goes forward, but for a letter that surely did not leave:
// it goes back to planned, once, from sending. Text, address and provider's id are taken whenever they are still
// missing: a provider's report may be here before the sender's own.
func (s *Store) Settle(ctx context.Context, e message.DeliveryResult) error {
	return s.inTx(ctx, "settle letter", func(tx pgx.Tx) error {
		if err := s.noteChannel(ctx, tx, e); err != nil {
			return err
		}
		_, err := s.settleDelivery(ctx, tx, e)
		return err
	})
}

// settleDelivery says whether the letter's state went forward.
func (s *Store) settleDelivery(ctx context.Context, tx pgx.Tx, e message.DeliveryResult) (moved bool, err error) {
	rank, known := ranks[e.State]
	if !known {
		return false, ErrInvalid
	}
	var now string
	var claimed time.Time
	err = tx.QueryRow(ctx, `SELECT state, claimed_at FROM letter WHERE key = $1 FOR UPDATE`, e.Key).Scan(&now, &claimed)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, ErrNoDelivery
	}
	if err != nil {
		return false, err
	}
	const add = `text = coalesce(text, $2), provider_id = CASE provider_id WHEN '' THEN $3 ELSE provider_id END, sent_to = coalesce(sent_to, $4)`
	args := []any{e.Key, s.sealText(deliveryPlace(e.Key, "text"), e.Text), e.ProviderID, s.sealText(deliveryPlace(e.Key, "sent_to"), e.SentTo)}
	back := e.State == message.StatePlanned && now == message.StateSending
	if rank <= ranks[now] && !back {
		_, err := tx.Exec(ctx, `UPDATE letter SET `+add+` WHERE key = $1`, args...)
		return false, err
	}
	at := e.At
	if at.Before(claimed) {
		at = claimed // a report is never older than what it reports on
	}
	m, err := s.scanMessage(tx.QueryRow(ctx, `
		UPDATE letter SET `+add+`, state = $5, why = $6, settled_at = CASE WHEN $5 = 'planned' THEN NULL ELSE $7::timestamptz END, fault = $8
		WHERE key = $1
		RETURNING `+messageColumns, append(args, e.State, s.sealText(deliveryPlace(e.Key, "why"), e.Why), at, e.Fault)...))
	if err != nil || back {
		return err == nil, err
	}
	return true, s.journalDelivery(ctx, tx, m)
}

// Sent gives a letter as it left, to look for it at its provider.
func (s *Store) Sent(ctx context.Context, key string) (l message.SentDelivery, err error) {
	l.Key = key
	err = s.alone("read letter", func(q querier) error {
		var text, to []byte
		err := q.QueryRow(ctx, `SELECT state, text, sent_to, claimed_at FROM letter WHERE key = $1`, key).Scan(&l.State, &text, &to, &l.At)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNoDelivery
		}
		if err != nil {
			return err
		}
		if l.Text, err = s.openText(deliveryPlace(key, "text"), text); err != nil {
			return err
		}
		l.SentTo, err = s.openText(deliveryPlace(key, "sent_to"), to)
		return err
	})
	l.At = l.At.UTC()
	return l, err
}

// journalDelivery writes the journal's line of a letter's state. The text stays with the letter.
func (s *Store) journalDelivery(ctx context.Context, tx pgx.Tx, m care.Message) error {
	m.Text = ""
	return s.writeJournal(ctx, tx, new(statements), m.ClientID, []line{{m.At, "message", "letter/" + m.Key + "/" + m.State, m}})
}

const messageColumns = `key, client_id, channel, template, to_role, about, version, state, why, text, late, coalesce(settled_at, claimed_at)`

func (s *Store) scanMessage(r pgx.Row) (m care.Message, err error) {
	var why, text []byte
	if err := r.Scan(&m.Key, &m.ClientID, &m.Channel, &m.Template, &m.To, &m.About, &m.Version, &m.State, &why, &text, &m.Late, &m.At); err != nil {
		return m, err
	}
	m.At = m.At.UTC()
	if m.Why, err = s.openText(deliveryPlace(m.Key, "why"), why); err != nil {
		return m, err
	}
	m.Text, err = s.openText(deliveryPlace(m.Key, "text"), text)
	return m, err
}

// Messages gives a client's letters in the order in which they were claimed.
func (s *Store) Messages(ctx context.Context, clientID string) (messages []care.Message, err error) {
	err = s.alone("read messages", func(q querier) error {
		messages, err = each(ctx, q, s.scanMessage, `SELECT `+messageColumns+` FROM letter WHERE client_id = $1 ORDER BY no`, clientID)
		return err
	})
	return messages, err
}
