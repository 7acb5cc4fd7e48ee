package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

func deliveryPlace(key message.DeliveryKey, column string) place {
	return place{table: "letter", column: column, row: key.String(), client: key.Client}
}

// Claim has a delivery decided, in one transaction with the saved chart in hand, and gives the answer to its sender. Of many
// who claim one delivery, one is granted it. One whose sending began and never ended is given back with Again. One that
// ended, or may have left, is given back as it stands.
// message.ErrUnsaved while the chart that made the delivery due is still on its way here: an older one knows nothing of it,
// and would say that it is no longer due.
func (s *Store) Claim(ctx context.Context, l message.Delivery, decide care.Decide) (claim message.SendDecision, err error) {
	err = s.inTx(ctx, "claim delivery", func(tx pgx.Tx) (err error) {
		claim, err = s.claim(ctx, tx, l, decide)
		return err
	})
	return claim, err
}

// readClaim gives a delivery as it stands; one that nobody claimed is new.
func (s *Store) readClaim(ctx context.Context, tx pgx.Tx, key message.DeliveryKey) (claim message.SendDecision, err error) {
	var why []byte
	var ref *string
	err = tx.QueryRow(ctx, `SELECT state, why, fault, ref FROM letter WHERE key = $1`, key.String()).Scan(&claim.State, &why, &claim.Fault, &ref)
	if errors.Is(err, pgx.ErrNoRows) {
		return claim, nil
	}
	if err != nil {
		return claim, err
	}
	if claim.State.Claimable() {
		if ref != nil {
			claim.Ref = *ref
		}
		return claim, nil
	}
	claim.Why, err = s.openText(deliveryPlace(key, "why"), why)
	return claim, err
}

// claim moves a delivery that may be claimed to where the table of transitions leads it.
func (s *Store) claim(ctx context.Context, tx pgx.Tx, l message.Delivery, decide care.Decide) (claim message.SendDecision, err error) {
	// The lock also keeps the chart from changing between the decision and the claim.
	chart, err := s.readChart(ctx, tx, l.ClientID, "FOR NO KEY UPDATE")
	if err != nil {
		return claim, err
	}
	if chart.SavedVersion < l.ChartVersion {
		return claim, message.ErrUnsaved
	}
	if claim, err = s.readClaim(ctx, tx, l.Key()); err != nil || !claim.State.Claimable() {
		return claim, err
	}
	contact, err := s.readContact(ctx, tx, l.ClientID)
	if err != nil {
		return claim, err
	}
	on, from := message.Interrupted, claim.State
	if _, counts := message.Next(from, on); !counts {
		known, err := s.known(ctx, tx, chart, l, contact.Phone)
		if err != nil {
			return claim, err
		}
		decision := decide(chart, l, known)
		on, claim.Fault, claim.Why = decision.Event(), decision.Fault, decision.Why
	}
	claim.State, _ = message.Next(from, on)
	claim.Granted, claim.Again = message.After(on).Have(message.AskProvider), message.After(on).Have(message.AskProviderAgain)
	if claim.Granted || claim.Again {
		claim.Contact, claim.Consent = contact, chart.Consent(l.Channel)
		if l.Notification.Template == message.TemplateAnswer {
			if claim.Answer, _, err = s.readPrivate(ctx, tx, l.ClientID, l.Notification.Text); err != nil {
				return claim, err
			}
		}
		if l.HasLink() {
			if claim.Link, err = s.newLink(ctx, tx, message.LinkOf(l)); err != nil {
				return claim, err
			}
		}
	}
	if claim.Again {
		_, err := tx.Exec(ctx, `UPDATE letter SET attempt = attempt + 1, state = $2 WHERE key = $1`, l.Key().String(), claim.State)
		return claim, err
	}
	return claim, s.writeClaim(ctx, tx, l, &claim)
}

