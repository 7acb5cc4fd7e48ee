package record_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/record"
)

// TestTheInsuranceWorksheetHasTheNewestFigures: a review completes what was entered, figures entered anew take its place, and a second
// review without a draft stands alone. Texts that are not open to the reader stay closed.
func TestTheInsuranceWorksheetHasTheNewestFigures(t *testing.T) {
	t.Parallel()
	fact := func(day int, name, with string) care.Entry {
		return care.Entry{Seq: day, Fact: name, With: json.RawMessage(with), At: monday.AddDate(0, 0, day), Now: monday.AddDate(0, 0, day)}
	}
	enter, review, call := fact(1, "coverage-entered", `{"copay":3000,"payer":"ref:1"}`), fact(2, "coverage-reviewed", `{"result":"pays","copay":4000}`), fact(3, "insurer-contacted", `{"reference":"ref:2"}`)
	anew, alone := fact(4, "coverage-entered", `{"copay":5000}`), fact(5, "coverage-reviewed", `{"result":"partly"}`)
	texts := map[string]string{"ref:1": "Sample Health"}
	for _, x := range []struct {
		facts    []care.Entry
		fields   string
		reviewed int
	}{
		{nil, "", 0},
		{[]care.Entry{call}, "null", 0},
		{[]care.Entry{enter}, `{"copay":3000,"payer":"Sample Health"}`, 0},
		{[]care.Entry{enter, review}, `{"copay":4000,"payer":"Sample Health","result":"pays"}`, 2},
		{[]care.Entry{enter, review, anew}, `{"copay":5000}`, 0},
		{[]care.Entry{enter, review, call, alone}, `{"result":"partly"}`, 5},
	} {
		s, err := record.CoverageSheetOf(record.HealthRecord{Chart: &care.Chart{}, Facts: x.facts, Texts: texts})
		if err != nil {
			t.Fatal(err)
		}
		if s == nil {
			if x.fields != "" {
				t.Errorf("%v: nothing is known", x.facts)
			}
			continue
		}
		want := time.Time{}
		if x.reviewed > 0 {
			want = monday.AddDate(0, 0, x.reviewed)
		}
		if string(s.Fields) != x.fields || !s.Reviewed.Equal(want) {
			t.Errorf("%s, reviewed %v; want %s, %v", s.Fields, s.Reviewed, x.fields, want)
		}
		if !s.Asked.IsZero() && strings.Contains(string(s.Contact), "ref:2") {
			t.Errorf("a closed text is shown by its reference: %s", s.Contact)
		}
	}
}
