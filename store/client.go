package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/record"
)

// NewClient writes a client with their first chart, or gives the id of the client who has the same identity
// already, or fails with a *care.SamePersonError when somebody else's record seems to be theirs. Of many who enrol one identity at
// the same moment, one creates it: the others wait for it.
func (s *Store) NewClient(ctx context.Context, n care.NewClient) (clientID string, created bool, err error) {
	chart := n.Save.Chart
	if chart == nil {
		return "", false, fmt.Errorf("store: new client: %w: there is no chart", ErrInvalid)
	}
	row, err := s.readyChartRow(n.Save)
	if err != nil {
		return "", false, err
	}
	identity := s.identityIndex(n.Identity)
	err = s.inTx(ctx, "new client", func(tx pgx.Tx) error {
		if n.FindSame {
			if err := enrolOneByOne(ctx, tx); err != nil {
				return err
			}
		}
		var err error
		if clientID, err = s.knownClient(ctx, tx, n); clientID != "" || err != nil {
			created = false
			return err
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO client (id, identity, chart, chart_version, stage, blocked_by, move, next_due, attention, enrolled_at, saved_at,
				moves, line, line_version, line_form, decided_at, sheet)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $4, $14, $11, $15)
			ON CONFLICT (identity) DO NOTHING`,
			chart.ClientID, identity, row.sealed, chart.Version, row.line.Stage, row.line.BlockedBy, row.line.Move, row.nextDue(), row.line.Attention, chart.EnrolledAt, row.at,
			row.line.Moves, row.sealedLine, record.SummaryForm, row.sealedSheet)
		if err != nil {
			return err
		}
		if created = tag.RowsAffected() == 1; !created {
			return tx.QueryRow(ctx, `SELECT id FROM client WHERE identity = $1`, identity).Scan(&clientID)
		}
		clientID = chart.ClientID
		if err := s.writeContact(ctx, tx, clientID, n.Contact); err != nil {
			return err
		}
		if n.Billing != (care.Billing{}) {
			if err := s.writeBilling(ctx, tx, clientID, n.Billing, 1); err != nil {
				return err
			}
		}
		return s.writeStep(ctx, tx, n.Save, &row)
	})
	if err != nil {
		return "", false, err
	}
	return clientID, created, nil
}

// KnownClient gives the id of the client who has the identity of somebody who is about to be enrolled, and nothing if there is none. The
// error is a *care.SamePersonError when somebody else's record seems to be theirs. It writes nothing.
func (s *Store) KnownClient(ctx context.Context, n care.NewClient) (clientID string, err error) {
	err = s.inTx(ctx, "known client", func(tx pgx.Tx) error {
		clientID, err = s.knownClient(ctx, tx, n)
		return err
	})
	return clientID, err
}

func (s *Store) knownClient(ctx context.Context, tx pgx.Tx, n care.NewClient) (clientID string, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM client WHERE identity = $1`, s.identityIndex(n.Identity)).Scan(&clientID)
	if !errors.Is(err, pgx.ErrNoRows) {
		return clientID, err
	}
	if n.FindSame {
		return "", s.samePerson(ctx, tx, n.Contact)
	}
	return "", nil
}

// chartRow is a chart as its row holds it: sealed, with what lists show of it beside it.
type chartRow struct {
	sealed []byte
	at     time.Time
	summaryRow
}

// readyChartRow is chartRow ahead of a transaction: the client's data key is loaded if it is not in memory.
func (s *Store) readyChartRow(step care.Save) (row chartRow, err error) {
	err = s.again("seal chart", func() error {
		row, err = s.chartRow(step)
		return err
	})
	return row, err
}

func (s *Store) chartRow(step care.Save) (row chartRow, err error) {
	c := step.Chart
	row.at = savedAt(step)
	if row.sealed, err = s.sealJSON(chartPlace(c.ClientID, c.Version), c); err != nil {
		return row, err
	}
	row.summaryRow, err = s.summaryRow(c, c.Version, row.at)
	return row, err
}

// savedAt is the journey's time of a step, which is not the wall clock's in a rehearsal.
func savedAt(step care.Save) time.Time {
	switch {
	case !step.Chart.Published.At.IsZero():
		return step.Chart.Published.At
	case step.Entry != nil:
		return step.Entry.Now
	default:
		return step.Chart.EnrolledAt
	}
}

func chartPlace(clientID string, version int) place {
	return place{table: "client", column: "chart", row: clientID, client: clientID, version: version}
}

// Chart gives a client's chart as last saved, with every handled notification marked; care.ErrNoClient when there is
// none.
func (s *Store) Chart(ctx context.Context, clientID string) (chart *care.Chart, err error) {
	err = s.alone("read chart", func(q querier) error {
		chart, err = s.readChart(ctx, q, clientID, "")
		return err
	})
	return chart, err
}

// Enrolled says whether a client has that id.
func (s *Store) Enrolled(ctx context.Context, clientID string) (enrolled bool, err error) {
	err = s.alone("look up client", func(q querier) error {
		return q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM client WHERE id = $1)`, clientID).Scan(&enrolled)
	})
	return enrolled, err
}

// readChart reads a chart; lock is added to the query.
func (s *Store) readChart(ctx context.Context, q querier, clientID, lock string) (*care.Chart, error) {
	var saved savedChart
	err := q.QueryRow(ctx, `SELECT `+savedChartColumns+` FROM client c WHERE c.id = $1 `+lock, clientID).Scan(saved.into()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, care.ErrNoClient
	}
	if err != nil {
		return nil, err
	}
	return s.openChart(saved)
}

// lockClient has everything that changes one client take turns. It lets others refer to the client meanwhile.
func lockClient(ctx context.Context, tx pgx.Tx, clientID string) (epoch int, err error) {
	err = tx.QueryRow(ctx, `SELECT epoch FROM client WHERE id = $1 FOR NO KEY UPDATE`, clientID).Scan(&epoch)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, care.ErrNoClient
	}
	return epoch, err
}

// Board gives every client's row, in the order of enrolment. It opens every chart: for rehearsals, which have few clients.
func (s *Store) Board(ctx context.Context) ([]care.BoardRow, error) {
	return s.boardRows(ctx, "read board", `WHERE c.erased_at IS NULL ORDER BY c.enrolled_at, c.id`)
}

// ClientIDs gives a page of the ids of all clients whose records were not erased.
func (s *Store) ClientIDs(ctx context.Context, after string, limit int) (ids []string, next string, err error) {
	return s.idsPage(ctx, limit, `SELECT id FROM client WHERE erased_at IS NULL AND id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// AtWork gives a page of the ids of the clients for whom somebody at the practice has something to do, or who have a visit in a stretch
// of time: with a task, something in the inbox or an alert, or a shut gate.
func (s *Store) AtWork(ctx context.Context, from, to time.Time, after string, limit int) (ids []string, next string, err error) {
	return s.idsPage(ctx, limit, `
		SELECT id FROM (
			SELECT id FROM client WHERE cardinality(blocked_by) > 0 AND erased_at IS NULL
			UNION SELECT client_id FROM client_entry WHERE kind IN ('task', 'inbox', 'alert')
			UNION SELECT client_id FROM client_entry WHERE kind = 'visit' AND who = '' AND due >= $3 AND due < $4) x
		WHERE id > $1 ORDER BY id LIMIT $2`, after, limit, from, to)
}

func (s *Store) idsPage(ctx context.Context, limit int, sql string, args ...any) (ids []string, next string, err error) {
	err = s.alone("read clients", func(q querier) error {
		ids, err = each(ctx, q, func(r pgx.Row) (id string, err error) { return id, r.Scan(&id) }, sql, args...)
		return err
	})
	if len(ids) == limit {
		next = ids[limit-1]
	}
	return ids, next, err
}

// Charts gives the rows of some clients, in the order of enrolment; one that does not exist is left out.
func (s *Store) Charts(ctx context.Context, clientIDs []string) ([]care.BoardRow, error) {
	if len(clientIDs) == 0 {
		return nil, nil
	}
	return s.boardRows(ctx, "read charts", `WHERE c.erased_at IS NULL AND c.id = ANY($1) ORDER BY c.enrolled_at, c.id`, clientIDs)
}

// sealedRow is a client's row before the chart in it is opened.
type sealedRow struct {
	savedChart
	care.BoardRow
}

func (s *Store) boardRows(ctx context.Context, what, where string, args ...any) (rows []care.BoardRow, err error) {
	read := reader[sealedRow, care.BoardRow]{
		scan: func(r pgx.Row) (b sealedRow, err error) {
			return b, r.Scan(append(b.into(), &b.Stage, &b.Enrolled, &b.LastSaved)...)
		},
		owner: func(b sealedRow) string { return b.id },
		open: func(b sealedRow) (_ care.BoardRow, err error) {
			b.ClientID, b.Enrolled, b.LastSaved = b.id, b.Enrolled.UTC(), b.LastSaved.UTC()
			b.Chart, err = s.openChart(b.savedChart)
			return b.BoardRow, err
		},
	}
	err = s.alone(what, func(q querier) error {
		rows, err = read.each(ctx, s, q, `SELECT `+savedChartColumns+`, c.stage, c.enrolled_at, c.saved_at FROM client c `+where, args...)
		return err
	})
	return rows, err
}
