package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
)

// mailPlace names a column of the mailbox. The mailbox stands in for the client's phone, so it alone keeps the tokens of links:
// its texts are sealed and opened as they are. A practice with providers has nothing in it.
func mailPlace(key, clientID, column string) place {
	return place{table: "mailbox", column: column, row: key, client: clientID}
}

// clientOfMail gives the client whom a message is about; empty if its key names none.
func clientOfMail(key string) string {
	delivery, err := message.ParseDelivery(key)
	if err != nil {
		return ""
	}
	return delivery.Client
}

// PutMail puts a message into the mailbox that stands in for the providers. The same key again is the same
// message: it is there once.
func (s *Store) PutMail(ctx context.Context, key, channel, to, subject, text string) error {
	return s.alone("put mail", func(q querier) error {
		f, client := sealer{store: s}, clientOfMail(key)
		seal := func(column, plain string) []byte { return f.bytes(mailPlace(key, client, column), []byte(plain)) }
		sealedTo, sealedSubject, sealedText := seal("sent_to", to), seal("subject", subject), seal("text", text)
		if f.err != nil {
			return f.err
		}
		_, err := q.Exec(ctx, `
			INSERT INTO mailbox (key, channel, sent_to, subject, text, client_id) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (key) DO NOTHING`, key, channel, sealedTo, sealedSubject, sealedText, client)
		return err
	})
}

// EachMail gives every message in the mailbox, oldest first, until see fails.
func (s *Store) EachMail(ctx context.Context, see func(key, channel, to, subject, text string, at time.Time) error) error {
	type mail struct {
		key, channel      string
		to, subject, text string
		at                time.Time
	}
	var mails []mail
	open := func(key, client, column string, sealed []byte) (string, error) {
		plain, err := s.open(mailPlace(key, client, column), sealed)
		return string(plain), err
	}
	err := s.alone("read mailbox", func(q querier) (err error) {
		mails, err = each(ctx, q, func(r pgx.Row) (m mail, err error) {
			var to, subject, text []byte
			var client string
			if err := r.Scan(&m.key, &m.channel, &to, &subject, &text, &m.at, &client); err != nil {
				return m, err
			}
			if m.to, err = open(m.key, client, "sent_to", to); err != nil {
				return m, err
			}
			if m.subject, err = open(m.key, client, "subject", subject); err != nil {
				return m, err
			}
			m.text, err = open(m.key, client, "text", text)
			return m, err
		}, `SELECT key, channel, sent_to, subject, text, at, client_id FROM mailbox ORDER BY no`)
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range mails {
		if err := see(m.key, m.channel, m.to, m.subject, m.text, m.at.UTC()); err != nil {
			return err
		}
	}
	return nil
}
