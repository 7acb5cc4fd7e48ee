package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/output"
)

func eventPlace(provider, id, clientID string) place {
	return place{table: "provider_event", column: "body", row: provider + "/" + id, client: clientID}
}

// clientOfEvent gives the client whom an event is about, and whose key seals it. It is empty if nobody knows, or if several clients
// have the number: then it is nobody's yet.
func (s *Store) clientOfEvent(ctx context.Context, tx pgx.Tx, e message.ProviderEvent) (string, error) {
	if e.Kind != message.EventReply {
		key, _, err := deliveryByRef(ctx, tx, e.Ref)
		return key.Client, err
	}
	ids, err := each(ctx, tx, func(r pgx.Row) (id string, err error) { return id, r.Scan(&id) },
		`SELECT client_id FROM contact WHERE phone_index = $1 LIMIT 2`, s.phoneIndex(e.From))
	if err != nil || len(ids) != 1 {
		return "", err
	}
	return ids[0], nil
}

// TakeEvent takes in what a provider told us, once: however often and from how many workers it comes, one call gets
// fresh. A status moves its delivery in the same transaction; an event about a delivery that nobody knows is taken and
// forgotten. A text asking to stop or to start again changes the register of numbers at once.
func (s *Store) TakeEvent(ctx context.Context, e message.ProviderEvent) (fresh bool, err error) {
	err = s.inTx(ctx, "take event", func(tx pgx.Tx) error {
		fresh = false
		e.Text = output.WithoutTokens(e.Text)
		client, err := s.clientOfEvent(ctx, tx, e)
		if err != nil {
			return err
		}
		body, err := s.sealJSON(eventPlace(e.Provider, e.ID, client), e)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO provider_event (provider, event_id, kind, body, received_at, client_id) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (provider, event_id) DO NOTHING`, e.Provider, e.ID, e.Kind, body, e.At, client)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		fresh = true
		if e.Kind == message.EventReply {
			return s.takeReply(ctx, tx, e)
		}
		return s.takeStatus(ctx, tx, e)
	})
	return fresh, err
}

// takeStatus takes in a report on a delivery. What does not count needs no relaying.
func (s *Store) takeStatus(ctx context.Context, tx pgx.Tx, e message.ProviderEvent) error {
	key, found, err := deliveryByRef(ctx, tx, e.Ref)
	if err != nil {
		return err
	}
	if !found {
		return s.relayed(ctx, tx, e, e.At)
	}
	// HAZARD: whoever changes a client's deliveries takes the client's row first, here and in Claim.
	if _, err := lockClient(ctx, tx, key.Client); err != nil {
		return err
	}
	counts, err := s.settleDelivery(ctx, tx, message.DeliveryResult{Key: key, State: e.State, Why: e.Why, Fault: e.Fault, ProviderID: e.ProviderID, At: e.At})
	if err != nil {
		return err
	}
	if message.Follows(e.State, e.Fault).Have(message.EndChannel) && key.Channel == person.SMS {
		contact, err := s.readContact(ctx, tx, key.Client)
		if err == nil {
			err = s.optOut(ctx, tx, contact.Phone, "carrier", e.At)
		}
		if err != nil && !errors.Is(err, ErrInvalid) {
			return err
		}
	}
	if !counts {
		return s.relayed(ctx, tx, e, e.At)
	}
	return nil
}

// takeReply changes the register of numbers when the text asks for it.
func (s *Store) takeReply(ctx context.Context, tx pgx.Tx, e message.ProviderEvent) error {
	switch {
	case e.Class == wording.ReplyStop:
		return s.optOut(ctx, tx, e.From, "reply", e.At)
	case e.Class == wording.ReplyStart, slices.Contains(e.Also, wording.ReplyStart): // "yes" says it to whom had opted out
		_, err := tx.Exec(ctx, `DELETE FROM opt_out WHERE phone_index = $1`, s.phoneIndex(e.From))
		return err
	}
	return nil
}

// DeliveryByRef gives the key of the delivery that a provider reports on.
func (s *Store) DeliveryByRef(ctx context.Context, ref string) (key message.DeliveryKey, found bool, err error) {
	err = s.alone("find delivery", func(q querier) error {
		key, found, err = deliveryByRef(ctx, q, ref)
		return err
	})
	return key, found, err
}

func deliveryByRef(ctx context.Context, q querier, ref string) (key message.DeliveryKey, found bool, err error) {
	var text string
	err = q.QueryRow(ctx, `SELECT key FROM letter WHERE ref = $1`, ref).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		return key, false, nil
	}
	if err != nil {
		return key, false, err
	}
	key, err = message.ParseDelivery(text)
	return key, err == nil, err
}

// WaitingEvents gives what was taken in and no journey has heard of yet, oldest first.
func (s *Store) WaitingEvents(ctx context.Context, limit int) (events []message.ProviderEvent, err error) {
	err = s.alone("read events", func(q querier) error {
		events, err = each(ctx, q, func(r pgx.Row) (e message.ProviderEvent, err error) {
			var provider, id, client, assigned string
			var body []byte
			if err := r.Scan(&provider, &id, &client, &body, &assigned); err != nil {
				return e, err
			}
			err = s.openJSON(eventPlace(provider, id, client), body, &e)
			e.Assigned = assigned
			return e, err
		}, `SELECT provider, event_id, client_id, body, coalesce((SELECT max(assigned_to) FROM matter WHERE about = provider || ':' || event_id), '')
			FROM provider_event WHERE relayed_at IS NULL ORDER BY no LIMIT $1`, limit)
		return err
	})
	return events, err
}

// EventRelayed notes that everybody who had to hear of an event has. A text that fits no client goes on the
// coordinator's list in the same step.
func (s *Store) EventRelayed(ctx context.Context, e message.ProviderEvent, at time.Time, worklistItem *message.WorklistItem) error {
	return s.inTx(ctx, "note event", func(tx pgx.Tx) error {
		if worklistItem != nil {
			if err := s.noteWorklistItem(ctx, tx, *worklistItem, at); err != nil {
				return err
			}
			// HAZARD: a slow relay that ends after a person assigned the text must not take it from the client's journey.
			if assigned, err := s.assigned(ctx, tx, *worklistItem); err != nil || assigned {
				return err
			}
		}
		return s.relayed(ctx, tx, e, at)
	})
}

func (s *Store) relayed(ctx context.Context, tx pgx.Tx, e message.ProviderEvent, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE provider_event SET relayed_at = $3 WHERE provider = $1 AND event_id = $2`, e.Provider, e.ID, at)
	return err
}
