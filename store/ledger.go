package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// post writes one posting to the ledger of its fee set, once for each client and key. The same key with another
// input is ErrConflict: it is a mistake of ours, not a repetition.
func post(ctx context.Context, tx pgx.Tx, c *care.Chart, p care.Posting) error {
	hash, err := inputHash(p)
	if err != nil {
		return err
	}
	var id int64
	err = tx.QueryRow(ctx, `
		INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (client_id, key) DO NOTHING
		RETURNING id`,
		c.ClientID, p.Key, hash, p.FeeSet, c.Zone.Local(p.On).Format(time.DateOnly), p.By.ID, p.By.Role, p.Memo).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		var posted []byte
		if err := tx.QueryRow(ctx, `SELECT input_hash FROM ledger_tx WHERE client_id = $1 AND key = $2`, c.ClientID, p.Key).Scan(&posted); err != nil {
			return err
		}
		if !bytes.Equal(posted, hash) {
			return fmt.Errorf("%w: the ledger holds another posting under this client's key", ErrConflict)
		}
		return nil
	}
	if err != nil {
		return err
	}
	return postLines(ctx, tx, id, p)
}

func postLines(ctx context.Context, tx pgx.Tx, id int64, p care.Posting) error {
	accounts, kinds, amounts := make([]string, len(p.Lines)), make([]string, len(p.Lines)), make([]int64, len(p.Lines))
	for i, l := range p.Lines {
		kind, err := accountKind(l.Account)
		if err != nil {
			return err
		}
		accounts[i], kinds[i], amounts[i] = l.Account, kind, int64(l.Cents)
	}
	// Accounts come into being when they are first used. Only missing ones are written, in one order for all, so
	// that two transactions never wait for each other.
	if _, err := tx.Exec(ctx, `
		INSERT INTO ledger_account (id, fee_set, kind)
		SELECT DISTINCT ON (a.id) a.id, $3, a.kind
		FROM unnest($1::text[], $2::text[]) AS a (id, kind)
		WHERE NOT EXISTS (SELECT FROM ledger_account l WHERE l.id = a.id)
		ORDER BY a.id
		ON CONFLICT (id) DO NOTHING`, accounts, kinds, p.FeeSet); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO ledger_entry (tx_id, line, account_id, fee_set, amount_cents)
		SELECT $1, e.line, e.account, $2, e.cents
		FROM unnest($3::text[], $4::bigint[]) WITH ORDINALITY AS e (account, cents, line)`, id, p.FeeSet, accounts, amounts)
	return err
}

// accountKinds tells what kind of account a name stands for, by its second part: medical:revenue:consult.
var accountKinds = map[string]string{
	"cash":           "asset",
	"receivable":     "asset",
	"deferred":       "liability", // paid for, not yet given
	"refund-payable": "liability",
	"revenue":        "revenue",
	"contra":         "revenue",
	"expense":        "expense",
}

func accountKind(account string) (string, error) {
	_, rest, _ := strings.Cut(account, ":")
	name, _, _ := strings.Cut(rest, ":")
	kind, ok := accountKinds[name]
	if !ok {
		return "", fmt.Errorf("%w: the ledger has no kind for the account %q", ErrInvalid, account)
	}
	return kind, nil
}

// inputHash tells one posting's input from another's.
//
// HAZARD: hashes are kept for ever. The fields and their order are fixed here, whatever becomes of care.Posting.
func inputHash(p care.Posting) ([]byte, error) {
	type line struct {
		Account string
		Cents   int64
	}
	input := struct {
		FeeSet, On, ByID, ByRole, Memo string
		Lines                          []line
	}{FeeSet: string(p.FeeSet), On: p.On.UTC().Format(time.RFC3339), ByID: p.By.ID, ByRole: string(p.By.Role), Memo: p.Memo}
	for _, l := range p.Lines {
		input.Lines = append(input.Lines, line{l.Account, int64(l.Cents)})
	}
	b, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}
