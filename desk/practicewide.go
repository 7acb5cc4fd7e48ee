package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"kapflow/care"
)

// RecordWide reports something about the practice (a clinician is away) as one fact for each client it
// touches. Every client's fact has an id made from the report's, so that the same report again finishes
// what a crash left undone and doubles nothing.
func (d *Desk) RecordWide(ctx context.Context, cmd Command) ([]Answer, error) {
	kind, ok := care.KindNamed(cmd.Fact)
	if !ok || !kind.PracticeWide {
		return nil, care.Refuse(cmd.Fact, care.CodeUnknownFact, fmt.Sprintf("%q is not a practice-wide fact; it needs a client", cmd.Fact), "")
	}
	if !kind.Allows(cmd.By.Role) {
		return nil, care.Refuse(cmd.Fact, care.CodeNotYourRole, fmt.Sprintf("a %s may not record %s", cmd.By.Role, cmd.Fact), kind.By[0])
	}
	if err := checkIDs(cmd); err != nil {
		return nil, err
	}
	fact, id, err := kind.DecodeReport(cmd.With, d.Zone, d.Now())
	if err != nil {
		return nil, err
	}
	away, err := care.AbsenceIn(kind, fact, d.Policy)
	if err != nil {
		return nil, err
	}
	if cmd.ID == "" {
		cmd.ID = id
	}
	if cmd.ID == "" {
		cmd.ID = NewID("report")
	}
	// First the time is closed, so that nothing new is booked into it while the visits are found.
	if err := d.Store.NoteAbsence(ctx, cmd.ID, away.Clinician, away.From, away.To); err != nil {
		return nil, fmt.Errorf("note absence: %w", err)
	}
	clients, err := d.Store.Touched(ctx, away.Clinician, away.From, away.To)
	if err != nil {
		return nil, fmt.Errorf("find visits: %w", err)
	}
	if cmd.ClientID != "" && !slices.Contains(clients, cmd.ClientID) {
		clients = append(clients, cmd.ClientID)
	}
	slices.Sort(clients)
	with, err := without(cmd.With, "id")
	if err != nil {
		return nil, err
	}
	var out []Answer
	for _, client := range clients {
		answer, err := d.Record(ctx, Command{ClientID: client, Fact: cmd.Fact, By: cmd.By, ID: cmd.ID + ":" + client, With: with})
		if err != nil {
			return out, err
		}
		out = append(out, answer)
	}
	return out, nil
}

func without(with json.RawMessage, key string) (json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal(with, &m); err != nil {
		return nil, err
	}
	delete(m, key)
	return json.Marshal(m)
}
