package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/record"
)

// SaveChart writes one step of a client's record in one transaction. Writing it again changes nothing; an older
// chart never replaces a newer one, but its fact, journal lines and postings are kept all the same.
//
// A chart is newer by its journey's time, and by its version if the times are equal: the version alone can be that of a step whose
// workflow task was lost, which the journey does not know (docs/adr/0055).
func (s *Store) SaveChart(ctx context.Context, step care.Save) error {
	if step.Chart == nil {
		return fmt.Errorf("store: save chart: %w: there is no chart", ErrInvalid)
	}
	row, err := s.readyChartRow(step)
	if err != nil {
		return err
	}
	chart := step.Chart
	return s.inTx(ctx, "save chart", func(tx pgx.Tx) error {
		newer, err := tx.Exec(ctx, `
			UPDATE client
			SET chart = $2, chart_version = $3, stage = $4, blocked_by = $5, move = $6, next_due = $7, attention = $8, saved_at = $9,
				moves = $11, line = $12, line_version = $3, line_form = $13, sheet = $14, decided_at = greatest(decided_at, $9)
			WHERE id = $1 AND (decided_at < $9 OR chart_version < $3) AND epoch = $10`,
			chart.ClientID, row.sealed, chart.Version, row.line.Stage, row.line.BlockedBy, row.line.Move, row.nextDue(), row.line.Attention, row.at, chart.Epoch,
			row.line.Moves, row.sealedLine, record.SummaryForm, row.sealedSheet)
		if err != nil {
			return err
		}
		written := &row
		if newer.RowsAffected() == 0 {
			written = nil
			epoch, err := lockClient(ctx, tx, chart.ClientID)
			if err != nil {
				return err
			}
			if epoch != chart.Epoch {
				return ErrTakenOver
			}
		}
		return s.writeStep(ctx, tx, step, written)
	})
}

// writeStep writes what a step adds to the record: with a newer chart (row; nil: it is not newer) the time that its visits take and
// the entries of lists, its fact, what it means for the ledgers, and the journal. The client's row is the caller's.
func (s *Store) writeStep(ctx context.Context, tx pgx.Tx, step care.Save, row *chartRow) error {
	id := step.Chart.ClientID
	var b statements
	if row != nil {
		s.syncSlots(ctx, &b, step.Chart)
		syncEntries(&b, id, row.entries)
		forgetSendRecords(&b, step.Chart)
	}
	var lines []line
	if e := step.Entry; e != nil {
		if err := s.writeFact(&b, id, *e); err != nil {
			return err
		}
		lines = append(lines, line{e.Now, "fact", factLine(id, *e), e})
	}
	contactMoved := false
	loseFacts(&b, step, row != nil, &contactMoved)
	for _, p := range step.Postings {
		if _, err := post(ctx, tx, id, step.Chart.Zone, p); err != nil {
			return err
		}
		lines = append(lines, line{p.On, "ledger", id + "/ledger/" + p.Key, p})
	}
	for _, c := range step.Changes {
		lines = append(lines, line{c.At, "change", fmt.Sprintf("%s/change/%d/%d", id, c.Seq, c.At.UnixMicro()), c})
	}
	if err := s.writeJournal(ctx, tx, &b, id, lines); err != nil || !contactMoved {
		return err
	}
	return s.followContact(ctx, tx, id)
}
