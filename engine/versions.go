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
	// stopTimeout is how long a stopping worker may finish what it has begun. The SDK's default of none cuts off
	// activities at every deployment; whoever stops the process must wait a little longer than this.
	stopTimeout = 30 * time.Second
	// currentPoll paces MakeCurrent: a new build's poller shows up within about a second.
	currentPoll = 200 * time.Millisecond
)

// WorkerOptions are the options every worker of ours runs with. With a build id, workflows are pinned to it: a running
// journey keeps the code it began with until it continues as new, so a deployment needs no patch markers. An empty
// build id leaves the worker unversioned, which is for demos and tests.
//
// Pollers scale themselves: a handful too few costs a third of the throughput under load, and a fixed number that is
// enough then is idle traffic for the rest of the day.
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

// MakeCurrent routes new workflows, and those that continue as new, to the build. Call it once the build's worker has
// been started: until its first poll has arrived the server refuses, so this tries again until ctx ends. An empty build
// id has nothing to route. Making the current build current again changes nothing.
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
			return fmt.Errorf("cannot make build %s of %s current: check that its worker runs and polls every task queue the last build polled; "+
				"the last attempt said: %w", buildID, deployment, err)
		case <-time.After(currentPoll):
		}
	}
}
