package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
)

// AssignReply notes whose words a text from a shared number has, once. A text of a client is given back, and waits to be brought to
// their journey: that it was decided and that it waits are one step. done is false when no such text waits.
func (s *Store) AssignReply(ctx context.Context, a message.Assignment) (e message.ProviderEvent, done bool, err error) {
	provider, id, _ := strings.Cut(a.Item.About, ":")
	err = s.inTx(ctx, "assign reply", func(tx pgx.Tx) error {
		done = false
		var reason []byte
		if a.ClientID == "" {
			var err error
			if reason, err = s.sealText(reasonPlace(a.Item), a.Reason); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `UPDATE matter SET ended_at = $3, ended_by = $4, assigned_to = $5, reason = $6 WHERE kind = $1 AND about = $2 AND ended_at IS NULL`,
			a.Item.Kind, a.Item.About, a.At, string(a.By.Role)+"/"+a.By.ID, a.ClientID, reason)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		done = true
		if a.ClientID == "" {
			return nil
		}
		var body []byte
		var sealedFor string
		err = tx.QueryRow(ctx, `UPDATE provider_event SET relayed_at = NULL WHERE provider = $1 AND event_id = $2 RETURNING client_id, body`, provider, id).Scan(&sealedFor, &body)
		if err != nil {
			return fmt.Errorf("find the text: %w", err)
		}
		err = s.openJSON(eventPlace(provider, id, sealedFor), body, &e)
		e.Assigned = a.ClientID
		return err
	})
	return e, done, err
}

func reasonPlace(c message.WorklistItem) place {
	p := worklistItemPlace(c)
	p.column = "reason"
	return p
}

// assigned says whether a person gave a text on the list to a client.
func (s *Store) assigned(ctx context.Context, tx pgx.Tx, item message.WorklistItem) (given bool, err error) {
	if !item.Unassigned() {
		return false, nil
	}
	err = tx.QueryRow(ctx, `SELECT assigned_to <> '' FROM matter WHERE kind = $1 AND about = $2`, item.Kind, item.About).Scan(&given)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return given, err
}
