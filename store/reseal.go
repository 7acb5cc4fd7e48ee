package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// sealedTable says of a table with sealed fields, in SQL, what they are bound to.
type sealedTable struct {
	name    string
	columns []string
	row     string // the row's name
	client  string
	version string
	again   string // where the fields are sealed again; empty: in their own column
}

// sealedTables are all tables with sealed fields besides data_key. A test holds that none is missing.
var sealedTables = []sealedTable{
	{name: "client", columns: []string{"chart", "line", "sheet"}, row: "id", client: "id", version: "chart_version"},
	{name: "client", columns: []string{"outcome"}, row: "id", client: "id", version: "outcome_version"},
	{name: "contact", columns: contactColumns, row: "client_id", client: "client_id", version: "version"},
	{name: "billing", columns: []string{"legal_name", "address", "member_id"}, row: "client_id", client: "client_id", version: "version"},
	{name: "private_text", columns: []string{"body"}, row: "ref", client: "client_id", version: "0"},
	{name: "fact", columns: []string{"body"}, row: "client_id || '/' || seq", client: "client_id", version: "0"},
	{name: "journal", columns: []string{"body"}, row: "key", client: "client_id", version: "0"},
	{name: "letter", columns: []string{"why", "text", "sent_to"}, row: "key", client: "client_id", version: "0"},
	{name: "document", columns: []string{"html", "pdf"}, row: "id", client: "client_id", version: "0"},
	{name: "send_record", columns: []string{"body"}, row: "client_id || '/' || epoch || '/' || no", client: "client_id", version: "0"},
	{name: "matter", columns: []string{"words", "reason"}, row: "kind || '/' || about || CASE WHEN clients = '{}' THEN '' ELSE '/' || array_to_string(clients, ',') END", client: "client_id", version: "0"},
	{name: "provider_event", columns: []string{"body"}, row: "provider || '/' || event_id", client: "client_id", version: "0"},
	{name: "mailbox", columns: []string{"sent_to", "subject", "text"}, row: "key", client: "client_id", version: "0"},
	{name: "draft", columns: []string{"data"}, row: "person || '/' || about || '/' || form", client: "CASE about WHEN '" + care.DraftOfPractice + "' THEN '' ELSE about END", version: "0"},
	{name: "session", columns: []string{"data"}, row: "encode(token_hash, 'hex')", client: "''", version: "0"},
	{name: "ceremony", columns: []string{"data"}, row: "encode(id_hash, 'hex')", client: "''", version: "0"},
	{name: "passkey", columns: []string{"data"}, row: "encode(id_hash, 'hex')", client: "''", version: "0"},
	{name: auditTable, columns: []string{"detail"}, row: "id", client: "subject", version: "0", again: "detail_again"},
}

// older is the condition for a row with a field of an older form.
func (t sealedTable) older() string {
	var any []string
	for _, c := range t.columns {
		any = append(any, fmt.Sprintf("get_byte(%s, 0) < %d", c, sealForm))
	}
	condition := "(" + strings.Join(any, " OR ") + ")"
	if t.again != "" {
		condition += " AND " + t.again + " IS NULL"
	}
	return condition
}

// Resealed counts what was sealed again.
type Resealed struct{ Keys, Rows int }

const (
	resealPages = 8   // pages of a table that are looked through in one transaction
	resealKeys  = 200 // data keys that are sealed again in one transaction
)

// ErrNotOwner says that the login does not own the tables.
var ErrNotOwner = errors.New("this needs the login that owns the tables; run it with that one's DATABASE_URL, as `worker migrate`")

// Reseal seals every data key with the practice's current key, and every field of an older form with its owner's data key, in small
// transactions while programs go on working. It can be ended at any time; the next call goes on. Afterwards KeyUse names the current
// key only. step is called after each transaction. The store must be of the tables' owner.
func (s *Store) Reseal(ctx context.Context, step func(Resealed)) (done Resealed, err error) {
	if err := s.mustOwn(ctx); err != nil {
		return done, err
	}
	for {
		n, err := s.resealKeys(ctx)
		done.Keys += n
		if err != nil {
			return done, err
		}
		if n == 0 {
			break
		}
		step(done)
	}
	for _, t := range sealedTables {
		for left := true; left; { // rows that a program moved meanwhile are found the next time
			if err := s.resealTable(ctx, t, &done, step); err != nil {
				return done, err
			}
			if err := s.alone("look for older fields", func(q querier) error {
				return q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+t.name+` WHERE `+t.older()+`)`).Scan(&left)
			}); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

func (s *Store) mustOwn(ctx context.Context) error {
	var owns bool
	if err := s.alone("look who owns the tables", func(q querier) error {
		return q.QueryRow(ctx, `SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_catalog.pg_class WHERE oid = 'public.data_key'::regclass`).Scan(&owns)
	}); err != nil {
		return err
	}
	if !owns {
		return ErrNotOwner
	}
	return nil
}

// asReseal runs fn in a transaction in which fields may be sealed again.
func (s *Store) asReseal(ctx context.Context, what string, fn func(tx pgx.Tx) error) error {
	return s.inTx(ctx, what, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL kapflow.reseal = 'on'`); err != nil {
			return err
		}
		return fn(tx)
	})
}

// keyID is the id of the key that sealed a field, as SQL.
func keyID(column string) string {
	return fmt.Sprintf("convert_from(substring(%[1]s FROM 3 FOR get_byte(%[1]s, 1)), 'UTF8')", column)
}

// resealKeys seals some data keys with the practice's current key and says how many.
func (s *Store) resealKeys(ctx context.Context) (n int, err error) {
	type row struct {
		owner, id string
		sealed    []byte
	}
	err = s.asReseal(ctx, "seal data keys again", func(tx pgx.Tx) error {
		rows, err := each(ctx, tx, func(r pgx.Row) (k row, err error) { return k, r.Scan(&k.owner, &k.id, &k.sealed) },
			`SELECT owner, id, sealed FROM data_key WHERE `+keyID("sealed")+` <> $1 ORDER BY owner LIMIT $2 FOR NO KEY UPDATE`, s.keys.Current(), resealKeys)
		if err != nil {
			return err
		}
		for _, k := range rows {
			plain, err := s.open(dataKeyPlace(k.owner, k.id), k.sealed)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE data_key SET sealed = $2 WHERE owner = $1`, k.owner, s.wrap(k.owner, k.id, plain)); err != nil {
				return err
			}
		}
		n = len(rows)
		return nil
	})
	return n, err
}

