package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/money"
	"kapflow/care/record"
)

// boardOrder is the board's order. The indexes client_board and client_board_stage have it.
const boardOrder = `NOT attention, coalesce(next_due, 'infinity'::timestamptz), id`

// boardRow is a row of the board before it is opened.
type boardRow struct {
	sealed  []byte // the line
	version int
	fresh   bool // the line is of this chart, by this build's function
	place   record.BoardPlace
}

// BoardPage gives the lines of the clients whom a filter keeps, limit at most, after a place in the board's order. It opens no chart,
// unless an earlier build left a line behind. Of the shut gates a line names all and tells of the first; with BoardPageWhole it tells
// of all. next is the place after which to go on; its ID is empty at the end.
func (s *Store) BoardPage(ctx context.Context, f record.BoardFilter, after record.BoardPlace, limit int) (lines []record.BoardLine, next record.BoardPlace, err error) {
	return s.boardLines(ctx, f, after, limit, false)
}

// BoardPageWhole is BoardPage with all that is known of each shut gate.
func (s *Store) BoardPageWhole(ctx context.Context, f record.BoardFilter, after record.BoardPlace, limit int) (lines []record.BoardLine, next record.BoardPlace, err error) {
	return s.boardLines(ctx, f, after, limit, true)
}

func (s *Store) boardLines(ctx context.Context, f record.BoardFilter, after record.BoardPlace, limit int, whole bool) (lines []record.BoardLine, next record.BoardPlace, err error) {
	sql, args := boardPage(f, after, limit+1)
	var rows []boardRow
	err = s.alone("read board page", func(q querier) error {
		if rows, err = each(ctx, q, scanBoardRow, sql, args...); err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.place.ID
		}
		if err := s.haveKeys(ctx, q, ids); err != nil {
			return err
		}
		lines, next = make([]record.BoardLine, 0, len(rows)), record.BoardPlace{}
		if len(rows) > limit {
			rows, next = rows[:limit], rows[limit-1].place
		}
		for _, row := range rows {
			l, err := s.boardLine(ctx, row, whole)
			if err != nil {
				return err
			}
			lines = append(lines, l)
		}
		return nil
	})
	return lines, next, err
}

// boardPage is the query of a page, with its arguments.
func boardPage(f record.BoardFilter, after record.BoardPlace, limit int) (sql string, args []any) {
	sql, args = `SELECT id, line, line_version, line_form = $1 AND NOT left_behind, NOT attention, next_due FROM client WHERE erased_at IS NULL`, []any{record.SummaryForm}
	if f.Stage != "" {
		args = append(args, f.Stage)
		sql += fmt.Sprintf(` AND stage = $%d`, len(args))
	}
	if f.Move != "" {
		args = append(args, f.Move)
		sql += fmt.Sprintf(` AND $%d = ANY(moves)`, len(args))
	}
	if f.Blocked {
		sql += ` AND cardinality(blocked_by) > 0`
	}
	if after.ID != "" {
		var due *time.Time
		if !after.Next.IsZero() {
			due = &after.Next
		}
		args = append(args, after.Calm, due, after.ID)
		sql += fmt.Sprintf(` AND (`+boardOrder+`) > ($%d, coalesce($%d::timestamptz, 'infinity'), $%d)`, len(args)-2, len(args)-1, len(args))
	}
	args = append(args, limit)
	return sql + fmt.Sprintf(` ORDER BY `+boardOrder+` LIMIT $%d`, len(args)), args
}

func scanBoardRow(r pgx.Row) (row boardRow, err error) {
	var due *time.Time
	err = r.Scan(&row.place.ID, &row.sealed, &row.version, &row.fresh, &row.place.Calm, &due)
	if due != nil {
		row.place.Next = due.UTC()
	}
	return row, err
}

