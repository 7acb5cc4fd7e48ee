package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/values"
)

// EraseOrder is the practice's decision to erase a client's record.
type EraseOrder struct {
	ClientID string
	Reason   string
	// RetentionEnded is the day on which the last duty to keep the record ended. The practice knows which laws it is under.
	RetentionEnded time.Time
}

// Erase destroys a record for good: the key of everything that is sealed about a client, and what they could be found by. Only a
// record whose course is closed and whose retention is over is erased. Who decided it, why, and when retention ended stay in the audit
// log.
func (d *Desk) Erase(ctx context.Context, who access.Person, o EraseOrder) error {
	ask := Ask{Action: access.Erase, Subject: o.ClientID, Detail: map[string]string{"reason": o.Reason, "retention-ended": o.RetentionEnded.Format(time.DateOnly)}}
	ask.check = func(context.Context, person.Actor) error {
		reason, err := values.Line(o.Reason, values.MostLine)
		switch {
		case err != nil || strings.TrimSpace(reason) == "":
			return care.Refuse("erase", care.CodeInvalid, "say in one line why the record is erased", person.Owner)
		case o.RetentionEnded.IsZero() || !o.RetentionEnded.Before(d.Now()):
			return care.Refuse("erase", care.CodeInFuture, "a record is erased only when no law asks to keep it any more; give the day on which the last retention ended", person.Owner)
		}
		return nil
	}
	return d.Do(ctx, who, ask, func(person.Actor) error {
		chart, err := d.Store.Chart(ctx, o.ClientID)
		if errors.Is(err, care.ErrNoClient) {
			return unknownClient("erase", o.ClientID)
		}
		if err != nil {
			return fmt.Errorf("read chart: %w", err)
		}
		if end, closed := chart.EndsAt(); !closed || d.Now().Before(end) || o.RetentionEnded.Before(end) {
			return care.Refuse("erase", care.CodeWrongState, "the record is in use: its course must be closed, everything settled, and retention counted from then", person.Coordinator)
		}
		if err := d.Store.Erase(ctx, o.ClientID); err != nil {
			return fmt.Errorf("erase record: %w", err)
		}
		return nil
	})
}
