package desk_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
)

// TestRecordIsErasedWhenRetentionIsOver: not before the course is closed and retention has ended after it. Then nobody opens it, and
// the audit log says who decided so and why.
func TestRecordIsErasedWhenRetentionIsOver(t *testing.T) {
	t.Parallel()
	d, records := atDeskOf(t, store.Options{AsOwner: true})
	chart, err := records.Chart(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	began := d.Now()
	taken, err := chart.Record("withdrawn", care.Report{ID: "w", By: aClient, With: json.RawMessage(`{}`)}, began.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := records.SaveChart(t.Context(), care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(began.Add(time.Hour))}); err != nil {
		t.Fatal(err)
	}
	now := began.Add(2 * time.Hour)
	d.Now = func() time.Time { return now }
	owner := sampleOf(d, person.Owner)
	erase := func(ended time.Time) string {
		err := d.Erase(t.Context(), owner, desk.EraseOrder{ClientID: "client-a", Reason: "retention is over", RetentionEnded: ended})
		var refused *care.Refusal
		if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if refused != nil {
			return refused.Code
		}
		return ""
	}
	if code := erase(now.Add(-time.Minute)); code != care.CodeWrongState {
		t.Errorf("on the day of the withdrawal: %q", code)
	}
	now = began.AddDate(8, 0, 0)
	if code := erase(began); code != care.CodeWrongState {
		t.Errorf("retention that ended before the course: %q", code)
	}
	if code := erase(began.AddDate(7, 0, 0)); code != "" {
		t.Fatalf("after seven years: %q", code)
	}
	for _, role := range []person.Role{person.Psychotherapist, person.Physician, person.Coordinator} {
		var refused *care.Refusal
		if _, err := d.OpenRecord(t.Context(), sampleOf(d, role), "client-a"); !errors.As(err, &refused) || refused.Code != care.CodeUnknownClient {
			t.Errorf("the %s opens it: %v", role, err)
		}
	}
	looks, err := d.AccessLog(t.Context(), owner, "client-a")
	if err != nil {
		t.Fatal(err)
	}
	said := false
	for _, e := range looks.Events {
		var detail map[string]string
		if e.Action == "erase" && json.Unmarshal(e.Detail, &detail) == nil {
			said = said || e.By.Role == person.Owner && detail["reason"] == "retention is over" && detail["retention-ended"] == "2034-03-01"
		}
	}
	if !said {
		t.Errorf("the audit log does not say who erased it, why, and when retention ended: %v", looks.Events)
	}
}
