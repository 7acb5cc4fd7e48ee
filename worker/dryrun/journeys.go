package dryrun

import (
	"context"

	temporal "go.temporal.io/sdk/client"

	"kapflow/care"
	"kapflow/workflows"
)

// journeys take reports as the journeys in Temporal do. The desk starts them and updates them, and does nothing else with them.
type journeys struct {
	temporal.Client
	house *house
}

// ExecuteWorkflow starts a journey, whose chart the house has already.
func (journeys) ExecuteWorkflow(context.Context, temporal.StartWorkflowOptions, any, ...any) (temporal.WorkflowRun, error) {
	return nil, nil //nolint:nilnil // the desk does not look at the run
}

// UpdateWorkflow records a report. The error is the refusal itself.
func (j journeys) UpdateWorkflow(_ context.Context, o temporal.UpdateWorkflowOptions) (temporal.WorkflowUpdateHandle, error) {
	report, _ := o.Args[0].(care.Report)
	c, now := j.house.clients[o.WorkflowID], j.house.now
	if c == nil {
		return nil, care.ErrNoClient
	}
	if err := c.chart.Check(o.UpdateName, report, now); err != nil {
		return nil, err
	}
	if c.over { // a fact that the rules accept starts the journey of a finished course again
		c.chart.ReopenedAt, c.over = now, false
	}
	taken, err := c.chart.Record(o.UpdateName, report, now)
	if err != nil {
		return nil, err
	}
	answer := workflows.Answer{Seq: taken.Seq, Stage: c.chart.Stage(), Appointment: taken.Appointment, Repeated: taken.Repeated}
	if taken.Repeated {
		return answered{answer: answer}, nil
	}
	c.entries = append(c.entries, taken.Entry)
	j.house.note(o.WorkflowID, c.chart.DiffAndPublish(now))
	for _, p := range taken.Postings {
		j.house.write(o.WorkflowID, taken.Entry.Now, "ledger", p)
	}
	return answered{answer: answer}, nil
}

// answered is an update that has its answer.
type answered struct {
	temporal.WorkflowUpdateHandle
	answer workflows.Answer
}

// Get gives the answer.
func (a answered) Get(_ context.Context, to any) error {
	if to, ok := to.(*workflows.Answer); ok {
		*to = a.answer
	}
	return nil
}
