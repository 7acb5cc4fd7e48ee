package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
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

// TestDaysOfAnotherYearSaySoEverywhere: a chart of December is read in January, and one of January in December. Whatever shows it to
// staff gives the year of each day that is of another year than theirs.
func TestDaysOfAnotherYearSaySoEverywhere(t *testing.T) {
	t.Parallel()
	december, january := time.Date(2027, time.December, 27, 16, 0, 0, 0, time.UTC), time.Date(2028, time.January, 3, 16, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		then, now time.Time
		far       *regexp.Regexp // a day of the other year, with its year if it has one
	}{
		"PastInJanuary":   {december, january.AddDate(0, 0, 2), regexp.MustCompile(`Dec \d+(?:,? 2027)?`)},
		"AheadInDecember": {december, december.Add(8 * time.Hour), regexp.MustCompile(`Jan \d+(?:,? 2028)?`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prac, err := practice.Sample(x.then)
			if err != nil {
				t.Fatal(err)
			}
			report := func(role person.Role, with string) care.Report {
				return care.Report{By: person.Actor{ID: string(role), Role: role}, With: json.RawMessage(with)}
			}
			chart, _, err := care.Enroll(care.Enrollment{ClientID: "client-sample", Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: x.then,
				Report: report(person.Coordinator, `{"presenting": ["depression"]}`)})
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range []struct {
				role       person.Role
				fact, with string
			}{
				{person.Psychotherapist, "screening-recorded", `{"criteria_met": true, "prefers_kap": true}`},
				{person.Psychotherapist, "coverage-reviewed", `{"result": "does-not-pay"}`},
				{person.Psychotherapist, "insurer-contact-waived", `{"reason": "r"}`},
				{person.Psychotherapist, "fees-discussed", `{"summary":"ref:x"}`},
				{person.Coordinator, "appointment-booked", `{"kind": "evaluation", "start": "2028-01-06 10:00"}`},
				{person.Physician, "labs-ordered", `{}`},
				{person.Psychotherapist, "hold-placed", `{"reason": "ref:1"}`},
			} {
				at := x.then.Add(time.Duration(i+1) * time.Minute)
				if _, err := chart.Record(f.fact, report(f.role, f.with), at); err != nil {
					t.Fatal(err)
				}
				chart.DiffAndPublish(at)
			}
			rows := []care.BoardRow{{ClientID: chart.ClientID, Chart: chart}}
			var show bytes.Buffer
			shown := standingOf(chart, x.now)
			if err := shown.print(&show, chart); err != nil {
				t.Fatal(err)
			}
			morning := activities.Morning{Rows: rows, Zone: prac.Zone, Now: x.now, Practice: prac.Policy}
			found := 0
			for place, text := range map[string]string{
				"the Temporal UI": workflows.Details(chart, x.now), "starter show": show.String(), "the board": fmt.Sprint(record.BoardOf(rows, x.now)[0]),
				"the morning list": morning.ListFor(policy.Clinician{Role: person.Coordinator}),
			} {
				for _, day := range x.far.FindAllString(text, -1) {
					found++
					if !strings.Contains(day, " 202") {
						t.Errorf("%s says %q, which is of another year:\n%s", place, day, text)
					}
				}
			}
			if found < 3 {
				t.Errorf("only %d such days were looked at", found)
			}
		})
	}
}
