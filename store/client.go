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
// already, or fails with a *care.SamePersonError when somebody else's record seems to be theirs. Of many who enrol one identity at the same moment, one creates it: the others wait for it.
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
		err := tx.QueryRow(ctx, `SELECT id FROM client WHERE identity = $1`, identity).Scan(&clientID)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			created = false
			return err
		}
		if n.FindSame {
			if err := s.samePerson(ctx, tx, n.Contact); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO client (id, identity, chart, chart_version, stage, blocked_by, move, next_due, attention, enrolled_at, saved_at,
				moves, line, line_version, line_form, decided_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $4, $14, $11)
			ON CONFLICT (identity) DO NOTHING`,
			chart.ClientID, identity, row.sealed, chart.Version, row.line.Stage, row.line.BlockedBy, row.line.Move, row.nextDue(), row.line.Attention, chart.EnrolledAt, row.at,
			row.line.Moves, row.sealedLine, record.SummaryForm)
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

// Board gives every client's row, in the order of enrolment. It opens every chart of the practice: lists ask for Charts.
func (s *Store) Board(ctx context.Context) ([]care.BoardRow, error) {
	return s.boardRows(ctx, "read board", `WHERE c.erased_at IS NULL`)
}

// Charts gives the rows of some clients, in the order of enrolment; one that does not exist is left out.
func (s *Store) Charts(ctx context.Context, clientIDs []string) ([]care.BoardRow, error) {
	if len(clientIDs) == 0 {
		return nil, nil
	}
	return s.boardRows(ctx, "read charts", `WHERE c.erased_at IS NULL AND c.id = ANY($1)`, clientIDs)
}

func (s *Store) boardRows(ctx context.Context, what, where string, args ...any) (rows []care.BoardRow, err error) {
	err = s.alone(what, func(q querier) error {
		rows, err = each(ctx, q, func(r pgx.Row) (b care.BoardRow, err error) {
			var saved savedChart
			if err := r.Scan(append(saved.into(), &b.Stage, &b.Enrolled, &b.LastSaved)...); err != nil {
				return b, err
			}
			b.ClientID, b.Enrolled, b.LastSaved = saved.id, b.Enrolled.UTC(), b.LastSaved.UTC()
			b.Chart, err = s.openChart(saved)
			return b, err
		}, `SELECT `+savedChartColumns+`, c.stage, c.enrolled_at, c.saved_at FROM client c `+where+` ORDER BY c.enrolled_at, c.id`, args...)
		return err
	})
	return rows, err
}
