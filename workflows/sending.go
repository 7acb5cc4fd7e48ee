package workflows

import (
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
	"kapflow/care"
)

// startSending sends a batch as one activity, without waiting for it: sending blocks neither facts nor what comes next.
func (j *journey) startSending(b care.Batch) {
	in := activities.SendInput{ClientID: j.chart.ClientID, Asked: j.now(), Due: b.Due, Batch: b.No, Epoch: j.chart.Epoch, ChartVersion: j.lastSavedVersion}
	j.inFlight++
	workflow.Go(j.ctx, func(ctx workflow.Context) {
		out, late := j.send(ctx, in, b)
		at := out.At
		if at.IsZero() { // no answer came
			at = j.now()
		}
		j.chart.Finish(b, out.Results, late, at)
		j.inFlight--
		j.changes++
	})
}

// send returns the results of the batch. late says that time ran out before the last try: retries end up to one pause
// before their deadline, since the next would come after it.
func (j *journey) send(ctx workflow.Context, in activities.SendInput, b care.Batch) (out activities.SendResult, late bool) {
	useful := longestSleep
	if !b.StopBy.IsZero() {
		useful = min(useful, b.StopBy.Sub(in.Asked))
	}
	err := workflow.ExecuteActivity(forSending(ctx, useful, "Send: "+b.Summary), acts.Send, in).Get(ctx, &out)
	if err != nil {
		workflow.GetLogger(ctx).Warn("messages could not be sent in time", "notifications", len(in.Due), "error", err)
	}
	return out, outOfTime(err)
}

// outOfTime reports whether an activity ended because its deadline passed, and not because of an answer.
func outOfTime(err error) bool {
	var ended *temporal.ActivityError
	var timeout *temporal.TimeoutError
	return errors.As(err, &ended) && ended.RetryState() == enumspb.RETRY_STATE_TIMEOUT ||
		errors.As(err, &timeout) && timeout.TimeoutType() == enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
}
