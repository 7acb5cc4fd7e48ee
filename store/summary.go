package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/record"
)

// summaryRow is what lists know of a client, as it is stored.
type summaryRow struct {
	line        record.BoardLine
	sealedLine  []byte
	sealedSheet []byte
	entries     []record.Entry
}

// nextDue is the time of what is next; nil when nothing is.
func (r summaryRow) nextDue() *time.Time {
	if r.line.NextDue.IsZero() {
		return nil
	}
	return &r.line.NextDue
}

func linePlace(clientID string, version int) place {
	return place{table: "client", column: "line", row: clientID, client: clientID, version: version}
}

func sheetPlace(clientID string, version int) place {
	return place{table: "client", column: "sheet", row: clientID, client: clientID, version: version}
}

// summaryRow sums up a chart as of a time; version is that of the saved chart.
func (s *Store) summaryRow(c *care.Chart, version int, at time.Time) (row summaryRow, err error) {
	summary := record.SummaryOf(c, at)
	row.line, row.entries = summary.Line, summary.Entries
	if row.sealedLine, err = s.sealLine(linePlace(c.ClientID, version), summary.Line); err != nil {
		return row, err
	}
	row.sealedSheet, err = s.sealJSON(sheetPlace(c.ClientID, version), summary.Sheet)
	return row, err
}

// sealLine seals a line of the board as two lines of JSON: the line with its first shut gate, and the other shut
// gates. Pages show the first gate only, and reading all of them takes four times as long.
func (s *Store) sealLine(at place, l record.BoardLine) ([]byte, error) {
	first := min(1, len(l.Blocked))
	others := l.Blocked[first:]
	l.Blocked = l.Blocked[:first:first]
	return s.sealJSON(at, l, others)
}

// openLine opens a line of the board with its first shut gate, or with all of them if it is to be whole.
func (s *Store) openLine(at place, sealed []byte, whole bool) (l record.BoardLine, err error) {
	if !whole {
		return l, s.openJSON(at, sealed, &l)
	}
	var others []care.Gate
	err = s.openJSON(at, sealed, &l, &others)
	l.Blocked = append(l.Blocked, others...)
	return l, err
}

// syncEntries makes a client's entries those given, once b is run. What stays is not written again.
func syncEntries(b *statements, clientID string, entries []record.Entry) {
	n := len(entries)
	kinds, who, due, nos := make([]string, n), make([]string, n), make([]time.Time, n), make([]int32, n)
	until, cents := make([]*time.Time, n), make([]int64, n)
	for i, e := range entries {
		kinds[i], who[i], due[i], nos[i], cents[i] = string(e.Kind), e.Who, e.Due, int32(e.No), int64(e.Cents)
		if !e.Until.IsZero() {
			until[i] = &entries[i].Until
		}
	}
	b.Queue(`
		WITH want AS MATERIALIZED (
			SELECT kind, who, due, no, coalesce(until, 'infinity') AS until, cents
			FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::timestamptz[], $7::bigint[]) AS w (kind, who, due, no, until, cents)),
		gone AS (
			DELETE FROM client_entry WHERE client_id = $1 AND (kind, who, due, no) NOT IN (SELECT kind, who, due, no FROM want))
		INSERT INTO client_entry AS e (client_id, kind, who, due, no, until, cents)
		SELECT $1, w.kind, w.who, w.due, w.no, w.until, w.cents FROM want w
		WHERE (w.kind, w.who, w.due, w.no, w.until, w.cents) NOT IN (SELECT o.kind, o.who, o.due, o.no, o.until, o.cents FROM client_entry o WHERE o.client_id = $1)
		ON CONFLICT (client_id, kind, who, due, no) DO UPDATE SET until = EXCLUDED.until, cents = EXCLUDED.cents`,
		clientID, kinds, who, due, nos, until, cents)
}

// stale finds the clients of whom lists do not know how they stand: their time has come, an earlier build saved or summed up their
// chart, or results of messages came in since. Each part finds $3 at most: after an upgrade one of them has everybody.
const stale = `
	(SELECT client_id AS id FROM client_entry WHERE kind = 'change' AND who = '' AND due <= $1 LIMIT $3)
	UNION (SELECT id FROM client WHERE (line_form < $2 OR line_form > $2) AND erased_at IS NULL LIMIT $3)
	UNION (SELECT id FROM client WHERE left_behind AND erased_at IS NULL LIMIT $3)
	UNION (SELECT client_id FROM send_record WHERE NOT listed LIMIT $3)`

// RefreshSummaries sums up again what lists know of clients that no longer holds at a time, of limit clients at most, and says of how
// many. It may be called by many at once and after any interruption.
func (s *Store) RefreshSummaries(ctx context.Context, now time.Time, limit int) (n int, err error) {
	var ids []string
	err = s.alone("find stale summaries", func(q querier) error {
		ids, err = each(ctx, q, func(r pgx.Row) (id string, err error) { return id, r.Scan(&id) }, `SELECT c.id FROM (`+stale+`) s JOIN client c USING (id) WHERE c.erased_at IS NULL LIMIT $3`, now, record.SummaryForm, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := s.refreshSummary(ctx, id, now); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (s *Store) refreshSummary(ctx context.Context, clientID string, now time.Time) error {
	return s.inTx(ctx, "refresh summary", func(tx pgx.Tx) error {
		var saved savedChart
		err := tx.QueryRow(ctx, `SELECT `+savedChartColumns+` FROM client c WHERE c.id = $1 FOR NO KEY UPDATE SKIP LOCKED`, clientID).Scan(saved.into()...)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // somebody saves the chart at this moment, and with it what lists know
		}
		if err != nil {
			return err
		}
		chart, err := s.openChart(saved)
		if err != nil {
			return err
		}
		row, err := s.summaryRow(chart, saved.version, now)
		if err != nil {
			return err
		}
		var b statements
		b.Queue(`UPDATE client SET stage = $2, blocked_by = $3, move = $4, moves = $5, next_due = $6, attention = $7, line = $8, line_version = $9, line_form = $10, sheet = $11
			WHERE id = $1`, clientID, row.line.Stage, row.line.BlockedBy, row.line.Move, row.line.Moves, row.nextDue(), row.line.Attention, row.sealedLine, saved.version, record.SummaryForm, row.sealedSheet)
		b.Queue(`UPDATE send_record SET listed = true WHERE client_id = $1 AND NOT listed AND (epoch < $2 OR epoch = $2 AND no = ANY($3::int[]))`,
			clientID, saved.epoch, saved.nos)
		syncEntries(&b, clientID, row.entries)
		return b.run(ctx, tx)
	})
}
