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

// maxSkips bounds one fast-forward. Each due moment takes a skip or two, and the server's own limit of 200 is less than
// a course of many months may need; a workflow that never comes to rest still stops here.
const maxSkips = 100_000

// stalledAttempts is how often a fast-forward may end without having moved the clock before it is called a failure.
const stalledAttempts = 5

// ErrClosed means that the workflow has ended, so that its time no longer passes.
var ErrClosed = errors.New("the workflow has ended")

// FastForward moves one workflow's virtual clock on to the given time, and returns once it is there. Timers that fall
// due on the way fire in their order, and what they set off (activities, updates, a continue-as-new) is waited for at
// its own virtual moment. A time that is not ahead is already reached.
//
// It is for rehearsals and tests: the server must allow time skipping, which one in production does not. The client must
// come from Dial, which names the namespace in these calls; the SDK has no wrapper for them.
func FastForward(ctx context.Context, temporalClient client.Client, workflowID string, to time.Time) error {
	return new(Clocks).FastForward(ctx, temporalClient, workflowID, to)
}

// Clocks remember where they left the virtual clocks of workflows, so that moving one on again need not first ask what
// time it is there.
//
// HAZARD: whoever else moves a clock that these have moved makes them go too far.
type Clocks struct {
	mu   sync.Mutex
	left map[string]mark
}

// mark is a virtual time and when it was reached, by the wall clock: from there both go on at the same pace.
type mark struct{ virtual, wall time.Time }

// FastForward is FastForward for a workflow whose clock nobody else moves.
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
				continue // it ended, or continued as new, in between: the next look at it tells which
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

// VirtualNow is the time the workflow lives in. For one that has never skipped time that is the wall clock.
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

func startFastForward(ctx context.Context, service workflowservice.WorkflowServiceClient, workflowID, id string, by time.Duration) error {
	_, err := service.UpdateWorkflowExecutionOptions(ctx, &workflowservice.UpdateWorkflowExecutionOptionsRequest{
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID},
		UpdateMask:        &fieldmaskpb.FieldMask{Paths: []string{"time_skipping_config"}},
		WorkflowExecutionOptions: &workflowpb.WorkflowExecutionOptions{TimeSkippingConfig: &commonpb.TimeSkippingConfig{
			Enabled: true, MaxSessionSkipCount: maxSkips,
			FastForwardConfig: &commonpb.FastForwardConfig{Id: id, Duration: durationpb.New(by)},
		}},
	})
	return err
}

// awaitFastForward waits for the outcome and gives the time that was reached. The server holds each poll for some seconds
// and then wants to be asked again.
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
