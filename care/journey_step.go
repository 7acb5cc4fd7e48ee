package care

import (
	"slices"
	"time"

	"kapflow/care/message"
)

// Step is what a journey does at one moment. ClientJourney, the rehearsal's tests and the property tests all take their
// steps from here, so that none of them has a loop with rules of its own.
type Step struct {
	Save    bool      // time alone changed the chart: it is to be saved, with Changes
	Changes []Change  // lines of the journal for what changed
	Send    *Batch    // everything that is due now, to be sent as one activity; nil: nothing is due
	Wake    time.Time // next instant (UTC) at which something is due or changes; zero: nothing is ahead
	WakeFor string    // what Wake is for, in words: "Reminder, infusion 3"
	Over    bool      // the course is closed and its record needs nothing more
}

// Batch is everything that is due to one client at one moment.
type Batch struct {
	No      int                       `json:"no"` // grows with every batch of the client
	Due     []message.DueNotification `json:"due"`
	StopBy  time.Time                 `json:"stop_by"` // after it no notification of the batch may be sent; zero: nothing is to be sent
	Summary string                    `json:"summary"` // for the timeline
}

// SendRecord is what a Send activity wrote down of a batch: its notifications and the result of each. Together with the
// saved chart it is the whole state of a journey: a result that no saved chart knows yet is taken in when the chart is
// read (Chart.TakeIn).
type SendRecord struct {
	Epoch   int                          `json:"epoch"`
	No      int                          `json:"no"`
	At      time.Time                    `json:"at"` // UTC
	Due     []message.DueNotification    `json:"due"`
	Results []message.NotificationResult `json:"results"`
}

// Step publishes what changed because time went on, takes up everything that is due, and says when to wake. Every
// notification of the returned batch is marked as under way until Finish gets its result.
func (c *Chart) Step(now time.Time) Step {
	before := c.Version
	s := Step{Changes: c.DiffAndPublish(now)}
	s.Save = c.Version != before
	s.Send = c.takeUpDue(now)
	s.Wake, s.WakeFor, _ = c.NextMoment(now)
	end, closed := c.EndsAt()
	s.Over = closed && !now.Before(end)
	return s
}

// Finish takes in the results of a batch at an instant. A notification without a result failed, unless the activity ran
// out of time (late) while the notification was still of use: then it is owed again. at is the worker's time; if its clock is behind the
// journey's, the time of the journey's last step counts, so that a pause after it lies ahead.
func (c *Chart) Finish(b Batch, results []message.NotificationResult, late bool, at time.Time) {
	if at.Before(c.Published.At) {
		at = c.Published.At
	}
	c.InFlight = slices.DeleteFunc(c.InFlight, func(no int) bool { return no == b.No })
	for _, d := range b.Due {
		i := slices.IndexFunc(results, func(r message.NotificationResult) bool { return r.Key == d.Notification.Key })
		switch {
		case i >= 0:
			c.Settle(d.Notification, results[i].Result, results[i].Deliveries, at)
			if results[i].Result == message.ResultDeferred && len(results[i].Deliveries) == 0 {
				c.putOff(d.Notification, at)
			}
		case !d.Expired && late && at.Before(d.Notification.Until):
			c.Settle(d.Notification, message.ResultDeferred, nil, at)
		default:
			c.Settle(d.Notification, message.ResultFailed, nil, at)
		}
	}
}

// TakeIn finishes every recorded batch that the chart does not know the results of yet, in the order of their numbers.
// The store calls it for each chart that it reads.
func (c *Chart) TakeIn(records []SendRecord) {
	for _, r := range records {
		if r.Epoch != c.Epoch || r.No <= c.Batches && !slices.Contains(c.InFlight, r.No) {
			continue
		}
		c.Batches = max(c.Batches, r.No)
		c.Finish(Batch{No: r.No, Due: r.Due}, r.Results, false, r.At)
	}
}

// Resume makes a chart that was read from the store the state of a new run: what was under way is owed again, and the
// register keeps a message that did leave from leaving twice. The epoch tells the new run's saves from those of the run
// before, which the store refuses from then on.
func (c *Chart) Resume(epoch int) {
	c.Epoch, c.InFlight = epoch, nil
	for key, result := range c.Handled {
		if result == message.ResultBegun {
			delete(c.Handled, key)
		}
	}
}

// takeUpDue marks everything that is due as under way and gives it as one batch; nil when nothing is due.
func (c *Chart) takeUpDue(now time.Time) *Batch {
	act, expired := c.Due(now)
	if len(act)+len(expired) == 0 {
		return nil
	}
	b := Batch{No: c.Batches + 1}
	for _, n := range act {
		before := c.SendBefore(n, now)
		b.Due = append(b.Due, message.DueNotification{Notification: n, When: c.When(n), SendBefore: before, Late: n.Late(now), IfCapped: c.IfCapped(n)})
		if b.StopBy.IsZero() || before.Before(b.StopBy) {
			b.StopBy = before
		}
	}
	for _, n := range expired {
		b.Due = append(b.Due, message.DueNotification{Notification: n, Expired: true, Late: n.Skip == ""})
	}
	for _, d := range b.Due {
		c.Begin(d.Notification.Key)
	}
	if b.Summary = b.Due[0].Notification.Words; len(b.Due) > 1 {
		b.Summary += " and more"
	}
	c.Batches, c.InFlight = b.No, append(c.InFlight, b.No)
	return &b
}
