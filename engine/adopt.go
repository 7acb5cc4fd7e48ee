package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// Builds lists the build ids that a deployment ever had and that may still have running workflows, in the server's order.
// A deployment that does not exist yet has none.
func Builds(ctx context.Context, temporalClient client.Client, deployment string) ([]string, error) {
	described, err := temporalClient.WorkerDeploymentClient().GetHandle(deployment).Describe(ctx, client.WorkerDeploymentDescribeOptions{})
	notFound := new(serviceerror.NotFound)
	if errors.As(err, &notFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot describe the deployment %s: %w", deployment, err)
	}
	var builds []string
	for _, v := range described.Info.VersionSummaries {
		builds = append(builds, v.Version.BuildID)
	}
	return builds, nil
}

// RunningOn lists the ids of the workflows of one type that run and are pinned to a build. The list lags a second or so
// behind, as all of Temporal's lists do.
func RunningOn(ctx context.Context, temporalClient client.Client, deployment, buildID, workflowType string) (ids []string, err error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf(
		`WorkflowType=%q AND ExecutionStatus="Running" AND TemporalWorkerDeploymentVersion=%q`, workflowType, deployment+":"+buildID)}
	for {
		page, err := temporalClient.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("cannot list the workflows of build %s: %w", buildID, err)
		}
		for _, e := range page.GetExecutions() {
			ids = append(ids, e.GetExecution().GetWorkflowId())
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return ids, nil
		}
	}
}

// longPoll is how long a worker's poll stays open at the most: one that polls has been heard of since.
const longPoll = 70 * time.Second

// Polls reports whether a worker of a build has polled a task queue within the last poll's length. A worker that was
// killed is taken for alive that long.
func Polls(ctx context.Context, temporalClient client.Client, taskQueue, deployment, buildID string) (bool, error) {
	described, err := temporalClient.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		TaskQueue: &taskqueuepb.TaskQueue{Name: taskQueue}, TaskQueueType: enumspb.TASK_QUEUE_TYPE_WORKFLOW})
	if err != nil {
		return false, fmt.Errorf("cannot describe the task queue %s: %w", taskQueue, err)
	}
	for _, p := range described.GetPollers() {
		o := p.GetDeploymentOptions()
		if o.GetDeploymentName() == deployment && o.GetBuildId() == buildID && time.Since(p.GetLastAccessTime().AsTime()) < longPoll {
			return true, nil
		}
	}
	return false, nil
}
