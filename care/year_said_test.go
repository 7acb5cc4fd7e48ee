package care_test

import (
	"strings"
	"testing"
	"time"

	"kapflow/care/person"
)

// TestReasonsAndMessagesAboutAnotherYearSaySo: what is read in one year about a day of another names that year.
func TestReasonsAndMessagesAboutAnotherYearSaySo(t *testing.T) {
	t.Parallel()
	k := insured(t, with{"result": "pays", "copay": 3000, "plan_year_ends": "2027-12-31"})
	late := time.Date(2027, 12, 30, 19, 0, 0, 0, time.UTC)
	k.now = late
	k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "pays", "copay": 3000, "plan_year_ends": "2027-12-31"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(time.Date(2027, 12, 31, 17, 0, 0, 0, time.UTC))})
	v := k.chart.Visit("evaluation-1")
	if said := k.chart.WhenOf(v, late); strings.Contains(said, "2027") {
		t.Errorf("within the year: %q", said)
	}
	for _, d := range k.chart.Notifications() {
		if said := k.chart.When(d); d.About == "evaluation-1" && strings.Contains(said, "2027") {
			t.Errorf("%s within the year: %q", d.Key, said)
		}
	}
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(time.Date(2028, 1, 4, 17, 0, 0, 0, time.UTC)), "reason": "ref:1"})
	found := 0
	for _, d := range k.chart.Notifications() {
		if said := k.chart.When(d); d.About == "evaluation-1" && d.To == "" && !d.Start.IsZero() {
			found++
			if strings.Contains(said, "2028") != (k.chart.Zone.Local(d.At).Year() == 2027) {
				t.Errorf("%s of %s: %q", d.Key, d.At, said)
			}
		}
	}
	if found == 0 {
		t.Error("no message about the visit")
	}
	k.now = time.Date(2028, 1, 3, 19, 0, 0, 0, time.UTC)
	err := k.chart.Check("appointment-booked", report(person.Coordinator, "", with{"kind": "evaluation", "start": stamp(k.now.Add(48 * time.Hour))}), k.now)
	if err == nil || !strings.Contains(err.Error(), "good until Fri Dec 31, 2027") {
		t.Errorf("the review of last year: %v", err)
	}
}
