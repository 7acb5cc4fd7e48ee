package workflows

import (
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
	"kapflow/care/message"
)

// startDue starts everything that is due as one activity, without waiting for it: sending blocks neither
// facts nor what comes next.
func (j *journey) startDue() {
	now := j.now()
	act, expired := j.chart.Due(now)
	in := activities.SendInput{ClientID: j.chart.ClientID, Asked: now, ChartVersion: j.lastSavedVersion}
	useful := longestSleep
	for _, d := range act {
		before := j.chart.SendBefore(d, now)
		in.Due = append(in.Due, activities.DueNotification{Notification: d, When: j.chart.When(d), SendBefore: before, Late: d.Late(now), IfCapped: j.chart.IfCapped(d)})
		useful = min(useful, before.Sub(now))
	}
	for _, d := range expired {
		in.Due = append(in.Due, activities.DueNotification{Notification: d, Expired: true, Late: d.Skip == ""})
	}
	if len(in.Due) == 0 {
		return
	}
	for _, d := range in.Due {
		j.chart.Begin(d.Notification.Key)
	}
	j.inFlight++
	workflow.Go(j.ctx, func(ctx workflow.Context) {
		out, late := j.send(ctx, in, useful)
		j.finish(in, out, late)
		j.inFlight--
		j.changes++
	})
}

// send gives what became of the duties. late says that time ran out before the last try: the row of tries ends
// up to one pause before its deadline, since the next would come after it.
func (j *journey) send(ctx workflow.Context, in activities.SendInput, useful time.Duration) (out activities.SendResult, late bool) {
	words := in.Due[0].Notification.Words
	if len(in.Due) > 1 {
		words += " and more"
	}
	err := workflow.ExecuteActivity(forSending(ctx, useful, "Send: "+words), acts.Send, in).Get(ctx, &out)
	if err != nil {
		workflow.GetLogger(ctx).Warn("messages could not be sent in time", "duties", len(in.Due), "error", err)
	}
	return out, outOfTime(err)
}

// outOfTime tells a row of tries that its deadline ended from one that an answer ended.
func outOfTime(err error) bool {
	var ended *temporal.ActivityError
	var timeout *temporal.TimeoutError
	return errors.As(err, &ended) && ended.RetryState() == enumspb.RETRY_STATE_TIMEOUT ||
		errors.As(err, &timeout) && timeout.TimeoutType() == enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
}

// finish notes the end of each duty. One without an answer failed, unless it only ran out of time, into the
// client's night or because another duty's use ended, and is still of use itself: then it is owed again.
func (j *journey) finish(in activities.SendInput, out activities.SendResult, late bool) {
	now := j.now()
	ends := map[message.Key]activities.NotificationResult{}
	for _, o := range out.Results {
		ends[o.Key] = o
	}
	for _, d := range in.Due {
		end, ok := ends[d.Notification.Key]
		outcome := end.Result
		switch {
		case ok:
		case !d.Expired && late && now.Before(d.Notification.Until):
			outcome = message.ResultDeferred
		default:
			outcome = message.ResultFailed
		}
		j.chart.Settle(d.Notification, outcome, end.Deliveries, now)
	}
}
