package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kapflow/care/record"
	"kapflow/output"
)

// HealthRecord gives all that there is about one client, as of one moment; care.ErrNoClient when there is none.
// Every private text is in it: whoever hands it on takes out what the reader may not see.
func (s *Store) HealthRecord(ctx context.Context, clientID string) (r record.HealthRecord, err error) {
	err = s.oneMoment(ctx, "read health record", func(tx pgx.Tx) error {
		r, err = s.readRecord(ctx, tx, clientID)
		return err
	})
	return r, err
}

func (s *Store) readRecord(ctx context.Context, tx pgx.Tx, clientID string) (record.HealthRecord, error) {
	var none record.HealthRecord
	chart, err := s.readChart(ctx, tx, clientID, "")
	if err != nil {
		return none, err
	}
	contact, err := s.readContact(ctx, tx, clientID)
	if err != nil {
		return none, err
	}
	journal, err := s.journalReader().each(ctx, s, tx, `SELECT `+journalLines+` WHERE j.client_id = $1 ORDER BY j.seq`, clientID)
	if err != nil {
		return none, err
	}
	messages, err := each(ctx, tx, s.scanMessage, `SELECT `+messageColumns+` FROM letter WHERE client_id = $1 ORDER BY no`, clientID)
	if err != nil {
		return none, err
	}
	texts, err := s.readTexts(ctx, tx, clientID)
	if err != nil {
		return none, err
	}
	record, err := record.NewHealthRecord(chart, contact, journal, messages, texts)
	if err != nil {
		return none, err
	}
	if record.Billing, _, err = s.readBilling(ctx, tx, clientID); err != nil {
		return none, err
	}
	record.Documents, err = each(ctx, tx, s.scanIssuedDocument, paperColumns+`WHERE client_id = $1 ORDER BY made_at, id`, clientID)
	return record, err
}

func (s *Store) readTexts(ctx context.Context, tx pgx.Tx, clientID string) (map[string]string, error) {
	rows, err := tx.Query(ctx, `SELECT ref, body FROM private_text WHERE client_id = $1 AND field <> 'pin'`, clientID)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	var ref string
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&ref, &body}, func() error {
		text, err := s.open(privatePlace(clientID, ref), body)
		texts[ref] = output.WithoutTokens(string(text))
		return err
	})
	return texts, err
}
