package desk

import (
	"context"
	"fmt"

	"kapflow/care"
)

// reserve takes a slot, and notes in the report who is away or busy: what that means for the fact is decided with the rest
// of its rules. A clash is looked for when somebody is away too: a tentative infusion may be held in an absence, but never in
// another client's time.
func (d *Desk) reserve(ctx context.Context, slot care.Slot, report *care.Report) (reserved bool, err error) {
	if report.Away, err = d.Store.Away(ctx, slot); err != nil {
		return false, fmt.Errorf("look up absences: %w", err)
	}
	if report.Clash, err = d.Store.Reserve(ctx, slot); err != nil {
		return false, fmt.Errorf("reserve time: %w", err)
	}
	return report.Clash == "", nil
}

// reserveTakeover reserves the time of a new clinician for the visits that they take over, and notes in the report for which
// of them the clinician is not free.
func (d *Desk) reserveTakeover(ctx context.Context, chart *care.Chart, kind care.Kind, cmd Command, report *care.Report) (held []care.Slot, err error) {
	fact, _, err := kind.Decode(cmd.With, d.Zone)
	if err != nil {
		return nil, nil //nolint:nilerr // the fact's own decoding says what is wrong
	}
	for _, slot := range chart.SlotsTakenOver(kind, fact) {
		away, err := d.Store.Away(ctx, slot)
		if err != nil {
			return held, fmt.Errorf("look up absences: %w", err)
		}
		clash := ""
		if len(away) == 0 {
			if clash, err = d.Store.Reserve(ctx, slot); err != nil {
				return held, fmt.Errorf("reserve time: %w", err)
			}
		}
		if len(away) > 0 || clash != "" {
			report.NotFree = append(report.NotFree, slot.Appointment)
			continue
		}
		held = append(held, slot)
	}
	return held, nil
}

// holdTime reserves the time of people that a report would take, until its journey has answered, and notes in the report who is
// not free.
func (d *Desk) holdTime(ctx context.Context, kind care.Kind, cmd Command, report *care.Report) (held []care.Slot, err error) {
	if !kind.TakesTime() && !kind.TakesOver() {
		return nil, nil
	}
	chart, err := d.Store.Chart(ctx, cmd.ClientID)
	if err != nil {
		return nil, fmt.Errorf("read chart: %w", err)
	}
	if slot, wanted := d.slotFor(chart, kind, cmd); wanted {
		reserved, err := d.reserve(ctx, slot, report)
		if err != nil {
			return nil, err
		}
		if reserved {
			held = append(held, slot)
		}
	}
	taken, err := d.reserveTakeover(ctx, chart, kind, cmd, report)
	return append(held, taken...), err
}