// resealTable goes through a table once, some pages at a time.
func (s *Store) resealTable(ctx context.Context, t sealedTable, done *Resealed, step func(Resealed)) error {
	var pages int
	if err := s.alone("measure table", func(q querier) error {
		return q.QueryRow(ctx, `SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int`, "public."+t.name).Scan(&pages)
	}); err != nil {
		return err
	}
	for from := 0; from < pages; from += resealPages {
		n, err := s.resealRows(ctx, t, from)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if done.Rows += n; n > 0 {
			step(*done)
		}
	}
	return nil
}

// olderRow is a row with fields of an older form.
type olderRow struct {
	ctid   string
	at     place
	fields [][]byte
}

// resealRows seals the rows of some pages again and says how many. A row keeps its name in the table until the transaction ends,
// because it is locked.
func (s *Store) resealRows(ctx context.Context, t sealedTable, from int) (n int, err error) {
	into := t.columns
	if t.again != "" {
		into = []string{t.again}
	}
	var set []string
	for i, column := range into {
		set = append(set, fmt.Sprintf("%s = $%d", column, i+2))
	}
	update := fmt.Sprintf(`UPDATE %s SET %s WHERE ctid = $1::tid`, t.name, strings.Join(set, ", "))
	err = s.asReseal(ctx, "seal rows again", func(tx pgx.Tx) error {
		rows, err := each(ctx, tx, t.scan, fmt.Sprintf(`SELECT ctid::text, %s, %s, %s, %s FROM %s
			WHERE ctid >= format('(%%s,0)', $1::int)::tid AND ctid < format('(%%s,0)', $2::int)::tid AND %s FOR NO KEY UPDATE`,
			t.row, t.client, t.version, strings.Join(t.columns, ", "), t.name, t.older()), from, from+resealPages)
		if err != nil {
			return err
		}
		for _, row := range rows {
			args := []any{row.ctid}
			for i, field := range row.fields {
				at := row.at
				at.column = t.columns[i]
				again, err := s.sealAgain(at, field)
				if err != nil {
					return err
				}
				args = append(args, again)
			}
			if _, err := tx.Exec(ctx, update, args...); err != nil {
				return err
			}
		}
		n = len(rows)
		return nil
	})
	return n, err
}

func (t sealedTable) scan(r pgx.Row) (row olderRow, err error) {
	row.at.table, row.fields = t.name, make([][]byte, len(t.columns))
	into := []any{&row.ctid, &row.at.row, &row.at.client, &row.at.version}
	for i := range row.fields {
		into = append(into, &row.fields[i])
	}
	return row, r.Scan(into...)
}

// sealAgain gives a field in the newest form. One that is in it, or is not there, stays.
func (s *Store) sealAgain(at place, field []byte) ([]byte, error) {
	if field == nil || len(field) > 0 && field[0] == sealForm {
		return field, nil
	}
	plain, err := s.open(at, field)
	if err != nil {
		return nil, err
	}
	return s.seal(at, plain)
}

// KeyUse says how much in a table needs one of the practice's keys.
type KeyUse struct {
	Key, Table string
	Count      int
}

// KeyUse lists which of the practice's keys are needed, and for what. A key that is not named can be taken out.
func (s *Store) KeyUse(ctx context.Context) (uses []KeyUse, err error) {
	queries := []string{`SELECT ` + keyID("sealed") + `, 'data_key', count(*) FROM data_key WHERE sealed IS NOT NULL GROUP BY 1`}
	for _, t := range sealedTables {
		for _, column := range t.columns {
			one := t
			one.columns = []string{column}
			queries = append(queries, fmt.Sprintf(`SELECT %s, '%s.%s', count(*) FROM %s WHERE %s GROUP BY 1`, keyID(column), t.name, column, t.name, one.older()))
		}
	}
	err = s.alone("count what keys seal", func(q querier) error {
		uses, err = each(ctx, q, func(r pgx.Row) (u KeyUse, err error) { return u, r.Scan(&u.Key, &u.Table, &u.Count) }, strings.Join(queries, " UNION ALL "))
		return err
	})
	slices.SortFunc(uses, func(a, b KeyUse) int { return strings.Compare(a.Key+" "+a.Table, b.Key+" "+b.Table) })
	return uses, err
}
