package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"kapflow/care"
)

// longestSleep bounds one timer, so that a journey without anything due still notices a new worker version.
const longestSleep = 30 * 24 * time.Hour

// ClientJourney is one client's course of treatment, from enrolment to the last check-in. It does what is
// due, then waits for the next due moment or the next fact, until the course is closed and its record may
// rest. It keeps exactly one timer.
func ClientJourney(ctx workflow.Context, in JourneyInput) error {
	j := &journey{chart: in.Chart}
	// A cancellation asked for in the Temporal UI must leave no visit or money half done: the journey runs on
	// a context that it does not reach, and the coordinator gets a task.
	j.ctx, _ = workflow.NewDisconnectedContext(ctx)
	j.cancelCtx = ctx
	if err := j.registerUpdates(); err != nil {
		return err
	}
	j.listenForWake()
	return j.run()
}

// journey is the state of one running ClientJourney: the chart, and what is in flight around it.
type journey struct {
	ctx       workflow.Context
	cancelCtx workflow.Context // the context that a cancellation request ends
	chart     *care.Chart

	cancelled        bool // the request to cancel was taken note of
	changes          int  // grows with everything that may change what comes next
	inFlight         int  // sends and saves under way
	lastSavedVersion int  // version of the chart last handed over to be saved; 0: none in this run, and those of runs before are saved
	published        publishedAttributes

	timer   workflow.Future
	stop    workflow.CancelFunc
	timerAt time.Time
}

func (j *journey) now() time.Time { return workflow.Now(j.ctx).UTC() }

func (j *journey) run() error {
	for {
		j.noteCancellation()
		step := j.chart.Step(j.now())
		if step.Save {
			j.saveInBackground(care.Save{Chart: j.chart.Clone(), Changes: step.Changes}, reasonOf(step.Changes))
		}
		if step.Send != nil {
			j.startSending(*step.Send)
		}
		j.show()
		if j.quiet() {
			if step.Over {
				return nil
			}
			if j.shouldContinue() {
				return j.continueAsNew()
			}
		}
		j.wait(step)
	}
}

// listenForWake takes in wake signals: each only makes the journey look around.
func (j *journey) listenForWake() {
	wake := workflow.GetSignalChannelWithOptions(j.ctx, WakeSignal, workflow.SignalChannelOptions{
		Description: "Look for a newer worker version (sent by starter upgrade)",
	})
	workflow.Go(j.ctx, func(ctx workflow.Context) {
		for wake.Receive(ctx, nil) {
			j.changes++
		}
	})
}

// quiet says that nothing is under way: no handler, send or save.
func (j *journey) quiet() bool {
	return j.inFlight == 0 && workflow.AllHandlersFinished(j.ctx)
}

// shouldContinue: the history is long, or a new worker version wants the journey.
func (j *journey) shouldContinue() bool {
	info := workflow.GetInfo(j.ctx)
	return info.GetContinueAsNewSuggested() || info.GetTargetWorkerDeploymentVersionChanged()
}

func (j *journey) continueAsNew() error {
	j.stopTimer()
	return workflow.NewContinueAsNewErrorWithOptions(j.cancelCtx, workflow.ContinueAsNewErrorOptions{
		InitialVersioningBehavior: workflow.ContinueAsNewVersioningBehaviorAutoUpgrade,
	}, ClientJourneyName, JourneyInput{Chart: j.chart})
}

// wait sleeps until the step's next moment or until something changed.
func (j *journey) wait(step care.Step) {
	seen := j.changes
	j.armTimer(step)
	_ = workflow.Await(j.ctx, func() bool {
		return j.changes != seen || j.timer != nil && j.timer.IsReady() ||
			!j.cancelled && j.cancelCtx.Err() != nil ||
			j.quiet() && j.shouldContinue()
	})
	if j.timer != nil && j.timer.IsReady() {
		j.timer, j.stop = nil, nil
	}
}

// armTimer keeps one timer for the next moment. A timer that is right is left alone: replacing one costs
// two events.
func (j *journey) armTimer(step care.Step) {
	at, what := step.Wake, step.WakeFor
	if at.IsZero() || at.Sub(j.now()) > longestSleep {
		at, what = j.now().Add(longestSleep), "look again"
		if j.timer != nil && j.timerAt.Before(at) && j.timerAt.After(j.now().Add(24*time.Hour)) {
			return
		}
	}
	if j.timer != nil && j.timerAt.Equal(at) {
		return
	}
	j.stopTimer()
	ctx, stop := workflow.WithCancel(j.ctx)
	j.timer = workflow.NewTimerWithOptions(ctx, at.Sub(j.now()), workflow.TimerOptions{
		Summary: "Next: " + what + ", " + j.chart.Zone.SayFrom(at, j.now()),
	})
	j.stop, j.timerAt = stop, at
}

func (j *journey) stopTimer() {
	if j.timer != nil {
		j.stop()
		j.timer, j.stop = nil, nil
	}
}

// noteCancellation puts a request to cancel in front of the coordinator, once.
func (j *journey) noteCancellation() {
	if j.cancelled || j.cancelCtx.Err() == nil {
		return
	}
	j.cancelled = true
	j.chart.AskedToCancel(j.now())
}

// reasonOf says for the timeline why a chart is saved.
func reasonOf(changes []care.Change) string {
	if len(changes) == 0 {
		return "gates of a later infusion"
	}
	return changes[0].Reason
}

func (j *journey) saveInBackground(s care.Save, words string) {
	j.inFlight++
	j.lastSavedVersion = s.Chart.Version
	workflow.Go(j.ctx, func(ctx workflow.Context) {
		save(ctx, s, "Record: "+words)
		j.inFlight--
		j.changes++
	})
}

// save writes to Postgres and comes back when it is written. It has no other end: a journey never goes on
// as if something were recorded that is not.
func save(ctx workflow.Context, s care.Save, summary string) {
	// An update's context comes from the workflow's own and is cancelled with it; writing down is not.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	if err := workflow.ExecuteLocalActivity(forSaving(ctx, summary), acts.SaveChart, s).Get(ctx, nil); err == nil {
		return
	}
	for {
		err := workflow.ExecuteActivity(forSavingSlowly(ctx, summary), acts.SaveChart, s).Get(ctx, nil)
		if err == nil {
			return
		}
		workflow.GetLogger(ctx).Error("a chart could not be saved; trying again", "error", err)
		_ = workflow.Sleep(ctx, time.Minute)
	}
}
