package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapflow/keyring"
)

// Options is what a store needs.
type Options struct {
	URL      string
	Keys     keyring.Ring // seal what says something about a person
	IndexKey []byte       // at least 32 bytes; makes the keyed hashes by which identities and phone numbers are found
	MaxConns int32        // 0: as many as pgx thinks right for this machine
	AsOwner  bool         // acts as the login itself, which must own the tables: to seal again and to erase
	Log      *slog.Logger
}

// Store is the practice's database. It is safe for use by many goroutines.
type Store struct {
	pool     *pgxpool.Pool
	keys     keyring.Ring
	indexKey []byte
	dataKeys dataKeys
	log      *slog.Logger
}

// minimumIndexKey is the length below which a keyed hash of something as guessable as a phone number can be
// undone by trying.
const minimumIndexKey = 32

// appRole is whom every connection acts as, whatever login opened it: it may read and write rows and post to the
// ledgers, and change nothing else (migrations/0007_ledger_post.sql).
const appRole = "kapflow_app"

// lockWait is how long a statement waits for a lock. No program of ours holds one for longer than a moment.
const lockWait = 10 * time.Second

// Open connects to a database that has been migrated. It fails when the database does not answer.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Keys.Current() == "" {
		return nil, keyring.ErrNoKey
	}
	if len(o.IndexKey) < minimumIndexKey {
		return nil, fmt.Errorf("the index key is %d bytes long, want at least %d; make one with `openssl rand -base64 32`", len(o.IndexKey), minimumIndexKey)
	}
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, errors.New("the database's URL cannot be read") // pgx would quote the password
	}
	if !o.AsOwner {
		config.ConnConfig.RuntimeParams["role"] = appRole
	}
	config.ConnConfig.RuntimeParams["lock_timeout"] = strconv.FormatInt(lockWait.Milliseconds(), 10)
	if o.MaxConns > 0 {
		config.MaxConns = o.MaxConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fault("open", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		var pg *pgconn.PgError
		if errors.As(err, &pg) && (pg.Code == noSuchRole || pg.Code == insufficientPrivilege) {
			return nil, fmt.Errorf("this database was not migrated, or its login may not act as %s; run `worker migrate`, and see Roles in docs/runbook.md (SQLSTATE %s)", appRole, pg.Code)
		}
		return nil, fault("open", err)
	}
	s := &Store{pool: pool, keys: o.Keys, indexKey: append([]byte(nil), o.IndexKey...), log: o.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.again("open", func() error { _, err := s.seal(place{}, nil); return err }); err != nil { // the practice's own data key
		pool.Close()
		return nil, err
	}
	if err := s.checkIndexKey(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// Close waits for what is under way and closes every connection.
func (s *Store) Close() { s.pool.Close() }

// Ping says whether Postgres answers.
func (s *Store) Ping(ctx context.Context) error { return fault("ping", s.pool.Ping(ctx)) }
