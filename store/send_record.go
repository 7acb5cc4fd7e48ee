package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/record"
)

func sendRecordPlace(clientID string, epoch, no int) place {
	return place{table: "send_record", column: "body", row: fmt.Sprintf("%s/%d/%d", clientID, epoch, no), client: clientID}
}

// KeepSendRecord writes down the results of one batch of messages. Writing the same batch again replaces its results.
func (s *Store) KeepSendRecord(ctx context.Context, clientID string, r care.SendRecord) error {
	return s.alone("keep send record", func(q querier) error {
		body, err := s.sealJSON(sendRecordPlace(clientID, r.Epoch, r.No), r)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, `
			INSERT INTO send_record (client_id, epoch, no, at, body) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (client_id, epoch, no) DO UPDATE SET at = EXCLUDED.at, body = EXCLUDED.body, listed = false`, clientID, r.Epoch, r.No, r.At, body)
		return err
	})
}

// forgetSendRecords deletes the records whose results a saved chart knows, and those of earlier epochs.
func forgetSendRecords(b *statements, c *care.Chart) {
	if c.Batches == 0 {
		return
	}
	b.Queue(`DELETE FROM send_record WHERE client_id = $1 AND (epoch < $2 OR epoch = $2 AND no <= $3 AND NOT no = ANY($4::int[]))`,
		c.ClientID, c.Epoch, c.Batches, c.InFlight)
}

// savedChart is a chart as its row and the send records beside it hold it.
type savedChart struct {
	id      string
	sealed  []byte
	version int
	epoch   int
	facts   int                            // the number of the newest fact
	handled map[message.Key]message.Result // by builds before send records
	nos     []int32
	bodies  [][]byte
}

// savedChartColumns are what savedChart.into reads.
const savedChartColumns = `c.id, c.chart, c.chart_version, c.epoch,
	coalesce((SELECT max(f.seq) FROM fact f WHERE f.client_id = c.id AND ` + notLost + `), 0),
	(SELECT jsonb_object_agg(h.duty, h.outcome) FROM handled h WHERE h.client_id = c.id),
	(SELECT array_agg(r.no ORDER BY r.no) FROM send_record r WHERE r.client_id = c.id AND r.epoch = c.epoch),
	(SELECT array_agg(r.body ORDER BY r.no) FROM send_record r WHERE r.client_id = c.id AND r.epoch = c.epoch)`

func (r *savedChart) into() []any {
	return []any{&r.id, &r.sealed, &r.version, &r.epoch, &r.facts, &r.handled, &r.nos, &r.bodies}
}

// openChart opens a saved chart and takes in the results that came since it was saved.
func (s *Store) openChart(r savedChart) (*care.Chart, error) {
	chart := new(care.Chart)
	if err := s.openJSON(chartPlace(r.id, r.version), r.sealed, chart); err != nil {
		return nil, err
	}
	if chart.Facts < r.facts {
		return nil, fmt.Errorf("%w: client.chart knows %d facts of %d, so an old chart was put back", ErrSealed, chart.Facts, r.facts)
	}
	if chart.Handled == nil {
		chart.Handled = map[message.Key]message.Result{}
	}
	for key, result := range r.handled {
		chart.Handled[key] = result
	}
	records := make([]care.SendRecord, len(r.bodies))
	for i, body := range r.bodies {
		if err := s.openJSON(sendRecordPlace(r.id, r.epoch, int(r.nos[i])), body, &records[i]); err != nil {
			return nil, err
		}
	}
	chart.SavedVersion = r.version
	chart.TakeIn(records)
	return chart, nil
}

// TakeOver gives a client's chart as the state of a new run of their journey, and refuses every save of the runs before
// from then on. care.ErrNoClient when there is no such client.
func (s *Store) TakeOver(ctx context.Context, clientID string) (chart *care.Chart, err error) {
	err = s.inTx(ctx, "take over journey", func(tx pgx.Tx) error {
		if chart, err = s.readChart(ctx, tx, clientID, "FOR NO KEY UPDATE"); err != nil {
			return err
		}
		var epoch int
		if err := tx.QueryRow(ctx, `UPDATE client SET epoch = epoch + 1, decided_at = '-infinity' WHERE id = $1 RETURNING epoch`, clientID).Scan(&epoch); err != nil {
			return err
		}
		chart.Resume(epoch)
		chart.Version++ // what was taken in since the save is saved with the new run's first step
		row, err := s.chartRow(care.Save{Chart: chart})
		if err != nil {
			return err
		}
		return s.replaceChart(ctx, tx, chart, row)
	})
	return chart, err
}

// replaceChart writes a chart over the saved one, whose lock the caller holds.
func (s *Store) replaceChart(ctx context.Context, tx pgx.Tx, chart *care.Chart, row chartRow) error {
	var b statements
	b.Queue(`UPDATE client SET chart = $2, chart_version = $3, stage = $4, blocked_by = $5, move = $6, next_due = $7, attention = $8, saved_at = $9,
		moves = $10, line = $11, line_version = $3, line_form = $12
		WHERE id = $1`, chart.ClientID, row.sealed, chart.Version, row.line.Stage, row.line.BlockedBy, row.line.Move, row.nextDue(), row.line.Attention, row.at,
		row.line.Moves, row.sealedLine, record.SummaryForm)
	syncEntries(&b, chart.ClientID, row.entries)
	b.Queue(`DELETE FROM handled WHERE client_id = $1`, chart.ClientID)
	b.Queue(`DELETE FROM send_record WHERE client_id = $1`, chart.ClientID)
	return b.run(ctx, tx)
}