// known gives what the chart does not know of a delivery's client and channel.
func (s *Store) known(ctx context.Context, tx pgx.Tx, chart *care.Chart, l message.Delivery, phone string) (known message.Known, err error) {
	var of string
	if !l.Notification.Look {
		of = l.Notification.Of.String()
	}
	midnight := chart.ClientZone.Clock(l.Now, 0, 0)
	var refused time.Time
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM letter WHERE client_id = $1 AND duty = $2 AND state = 'delivered'),
			EXISTS (SELECT FROM opt_out WHERE phone_index = $3),
			(SELECT coalesce(max(seen_at), 'epoch') FROM matter WHERE kind = $4 AND about = $5),
			texts.today, texts.week
		FROM (SELECT count(*) FILTER (WHERE claimed_at >= $6) AS today, count(*) AS week FROM letter
			WHERE client_id = $1 AND capped AND claimed_at >= $7 AND state IN (`+mayHaveLeft+`)) AS texts`,
		l.ClientID, of, s.phoneIndex(phone), message.WorklistChannel, l.Channel, midnight, chart.ClientZone.AddDays(midnight, -6)).
		Scan(&known.Arrived, &known.OptedOut, &refused, &known.TextsToday, &known.TextsThisWeek)
	since := l.Now.Sub(refused)
	known.AccountRefused = since >= 0 && since < channelRests
	return known, err
}

// The states of deliveries by what they come to, as SQL.
var (
	mayHaveLeft = sqlList(message.StatesOf(message.ResultUnknown, message.ResultSent))
	withoutEnd  = sqlList(message.StatesOf(message.ResultDeferred, message.ResultUnknown))
)

func sqlList(states []message.State) string {
	var quoted []string
	for _, s := range states {
		quoted = append(quoted, "'"+string(s)+"'")
	}
	return strings.Join(quoted, ", ")
}

// writeClaim writes the row of a delivery that was decided.
func (s *Store) writeClaim(ctx context.Context, tx pgx.Tx, l message.Delivery, claim *message.SendDecision) error {
	var settled *time.Time
	if !claim.State.Claimable() {
		settled = &l.Now
	}
	if claim.Ref == "" {
		claim.Ref = newRef()
	}
	key := l.Key()
	why, err := s.sealText(deliveryPlace(key, "why"), claim.Why)
	if err != nil {
		return err
	}
	m, err := s.scanMessage(tx.QueryRow(ctx, `
		INSERT INTO letter (key, client_id, duty, channel, template, to_role, about, version, state, why, late, first_at, claimed_at, settled_at, ref, fault, capped)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16)
		ON CONFLICT (key) DO UPDATE SET state = EXCLUDED.state, why = EXCLUDED.why, late = letter.late OR EXCLUDED.late,
			claimed_at = EXCLUDED.claimed_at, settled_at = EXCLUDED.settled_at, fault = EXCLUDED.fault, attempt = letter.attempt + 1
		RETURNING `+messageColumns,
		key.String(), l.ClientID, l.Notification.Key.String(), l.Channel, l.Notification.Template, l.To, l.Notification.About, l.Notification.Version,
		claim.State, why, l.Late, l.Now, settled, claim.Ref, claim.Fault,
		l.Channel == person.SMS && l.Notification.Capped()))
	if err != nil || settled == nil {
		return err
	}
	claim.Ref = ""
	return s.journalDelivery(ctx, tx, m)
}

// Settle notes how a claimed delivery ended, as its sender says. A word that does not count in the delivery's state leaves
// it, and gives only the text, the address and the provider's id that are still missing: a provider's report may be here
// before the sender's own answer.
func (s *Store) Settle(ctx context.Context, e message.DeliveryResult) error {
	return s.inTx(ctx, "settle delivery", func(tx pgx.Tx) error {
		if err := s.noteChannel(ctx, tx, e); err != nil {
			return err
		}
		_, err := s.settleDelivery(ctx, tx, e)
		return err
	})
}

// settleDelivery says whether the word counts: whether something may follow from it.
func (s *Store) settleDelivery(ctx context.Context, tx pgx.Tx, e message.DeliveryResult) (counts bool, err error) {
	on, known := message.EventOf(e.State, e.Fault)
	if !known {
		return false, ErrInvalid
	}
	var from message.State
	var claimed time.Time
	err = tx.QueryRow(ctx, `SELECT state, claimed_at FROM letter WHERE key = $1 FOR UPDATE`, e.Key.String()).Scan(&from, &claimed)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, ErrNoDelivery
	}
	if err != nil {
		return false, err
	}
	const add = `text = coalesce(text, $2), provider_id = CASE provider_id WHEN '' THEN $3 ELSE provider_id END, sent_to = coalesce(sent_to, $4)`
	f := sealer{store: s}
	why := f.text(deliveryPlace(e.Key, "why"), e.Why)
	args := []any{e.Key.String(), f.text(deliveryPlace(e.Key, "text"), e.Text), e.ProviderID, f.text(deliveryPlace(e.Key, "sent_to"), e.SentTo)}
	if f.err != nil {
		return false, f.err
	}
	to, counts := message.Next(from, on)
	if to == from {
		_, err := tx.Exec(ctx, `UPDATE letter SET `+add+` WHERE key = $1`, args...)
		return counts, err
	}
	var settled *time.Time
	if !to.Claimable() {
		settled = &e.At
		if e.At.Before(claimed) {
			settled = &claimed // a report is never older than what it reports on
		}
	}
	m, err := s.scanMessage(tx.QueryRow(ctx, `
		UPDATE letter SET `+add+`, state = $5, why = $6, settled_at = $7, fault = $8
		WHERE key = $1
		RETURNING `+messageColumns, append(args, to, why, settled, e.Fault)...))
	if err != nil || settled == nil {
		return counts, err
	}
	return counts, s.journalDelivery(ctx, tx, m)
}

// Sent gives a delivery as it left, to look for it at its provider.
func (s *Store) Sent(ctx context.Context, key message.DeliveryKey) (l message.SentDelivery, err error) {
	l.Key = key
	err = s.alone("read delivery", func(q querier) error {
		var text, to []byte
		err := q.QueryRow(ctx, `SELECT state, text, sent_to, claimed_at FROM letter WHERE key = $1`, key.String()).Scan(&l.State, &text, &to, &l.At)
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

// journalDelivery writes the journal's line of a delivery's state. The text stays with the delivery.
func (s *Store) journalDelivery(ctx context.Context, tx pgx.Tx, m care.Message) error {
	m.Text = ""
	return s.writeJournal(ctx, tx, new(statements), m.ClientID, []line{{m.At, "message", "letter/" + m.Key.String() + "/" + string(m.State), m}})
}

const messageColumns = `key, client_id, channel, template, to_role, about, version, state, why, text, late, coalesce(settled_at, claimed_at)`

func (s *Store) scanMessage(r pgx.Row) (m care.Message, err error) {
	var key string
	var why, text []byte
	if err := r.Scan(&key, &m.ClientID, &m.Channel, &m.Template, &m.To, &m.About, &m.Version, &m.State, &why, &text, &m.Late, &m.At); err != nil {
		return m, err
	}
	m.At = m.At.UTC()
	if m.Key, err = message.ParseDelivery(key); err != nil {
		return m, err
	}
	if m.Why, err = s.openText(deliveryPlace(m.Key, "why"), why); err != nil {
		return m, err
	}
	m.Text, err = s.openText(deliveryPlace(m.Key, "text"), text)
	return m, err
}

// Messages gives a client's deliveries in the order in which they were claimed.
func (s *Store) Messages(ctx context.Context, clientID string) (messages []care.Message, err error) {
	err = s.alone("read messages", func(q querier) error {
		messages, err = each(ctx, q, s.scanMessage, `SELECT `+messageColumns+` FROM letter WHERE client_id = $1 ORDER BY no`, clientID)
		return err
	})
	return messages, err
}
