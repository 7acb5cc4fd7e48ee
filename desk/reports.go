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

const (
	workedOutAtOnce = 200   // clients whose outcomes are worked out together
	outcomesAtOnce  = 2_000 // clients who are added up together
)

// tally adds up all clients. It opens the charts that were saved since the watch worked out their clients' outcomes, and no others.
func (d *Desk) tally(ctx context.Context) (*record.OutcomesTally, error) {
	for {
		n, err := d.Store.RefreshOutcomes(ctx, workedOutAtOnce)
		if err != nil {
			return nil, fmt.Errorf("work out outcomes: %w", err)
		}
		if n < workedOutAtOnce {
			break
		}
	}
	tally := record.NewOutcomesTally()
	for after := ""; ; {
		list, next, err := d.Store.Outcomes(ctx, after, outcomesAtOnce)
		if err != nil {
			return nil, fmt.Errorf("read outcomes: %w", err)
		}
		for _, o := range list {
			tally.Add(o)
		}
		if after = next; after == "" {
			return tally, nil
		}
	}
}
