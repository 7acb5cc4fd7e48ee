package store

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/keyring"
)

const (
	// keepDataKey is how long a data key stays in memory. It is how long a program that runs may still read a record whose key
	// was erased.
	keepDataKey = 10 * time.Minute
	// mostDataKeys is how many data keys stay in memory.
	mostDataKeys = 10_000
	// dataKeyLoads is how often one action may load a data key that it missed, or make one. Lists load theirs together (haveKeys).
	dataKeyLoads = mostDataKeys
	// dataKeyWait is how long loading may take.
	dataKeyWait = 10 * time.Second
)

// dataKey is an owner's key as it is used.
type dataKey struct {
	id   string // stands in the clear before what it sealed
	aead cipher.AEAD
	at   time.Time // when it was loaded
}

// noDataKey says that the data key of an owner is not in memory. again loads it and tries once more.
type noDataKey struct {
	owner   string
	sealing bool // it is made if there is none
}

func (e *noDataKey) Error() string { return "the data key of a record is not loaded" }
func (e *noDataKey) Unwrap() error { return ErrSealed }

// dataKeys are the data keys in memory, by owner: a client's id, or "" for the practice. The zero value holds none.
type dataKeys struct {
	mu sync.RWMutex
	by map[string]dataKey
}

func (k *dataKeys) get(owner string) (dataKey, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.by[owner]
	return key, ok && (owner == "" || time.Since(key.at) < keepDataKey)
}

// put keeps one more key. If there are too many, others leave; they are loaded again when they are needed.
func (k *dataKeys) put(owner string, key dataKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil {
		k.by = map[string]dataKey{}
	}
	for other := range k.by {
		if len(k.by) < mostDataKeys {
			break
		}
		if other != "" {
			delete(k.by, other)
		}
	}
	k.by[owner] = key
}

func (k *dataKeys) forget(owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.by, owner)
}

func dataKeyPlace(owner, id string) place {
	return place{table: "data_key", column: "sealed", row: owner + "/" + id}
}

// wrap seals a data key with the practice's current key.
func (s *Store) wrap(owner, id string, key []byte) []byte {
	current := s.keys.Current()
	head := header(secondForm, current)
	return s.keys.Key(current).Seal(head, nil, key, dataKeyPlace(owner, id).bound(head))
}

// unwrap makes a data key usable; care.ErrErased if it was destroyed.
func (s *Store) unwrap(owner, id string, sealed []byte) (dataKey, error) {
	if sealed == nil {
		return dataKey{}, care.ErrErased
	}
	plain, err := s.open(dataKeyPlace(owner, id), sealed)
	if err != nil {
		return dataKey{}, err
	}
	aead, err := keyring.Cipher(plain)
	if err != nil {
		return dataKey{}, fmt.Errorf("%w: data_key.sealed holds no key", ErrSealed)
	}
	return dataKey{id: id, aead: aead, at: time.Now()}, nil
}

// loadMissing loads the data key that an action missed.
func (s *Store) loadMissing(missing *noDataKey) error {
	// The action's own context is not known here. What it costs to go on without it is one small query.
	ctx, cancel := context.WithTimeout(context.Background(), dataKeyWait)
	defer cancel()
	return s.loadDataKey(ctx, *missing)
}

// loadDataKey loads one data key. Of many programs that need a new owner's key at the same moment, one makes it.
func (s *Store) loadDataKey(ctx context.Context, of noDataKey) error {
	var id string
	var sealed []byte
	if err := s.alone("load data key", func(q querier) error {
		const read = `SELECT id, sealed FROM data_key WHERE owner = $1`
		err := q.QueryRow(ctx, read, of.owner).Scan(&id, &sealed)
		if errors.Is(err, pgx.ErrNoRows) && of.sealing {
			id = rand.Text()
			if _, err := q.Exec(ctx, `INSERT INTO data_key (owner, id, sealed) VALUES ($1, $2, $3) ON CONFLICT (owner) DO NOTHING`,
				of.owner, id, s.wrap(of.owner, id, keyring.NewKey())); err != nil {
				return err
			}
			err = q.QueryRow(ctx, read, of.owner).Scan(&id, &sealed)
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("%w: its owner has no data key", ErrSealed)
		}
		return err
	}); err != nil {
		return err
	}
	key, err := s.unwrap(of.owner, id, sealed)
	if err == nil {
		s.dataKeys.put(of.owner, key)
	}
	return err
}

// haveKeys loads the data keys of some owners that are not in memory, in one query. An owner who has none, or whose key was erased, is
// found out when something of theirs is opened.
func (s *Store) haveKeys(ctx context.Context, q querier, owners []string) error {
	var missing []string
	for _, owner := range owners {
		if _, ok := s.dataKeys.get(owner); !ok {
			missing = append(missing, owner)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, dataKeysOf, missing)
	if err != nil {
		return err
	}
	return s.keepKeys(rows)
}

// dataKeysOf reads the data keys of some owners for keepKeys.
const dataKeysOf = `SELECT owner, id, sealed FROM data_key WHERE owner = ANY($1) AND sealed IS NOT NULL`

// dataKeyOf reads the data key of one owner for keepKeys, by a plan that Postgres keeps.
const dataKeyOf = `SELECT owner, id, sealed FROM data_key WHERE owner = $1 AND sealed IS NOT NULL`

// keepKeys keeps the data keys that were read in memory.
func (s *Store) keepKeys(rows pgx.Rows) error {
	var owner, id string
	var sealed []byte
	_, err := pgx.ForEachRow(rows, []any{&owner, &id, &sealed}, func() error {
		key, err := s.unwrap(owner, id, sealed)
		if err == nil {
			s.dataKeys.put(owner, key)
		}
		return err
	})
	return err
}

// each reads all rows of a query, loads the data keys of their owners at once, and opens them. A list that opened them one by one
// would begin again for each key.
func (read reader[R, T]) each(ctx context.Context, s *Store, q querier, sql string, args ...any) ([]T, error) {
	rows, err := each(ctx, q, read.scan, sql, args...)
	if err != nil {
		return nil, err
	}
	return read.openRows(ctx, s, q, rows)
}

// openRows opens rows whose data keys it loads at once.
func (read reader[R, T]) openRows(ctx context.Context, s *Store, q querier, rows []R) (opened []T, err error) {
	owners := make([]string, len(rows))
	for i, r := range rows {
		owners[i] = read.owner(r)
	}
	if err := s.haveKeys(ctx, q, owners); err != nil {
		return nil, err
	}
	opened = make([]T, len(rows))
	for i, r := range rows {
		if opened[i], err = read.open(r); err != nil {
			return nil, err
		}
	}
	return opened, nil
}

// reader reads the rows of a list of many clients.
type reader[R, T any] struct {
	scan  func(pgx.Row) (R, error)
	owner func(R) string
	open  func(R) (T, error)
}
