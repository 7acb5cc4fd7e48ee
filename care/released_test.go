package care_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

// TestReleasedChartsStillLoad reads every chart that released code has stored. Journeys run for months and carry
// their chart from one version to the next, so fields are only ever added.
//
// IMPORTANT: the charts are recorded with `make record-histories` on the code that is released, never on the branch
// under test.
func TestReleasedChartsStillLoad(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/charts/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d released charts: %v; make record-histories", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			chart := new(care.Chart)
			strict := json.NewDecoder(bytes.NewReader(body))
			strict.DisallowUnknownFields()
			if err := strict.Decode(chart); err != nil {
				t.Fatalf("a field was renamed, removed or got another type: %v", err)
			}
			again, err := json.Marshal(chart)
			if err != nil {
				t.Fatal(err)
			}
			var before, after any
			if err := json.Unmarshal(body, &before); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(again, &after); err != nil {
				t.Fatal(err)
			}
			for _, lost := range missing("chart", before, after) {
				t.Error(lost)
			}
			goesOn(t, chart)
		})
	}
}

// missing lists what the first value holds and the second does not.
func missing(path string, before, after any) (lost []string) {
	switch b := before.(type) {
	case map[string]any:
		a, _ := after.(map[string]any)
		for key, value := range b {
			lost = append(lost, missing(path+"."+key, value, a[key])...)
		}
	case []any:
		a, _ := after.([]any)
		if len(a) != len(b) {
			return []string{fmt.Sprintf("%s had %d entries, now %d", path, len(b), len(a))}
		}
		for i, value := range b {
			lost = append(lost, missing(fmt.Sprintf("%s[%d]", path, i), value, a[i])...)
		}
	default:
		if before != after {
			lost = append(lost, fmt.Sprintf("%s was %v, now %v", path, before, after))
		}
	}
	return lost
}

// goesOn shows that everything can be derived from a chart and that it takes a fact.
func goesOn(t *testing.T, chart *care.Chart) {
	t.Helper()
	now := chart.Published.At.Add(time.Hour)
	chart.Notifications()
	chart.Tasks(now)
	chart.Gates(now)
	chart.NextMoment(now)
	facts := chart.Facts
	_, err := chart.Record("payment-received", report(person.Coordinator, "released-1", with{"fee_set": "medical", "amount": 100, "method": "card", "key": "released-1"}), now)
	if err != nil || chart.Facts != facts+1 {
		t.Errorf("the chart takes no fact any more: %v", err)
	}
	chart.DiffAndPublish(now)
}
