package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"kapflow/care"
	"kapflow/care/wording"
)

// registerUpdates makes one update per kind of fact, from the vocabulary. The validator refuses without a
// trace in history, first of all a report that was made for something else; the handler records, saves and answers. The
// validator does not run in a replay, so that histories by builds whose reports had no address replay.
func (j *journey) registerUpdates() error {
	for _, kind := range care.Vocabulary() {
		if kind.Opens {
			continue // it starts the journey; the desk answers a second one
		}
		err := workflow.SetUpdateHandlerWithOptions(j.ctx, kind.Name,
			func(ctx workflow.Context, r care.Report) (Answer, error) { return j.record(ctx, kind.Name, r) },
			workflow.UpdateHandlerOptions{
				Description: kind.Summary,
				Validator: func(ctx workflow.Context, r care.Report) error {
					now := workflow.Now(ctx)
					if err := j.chart.Misdirected(kind.Name, workflow.GetCurrentUpdateInfo(ctx).ID, r, now); err != nil {
						return refused(err)
					}
					return refused(j.chart.Check(kind.Name, r, now))
				},
			})
		if err != nil {
			return err
		}
	}
	return nil
}

func (j *journey) record(ctx workflow.Context, name string, r care.Report) (Answer, error) {
	taken, err := j.chart.Record(name, r, j.now())
	if err != nil {
		return Answer{}, refused(err)
	}
	answer := Answer{Seq: taken.Seq, Stage: j.chart.Stage(), Appointment: taken.Appointment, Repeated: taken.Repeated}
	if taken.Repeated {
		return answer, nil
	}
	changes := j.chart.DiffAndPublish(j.now())
	j.changes++
	j.lastSavedVersion = j.chart.Version
	save(ctx, care.Save{Chart: j.chart.Clone(), Entry: &taken.Entry, Changes: changes, Postings: taken.Postings}, sentence(name, r))
	return answer, nil
}

// sentence is the row that a coordinator reads in the timeline.
func sentence(name string, r care.Report) string {
	return wording.Title(name) + ", by the " + string(r.By.Role)
}

// refused carries a refusal to whoever asked: the code as the error's type, the sentence as its message, and
// all of it as details.
func refused(err error) error {
	var r *care.Refusal
	if !errors.As(err, &r) {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(r.Message, r.Code, temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{r}, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
