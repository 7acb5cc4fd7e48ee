package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/record"
)

// Standing gives what says where a client stands, in one round trip, each part as it is when it is read. With them it gives the facts and the
// private texts, all as of one moment, if factsToo says so of the chart. care.ErrNoClient when there is none.
func (s *Store) Standing(ctx context.Context, clientID string, factsToo func(*care.Chart) bool) (st record.Standing, err error) {
	err = s.alone("read where a client stands", func(q querier) error {
		st, err = s.readStanding(ctx, q, clientID)
		return err
	})
	if err != nil || !factsToo(st.Record.Chart) {
		return st, err
	}
	err = s.oneMoment(ctx, "read where a client stands", func(tx pgx.Tx) error {
		if st, err = s.readStanding(ctx, tx, clientID); err != nil {
			return err
		}
		facts, err := s.journalReader().each(ctx, s, tx, `SELECT `+journalLines+` WHERE j.client_id = $1 AND j.type = 'fact' ORDER BY j.seq`, clientID)
		if err != nil {
			return err
		}
		texts, err := s.readTexts(ctx, tx, clientID)
		if err != nil {
			return err
		}
		st.Record, err = record.NewHealthRecord(st.Record.Chart, st.Record.Contact, facts, nil, texts)
		return err
	})
	return st, err
}

// readStanding reads a client's chart and addresses, the answers to check-ins, and what about the client waits on the coordinators' list.
func (s *Store) readStanding(ctx context.Context, q querier, clientID string) (st record.Standing, err error) {
	var (
		chart   savedChart
		contact sealedContact
		answers []factRow
		items   []sealedItem
		batch   pgx.Batch
	)
	if _, ok := s.dataKeys.get(clientID); !ok {
		batch.Queue(dataKeyOf, clientID).Query(s.keepKeys)
	}
	batch.Queue(`SELECT `+savedChartColumns+` FROM client c WHERE c.id = $1`, clientID).QueryRow(func(row pgx.Row) error { return row.Scan(chart.into()...) })
	batch.Queue(contactOf, clientID, care.ContactFacts()).QueryRow(func(row pgx.Row) error { return row.Scan(contact.into()...) })
	batch.Queue(factsOfOne, clientID, care.KindFor[*care.CheckInAnswered]().Name).Query(func(rows pgx.Rows) (err error) {
		answers, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (factRow, error) { return scanFactRow(r) })
		return err
	})
	worklist := s.worklistReader()
	batch.Queue(openItems+` AND client_id = $1`+itemOrder, clientID).Query(func(rows pgx.Rows) (err error) {
		items, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (sealedItem, error) { return worklist.scan(r) })
		return err
	})
	if err := q.SendBatch(ctx, &batch).Close(); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			return st, care.ErrNoClient
		}
		return st, err
	}
	if st.Record.Chart, err = s.openChart(chart); err != nil {
		return st, err
	}
	if st.Record.Contact, err = s.openCurrentContact(clientID, contact); err != nil {
		return st, err
	}
	st.Answers = make([]care.Entry, len(answers))
	for i, f := range answers {
		if err := s.openJSON(factPlace(f.client, f.seq), f.body, &st.Answers[i]); err != nil {
			return st, err
		}
	}
	st.Worklist = make([]message.WorklistItem, len(items))
	for i, item := range items {
		if st.Worklist[i], err = worklist.open(item); err != nil {
			return st, err
		}
	}
	return st, nil
}
