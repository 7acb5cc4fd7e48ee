package access

import (
	"slices"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
)

// TestPartsAreForTheRolesThatNeedThem holds the table to what each role is promised: no scores for coordinators, no money for
// nurses, and codes instead of names and nothing clinical for accountants and owners.
func TestPartsAreForTheRolesThatNeedThem(t *testing.T) {
	t.Parallel()
	want := map[person.Role][]Part{
		person.Coordinator:     {Names, Clinical, Money},
		person.Psychotherapist: {Names, Clinical, Scores, Money},
		person.Physician:       {Names, Clinical, Scores, Money},
		person.Nurse:           {Names, Clinical, Scores},
		person.Accountant:      {Money},
		person.Owner:           {Money},
	}
	now := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	for _, role := range person.StaffRoles() {
		p := Person{id: "sample", roles: []person.Role{role}, via: ViaSession}
		for _, part := range Parts() {
			if got := p.Sees(part, now); got != slices.Contains(want[role], part) {
				t.Errorf("%s sees %s: %t", role.One(), part, got)
			}
		}
	}
	if len(Parts()) != len(parts) {
		t.Errorf("%d parts are listed of %d", len(Parts()), len(parts))
	}
}

func TestEmergencyAccessOpensWhatIsNeededBesideAClientAndNoMoney(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	staff := policy.Policy{Staff: []policy.Member{{ID: "owner-sample", Roles: []person.Role{person.Owner}}, {ID: "nurse-sample", Roles: []person.Role{person.Nurse}}}}
	for id, sees := range map[string]map[Part]bool{"owner-sample": {Names: true, Clinical: true, Scores: false, Money: true}, "nurse-sample": {Money: false}} {
		p, err := FromSession(staff, Session{ID: id, Emergency: Emergency{Reason: "the client fainted", Since: now}})
		if err != nil {
			t.Fatal(err)
		}
		for part, want := range sees {
			if got := p.Sees(part, now.Add(time.Minute)); got != want {
				t.Errorf("%s sees %s: %t", id, part, got)
			}
		}
		if id == "owner-sample" && (p.Sees(Names, now.Add(EmergencyLasts)) || !p.May(ReadRecord, now) || p.May(ReadRecord, now.Add(EmergencyLasts))) {
			t.Error("emergency access does not end")
		}
	}
}

// TestNobodySeesALinkToWhatIsRefused: May says what the desk will say, but for a fresh sign-in.
func TestNobodySeesALinkToWhatIsRefused(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	for _, action := range Actions() {
		for _, role := range person.StaffRoles() {
			p := Person{id: "sample", roles: []person.Role{role}, via: ViaSession}
			if got, want := p.May(action, now), slices.Contains(RuleOf(action).Roles, role); got != want {
				t.Errorf("%s may %s: %t", role.One(), action, got)
			}
		}
	}
}
