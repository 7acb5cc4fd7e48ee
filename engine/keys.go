package engine

import (
	"context"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
)

// keysTried is how many workflows CheckKeys reads, and keysAtOnce how many of them side by side.
const (
	keysTried  = 100
	keysAtOnce = 8
)

// CheckKeys reads what running workflows of a type began with, of the newest hundred. It fails with ErrUnknownKey or ErrTampered if the
// codec has not the key of one of them: a worker with such a codec could not go on with it.
func CheckKeys(ctx context.Context, temporalClient client.Client, codec *Codec, workflowType, taskQueue string) error {
	page, err := temporalClient.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: keysTried, Query: fmt.Sprintf(
		`WorkflowType=%q AND ExecutionStatus="Running" AND TaskQueue=%q`, workflowType, taskQueue)})
	if err != nil {
		return fmt.Errorf("cannot list the running workflows: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(keysAtOnce)
	for _, e := range page.GetExecutions() {
		group.Go(func() error { return readInput(ctx, temporalClient, codec, e.GetExecution()) })
	}
	return group.Wait()
}

// readInput decodes what a run of a workflow began with. A run that is gone by now needs no key.
func readInput(ctx context.Context, temporalClient client.Client, codec *Codec, run *commonpb.WorkflowExecution) error {
	history, err := temporalClient.WorkflowService().GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{Execution: run, MaximumPageSize: 1})
	notFound := new(serviceerror.NotFound)
	if errors.As(err, &notFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read a history: %w", err)
	}
	for _, e := range history.GetHistory().GetEvents() {
		if _, err := codec.Decode(e.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads()); err != nil {
			return err
		}
	}
	return nil
}

// taskFailures is after how many failures of a workflow's task its worker does not just hang.
const taskFailures = 3

// Waits says why a workflow does not go on, as far as Temporal knows: what an activity of a type failed with that is tried again, or that
// workers fail at the workflow's task. It is nil if nothing fails.
func Waits(ctx context.Context, temporalClient client.Client, codec *Codec, workflowID, activityType string) error {
	described, err := temporalClient.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return nil //nolint:nilerr // nothing is known then
	}
	for _, a := range described.GetPendingActivities() {
		if a.GetActivityType().GetName() == activityType && a.GetLastFailure() != nil {
			return fmt.Errorf("%s fails: %w", activityType, FailureConverter(codec).FailureToError(a.GetLastFailure()))
		}
	}
	if task := described.GetPendingWorkflowTask(); task.GetAttempt() >= taskFailures && task.GetState() != enumspb.PENDING_WORKFLOW_TASK_STATE_UNSPECIFIED {
		return errors.New("the worker fails at this journey; its log says why")
	}
	return nil
}
