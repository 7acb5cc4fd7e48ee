package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/store"
)

// TestPrivateTextsAreWrittenOnce: nobody changes, moves or removes one, and one that the tables' owner gives to another client
// does not open there.
func TestPrivateTextsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.enrolled("client-b")
	ref, err := b.Hide(t.Context(), "client-a", "notes", "a sentence of a session")
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`UPDATE private_text SET client_id = 'client-b'`, `UPDATE private_text SET body = ''`, `UPDATE private_text SET field = 'x'`,
		`DELETE FROM private_text`, `TRUNCATE private_text`} {
		if _, err := b.asProgram().Exec(t.Context(), sql); err == nil {
			t.Errorf("a program may %s", sql)
		}
		if _, err := b.psql().Exec(t.Context(), sql); err == nil {
			t.Errorf("the owner may %s by mistake", sql)
		}
	}
	b.exec(`SET session_replication_role = replica; UPDATE private_text SET client_id = 'client-b'`)
	if text, found, err := b.Reveal(t.Context(), "client-b", ref); !errors.Is(err, store.ErrSealed) {
		t.Errorf("it opens for another client: %q, %v, %v", text, found, err)
	}
}

// TestOldValuesPutBackAreNoticed puts an old contact and an old chart back in every way: as a program, which is refused or does
// not read what it put there, and as the owner of the tables without triggers, whose row is refused when it is read.
func TestOldValuesPutBackAreNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ keep, put string }{
		"ContactsField":     {`SELECT phone, version FROM contact`, `UPDATE contact SET phone = $1 WHERE $2 >= 0`},
		"ContactsNextField": {`SELECT phone, version FROM contact`, `UPDATE contact SET phone = $1, version = version + 1 WHERE $2 >= 0`},
		"WholeContact":      {`SELECT phone, version FROM contact`, `UPDATE contact SET phone = $1, version = $2`},
		"ContactOfNoForm":   {`SELECT phone, version FROM contact`, `UPDATE contact SET phone = $1, version = 0 WHERE $2 >= 0`},
		"Chart":             {`SELECT chart, chart_version FROM client`, `UPDATE client SET chart = $1 WHERE $2 >= 0`},
		"ChartAndVersion":   {`SELECT chart, chart_version FROM client`, `UPDATE client SET chart = $1, chart_version = $2`},
		"ChartOfNextYear":   {`SELECT chart, chart_version FROM client`, `UPDATE client SET chart = $1, chart_version = chart_version + 100 WHERE $2 >= 0`},
	} {
		for _, owner := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/owner=%v", name, owner), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				chart := b.enrolled("client-a")
				var sealed []byte
				var version int
				if err := b.psql().QueryRow(t.Context(), c.keep).Scan(&sealed, &version); err != nil {
					t.Fatal(err)
				}
				ref, err := b.Hide(t.Context(), "client-a", "phone", "+13035559999")
				if err != nil {
					t.Fatal(err)
				}
				b.save(record(t, chart, day.Add(time.Hour), told{person.Coordinator, "contact-changed", "c1", fmt.Sprintf(`{"phone":%q}`, ref)}))
				conn := b.asProgram()
				if owner {
					conn = b.psql()
					b.execOn(conn, `SET session_replication_role = replica`)
				}
				_, refused := conn.Exec(t.Context(), c.put, sealed, version)
				contact, contactErr := b.Contact(t.Context(), "client-a")
				read, chartErr := b.Chart(t.Context(), "client-a")
				noticed := refused != nil || errors.Is(contactErr, store.ErrSealed) || errors.Is(chartErr, store.ErrSealed)
				if !noticed {
					t.Errorf("nobody notices: the number is %s, and the chart knows %d facts", contact.Phone, read.Facts)
				}
				if refused != nil && (contactErr != nil || chartErr != nil || contact.Phone != "+13035559999") {
					t.Errorf("it was refused, and yet: %v, %v, %v", contact, contactErr, chartErr)
				}
			})
		}
	}
}

// TestFieldsOfEarlierBuildsOpen: a row that was sealed before fields were bound to a client reads as before, and what is written
// next is bound.
func TestFieldsOfEarlierBuildsOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	before := func(column, plain string) []byte {
		return b.SealAsBefore(1, store.Place{Table: "contact", Column: column, Row: "client-a"}, plain)
	}
	conn := b.psql()
	b.execOn(conn, `SET session_replication_role = replica`)
	b.execOn(conn, `UPDATE contact SET version = 0, preferred_name = $1, phone = $2, email = NULL, birth_date = NULL`, before("preferred_name", "Robin"), before("phone", "+13035550123"))
	b.execOn(conn, `INSERT INTO private_text (ref, client_id, field, body) VALUES ('ref:old', 'client-a', 'phone', $1)`, b.SealAsBefore(1, store.Place{Table: "private_text", Column: "body", Row: "ref:old"}, "+13035558888"))
	if c, err := b.Contact(t.Context(), "client-a"); err != nil || c.Phone != "+13035550123" || c.PreferredName != "Robin" {
		t.Errorf("%+v, %v", c, err)
	}
	b.save(record(t, chart, day.Add(time.Hour), told{person.Coordinator, "contact-changed", "c1", `{"phone":"ref:old"}`}))
	if c, err := b.Contact(t.Context(), "client-a"); err != nil || c.Phone != "+13035558888" {
		t.Errorf("after a change: %+v, %v", c, err)
	}
	if n := b.count(`SELECT count(*) FROM contact WHERE version > 0 AND get_byte(phone, 0) = 3`); n != 1 {
		t.Error("the changed contact is not bound to its client and version")
	}
}
