package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/person"
)

// contactFields are the sealed fields of a contact. A column has the name that facts give the field.
var contactFields = []struct {
	column string
	of     func(*person.Contact) *string
}{
	{"preferred_name", func(c *person.Contact) *string { return &c.PreferredName }},
	{"phone", func(c *person.Contact) *string { return &c.Phone }},
	{"email", func(c *person.Contact) *string { return &c.Email }},
	{"birth_date", func(c *person.Contact) *string { return &c.BirthDate }},
	{"pin", func(c *person.Contact) *string { return &c.PIN }},
	{"pronouns", func(c *person.Contact) *string { return &c.Pronouns }},
}

// contactColumns are the columns of contactFields.
var contactColumns = func() (columns []string) {
	for _, f := range contactFields {
		columns = append(columns, f.column)
	}
	return columns
}()

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
var contactOf = `SELECT ` + strings.Join(contactColumns, ", ") + `, version, ` + contactVersion + ` FROM contact WHERE client_id = $1`

// sealedContact is a contact's row before it is opened.
type sealedContact struct {
	fields  [][]byte // as in contactFields
	version int      // 0: written by builds before versions
	current int      // the version that the facts make it
}

func (c *sealedContact) into() (columns []any) {
	c.fields = make([][]byte, len(contactFields))
	for i := range c.fields {
		columns = append(columns, &c.fields[i])
	}
	return append(columns, &c.version, &c.current)
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
	for i, f := range contactFields {
		if *f.of(&c), err = s.openText(contactPlace(clientID, f.column, sealed.version), sealed.fields[i]); err != nil {
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
	row, err := s.sealContact(clientID, version, c)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, upsertContact, row...)
	return err
}

// contactRow are the columns that sealContact gives values for.
var contactRow = append([]string{"client_id", "version", "name_version", "name_index", "phone_index", "email_index"}, contactColumns...)

// sealContact gives a contact of a version as a contactRow.
func (s *Store) sealContact(clientID string, version int, c person.Contact) (row []any, err error) {
	f := sealer{store: s}
	row = []any{clientID, version, version, s.nameIndex(c.PreferredName), s.phoneIndex(c.Phone), s.emailIndex(c.Email)}
	for _, field := range contactFields {
		row = append(row, f.text(contactPlace(clientID, field.column, version), *field.of(&c)))
	}
	return row, f.err
}

// upsertContact is the statement that writes a contactRow, unless one of its version is there.
var upsertContact = func() string {
	values, sets := make([]string, len(contactRow)), make([]string, len(contactRow)-1)
	for i, column := range contactRow {
		values[i] = "$" + strconv.Itoa(i+1)
		if i > 0 {
			sets[i-1] = column + " = EXCLUDED." + column
		}
	}
	return `INSERT INTO contact (` + strings.Join(contactRow, ", ") + `) VALUES (` + strings.Join(values, ", ") + `)
		ON CONFLICT (client_id) DO UPDATE SET ` + strings.Join(sets, ", ") + ` WHERE contact.version < EXCLUDED.version`
}()

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
		var with map[string]json.RawMessage
		if len(e.With) == 0 {
			continue
		}
		if err := json.Unmarshal(e.With, &with); err != nil {
			return err
		}
		for _, f := range contactFields {
			var ref *string
			if raw, given := with[f.column]; given {
				if err := json.Unmarshal(raw, &ref); err != nil {
					return err
				}
			}
			if ref == nil {
				continue
			}
			text, found, err := s.readPrivate(ctx, tx, clientID, *ref)
			if err != nil {
				return err
			}
			if !found {
				// The fact is taken in already, so the step must be saved; the address stays as it was.
				s.log.ErrorContext(ctx, "a fact refers to a private text that is not there", "client", clientID, "fact", e.Seq)
				continue
			}
			*f.of(&contact) = text
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
