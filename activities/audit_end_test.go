package activities_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// The end of the audit log leaves the house once on each day, weekends and holidays too, to every owner in the practice file. A
// failure of it keeps no other mail back, and it is tried again.
func TestEndOfTheAuditLogIsMailedToEveryOwnerOnceADay(t *testing.T) {
	t.Parallel()
	b, _ := watching()
	b.acts.Practice.Staff = []policy.Member{
		{ID: "owner-sample", Email: "owner@practice.example", Roles: []person.Role{person.Owner}},
		{ID: "second-owner", Email: "second@practice.example", Roles: []person.Role{person.Accountant, person.Owner}},
		{ID: "accountant-sample", Email: "books@practice.example", Roles: []person.Role{person.Accountant}},
	}
	tries := 0
	b.acts.AuditEnd = func(context.Context) (string, error) {
		if tries++; tries == 1 {
			return "", errors.New("the directory is full")
		}
		return "Rows: 3", nil
	}
	look := func(at time.Time) error {
		_, err := b.acts.Watch(t.Context(), activities.WatchInput{Asked: at})
		return err
	}
	ends := func() map[string]int {
		to := map[string]int{}
		for _, m := range b.sender.sent {
			if strings.Contains(m.Text, "Rows: 3") {
				to[m.To]++
			}
		}
		return to
	}
	night := b.acts.Zone.Clock(noon, 5, 59)
	if err := look(night); err != nil || tries != 0 {
		t.Errorf("before six: %v, %d tries", err, tries)
	}
	if err := look(noon); err == nil {
		t.Error("nobody hears of a failure")
	}
	for day := range 9 { // more than a week
		for range 3 {
			if err := look(noon.AddDate(0, 0, day)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := ends(); len(got) != 2 || got["owner@practice.example"] != 9 || got["second@practice.example"] != 9 || tries != 10 {
		t.Errorf("after nine days and %d tries: %v", tries, got)
	}
}
