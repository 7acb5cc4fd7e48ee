package desk

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
)

// Restart starts a client's journey again from the saved chart, in place of the run there is, and writes who asked for it
// and why to the audit log. The new run belongs to the current worker build. Nothing is lost by it: reports in flight are
// sent again by whoever waits for their answer, and no message leaves twice. It refuses a journey whose record is closed.
func (d *Desk) Restart(ctx context.Context, who access.Person, clientID, reason string) error {
	ask := Ask{Action: access.Restart, Subject: clientID, Detail: map[string]string{"reason": reason}}
	return d.Do(ctx, who, ask, func(person.Actor) error {
		chart, err := d.Store.Chart(ctx, clientID)
		if errors.Is(err, care.ErrNoClient) {
			return unknownClient("restart", clientID)
		}
		if err != nil {
			return fmt.Errorf("read chart: %w", err)
		}
		if end, closed := chart.EndsAt(); closed && !d.Now().Before(end) {
			return care.Refuse("restart", care.CodeCourseClosed, fmt.Sprintf("the course is %s and its record is closed", chart.Stage()), person.Coordinator)
		}
		return d.takeOverAndStart(ctx, clientID, func(*care.Chart) {})
	})
}

// takeOverAndStart restarts a journey from its saved chart, changed first, in place of the run there is.
func (d *Desk) takeOverAndStart(ctx context.Context, clientID string, change func(*care.Chart)) error {
	chart, err := d.Store.TakeOver(ctx, clientID)
	if err != nil {
		return fmt.Errorf("take over journey: %w", err)
	}
	change(chart)
	if err := d.start(ctx, chart, enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING); err != nil {
		return fmt.Errorf("start journey: %w", err)
	}
	return nil
}

// startAgain starts a journey that does not run although its client is enrolled: its start was lost, or somebody terminated
// it in Temporal. It gives errRunning when the journey runs.
func (d *Desk) startAgain(ctx context.Context, clientID string) (*care.Chart, error) {
	described, err := d.TemporalClient.DescribeWorkflowExecution(ctx, clientID, "")
	notFound := new(serviceerror.NotFound)
	switch {
	case errors.As(err, &notFound):
	case err != nil:
		return nil, fmt.Errorf("look for the journey: %w", err)
	case described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return nil, errRunning
	}
	chart, err := d.Store.TakeOver(ctx, clientID)
	if err != nil {
		return nil, fmt.Errorf("take over journey: %w", err)
	}
	return chart, d.start(ctx, chart, enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
}
