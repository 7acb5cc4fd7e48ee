package care

import (
	"slices"
	"time"

	"kapflow/care/visit"
)

// Stage is where a client stands (R43). It is derived from the chart and never stored.
type Stage string

// The stages.
const (
	StageEnrolled       Stage = "enrolled"
	StageCoverageReview Stage = "coverage-review"
	StagePreparation    Stage = "preparation"
	StageInfusionSeries Stage = "infusion-series"
	StageIntegration    Stage = "integration"
	StageCompleted      Stage = "completed"
	StageDeclined       Stage = "declined"
	StageWithdrawn      Stage = "withdrawn"
	StagePaused         Stage = "paused"
)

// Stages lists the stages in the order of a course.
func Stages() []Stage {
	return []Stage{StageEnrolled, StageCoverageReview, StagePreparation, StageInfusionSeries, StageIntegration,
		StageCompleted, StageDeclined, StageWithdrawn, StagePaused}
}

// Stage derives where the client stands. Preparation, consult and labs run side by side in one stage; the
// infusion series begins with the start of the first infusion and integration when the planned number was
// given and none is booked.
func (c *Chart) Stage() Stage {
	switch {
	case c.Closing != nil && c.Closing.How == EndCompleted:
		return StageCompleted
	case c.Closing != nil:
		return StageWithdrawn // moved away and deceased too: the reason is kept in Closing.How
	case c.declined():
		return StageDeclined
	case c.Pause != nil:
		return StagePaused
	}
	given := c.count(visit.Infusion, visit.Fulfilled)
	switch {
	case given > 0 && given >= c.planned() && c.next(visit.Infusion) == nil:
		return StageIntegration
	case given > 0 || c.infusionRunning():
		return StageInfusionSeries
	case c.metOnce() || c.meetingCleared():
		return StagePreparation
	case c.Course > 0 || c.Screening != nil || c.CoverageEntered != nil || c.Coverage != nil || c.Insurer != nil || c.FeeTalk != nil:
		return StageCoverageReview
	default:
		return StageEnrolled
	}
}

func (c *Chart) infusionRunning() bool {
	for i := range c.Visits {
		if c.Visits[i].running() {
			return true
		}
	}
	return false
}

// declined: criteria not met, or the physician declined after the consult or about a flag.
func (c *Chart) declined() bool {
	return c.Screening.Status() == ScreeningNotMet || c.ConsultOutcome() == ConsultDeclined ||
		slices.ContainsFunc(c.Flags, func(f Flag) bool { return f.Decision == FlagDecline })
}

// Closed says whether the course is over: completed, withdrawn or declined.
func (c *Chart) Closed() bool { return c.Closing != nil || c.declined() }

func (c *Chart) closedAt() time.Time {
	if c.Closing != nil {
		return c.Closing.At
	}
	at := c.startedAt()
	if c.Screening.Status() == ScreeningNotMet {
		at = c.Screening.At
	}
	for _, f := range c.Flags {
		if f.Decision == FlagDecline && f.At.After(at) {
			at = f.At
		}
	}
	if c.ConsultOutcome() == ConsultDeclined && c.lastConsult().EndedAt.After(at) {
		at = c.lastConsult().EndedAt
	}
	return at
}

// keepOpen is how long the workflow of a closed course goes on at least, and keepReopened how long it goes on after it was
// started again for a late fact.
const (
	keepOpen     = 30 * 24 * time.Hour
	keepReopened = 24 * time.Hour
)

// StayAwake keeps the journey of a closed record running from now as long as after the close, because words of
// danger came in after it had ended.
func (c *Chart) StayAwake(now time.Time) { c.AwakeUntil = now.Add(keepOpen) }

// EndsAt says when the workflow of a closed course may end. ok is false while the course is open, while money is owed, while an
// infusion that was running when the course ended has not been stopped, and while the client was not seen home, not asked how
// they are, or an alert waits. A record whose workflow has ended is not
// shut: the desk starts it again for a fact that the rules accept.
func (c *Chart) EndsAt() (at time.Time, ok bool) {
	if !c.Closed() || c.owesMoney() || c.infusionRunning() {
		return time.Time{}, false
	}
	at = c.closedAt().Add(keepOpen)
	if c.AwakeUntil.After(at) {
		at = c.AwakeUntil
	}
	if reopened := c.ReopenedAt.Add(keepReopened); !c.ReopenedAt.IsZero() && reopened.After(at) {
		at = reopened
	}
	for _, d := range c.Notifications() {
		if d.Until.After(at) {
			at = d.Until
		}
	}
	return at, !c.owesCare(at)
}