// boardLine opens the line of a row, or makes it from the chart, whole, when it was left behind.
func (s *Store) boardLine(ctx context.Context, row boardRow, whole bool) (l record.BoardLine, err error) {
	if !row.fresh {
		c, err := s.Chart(ctx, row.place.ID)
		if err != nil {
			return l, err
		}
		return record.SummaryOf(c, c.Published.At).Line, nil
	}
	l, err = s.openLine(linePlace(row.place.ID, row.version), row.sealed, whole)
	l.NextDue = row.place.Next
	return l, err
}

// sheetRow is a sheet before it is opened.
type sheetRow struct {
	client  string
	sealed  []byte
	version int
	fresh   bool // it is of this chart, by this build's function
}

// Sheets gives what a day shows of some clients, in the order of their ids. It opens no chart, unless an earlier build left a sheet
// behind, or the day begins before a sheet does.
func (s *Store) Sheets(ctx context.Context, clientIDs []string, from time.Time) (sheets []record.Sheet, err error) {
	if len(clientIDs) == 0 {
		return nil, nil
	}
	read := reader[sheetRow, record.Sheet]{
		scan:  func(r pgx.Row) (x sheetRow, err error) { return x, r.Scan(&x.client, &x.sealed, &x.version, &x.fresh) },
		owner: func(x sheetRow) string { return x.client },
		open: func(x sheetRow) (sheet record.Sheet, err error) {
			if x.fresh {
				err = s.openJSON(sheetPlace(x.client, x.version), x.sealed, &sheet)
			}
			if err != nil || x.fresh && !from.Before(sheet.From) {
				return sheet, err
			}
			chart, err := s.Chart(ctx, x.client)
			if err != nil {
				return sheet, err
			}
			return record.SheetOf(chart, chart.Published.At, from), nil
		},
	}
	err = s.alone("read sheets", func(q querier) error {
		sheets, err = read.each(ctx, s, q, `SELECT id, sheet, line_version, line_form = $2 AND NOT left_behind AND sheet IS NOT NULL FROM client
			WHERE id = ANY($1) AND erased_at IS NULL ORDER BY id`, clientIDs, record.SummaryForm)
		return err
	})
	return sheets, err
}

// aheadFor is how many entries a search looks at for each client that it may give. Few clients have more entries of one kind that are due.
const aheadFor = 8

// Found gives the clients who have entries of a kind, of some people if any are named, that are due in a stretch of time, each once, by
// their first such entry; limit at most. It looks at the first entries, by index, and at all of them only if those are of too few clients.
func (s *Store) Found(ctx context.Context, f record.EntrySearch, limit int) (ids []string, err error) {
	where, args := entryWhere(f, ofThesePeople)
	if most := aheadFor * limit; limit < math.MaxInt32/aheadFor {
		ids, all, err := s.foundAhead(ctx, f, most)
		if err != nil || all || len(ids) >= limit {
			return ids[:min(limit, len(ids))], err
		}
	}
	err = s.alone("find clients", func(q querier) error {
		ids, err = each(ctx, q, scanID,
			`SELECT client_id FROM client_entry e WHERE `+where+` GROUP BY client_id ORDER BY min(due), client_id LIMIT `+fmt.Sprintf(`$%d`, len(args)+1), append(args, limit)...)
		return err
	})
	return ids, err
}

// foundAhead gives the clients of the first entries that a search finds, most at most for each person whom it names. all says that there are
// no others.
func (s *Store) foundAhead(ctx context.Context, f record.EntrySearch, most int) (ids []string, all bool, err error) {
	where, args := entryWhere(f, ofThisPerson)
	err = s.alone("find clients", func(q querier) error {
		found, err := each(ctx, q, scanID, `SELECT x.client_id FROM (SELECT DISTINCT unnest($2::text[]) AS who) w,
			LATERAL (SELECT client_id, due FROM client_entry e WHERE `+where+fmt.Sprintf(` ORDER BY due, client_id LIMIT $%d) x
			ORDER BY x.due, x.client_id LIMIT $%d`, len(args)+1, len(args)+1), append(args, most)...)
		ids, all = distinct(found), len(found) < most
		return err
	})
	return ids, all, err
}

