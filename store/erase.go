package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ErrNotResealed says that some of a client's fields are not sealed with the client's own key, so that destroying it would leave them.
var ErrNotResealed = errors.New("some of this record is still sealed without a key of its own; run `starter keys reseal` first")

// erasedKey stands where the id of a key stood, in a chart that was erased. A program that still has the key in memory sees it.
const erasedKey = "erased"

// Erase destroys a client's data key, and everything by which the client could be found. What the key sealed stays as bytes that
// nobody can read. The ledgers, the audit log and the client's id stay. Doing it again changes nothing. The store must be of the
// tables' owner. Programs that run forget the key within ten minutes.
func (s *Store) Erase(ctx context.Context, clientID string) error {
	if err := s.mustOwn(ctx); err != nil {
		return err
	}
	err := s.asReseal(ctx, "erase record", func(tx pgx.Tx) error {
		if _, err := lockClient(ctx, tx, clientID); err != nil {
			return err
		}
		for _, t := range sealedTables {
			if t.name == auditTable {
				continue
			}
			var older bool
			if err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM %s WHERE %s = $1 AND %s)`, t.name, t.client, t.older()), clientID).Scan(&older); err != nil {
				return err
			}
			if older {
				return ErrNotResealed
			}
		}
		nobody := make([]byte, 32) // the identity of a person who enrolls later is not this one
		_, _ = rand.Read(nobody)
		var b statements
		b.Queue(`UPDATE data_key SET sealed = NULL WHERE owner = $1`, clientID)
		b.Queue(`DELETE FROM client_entry WHERE client_id = $1`, clientID)
		b.Queue(`DELETE FROM draft WHERE about = $1`, clientID)
		b.Queue(`UPDATE client SET erased_at = now(), identity = $2, chart = $3, line = NULL, sheet = NULL, outcome = NULL WHERE id = $1 AND erased_at IS NULL`, clientID, nobody, header(sealForm, erasedKey))
		b.Queue(`UPDATE contact SET version = version + 1, name_index = '{}', name_version = version + 1, `+strings.Join(contactColumns, ` = NULL, `)+` = NULL, phone_index = NULL, email_index = NULL
			WHERE client_id = $1`, clientID)
		b.Queue(`UPDATE billing SET version = version + 1, legal_name = NULL, address = NULL, member_id = NULL WHERE client_id = $1`, clientID)
		b.Queue(`DELETE FROM link_pass WHERE token_hash IN (SELECT token_hash FROM link WHERE client_id = $1)`, clientID)
		b.Queue(`UPDATE link SET uses_left = 0, code_hash = NULL, code_until = NULL WHERE client_id = $1`, clientID)
		for _, table := range []string{"matter", "mailbox", "send_record", "slot"} {
			b.Queue(`DELETE FROM `+table+` WHERE client_id = $1`, clientID)
		}
		return b.run(ctx, tx)
	})
	if err == nil {
		s.dataKeys.forget(clientID)
	}
	return err
}
