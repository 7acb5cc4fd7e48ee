package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/record"
)

func outcomePlace(clientID string, version int) place {
	return place{table: "client", column: "outcome", row: clientID, client: clientID, version: version}
}

// outcomesBehind finds up to $2 clients whose charts were saved since their outcomes were worked out, and up to $2 whose outcomes another
// build's function made: after an upgrade that is everybody, and nobody is sorted among all.
const outcomesBehind = `
	(SELECT id FROM client WHERE outcome_behind AND erased_at IS NULL LIMIT $2)
	UNION (SELECT id FROM client WHERE (outcome_form < $1 OR outcome_form > $1) AND erased_at IS NULL LIMIT $2)`

// RefreshOutcomes works out again what clients add to the practice's reports whose charts were saved since, of limit clients at most,
// and says of how many. It may be called by many at once and after any interruption.
func (s *Store) RefreshOutcomes(ctx context.Context, limit int) (n int, err error) {
	type savedOne struct {
		*care.Chart
		version int // with which it was saved
	}
	read := reader[savedChart, savedOne]{
		scan:  func(r pgx.Row) (c savedChart, err error) { return c, r.Scan(c.into()...) },
		owner: func(c savedChart) string { return c.id },
		open: func(c savedChart) (one savedOne, err error) {
			one.version = c.version
			one.Chart, err = s.openChart(c)
			return one, err
		},
	}
	var charts []savedOne
	err = s.alone("find outcomes to work out", func(q querier) error {
		charts, err = read.each(ctx, s, q, `SELECT `+savedChartColumns+` FROM (`+outcomesBehind+`) s JOIN client c USING (id) ORDER BY c.id LIMIT $2`, record.OutcomeForm, limit)
		return err
	})
	if err != nil || len(charts) == 0 {
		return 0, err
	}
	ids := make([]string, len(charts))
	for i, c := range charts {
		ids[i] = c.ClientID
	}
	facts, err := s.FactsOf(ctx, ids, record.OutcomeFacts()) // after the charts: what is saved in between is worked out once more
	if err != nil {
		return 0, err
	}
	return len(charts), s.inTx(ctx, "keep outcomes", func(tx pgx.Tx) error {
		var b statements
		for _, c := range charts {
			outcome, err := record.OutcomeOf(record.HealthRecord{Chart: c.Chart, Facts: facts[c.ClientID]})
			if err != nil {
				return fmt.Errorf("outcome of %s: %w", c.ClientID, err)
			}
			sealed, err := s.sealJSON(outcomePlace(c.ClientID, c.version), outcome)
			if err != nil {
				return err
			}
			b.Queue(`UPDATE client SET outcome = $2, outcome_version = $3, outcome_form = $4 WHERE id = $1 AND erased_at IS NULL`, c.ClientID, sealed, c.version, record.OutcomeForm)
		}
		return b.run(ctx, tx)
	})
}

// Outcomes gives what clients add to the practice's reports, by page: of limit clients after an id, in the order of the ids. It opens no
// chart; RefreshOutcomes has what it gives keep up with the charts. next is the id after which to go on, empty at the end.
func (s *Store) Outcomes(ctx context.Context, after string, limit int) (list []record.ClientOutcome, next string, err error) {
	type sealedOutcome struct {
		client  string
		sealed  []byte
		version int
	}
	read := reader[sealedOutcome, record.ClientOutcome]{
		scan:  func(r pgx.Row) (x sealedOutcome, err error) { return x, r.Scan(&x.client, &x.sealed, &x.version) },
		owner: func(x sealedOutcome) string { return x.client },
		open: func(x sealedOutcome) (o record.ClientOutcome, err error) {
			next = x.client
			return o, s.openJSON(outcomePlace(x.client, x.version), x.sealed, &o)
		},
	}
	err = s.alone("read outcomes", func(q querier) error {
		next = ""
		list, err = read.each(ctx, s, q, `SELECT id, outcome, outcome_version FROM client WHERE erased_at IS NULL AND outcome IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`, after, limit)
		return err
	})
	if len(list) < limit {
		next = ""
	}
	return list, next, err
}
