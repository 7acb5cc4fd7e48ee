package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// SaveChart writes one step of a client's record in one transaction. Writing it again changes nothing; an older
// chart never replaces a newer one, but its fact, journal lines and postings are kept all the same.
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
			SET chart = $2, chart_version = $3, stage = $4, blocked_by = $5, move = $6, next_due = $7, attention = $8, saved_at = $9
			WHERE id = $1 AND chart_version < $3 AND epoch = $10`,
			chart.ClientID, row.sealed, chart.Version, row.stage, row.blockedBy, row.move, row.nextDue, row.attention, row.at, chart.Epoch)
		if err != nil {
			return err
		}
		if newer.RowsAffected() == 0 {
			epoch, err := lockClient(ctx, tx, chart.ClientID)
			if err != nil {
				return err
			}
			if epoch != chart.Epoch {
				return ErrTakenOver
			}
		}
		return s.writeStep(ctx, tx, step, newer.RowsAffected() == 1)
	})
}

// writeStep writes what a step adds to the record: with a newer chart the time that its visits take, its fact, what it
// means for the ledgers, and the journal. The client's row is the caller's.
func (s *Store) writeStep(ctx context.Context, tx pgx.Tx, step care.Save, newer bool) error {
	id := step.Chart.ClientID
	var b statements
	if newer {
		s.syncSlots(ctx, &b, step.Chart)
		forgetSendRecords(&b, step.Chart)
	}
	var lines []line
	if e := step.Entry; e != nil {
		if err := s.writeFact(&b, id, *e); err != nil {
			return err
		}
		if kind, _ := care.KindNamed(e.Fact); kind.Contact {
			if err := b.run(ctx, tx); err != nil {
				return err
			}
			if err := s.followContact(ctx, tx, id); err != nil {
				return err
			}
		}
		lines = append(lines, line{e.Now, "fact", fmt.Sprintf("%s/fact/%d", id, e.Seq), e})
	}
	for _, p := range step.Postings {
		if _, err := post(ctx, tx, id, step.Chart.Zone, p); err != nil {
			return err
		}
		lines = append(lines, line{p.On, "ledger", id + "/ledger/" + p.Key, p})
	}
	for _, c := range step.Changes {
		lines = append(lines, line{c.At, "change", fmt.Sprintf("%s/change/%d", id, c.Seq), c})
	}
	return s.writeJournal(ctx, tx, &b, id, lines)
}
