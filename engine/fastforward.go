package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// maxSkips limits one fast-forward. Each due moment takes one or two skips. The server's own limit of 200 is too low
// for a course of many months. This limit stops a workflow that never comes to rest.
const maxSkips = 100_000

// stalledAttempts is how often a fast-forward may end without moving the clock before it fails.
const stalledAttempts = 5

// ErrClosed means that the workflow has ended, so its time no longer passes.
var ErrClosed = errors.New("the workflow has ended")

// FastForward moves one workflow's virtual clock to the given time and returns once it is there. Timers on the way fire
// in order, and their effects (activities, updates, continue-as-new) are waited for at their own virtual time. If the
// time is not ahead, it returns at once.
//
// It is for rehearsals and tests: the server must allow time skipping, which a production server does not. The client
// must come from Dial, which adds the namespace to these calls; the SDK has no wrapper for them.
func FastForward(ctx context.Context, temporalClient client.Client, workflowID string, to time.Time) error {
	return new(Clocks).FastForward(ctx, temporalClient, workflowID, to)
}

// Clocks remember the virtual times of workflows, so that FastForward need not ask for them.
//
// HAZARD: if anything else moves the same workflow's clock, FastForward goes too far.
type Clocks struct {
	mu   sync.Mutex
	left map[string]mark
}

// mark is a virtual time and the wall clock time at which it was reached. From there both run at the same pace.
type mark struct{ virtual, wall time.Time }

// FastForward is like the function FastForward, for a workflow whose clock nothing else moves.
func (c *Clocks) FastForward(ctx context.Context, temporalClient client.Client, workflowID string, to time.Time) error {
	service, last, stalled := temporalClient.WorkflowService(), time.Time{}, 0
	for {
		now, closed, err := c.virtualTime(ctx, temporalClient, workflowID)
		switch {
		case err != nil:
			return err
		case !to.After(now):
			return nil
		case closed:
			return fmt.Errorf("cannot fast-forward %s: %w", workflowID, ErrClosed)
		}
		if stalled++; now.After(last) {
			last, stalled = now, 0
		}
		id := uuid.NewString()
		if err := startFastForward(ctx, service, workflowID, id, to.Sub(now)); err != nil {
			c.forget(workflowID)
			if isGone(err) {
				continue // it ended or continued as new; the next lookup tells which
			}
			return fmt.Errorf("cannot fast-forward %s: %w", workflowID, err)
		}
		reached, reason, err := awaitFastForward(ctx, service, workflowID, id)
		c.forget(workflowID)
		switch {
		case err != nil:
			return fmt.Errorf("cannot fast-forward %s: %w", workflowID, err)
		case !reached.IsZero():
			c.note(workflowID, reached)
			return nil
		case stalled >= stalledAttempts:
			return fmt.Errorf("cannot fast-forward %s: %s", workflowID, reason)
		}
	}
}

// VirtualNow gives a workflow's current time. It is the wall clock for a workflow that never skipped time.
func VirtualNow(ctx context.Context, temporalClient client.Client, workflowID string) (time.Time, error) {
	now, _, err := virtualTime(ctx, temporalClient, workflowID)
	return now, err
}

func (c *Clocks) virtualTime(ctx context.Context, temporalClient client.Client, workflowID string) (now time.Time, closed bool, err error) {
	c.mu.Lock()
	m, known := c.left[workflowID]
	c.mu.Unlock()
	if known {
		return m.virtual.Add(time.Since(m.wall)), false, nil
	}
	return virtualTime(ctx, temporalClient, workflowID)
}

func (c *Clocks) note(workflowID string, virtual time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == nil {
		c.left = map[string]mark{}
	}
	c.left[workflowID] = mark{virtual, time.Now()}
}

func (c *Clocks) forget(workflowID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.left, workflowID)
}

func virtualTime(ctx context.Context, temporalClient client.Client, workflowID string) (now time.Time, closed bool, err error) {
	described, err := temporalClient.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return time.Time{}, false, fmt.Errorf("cannot look up the time of %s: %w", workflowID, err)
	}
	closed = described.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	if current := described.GetWorkflowExtendedInfo().GetTimeSkippingInfo().GetCurrentTime(); current != nil {
		return current.AsTime(), closed, nil
	}
	return time.Now().UTC(), closed, nil
}

// EndFastForward ends a fast-forward that may still run because its caller lost the server. Another one that begins without this could
// go too far: it would add its time to the time that the first one still reaches.
func EndFastForward(ctx context.Context, temporalClient client.Client, workflowID string) error {
	if err := skipTime(ctx, temporalClient.WorkflowService(), workflowID, &commonpb.TimeSkippingConfig{}); err != nil && !isGone(err) {
		return fmt.Errorf("cannot end the fast-forward of %s: %w", workflowID, err)
	}
	return nil
}

func startFastForward(ctx context.Context, service workflowservice.WorkflowServiceClient, workflowID, id string, by time.Duration) error {
	return skipTime(ctx, service, workflowID, &commonpb.TimeSkippingConfig{Enabled: true, MaxSessionSkipCount: maxSkips,
		FastForwardConfig: &commonpb.FastForwardConfig{Id: id, Duration: durationpb.New(by)}})
}

func skipTime(ctx context.Context, service workflowservice.WorkflowServiceClient, workflowID string, how *commonpb.TimeSkippingConfig) error {
	_, err := service.UpdateWorkflowExecutionOptions(ctx, &workflowservice.UpdateWorkflowExecutionOptionsRequest{
		WorkflowExecution:        &commonpb.WorkflowExecution{WorkflowId: workflowID},
		UpdateMask:               &fieldmaskpb.FieldMask{Paths: []string{"time_skipping_config"}},
		WorkflowExecutionOptions: &workflowpb.WorkflowExecutionOptions{TimeSkippingConfig: how},
	})
	return err
}

// awaitFastForward waits for the outcome and gives the time that was reached. The server holds each poll for some
// seconds, then it must be repeated.
func awaitFastForward(ctx context.Context, service workflowservice.WorkflowServiceClient, workflowID, id string) (reached time.Time, reason string, err error) {
	for {
		polled, err := service.PollWorkflowExecutionTimeSkipping(ctx, &workflowservice.PollWorkflowExecutionTimeSkippingRequest{
			WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID}, FastForwardId: id,
		})
		if err != nil {
			if isGone(err) {
				return time.Time{}, err.Error(), nil
			}
			return time.Time{}, "", err
		}
		switch polled.GetFastForwardPollingResult() {
		case enumspb.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED:
			return polled.GetFastForwardInfo().GetTargetTime().AsTime(), "", nil
		case enumspb.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_FAILED:
			return time.Time{}, polled.GetFailedReason(), nil
		}
	}
}

func isGone(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}
