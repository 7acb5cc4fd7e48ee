package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/practice"
	"kapflow/workflows"
)

// TestGatesReadTheSameEverywhere: a refusal, the board, starter show, the Temporal UI and the morning list tell of one gate
// table: which gates are shut, why, whose move it is and since when.
func TestGatesReadTheSameEverywhere(t *testing.T) {
	t.Parallel()
	monday := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	by := func(role person.Role, with string) care.Report {
		return care.Report{By: person.Actor{ID: string(role), Role: role}, With: json.RawMessage(with)}
	}
	chart, _, err := care.Enroll(care.Enrollment{ClientID: "client-sample", Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: monday,
		Report: by(person.Coordinator, `{"presenting": ["depression", "substance-dependence"]}`)})
	if err != nil {
		t.Fatal(err)
	}
	now := monday
	record := func(role person.Role, fact, with string) error {
		now = now.Add(time.Hour)
		_, err := chart.Record(fact, by(role, with), now)
		chart.DiffAndPublish(now)
		return err
	}
	for _, x := range []struct {
		role       person.Role
		fact, with string
	}{
		{person.Psychotherapist, "screening-recorded", `{"criteria_met": true, "prefers_kap": true}`},
		{person.Psychotherapist, "coverage-reviewed", `{"result": "does-not-pay"}`},
		{person.Psychotherapist, "insurer-contact-waived", `{"reason": "r"}`},
		{person.Psychotherapist, "fees-discussed", `{"summary":"ref:x"}`},
		{person.Physician, "labs-ordered", `{}`},
		{person.Coordinator, "appointment-booked", `{"kind": "infusion", "start": "2027-04-05 10:00", "tentative": true}`},
	} {
		if err := record(x.role, x.fact, x.with); err != nil {
			t.Fatal(err)
		}
	}
	later := now.Add(26 * time.Hour)
	chart.DiffAndPublish(later)
	now = later
	var refusal *care.Refusal
	if !errors.As(chart.Check("appointment-confirmed", by(person.Coordinator, `{"appointment": "infusion-1"}`), now), &refusal) || refusal.Code != care.CodeGatesShut {
		t.Fatalf("the confirmation: %v", refusal)
	}
	rows := []care.BoardRow{{ClientID: chart.ClientID, Stage: chart.Stage(), Chart: chart}}
	board := boardOf(rows, now)
	var show strings.Builder
	shown := standingOf(chart, now)
	if err := shown.print(&show, chart); err != nil {
		t.Fatal(err)
	}
	details := workflows.Details(chart, now)
	shut := slices.DeleteFunc(slices.Clone(chart.Gates(now)), func(g care.Gate) bool { return g.Open })
	if len(shut) < 8 || len(refusal.Problems) != len(shut) || len(board.Blocked) != len(shut) {
		t.Fatalf("%d gates are shut, the refusal names %d, the board %d", len(shut), len(refusal.Problems), len(board.Blocked))
	}
	for i, g := range shut {
		if g.Since.IsZero() || !g.Since.Before(later) {
			t.Errorf("%s does not say since when: %s", g.Gate, g.Since)
		}
		if p := refusal.Problems[i]; p.Gate != g.Gate || p.Message != g.Reason || p.MustAct != g.MustAct || !p.Since.Equal(g.Since) || !strings.Contains(refusal.Message, g.Reason) {
			t.Errorf("the refusal says %+v of %+v", p, g)
		}
		if b := board.Blocked[i]; b.Gate != g.Gate || b.Reason != g.Reason || b.MustAct != g.MustAct || !b.Since.Equal(g.Since) {
			t.Errorf("the board says %+v of %+v", b, g)
		}
		if !slices.ContainsFunc(shown.Gates, func(s care.Gate) bool { return s == g }) || !strings.Contains(show.String(), g.Reason) {
			t.Errorf("starter show does not say %q:\n%s", g.Reason, show.String())
		}
		row := fmt.Sprintf("| %s | **shut** | %s | %s | %s |", g.Gate, g.Reason, g.MustAct, chart.Zone.DayFrom(g.Since, now))
		if !strings.Contains(details, row) {
			t.Errorf("the Temporal UI does not say %q:\n%s", row, details)
		}
	}
	want := fmt.Sprintf("client-sample  %d open since %s, the next move is", len(shut), chart.Zone.DayFrom(care.ShutSince(shut), now))
	morning := activities.Morning{Rows: rows, Zone: prac.Zone, Now: now, Practice: prac.Policy}
	if list := morning.ListFor(policy.Clinician{Role: person.Coordinator}); !strings.Contains(list, want) {
		t.Errorf("the morning list does not say %q:\n%s", want, list)
	}
}

// boardOf is the board's only line.
func boardOf(rows []care.BoardRow, now time.Time) record.BoardLine {
	return record.BoardOf(rows, now)[0]
}
