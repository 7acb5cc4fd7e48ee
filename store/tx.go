package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// attempts is how often a transaction is tried that Postgres called off for the sake of another one.
const attempts = 4

// inTx runs fn in a transaction. With alone it is the only way to a connection for what people do, so that every fault is named in one place
// and nothing is ever half written. fn runs again when Postgres chose it as the victim of a deadlock: it must
// leave nothing behind but what it did in the transaction.
//
// HAZARD: no nested Begin. That is a savepoint, and the ledger refuses postings inside one.
func (s *Store) inTx(ctx context.Context, what string, fn func(tx pgx.Tx) error) error {
	return s.again(what, func() error { return pgx.BeginFunc(ctx, s.pool, fn) })
}

// oneMoment runs fn in a transaction that reads what stood at one moment, and writes nothing.
func (s *Store) oneMoment(ctx context.Context, what string, fn func(tx pgx.Tx) error) error {
	return s.again(what, func() error {
		return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
	})
}

// takeTurn waits until the transactions that took the turn of a name before have ended. It locks a row, which needs the right to
// write: an advisory lock can be held by anybody who may sign in.
const takeTurn = `SELECT name FROM turn WHERE name = $1 FOR UPDATE`

// querier is where one statement, or a batch of them in one round trip, may run: in a transaction, or alone.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// alone runs fn's one statement as a transaction of its own: one round trip where inTx makes three. What is asked at
// commit is answered before Scan returns.
func (s *Store) alone(what string, fn func(q querier) error) error {
	return s.again(what, func() error { return fn(s.pool) })
}

// again tries until it is done or it cannot be. It loads the data keys that an action misses, and the action begins again. If a connection
// ended, the others are given up too: Postgres may have ended them all, and each would cost a request of its own.
func (s *Store) again(what string, try func() error) error {
	var err error
	for n, loads := 0, 0; n < attempts; n++ {
		err = try()
		var missing *noDataKey
		if errors.As(err, &missing) && loads < dataKeyLoads {
			if err = s.loadMissing(missing); err != nil {
				break
			}
			n, loads = n-1, loads+1
			continue
		}
		var pg *pgconn.PgError
		if !errors.As(err, &pg) {
			break
		}
		// A key that was taken at this moment by somebody who writes the same is found there at the second try. One that
		// holds something else is refused again.
		race := pg.Code == uniqueViolation && n == 0
		if !race && pg.Code != deadlockDetected && pg.Code != serializationFailure {
			break
		}
	}
	if connectionEnded(err) {
		s.pool.Reset()
	}
	return fault(what, err)
}

// statements collects statements that need not wait for each other's answers.
type statements struct{ pgx.Batch }

// run sends them all in one round trip, in their order, and forgets them. The error is the first one's that failed; what
// stands behind it is not done.
func (b *statements) run(ctx context.Context, tx pgx.Tx) error {
	if b.Len() == 0 {
		return nil
	}
	err := tx.SendBatch(ctx, &b.Batch).Close()
	b.Batch = pgx.Batch{}
	return err
}

// each reads all rows of a query into values.
func each[T any](ctx context.Context, q querier, scan func(pgx.Row) (T, error), sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (T, error) { return scan(r) })
}
