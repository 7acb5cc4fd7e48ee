package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/money"
	"kapflow/care/person"
)

// ErrChanged says that a month's books are not what was exported when it was closed.
var ErrChanged = errors.New("the books of a closed month are not what was exported")

// transactionColumns are one transaction with its lines in their order.
const transactionColumns = `
	SELECT t.id, t.client_id, t.key, t.fee_set, to_char(coalesce(t.moved_to, t.occurred_on), 'YYYY-MM-DD'),
		to_char(t.occurred_on, 'YYYY-MM-DD'), coalesce(t.reverses, 0), t.posted_at, t.by_id, t.by_role, t.memo,
		array_agg(e.account_id ORDER BY e.line), array_agg(e.amount_cents ORDER BY e.line)
	FROM ledger_tx t JOIN ledger_entry e ON e.tx_id = t.id `

const transactionOrder = ` GROUP BY t.id ORDER BY coalesce(t.moved_to, t.occurred_on), t.id`

func scanTransaction(r pgx.Row) (t money.Transaction, err error) {
	var accounts []string
	var cents []int64
	if err := r.Scan(&t.Number, &t.ClientID, &t.Key, &t.FeeSet, &t.Day, &t.Occurred, &t.Reverses, &t.PostedAt, &t.By.ID, &t.By.Role, &t.Memo,
		&accounts, &cents); err != nil {
		return t, err
	}
	t.PostedAt = t.PostedAt.UTC()
	for i, account := range accounts {
		t.Lines = append(t.Lines, money.Line{Account: account, Cents: money.Cents(cents[i])})
	}
	return t, nil
}

// Books gives the whole books of a fee set.
func (s *Store) Books(ctx context.Context, set money.FeeSet) (b money.Books, err error) {
	err = s.inTx(ctx, "read books", func(tx pgx.Tx) error {
		b, err = readBooks(ctx, tx, set)
		return err
	})
	return b, err
}

func readBooks(ctx context.Context, tx pgx.Tx, set money.FeeSet) (b money.Books, err error) {
	b.FeeSet = set
	// Accounts come last, so that every account of a transaction is among them.
	if b.Transactions, err = each(ctx, tx, scanTransaction, transactionColumns+`WHERE t.fee_set = $1`+transactionOrder, set); err != nil {
		return b, err
	}
	b.Accounts, err = each(ctx, tx, func(r pgx.Row) (a money.LedgerAccount, err error) { return a, r.Scan(&a.ID, &a.Kind) },
		`SELECT id, kind FROM ledger_account WHERE fee_set = $1 ORDER BY id COLLATE "C"`, set)
	return b, err
}

// TransactionsOf gives what was posted to one client's account, in both fee sets.
func (s *Store) TransactionsOf(ctx context.Context, clientID string) (list []money.Transaction, err error) {
	err = s.alone("read account", func(q querier) error {
		list, err = each(ctx, q, scanTransaction, transactionColumns+`WHERE t.client_id = $1`+transactionOrder, clientID)
		return err
	})
	return list, err
}

// CloseMonth exports a month ("2006-01") of a fee set and closes it: export makes the bytes, of which the hash is
// kept. A month that was closed before is exported again and must come out the same; otherwise it is ErrChanged.
// It is for the caller to ask whether the month is over.
func (s *Store) CloseMonth(ctx context.Context, set money.FeeSet, month string, by person.Actor, export func(money.Books) []byte) (c money.Closing, body []byte, err error) {
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return c, nil, fmt.Errorf("store: close month: %w: %q is not written 2006-01", ErrInvalid, month)
	}
	err = s.inTx(ctx, "close month", func(tx pgx.Tx) error {
		// Waits for every posting under way, and keeps new ones waiting.
		if _, err := tx.Exec(ctx, takeTurn, "ledger_close"); err != nil {
			return err
		}
		books, err := readBooks(ctx, tx, set)
		if err != nil {
			return err
		}
		body = export(books)
		hash := sha256.Sum256(body)
		if _, err := tx.Exec(ctx, `
			INSERT INTO ledger_close (fee_set, month, sha256, by_id)
			SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM ledger_close WHERE fee_set = $1 AND month > $2)
			ON CONFLICT DO NOTHING`, set, first, hash[:], by.ID); err != nil {
			return err
		}
		c, err = scanClosing(tx.QueryRow(ctx, closingColumns+`WHERE fee_set = $1 AND month = $2`, set, first))
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("%w: %s was closed along with a later month", ErrInvalid, month)
		}
		if err == nil && !bytes.Equal(c.SHA256, hash[:]) {
			err = fmt.Errorf("%w: %s, %s", ErrChanged, set, month)
		}
		return err
	})
	return c, body, err
}

const closingColumns = `SELECT fee_set, to_char(month, 'YYYY-MM'), sha256, closed_at, by_id FROM ledger_close `

func scanClosing(r pgx.Row) (c money.Closing, err error) {
	err = r.Scan(&c.FeeSet, &c.Month, &c.SHA256, &c.ClosedAt, &c.By)
	c.ClosedAt = c.ClosedAt.UTC()
	return c, err
}

// Closings gives every closed month.
func (s *Store) Closings(ctx context.Context) (list []money.Closing, err error) {
	err = s.alone("read closed months", func(q querier) error {
		list, err = each(ctx, q, scanClosing, closingColumns+`ORDER BY month, fee_set`)
		return err
	})
	return list, err
}

// FirstPosting gives the month of the first posting, as the date of its first day; zero: nothing was posted yet.
func (s *Store) FirstPosting(ctx context.Context) (month time.Time, err error) {
	err = s.alone("find the first posting", func(q querier) error {
		var first *time.Time
		if err := q.QueryRow(ctx, `SELECT date_trunc('month', min(coalesce(moved_to, occurred_on)))::date FROM ledger_tx`).Scan(&first); err != nil || first == nil {
			return err
		}
		month = *first
		return nil
	})
	return month, err
}
