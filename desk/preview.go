package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// ClientPreview is what a practice-wide report would change for one client.
type ClientPreview struct {
	ClientID string `json:"client"`
	record.Preview
}

// Preview says what recording a report would change, or why it would be refused, and records nothing: no fact, no private text, no
// reserved time. The look at the chart is audited.
func (d *Desk) Preview(ctx context.Context, cmd Command) (p record.Preview, err error) {
	kind, ask := previewing(&cmd)
	err = d.Do(ctx, cmd.By, ask, func(by person.Actor) error {
		cmd.actor = by
		p, err = d.preview(ctx, kind, cmd)
		return err
	})
	var refusal *care.Refusal
	if errors.As(err, &refusal) {
		return record.Preview{Fact: cmd.Fact, Refused: refusal}, nil
	}
	return p, err
}

// previewing is recording for a preview, which needs no fresh sign-in.
func previewing(cmd *Command) (care.Kind, Ask) {
	kind, ask := recording(cmd)
	rule := *ask.rule
	rule.Grave = false
	ask.Action, ask.rule = access.Preview, &rule
	return kind, ask
}

// OpenForm lets somebody who may record a fact that is about no client open its form, and gives the absences of now and later, one
// of which it may name. The error is a *care.Refusal for everybody else.
func (d *Desk) OpenForm(ctx context.Context, who access.Person, fact string) (absences []care.Absence, err error) {
	cmd := Command{Fact: fact, By: who}
	_, ask := previewing(&cmd)
	ask.Subject = Practice
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		if absences, err = d.Store.Absences(ctx, d.Now(), d.Now().AddDate(10, 0, 0)); err != nil {
			return fmt.Errorf("read absences: %w", err)
		}
		return nil
	})
	return absences, err
}

// PreviewEnroll says what enrolling a client would bring, or why it would be refused, and records nothing. known is the id of the client
// who is, or seems to be, the same person; the error is then the refusal to enroll them twice.
func (d *Desk) PreviewEnroll(ctx context.Context, who access.Person, e Enrollment) (p record.Preview, known string, err error) {
	cmd := Command{ClientID: NewID("client"), Fact: opening.Name, By: who}
	_, ask := previewing(&cmd)
	ask.Subject = Practice
	err = d.Do(ctx, who, ask, func(by person.Actor) error {
		cmd.actor = by
		e, err := e.Tidy(d.Now())
		if err != nil {
			return err
		}
		zone, err := d.clientZone(opening.Name, e.Timezone)
		if err != nil {
			return err
		}
		chart, _, err := d.openChart(cmd, e, zone)
		if err != nil {
			return err
		}
		if known, err = d.refuseEnrolled(ctx, e); err != nil {
			return err
		}
		reports, err := e.consents()
		if err != nil {
			return err
		}
		for _, r := range reports {
			r.By = by
			if _, err := chart.Record(consented.Name, r, chart.EnrolledAt); err != nil {
				return fmt.Errorf("try %s: %w", r.ID, err)
			}
		}
		p = record.PreviewOpening(chart)
		return nil
	})
	return p, known, err
}

