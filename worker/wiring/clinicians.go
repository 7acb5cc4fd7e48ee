package wiring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kapflow/care"
	"kapflow/care/policy"
)

// CheckClinicians refuses a practice file that no longer lists a clinician who has a client, or takes one over, in a course
// that is open. It names each of them and the clients, by their ids.
func (a *App) CheckClinicians(ctx context.Context, now time.Time) error {
	rows, err := a.Store.Board(ctx)
	if err != nil {
		return fmt.Errorf("read the clients' charts: %w", err)
	}
	return unlisted(rows, a.Practice.Policy, now)
}

func unlisted(rows []care.BoardRow, p policy.Policy, now time.Time) error {
	var faults []error
	for _, r := range rows {
		if r.Chart == nil || r.Chart.Closed() {
			continue
		}
		for _, who := range r.Chart.CliniciansFrom(now) {
			if _, ok := p.Clinician(who); !ok {
				faults = append(faults, fmt.Errorf("the practice file no longer lists %s, who has the client %s: list them again, record clinician-assigned for the client, then take them out", who, r.ClientID))
			}
		}
	}
	return errors.Join(faults...)
}
