package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	// stopTimeout is how long a stopping worker may finish running activities. The SDK's default of 0 cuts off
	// activities at every deployment. A process must wait a little longer than this before it exits.
	stopTimeout = 30 * time.Second
	// currentPoll is the pause between tries of MakeCurrent. A new build's poller appears within about a second.
	currentPoll = 200 * time.Millisecond
)

// WorkerOptions are the options of every worker of ours. With a build id, workflows are pinned to it: a running journey
// keeps its code until it continues as new, so a deployment needs no patch markers. Without a build id the worker is
// unversioned, which is for demos and tests.
//
// The number of pollers scales by itself. Too few fixed pollers cost a third of the throughput under load, and enough
// of them for the load are idle traffic at other times.
func WorkerOptions(deployment, buildID string) worker.Options {
	options := worker.Options{
		WorkerStopTimeout:          stopTimeout,
		WorkflowTaskPollerBehavior: worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
		ActivityTaskPollerBehavior: worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
	}
	if buildID != "" {
		options.DeploymentOptions = worker.DeploymentOptions{
			UseVersioning:             true,
			Version:                   worker.WorkerDeploymentVersion{DeploymentName: deployment, BuildID: buildID},
			DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
		}
	}
	return options
}

// MakeCurrent routes new workflows, and those that continue as new, to the build. Call it after the start of the
// build's worker. The server refuses until the worker's first poll, so MakeCurrent retries until ctx ends. An empty
// build id does nothing, and making the current build current again changes nothing.
func MakeCurrent(ctx context.Context, temporalClient client.Client, deployment, buildID string) error {
	if buildID == "" {
		return nil
	}
	handle := temporalClient.WorkerDeploymentClient().GetHandle(deployment)
	for {
		_, err := handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: buildID})
		if err == nil {
			return nil
		}
		var denied *serviceerror.PermissionDenied
		var unimplemented *serviceerror.Unimplemented
		var invalid *serviceerror.InvalidArgument
		if errors.As(err, &denied) || errors.As(err, &unimplemented) || errors.As(err, &invalid) {
			return fmt.Errorf("cannot make build %s of %s current: %w", buildID, deployment, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot make build %s of %s current: check that its worker runs and polls every task queue of the last build; "+
				"the last error was: %w", buildID, deployment, err)
		case <-time.After(currentPoll):
		}
	}
}
