package wiring

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/policy"
	"kapflow/care/record"
)

// CheckClinicians refuses a practice file that no longer lists a clinician who has a client, or takes one over, in a course
// that is open. It names each of them and the clients, by their ids. First it has lists know of every client: after an upgrade that sums up
// each chart once, and goes on where it was interrupted; and the search know every name.
func (a *App) CheckClinicians(ctx context.Context, now time.Time) error {
	if err := activities.RefreshLists(ctx, a.Store, now); err != nil {
		return err
	}
	faults, err := a.unlistedClinicians(ctx, now)
	if err != nil || len(faults) == 0 {
		return err
	}
	return errors.New(strings.Join(faults, "\n"))
}

// unlistedClinicians says in a sentence each whom the practice file leaves out although they have a client.
func (a *App) unlistedClinicians(ctx context.Context, now time.Time) (faults []string, err error) {
	ids, err := a.Store.Clinicians(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who has clients: %w", err)
	}
	gone := slices.DeleteFunc(ids, func(id string) bool {
		_, listed := a.Practice.Policy.Clinician(id)
		return listed
	})
	if len(gone) == 0 {
		return nil, nil
	}
	clients, err := a.Store.Found(ctx, record.EntrySearch{Kind: record.EntryClinician, Who: gone}, math.MaxInt32)
	if err != nil {
		return nil, fmt.Errorf("find their clients: %w", err)
	}
	rows, err := a.Store.Charts(ctx, clients)
	if err != nil {
		return nil, fmt.Errorf("read their clients' charts: %w", err)
	}
	return unlisted(rows, a.Practice.Policy, now), nil
}

func unlisted(rows []care.BoardRow, p policy.Policy, now time.Time) (faults []string) {
	for _, r := range rows {
		if r.Chart == nil || r.Chart.Closed() {
			continue
		}
		for _, who := range r.Chart.CliniciansFrom(now) {
			if _, ok := p.Clinician(who); !ok {
				faults = append(faults, fmt.Sprintf("the practice file no longer lists %s, who has the client %s: list them again, record clinician-assigned for the client, then take them out", who, r.ClientID))
			}
		}
	}
	return faults
}
