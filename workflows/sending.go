package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
	"kapflow/care"
)

// startDue starts everything that is due as one activity, without waiting for it: sending blocks neither
// facts nor what comes next.
func (j *journey) startDue() {
	now := j.now()
	act, expired := j.chart.Due(now)
	in := activities.SendInput{ClientID: j.chart.ClientID, Asked: now}
	useful := longestSleep
	for _, d := range act {
		before := j.chart.SendBefore(d, now)
		in.Due = append(in.Due, activities.DueDuty{Duty: d, When: j.chart.When(d), SendBefore: before, Late: d.Late(now)})
		useful = min(useful, before.Sub(now))
	}
	for _, d := range expired {
		in.Due = append(in.Due, activities.DueDuty{Duty: d, Expired: true, Late: true})
	}
	if len(in.Due) == 0 {
		return
	}
	for _, d := range in.Due {
		j.chart.Begin(d.Duty.Key)
	}
	j.inFlight++
	workflow.Go(j.ctx, func(ctx workflow.Context) {
		j.finish(in, j.send(ctx, in, useful))
		j.inFlight--
		j.changes++
	})
}

func (j *journey) send(ctx workflow.Context, in activities.SendInput, useful time.Duration) activities.SendResult {
	words := in.Due[0].Duty.Words
	if len(in.Due) > 1 {
		words += " and more"
	}
	var out activities.SendResult
	if err := workflow.ExecuteActivity(forSending(ctx, useful, "Send: "+words), acts.Send, in).Get(ctx, &out); err != nil {
		workflow.GetLogger(ctx).Warn("messages could not be sent in time", "duties", len(in.Due), "error", err)
	}
	return out
}

// finish notes the end of each duty. One without an answer failed, unless it only ran into the client's
// night and can still be useful in the morning.
func (j *journey) finish(in activities.SendInput, out activities.SendResult) {
	now := j.now()
	ends := map[string]string{}
	for _, o := range out.Outcomes {
		ends[o.Key] = o.Outcome
	}
	for _, d := range in.Due {
		outcome, ok := ends[d.Duty.Key]
		switch {
		case ok:
		case !d.Expired && !now.Before(d.SendBefore) && now.Before(d.Duty.Until):
			outcome = care.OutcomeDeferred
		default:
			outcome = care.OutcomeFailed
		}
		j.chart.Handle(d.Duty.Key, outcome, now)
	}
}