func scanID(r pgx.Row) (id string, err error) { return id, r.Scan(&id) }

// distinct gives each of some ids once, by where it stands first.
func distinct(ids []string) (out []string) {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id], out = true, append(out, id)
		}
	}
	return out
}

// CountFound counts what Found looks among: a row of the inbox once, however many roles decide it.
func (s *Store) CountFound(ctx context.Context, f record.EntrySearch) (n int, err error) {
	where, args := entryWhere(f, ofThesePeople)
	count := `SELECT count(*) FROM client_entry e WHERE ` + where
	if f.Kind == record.EntryInbox {
		count = `SELECT count(*) FROM (SELECT DISTINCT client_id, due, no FROM client_entry e WHERE ` + where + `) x`
	}
	err = s.alone("count entries", func(q querier) error { return q.QueryRow(ctx, count, args...).Scan(&n) })
	return n, err
}

// Whose entries a search finds, as SQL: of all the people whom it names, or of the one in the row that it is joined with.
const (
	ofThesePeople = "e.who = ANY($2)"
	ofThisPerson  = "e.who = w.who"
)

// entryWhere gives the condition of a search and its arguments, of which the second are the people.
func entryWhere(f record.EntrySearch, whose string) (where string, args []any) {
	who := f.Who
	if len(who) == 0 {
		who = []string{""}
	}
	where, args = `e.kind = $1 AND `+whose, []any{f.Kind, who}
	for _, x := range []struct {
		sql string
		at  time.Time
	}{{` AND e.due >= $%d`, f.From}, {` AND e.due < $%d`, f.To}, {` AND e.until >= $%d`, f.Until}} {
		if !x.at.IsZero() {
			args = append(args, x.at)
			where += fmt.Sprintf(x.sql, len(args))
		}
	}
	if f.TreatedBy != "" {
		args = append(args, f.TreatedBy)
		where += fmt.Sprintf(` AND EXISTS (SELECT FROM client_entry t WHERE t.client_id = e.client_id AND t.kind = 'treats' AND t.who = $%d)`, len(args))
	}
	return where, args
}

// Owing gives the clients who owe most in both fee sets together, limit at most, those to whom the practice owes last; and what all
// owe in each fee set, without those who paid ahead.
func (s *Store) Owing(ctx context.Context, limit int) (ids []string, owed map[money.FeeSet]money.Cents, clients int, err error) {
	err = s.alone("read who owes", func(q querier) error {
		ids, err = each(ctx, q, scanID,
			`SELECT client_id FROM client_entry WHERE kind = 'owed' AND who = $1 ORDER BY cents DESC, client_id LIMIT $2`, record.EntryBoth, limit)
		return err
	})
	if err != nil {
		return nil, nil, 0, err
	}
	owed = map[money.FeeSet]money.Cents{}
	err = s.alone("sum what is owed", func(q querier) error {
		rows, err := q.Query(ctx, `SELECT who, sum(greatest(cents, 0))::bigint, count(*) FROM client_entry WHERE kind = 'owed' GROUP BY who`)
		if err != nil {
			return err
		}
		var who string
		var cents int64
		var n int
		_, err = pgx.ForEachRow(rows, []any{&who, &cents, &n}, func() error {
			if who == record.EntryBoth {
				clients = n
			} else {
				owed[money.FeeSet(who)] = money.Cents(cents)
			}
			return nil
		})
		return err
	})
	return ids, owed, clients, err
}

// Clinicians gives the ids of everybody who has a client in a course that is open, or takes one over, in order.
func (s *Store) Clinicians(ctx context.Context) (ids []string, err error) {
	err = s.alone("read clinicians", func(q querier) error {
		ids, err = each(ctx, q, scanID,
			`SELECT DISTINCT who FROM client_entry WHERE kind = 'clinician' ORDER BY who`)
		return err
	})
	return ids, err
}
