package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/person"
)

func contactPlace(clientID, column string, version int) place {
	return place{table: "contact", column: column, row: clientID, client: clientID, version: version}
}

// Contact gives the addresses of a client as they are now; care.ErrNoClient when there is none.
func (s *Store) Contact(ctx context.Context, clientID string) (c person.Contact, err error) {
	err = s.alone("read contact", func(q querier) error {
		c, err = s.readContact(ctx, q, clientID)
		return err
	})
	return c, err
}

// readContact fails with ErrSealed if the row is not of the version that the facts make it.
func (s *Store) readContact(ctx context.Context, q querier, clientID string) (c person.Contact, err error) {
	sealed, err := readSealedContact(ctx, q, clientID)
	if err != nil {
		return c, err
	}
	return s.openCurrentContact(clientID, sealed)
}

// openCurrentContact opens a contact. It fails with ErrSealed if the row is not of the version that the facts make it.
func (s *Store) openCurrentContact(clientID string, sealed sealedContact) (person.Contact, error) {
	if sealed.version != 0 && sealed.version != sealed.current {
		return person.Contact{}, fmt.Errorf("%w: contact is of version %d, and its facts make it %d, so an old one was put back", ErrSealed, sealed.version, sealed.current)
	}
	return s.openContact(clientID, sealed)
}

// contactVersion is the version that a client's contact has by the facts: one more than the number of those that changed it, of which a
// lost one counts twice: it changed the contact, and so did its loss.
const contactVersion = `(SELECT 1 + count(*) + count(x.seq) FROM fact f LEFT JOIN fact_lost x USING (client_id, seq, recorded_at) WHERE f.client_id = $1 AND f.name = ANY ($2))`

// contactOf reads a contact for sealedContact.into. $1 is the client, $2 the facts that change a contact.
const contactOf = `SELECT preferred_name, phone, email, birth_date, pin, pronouns, version, ` + contactVersion + ` FROM contact WHERE client_id = $1`

// sealedContact is a contact's row before it is opened.
type sealedContact struct {
	name, phone, email, born, pin, pronouns []byte
	version                                 int // 0: written by builds before versions
	current                                 int // the version that the facts make it
}

func (c *sealedContact) into() []any {
	return []any{&c.name, &c.phone, &c.email, &c.born, &c.pin, &c.pronouns, &c.version, &c.current}
}

func readSealedContact(ctx context.Context, q querier, clientID string) (c sealedContact, err error) {
	err = q.QueryRow(ctx, contactOf, clientID, care.ContactFacts()).Scan(c.into()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, care.ErrNoClient
	}
	return c, err
}

// openContact opens a contact as it was written.
func (s *Store) openContact(clientID string, sealed sealedContact) (c person.Contact, err error) {
	for _, f := range []struct {
		column string
		sealed []byte
		into   *string
	}{{"preferred_name", sealed.name, &c.PreferredName}, {"phone", sealed.phone, &c.Phone}, {"email", sealed.email, &c.Email}, {"birth_date", sealed.born, &c.BirthDate}, {"pin", sealed.pin, &c.PIN}, {"pronouns", sealed.pronouns, &c.Pronouns}} {
		if *f.into, err = s.openText(contactPlace(clientID, f.column, sealed.version), f.sealed); err != nil {
			return person.Contact{}, err
		}
	}
	return c, nil
}

// writeContact writes a contact in the version that the facts make it. One that is written in that version stays: it is the same.
func (s *Store) writeContact(ctx context.Context, tx pgx.Tx, clientID string, c person.Contact) error {
	var version int
	if err := tx.QueryRow(ctx, `SELECT `+contactVersion, clientID, care.ContactFacts()).Scan(&version); err != nil {
		return err
	}
	f := sealer{store: s}
	seal := func(column, text string) []byte { return f.text(contactPlace(clientID, column, version), text) }
	args := []any{clientID, seal("preferred_name", c.PreferredName), seal("phone", c.Phone), seal("email", c.Email), s.phoneIndex(c.Phone), seal("birth_date", c.BirthDate), s.emailIndex(c.Email), version, seal("pin", c.PIN), s.nameIndex(c.PreferredName), seal("pronouns", c.Pronouns)}
	if f.err != nil {
		return f.err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO contact (client_id, preferred_name, phone, email, phone_index, birth_date, email_index, version, pin, name_index, name_version, pronouns)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $8, $11)
		ON CONFLICT (client_id) DO UPDATE SET
			preferred_name = EXCLUDED.preferred_name, phone = EXCLUDED.phone, email = EXCLUDED.email, phone_index = EXCLUDED.phone_index,
			birth_date = EXCLUDED.birth_date, email_index = EXCLUDED.email_index, version = EXCLUDED.version, pin = EXCLUDED.pin,
			name_index = EXCLUDED.name_index, name_version = EXCLUDED.name_version, pronouns = EXCLUDED.pronouns
		WHERE contact.version < EXCLUDED.version`,
		args...)
	return err
}

// followContact brings the addresses to what the facts say. It goes through all of them in their order, so it
// does not matter in which order they arrive.
func (s *Store) followContact(ctx context.Context, tx pgx.Tx, clientID string) error {
	sealed, err := readSealedContact(ctx, tx, clientID)
	if err != nil {
		return err
	}
	contact, err := s.openContact(clientID, sealed)
	if err != nil {
		return err
	}
	facts, err := s.readFacts(ctx, tx, clientID, `
		SELECT f.seq, f.body FROM fact f
		WHERE f.client_id = $1 AND f.name = ANY ($2) AND `+notLost+`
		ORDER BY f.seq`, care.ContactFacts())
	if err != nil {
		return err
	}
	for _, e := range facts {
		var with struct {
			PreferredName *string `json:"preferred_name"`
			Phone         *string `json:"phone"`
			Email         *string `json:"email"`
			BirthDate     *string `json:"birth_date"`
			PIN           *string `json:"pin"`
			Pronouns      *string `json:"pronouns"`
		}
		if len(e.With) == 0 {
			continue
		}
		if err := json.Unmarshal(e.With, &with); err != nil {
			return err
		}
		for _, f := range []struct{ from, into *string }{{with.PreferredName, &contact.PreferredName}, {with.Phone, &contact.Phone}, {with.Email, &contact.Email}, {with.BirthDate, &contact.BirthDate}, {with.PIN, &contact.PIN}, {with.Pronouns, &contact.Pronouns}} {
			if f.from == nil {
				continue
			}
			text, found, err := s.readPrivate(ctx, tx, clientID, *f.from)
			if err != nil {
				return err
			}
			if !found {
				// The fact is taken in already, so the step must be saved; the address stays as it was.
				s.log.ErrorContext(ctx, "a fact refers to a private text that is not there", "client", clientID, "fact", e.Seq)
				continue
			}
			*f.into = text
		}
	}
	return s.writeContact(ctx, tx, clientID, contact)
}

// ClientsByPhone gives the clients who are reached on a number, however it is written. A family may share one.
func (s *Store) ClientsByPhone(ctx context.Context, phone string) (ids []string, err error) {
	index := s.phoneIndex(phone)
	if index == nil {
		return nil, nil
	}
	err = s.alone("look up phone", func(q querier) error {
		rows, err := q.Query(ctx, `SELECT client_id FROM contact WHERE phone_index = $1 ORDER BY client_id`, index)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids, err
}

// isRef tells a reference from a text.
func isRef(text string) bool { return strings.HasPrefix(text, refPrefix) }
