package rehearsal

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/engine"
)

// Restart restarts a client's journey from its saved chart at a moment of its virtual time, which it must have reached. The
// new run is there, with its timers set, when Restart returns. No report for the client may come meanwhile: it would wake
// the run before its time.
func (e *Environment) Restart(ctx context.Context, clientID string, at time.Time) error {
	d := *e.Desk
	d.TemporalClient = startingAt{e.TemporalClient, at}
	if err := d.Restart(ctx, access.FromRehearsal(d.Policy, person.Actor{ID: "operator", Role: person.System}), clientID, "to show that the journey goes on where it stopped"); err != nil {
		return err
	}
	if err := engine.FastForward(ctx, e.TemporalClient, clientID, at); err != nil {
		return err
	}
	events := e.TemporalClient.GetWorkflowHistory(ctx, clientID, "", true, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil || event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			return err // without its timers, time would skip over what they are for
		}
	}
	return fmt.Errorf("the journey of %s ended before its first task", clientID)
}

// startingAt starts workflows at a virtual time: a new run begins at the time of the wall clock, and does nothing before its
// start delay is over.
type startingAt struct {
	client.Client
	at time.Time
}

// ExecuteWorkflow starts a workflow with the delay.
func (s startingAt) ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	options.StartDelay = max(0, time.Until(s.at))
	return s.Client.ExecuteWorkflow(ctx, options, workflow, args...)
}
