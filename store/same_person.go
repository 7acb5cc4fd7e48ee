package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/person"
)

// emailIndex finds an email address however its letters are written; NULL if there is none.
func (s *Store) emailIndex(email string) []byte {
	if email = strings.ToLower(strings.TrimSpace(email)); email == "" {
		return nil
	}
	return s.index("email", email)
}

// enrolOneByOne has enrollments wait for each other until they commit, so that two of one person at one moment find each other.
func enrolOneByOne(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, takeTurn, "same-person")
	return err
}

// samePerson looks for a client who shares a telephone number or an email address with somebody who is about to be enrolled and
// who has the same name. A family may share a number, so a shared number alone says nothing, and another date of birth says that
// it is another person. The error is a *care.SamePersonError.
func (s *Store) samePerson(ctx context.Context, tx pgx.Tx, c person.Contact) error {
	phone, email := s.phoneIndex(c.Phone), s.emailIndex(c.Email)
	if phone == nil && email == nil || c.PreferredName == "" {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT client_id FROM contact WHERE phone_index = $1 OR email_index = $2 ORDER BY client_id`, phone, email)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, id := range ids {
		known, err := s.readContact(ctx, tx, id)
		if err != nil {
			return err
		}
		if same := s.sharedBy(c, known); same != nil {
			return &care.SamePersonError{ClientID: id, Same: same, Sure: c.BirthDate != "" && c.BirthDate == known.BirthDate}
		}
	}
	return nil
}

// sharedBy lists what two contacts have in common; nil if they are two people.
func (s *Store) sharedBy(a, b person.Contact) (same []string) {
	name := func(c person.Contact) string {
		return strings.Join(strings.Fields(strings.ToLower(c.PreferredName)), " ")
	}
	if name(a) != name(b) || a.BirthDate != "" && b.BirthDate != "" && a.BirthDate != b.BirthDate {
		return nil
	}
	same = []string{"name"}
	if a.BirthDate != "" && a.BirthDate == b.BirthDate {
		same = append(same, "birth date")
	}
	if i := s.phoneIndex(a.Phone); i != nil && string(i) == string(s.phoneIndex(b.Phone)) {
		same = append(same, "phone")
	}
	if i := s.emailIndex(a.Email); i != nil && string(i) == string(s.emailIndex(b.Email)) {
		same = append(same, "email address")
	}
	return same
}
