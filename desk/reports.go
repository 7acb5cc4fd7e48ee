package desk

import (
	"context"
	"fmt"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Reports is how the practice's clients are doing.
type Reports struct {
	record.Outcomes                        // names nobody
	Courses         []record.CourseOutcome // completed, the latest first; only for somebody who may see scores
}

// Reports sums up all clients. Whoever may see scores gets those of each completed course with the client's code, too. It is audited as one
// look, which says whether it had them.
func (d *Desk) Reports(ctx context.Context, who access.Person) (r Reports, err error) {
	ask, scores := Ask{Action: access.ReadOutcomes, Subject: Practice}, who.Sees(access.Scores, d.Now())
	if scores {
		ask.Detail = map[string]string{"with": "scores of completed courses"}
	}
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		tally, err := d.tally(ctx)
		if err != nil {
			return err
		}
		if r.Outcomes = tally.Outcomes(); scores {
			r.Courses = tally.Courses()
		}
		return nil
	})
	return r, err
}

// Outcomes sums up all clients, naming nobody. It is audited as one look at the practice.
func (d *Desk) Outcomes(ctx context.Context, who access.Person) (outcomes record.Outcomes, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadOutcomes, Subject: Practice}, func(person.Actor) error {
		tally, err := d.tally(ctx)
		if err == nil {
			outcomes = tally.Outcomes()
		}
		return err
	})
	return outcomes, err
}

// chartsAtOnce is how many charts are open together in a sum over all clients.
const chartsAtOnce = 200

// tally adds up the records of all clients. It opens every chart, a page at a time.
func (d *Desk) tally(ctx context.Context) (*record.OutcomesTally, error) {
	tally := record.NewOutcomesTally()
	for after := ""; ; {
		rows, next, err := d.Store.ChartsPage(ctx, after, chartsAtOnce)
		if err != nil {
			return nil, fmt.Errorf("read charts: %w", err)
		}
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.ClientID
		}
		facts, err := d.Store.FactsOf(ctx, ids, record.OutcomeFacts())
		if err != nil {
			return nil, fmt.Errorf("read facts: %w", err)
		}
		for _, row := range rows {
			if err := tally.Add(record.HealthRecord{Chart: row.Chart, Facts: facts[row.ClientID]}); err != nil {
				return nil, err
			}
		}
		if after = next; after == "" {
			return tally, nil
		}
	}
}
