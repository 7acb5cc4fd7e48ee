package wiring

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"kapflow/access"
	"kapflow/care"
	"kapflow/engine"
	"kapflow/store"
	"kapflow/workflows"
)

// Build says which build of Kapflow a worker process runs.
type Build struct {
	Deployment string // of workers in Temporal
	ID         string // that journeys are pinned to
	Worker     string // names this process among all workers
	Program    []byte // SHA-256 of the executable
}

// adoptEvery is how often a worker says that it runs and looks for journeys whose build has no worker. Three times of it
// fit into the time after which a silent worker is taken for gone.
const adoptEvery = 10 * time.Second

// adoptAtOnce is how many journeys are restarted side by side.
const adoptAtOnce = 8

// ProgramHash gives the SHA-256 of the running executable.
func ProgramHash() ([]byte, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the program: %w", err)
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return nil, fmt.Errorf("read the program: %w", err)
	}
	return sum.Sum(nil), nil
}

// Announce notes which program the build is and that a worker of it runs. It fails with store.ErrBuildReused when the build
// id stands for another program: journeys pinned to it would be replayed by code that they were not made with.
func (a *App) Announce(ctx context.Context, b Build) error {
	if err := a.Store.ClaimBuild(ctx, b.ID, b.Program); errors.Is(err, store.ErrBuildReused) {
		return fmt.Errorf("build %s: %w", b.ID, err)
	} else if err != nil {
		return err
	}
	return a.Store.SeeWorker(ctx, b.Worker, b.ID)
}

// KeepAdopting says every few seconds that the worker runs and restarts journeys whose build has no worker, until ctx
// ends. Then it takes the worker off the list, so that the next one need not wait.
func (a *App) KeepAdopting(ctx context.Context, b Build) {
	tick := time.NewTicker(adoptEvery)
	defer tick.Stop()
	for {
		if err := a.Store.SeeWorker(ctx, b.Worker, b.ID); err != nil && ctx.Err() == nil {
			a.Log.Warn("the worker could not say that it runs", "error", err)
		}
		if n, err := a.Adopt(ctx, b); err != nil && ctx.Err() == nil {
			a.Log.Warn("journeys of builds without a worker could not all be moved; trying again", "moved", n, "error", err)
		} else if n > 0 {
			a.Log.Info("journeys of builds without a worker were moved to this build", "moved", n, "build", b.ID)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Leave takes the worker off the list of those that run.
func (a *App) Leave(ctx context.Context, b Build) error { return a.Store.ForgetWorker(ctx, b.Worker) }

// Adopt restarts every journey that is pinned to a build without a worker, and gives how many there were. Journeys of a
// build that has one are left alone: they move by continuing as new.
func (a *App) Adopt(ctx context.Context, b Build) (moved int, err error) {
	builds, err := engine.Builds(ctx, a.TemporalClient, b.Deployment)
	if err != nil {
		return 0, err
	}
	for _, build := range builds {
		if gone, err := a.withoutWorker(ctx, b, build); err != nil || !gone {
			if err != nil {
				return moved, err
			}
			continue
		}
		ids, err := engine.RunningOn(ctx, a.TemporalClient, b.Deployment, build, workflows.ClientJourneyName)
		if err != nil {
			return moved, err
		}
		var group errgroup.Group
		group.SetLimit(adoptAtOnce)
		for _, id := range ids {
			group.Go(func() error { return a.adoptOne(ctx, id, build) })
		}
		if err := group.Wait(); err != nil {
			return moved, err
		}
		moved += len(ids)
	}
	return moved, nil
}

func (a *App) adoptOne(ctx context.Context, clientID, build string) error {
	err := a.Desk.Restart(ctx, access.FromSystem("worker"), clientID, "build "+build+" has no worker")
	if refused := new(care.Refusal); errors.As(err, &refused) {
		a.Log.Warn("a journey was not moved", "client", clientID, "code", refused.Code)
		return nil
	}
	return err
}

// withoutWorker reports whether no worker of a build runs. Builds from before workers said so are judged by their polls.
func (a *App) withoutWorker(ctx context.Context, b Build, build string) (bool, error) {
	if build == b.ID {
		return false, nil
	}
	live, err := a.Store.LiveBuilds(ctx)
	if err != nil || slices.Contains(live, build) {
		return false, err
	}
	known, err := a.Store.KnowsBuild(ctx, build)
	if err != nil || known {
		return known, err
	}
	polls, err := engine.Polls(ctx, a.TemporalClient, a.TaskQueue, b.Deployment, build)
	return !polls, err
}
