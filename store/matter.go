package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
	"kapflow/care/person"
)

func worklistItemPlace(c message.WorklistItem) place {
	row := string(c.Kind) + "/" + c.About
	if len(c.Clients) > 0 {
		row += "/" + strings.Join(c.Clients, ",") // nobody can add a client to those who share a number
	}
	return place{table: "matter", column: "words", row: row, client: c.ClientID}
}

// noteWorklistItem puts something on the coordinator's list, once, and notes that it is still so. What a person ended stays
// ended.
func (s *Store) noteWorklistItem(ctx context.Context, tx pgx.Tx, c message.WorklistItem, now time.Time) error {
	words, err := s.sealText(worklistItemPlace(c), c.Words)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO matter (kind, about, client_id, words, since, seen_at, clients) VALUES ($1, $2, $3, $4, $5, $6, coalesce($7::text[], '{}'))
		ON CONFLICT (kind, about) DO UPDATE SET seen_at = greatest(matter.seen_at, EXCLUDED.seen_at), words = EXCLUDED.words,
			client_id = EXCLUDED.client_id, clients = EXCLUDED.clients`,
		c.Kind, c.About, c.ClientID, words, c.Since, now, c.Clients)
	return err
}

// NoteEmergency puts emergency access of which no owner could be told on the coordinator's list.
func (s *Store) NoteEmergency(ctx context.Context, item message.WorklistItem) error {
	return s.inTx(ctx, "note emergency access", func(tx pgx.Tx) error { return s.noteWorklistItem(ctx, tx, item, item.Since) })
}

// KeepWorklist makes these all that there is of one kind: what is no longer so leaves the list.
func (s *Store) KeepWorklist(ctx context.Context, kind message.WorklistKind, now time.Time, list []message.WorklistItem) error {
	return s.inTx(ctx, "keep worklist", func(tx pgx.Tx) error {
		abouts := []string{}
		for _, m := range list {
			m.Kind = kind
			if err := s.noteWorklistItem(ctx, tx, m, now); err != nil {
				return err
			}
			abouts = append(abouts, m.About)
		}
		_, err := tx.Exec(ctx, `DELETE FROM matter WHERE kind = $1 AND about <> ALL ($2)`, kind, abouts)
		return err
	})
}

// Worklist gives what is on the coordinator's list beside the clients' own tasks, oldest first.
func (s *Store) Worklist(ctx context.Context) (list []message.WorklistItem, err error) {
	err = s.alone("read worklist", func(q querier) error {
		list, err = s.openWorklist(ctx, q)
		return err
	})
	return list, err
}

func (s *Store) openWorklist(ctx context.Context, q querier) ([]message.WorklistItem, error) {
	return s.worklistReader().each(ctx, s, q, openItems+itemOrder)
}

// openItems reads what is on the coordinators' list for worklistReader, in itemOrder.
const (
	openItems = `SELECT kind, about, client_id, words, since, nullif(clients, '{}') FROM matter WHERE ended_at IS NULL`
	itemOrder = ` ORDER BY since, kind, about`
)

// sealedItem is a row of the worklist before it is opened.
type sealedItem struct {
	message.WorklistItem
	words []byte
}

func (s *Store) worklistReader() reader[sealedItem, message.WorklistItem] {
	return reader[sealedItem, message.WorklistItem]{
		scan: func(r pgx.Row) (c sealedItem, err error) {
			return c, r.Scan(&c.Kind, &c.About, &c.ClientID, &c.words, &c.Since, &c.Clients)
		},
		owner: func(c sealedItem) string { return c.ClientID },
		open: func(c sealedItem) (_ message.WorklistItem, err error) {
			c.Since = c.Since.UTC()
			c.Words, err = s.openText(worklistItemPlace(c.WorklistItem), c.words)
			return c.WorklistItem, err
		},
	}
}

// EndWorklistItem takes a worklist item that a person settled off the list, by its id; ended is false when no such worklist item is open.
func (s *Store) EndWorklistItem(ctx context.Context, id string, by person.Actor, at time.Time) (ended bool, err error) {
	err = s.inTx(ctx, "end worklist item", func(tx pgx.Tx) error {
		ended = false
		list, err := s.openWorklist(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range list {
			if m.ID() != id {
				continue
			}
			tag, err := tx.Exec(ctx, `UPDATE matter SET ended_at = $3, ended_by = $4 WHERE kind = $1 AND about = $2 AND ended_at IS NULL`,
				m.Kind, m.About, at, string(by.Role)+"/"+by.ID)
			if err != nil {
				return err
			}
			ended = ended || tag.RowsAffected() > 0
		}
		return nil
	})
	return ended, err
}

// LateDeliveries gives the deliveries that were first claimed at or before a time and have no end, oldest first.
func (s *Store) LateDeliveries(ctx context.Context, before time.Time) (late []message.LateDelivery, err error) {
	err = s.alone("read late deliveries", func(q querier) error {
		late, err = each(ctx, q, func(r pgx.Row) (l message.LateDelivery, err error) {
			var key string
			if err := r.Scan(&key, &l.ClientID, &l.Channel, &l.Template, &l.To, &l.State, &l.Fault, &l.Since); err != nil {
				return l, err
			}
			l.Since = l.Since.UTC()
			l.Key, err = message.ParseDelivery(key)
			return l, err
		}, `SELECT key, client_id, channel, template, to_role, state, fault, first_at FROM letter
			WHERE state IN (`+withoutEnd+`) AND first_at <= $1 ORDER BY first_at, key`, before)
		return err
	})
	return late, err
}

// NeverClaimed gives those of some deliveries, by their keys, that the register knows nothing of.
func (s *Store) NeverClaimed(ctx context.Context, keys []message.DeliveryKey) (unknown []message.DeliveryKey, err error) {
	texts := []string{}
	for _, key := range keys {
		texts = append(texts, key.String())
	}
	err = s.alone("look deliveries up", func(q querier) error {
		unknown, err = each(ctx, q, func(r pgx.Row) (key message.DeliveryKey, err error) {
			var text string
			if err := r.Scan(&text); err != nil {
				return key, err
			}
			return message.ParseDelivery(text)
		}, `SELECT key FROM unnest($1::text[]) AS asked (key) WHERE NOT EXISTS (SELECT FROM letter WHERE letter.key = asked.key)`, texts)
		return err
	})
	return unknown, err
}

func (s *Store) toldIndex(key string) []byte { return s.index("told", key) }

// StaffNotified says whether staff were told of something by email.
func (s *Store) StaffNotified(ctx context.Context, key string) (told bool, err error) {
	err = s.alone("look up what was told", func(q querier) error {
		err := q.QueryRow(ctx, `SELECT true FROM told WHERE key = $1`, s.toldIndex(key)).Scan(&told)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return told, err
}

// NoteStaffNotified notes of what staff were told.
func (s *Store) NoteStaffNotified(ctx context.Context, at time.Time, keys ...string) error {
	return s.inTx(ctx, "note what was told", func(tx pgx.Tx) error {
		for _, key := range keys {
			if _, err := tx.Exec(ctx, `INSERT INTO told (key, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, s.toldIndex(key), at); err != nil {
				return err
			}
		}
		return nil
	})
}