// PreviewWide is Preview for a practice-wide report: one for each client whom it touches. The error is a *care.Refusal when it
// would be refused as a whole.
func (d *Desk) PreviewWide(ctx context.Context, cmd Command) ([]ClientPreview, error) {
	kind, ask := previewing(&cmd)
	ask.Subject = Practice
	if !kind.PracticeWide {
		rule := access.RuleOfAnything(notPracticeWide(cmd.Fact))
		ask.rule = &rule
	}
	var clients []string
	err := d.Do(ctx, cmd.By, ask, func(person.Actor) error {
		fact, _, err := kind.DecodeReport(cmd.With, d.Zone, d.Now())
		if err != nil {
			return err
		}
		change, err := care.AbsenceIn(kind, fact, cmd.ID, d.Policy)
		if err != nil {
			return err
		}
		if clients, err = d.touchedBy(ctx, change); err != nil {
			return err
		}
		if cmd.With, err = without(cmd.With, "id"); err == nil && !change.Ends {
			cmd.With, err = addFields(cmd.With, map[string]any{"absence": change.ID})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []ClientPreview
	for _, client := range clients {
		p, err := d.Preview(ctx, Command{ClientID: client, Fact: cmd.Fact, By: cmd.By, With: cmd.With})
		if err != nil {
			return out, err
		}
		if p.Refused == nil || !p.Refused.Has(care.CodeCourseClosed) { // a course that is over has no visit to touch
			out = append(out, ClientPreview{client, p})
		}
	}
	return out, nil
}

func notPracticeWide(fact string) *care.Refusal {
	return care.Refuse(fact, care.CodeUnknownFact, fmt.Sprintf("%q is not a practice-wide fact; it needs a client", fact), "")
}

// touchedBy gives the clients whom a change of an absence touches, as noteChange does, and notes nothing.
func (d *Desk) touchedBy(ctx context.Context, change care.AbsenceChange) ([]string, error) {
	clients, err := d.Store.ToldOfAbsence(ctx, change.ID)
	if err != nil {
		return nil, fmt.Errorf("find who was told of the absence: %w", err)
	}
	if !change.Ends {
		touched, err := d.Store.Touched(ctx, change.Clinician, change.From, change.To)
		if err != nil {
			return nil, fmt.Errorf("find visits: %w", err)
		}
		clients = append(clients, touched...)
	}
	slices.Sort(clients)
	return slices.Compact(clients), nil
}

func (d *Desk) preview(ctx context.Context, kind care.Kind, cmd Command) (record.Preview, error) {
	if kind.Opens {
		return record.Preview{}, d.enrolledAlready(ctx, cmd.ClientID)
	}
	chart, err := d.Store.Chart(ctx, cmd.ClientID)
	if errors.Is(err, care.ErrNoClient) {
		return record.Preview{}, unknownClient(cmd.Fact, cmd.ClientID)
	}
	if err != nil {
		return record.Preview{}, fmt.Errorf("read chart: %w", err)
	}
	if !cmd.fresh {
		_, repeated, err := d.Store.FactAnswer(ctx, cmd.ClientID, cmd.ID)
		if err != nil || repeated {
			return record.Preview{Fact: cmd.Fact, Repeated: repeated}, err
		}
	}
	report, err := d.onPaper().drafted(ctx, chart, kind, cmd)
	if err != nil {
		return record.Preview{}, err
	}
	return record.PreviewOf(chart, cmd.Fact, report, d.Now()), nil
}

// drafted prepares a report as Record does.
func (d *Desk) drafted(ctx context.Context, chart *care.Chart, kind care.Kind, cmd Command) (report care.Report, err error) {
	report = care.Report{ID: cmd.ID, By: cmd.actor, Seen: cmd.Seen}
	if report.With, err = d.prepare(ctx, kind, cmd); err != nil {
		return report, err
	}
	if slot, wanted := d.slotFor(chart, kind, cmd); wanted {
		if _, err := d.reserve(ctx, slot, &report); err != nil {
			return report, err
		}
	}
	_, err = d.reserveTakeover(ctx, chart, kind, cmd, &report)
	return report, err
}

// onPaper gives a desk that prepares reports by the same rules and leaves nothing in the store.
func (d *Desk) onPaper() *Desk {
	paper := *d
	paper.Store = paperStore{d.Store}
	return &paper
}

// paperStore is a store in which a report that is prepared leaves nothing.
type paperStore struct{ Store }

// Hide gives a reference that stands for a text and stores nothing.
func (paperStore) Hide(context.Context, string, string, string) (string, error) {
	return care.PrivateRefPrefix + "preview", nil
}

// Reserve says who is busy and reserves nothing.
func (s paperStore) Reserve(ctx context.Context, slot care.Slot) (string, error) {
	return s.Busy(ctx, slot)
}

// Release gives nothing back, since nothing was reserved.
func (paperStore) Release(context.Context, care.Slot) error { return nil }
