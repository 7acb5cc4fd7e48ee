package policy_test

import (
	"reflect"
	"testing"

	"kapflow/care/person"
	"kapflow/care/policy"
)

func TestChangesNameEverySettingThatDiffers(t *testing.T) {
	t.Parallel()
	before := policy.Policy{Version: "1", Visits: policy.Visits{SessionMinutes: 50}, CheckIns: policy.CheckIns{AfterHours: []int{24, 72}},
		Staff: []policy.Member{{ID: "ada", Name: "A", Roles: []person.Role{person.Nurse}}, {ID: "bo", Name: "B"}}}
	after := before
	after.Version, after.Visits.SessionMinutes, after.CheckIns.AfterHours = "2", 60, []int{24}
	after.Staff = []policy.Member{{ID: "ada", Name: "A", Roles: []person.Role{person.Nurse, person.Owner}}}
	want := []policy.Change{
		{"check_ins.after_hours", "[24,72]", "[24]"},
		{"staff[ada].roles", `["nurse"]`, `["nurse","owner"]`},
		{"staff[bo].id", `"bo"`, ""}, {"staff[bo].name", `"B"`, ""},
		{"version", `"1"`, `"2"`},
		{"visits.session_minutes", "50", "60"},
	}
	if got := policy.Changes(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if got := policy.Changes(after, after); got != nil {
		t.Errorf("a file differs from itself: %v", got)
	}
}
