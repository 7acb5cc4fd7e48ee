package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
)

// RecordWide reports something about the practice (a clinician is away, or is back) as one fact for each client it
// touches. Every client's fact has an id made from the report's, so that the same report again finishes
// what a crash left undone and doubles nothing.
func (d *Desk) RecordWide(ctx context.Context, cmd Command) (answers []Answer, err error) {
	kind, ask := recording(&cmd)
	ask.Subject = Practice
	if !kind.PracticeWide {
		rule := access.RuleOfAnything(notPracticeWide(cmd.Fact))
		ask.rule = &rule
	}
	err = d.Do(ctx, cmd.By, ask, func(person.Actor) error {
		answers, err = d.recordWide(ctx, kind, cmd)
		return err
	})
	return answers, err
}

func (d *Desk) recordWide(ctx context.Context, kind care.Kind, cmd Command) ([]Answer, error) {
	fact, _, err := kind.DecodeReport(cmd.With, d.Zone, d.Now())
	if err != nil {
		return nil, err
	}
	change, err := care.AbsenceIn(kind, fact, cmd.ID, d.Policy)
	if err != nil {
		return nil, err
	}
	// First the time is closed or freed, so that nothing new is booked into it while the visits are found.
	noted, clients, err := d.noteChange(ctx, kind, change)
	if err != nil {
		return nil, err
	}
	if cmd.ClientID != "" && !slices.Contains(clients, cmd.ClientID) {
		clients = append(clients, cmd.ClientID)
	}
	slices.Sort(clients)
	with, err := without(cmd.With, "id")
	if err != nil {
		return nil, err
	}
	if with, err = addFields(with, noted.fields); err != nil {
		return nil, err
	}
	var out []Answer
	for _, client := range slices.Compact(clients) {
		answer, err := d.Record(ctx, Command{ClientID: client, Fact: cmd.Fact, By: cmd.By, ID: noted.factID(client), With: with})
		if refusal := new(care.Refusal); errors.As(err, &refusal) && refusal.Has(care.CodeCourseClosed) {
			continue // a course that is over has no visit that an absence could touch
		}
		if err != nil {
			return out, err
		}
		out = append(out, answer)
	}
	return out, nil
}

// notedChange is a change of an absence as the practice's database has it.
type notedChange struct {
	id       string // of the absence
	revision int
	fields   map[string]any // that the desk adds to each client's fact
}

// factID names the fact that tells one client of this change. The absence's id stands first: by it the store finds who was
// told.
func (n notedChange) factID(client string) string {
	if n.revision == 1 {
		return n.id + ":" + client
	}
	return fmt.Sprintf("%s:%s:r%d", n.id, client, n.revision)
}

// noteChange writes a change of an absence down and gives the clients whom it touches: those with a visit in the time, and
// those who were told of the absence before.
func (d *Desk) noteChange(ctx context.Context, kind care.Kind, change care.AbsenceChange) (notedChange, []string, error) {
	n := notedChange{id: change.ID}
	clients, err := d.Store.ToldOfAbsence(ctx, change.ID)
	if err != nil {
		return n, nil, fmt.Errorf("find who was told of the absence: %w", err)
	}
	if change.Ends {
		was, revision, found, err := d.Store.EndAbsence(ctx, change.ID, change.At)
		if err != nil {
			return n, nil, fmt.Errorf("end absence: %w", err)
		}
		if !found {
			return n, nil, care.NoAbsence(kind.Name, change.ID)
		}
		n.revision, n.fields = revision, map[string]any{"clinician": was.Clinician, "from": was.From}
		return n, clients, nil
	}
	if n.revision, err = d.Store.NoteAbsence(ctx, change.Absence); err != nil {
		return n, nil, fmt.Errorf("note absence: %w", err)
	}
	n.fields = map[string]any{"absence": change.ID}
	touched, err := d.Store.Touched(ctx, change.Clinician, change.From, change.To)
	if err != nil {
		return n, nil, fmt.Errorf("find visits: %w", err)
	}
	return n, append(clients, touched...), nil
}

func without(with json.RawMessage, key string) (json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal(with, &m); err != nil {
		return nil, err
	}
	delete(m, key)
	return json.Marshal(m)
}
