package activities

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// Texts renders a message; practice holds the files.
type Texts interface {
	Render(template message.Template, channel person.Channel, tier string, v map[string]string) (subject, text string, err error)
}

// Activities carries what the activities share. Workflows name its methods through a nil pointer and never
// hold one.
type Activities struct {
	Records  Records
	Register Register
	List     List
	Sender   Sender
	Texts    Texts
	Practice policy.Policy // names, phone, places and link base as they are today
	Zone     clock.Zone    // the practice's
	Clock    Clock
	Log      *slog.Logger

	// AuditEnd checks the audit log, keeps its end outside of the database, and says for a mail to the practice's owners what it found.
	// Nil: no end is kept.
	AuditEnd func(ctx context.Context) (words string, err error)
}

// SaveChart writes one step of a client's record. It runs as a local activity inside an update, so that
// whoever recorded a fact reads it back at once.
func (a *Activities) SaveChart(ctx context.Context, s care.Save) error {
	return a.Records.SaveChart(ctx, s)
}

// now is the time to go by. A try after the first is later than what asked for it by the time it waited, which the
// server counts in the workflow's time too.
func (a *Activities) now(ctx context.Context, asked time.Time) time.Time {
	if a.Clock == nil {
		return WallClock(asked)
	}
	if activity.IsActivity(ctx) {
		if info := activity.GetInfo(ctx); info.Attempt > 1 && info.StartedTime.After(info.ScheduledTime) {
			asked = asked.Add(info.StartedTime.Sub(info.ScheduledTime))
		}
	}
	return a.Clock(asked).UTC()
}
