package wiring

import (
	"context"
	"time"

	"kapflow/care/policy"
	"kapflow/practice"
)

// checkPractice reads a practice file that is not in force, and gives what is wrong with it: its settings, the practice's texts under its
// names, and clinicians whom it leaves out although they have clients.
func (a *App) checkPractice(ctx context.Context, text []byte, now time.Time) (p policy.Policy, faults []string, err error) {
	p, zone, wrong := practice.ReadPolicy("practice file", text, now)
	for _, f := range wrong {
		faults = append(faults, f.Error())
	}
	if len(faults) > 0 {
		return p, faults, nil
	}
	for _, err := range a.Practice.Texts.Lint(p) {
		faults = append(faults, err.Error())
	}
	gone, err := (&App{Practice: practice.Practice{Policy: p, Zone: zone}, Store: a.Store}).unlistedClinicians(ctx, now)
	return p, append(faults, gone...), err
}
