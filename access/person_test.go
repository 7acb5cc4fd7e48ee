package access

import (
	"slices"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

var now = time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)

// house is a practice where one psychotherapist is the owner too.
func house() policy.Policy {
	return policy.Policy{
		Clinicians: []policy.Clinician{{ID: "dr-stone", Role: person.Physician}, {ID: "kim", Role: person.Psychotherapist}, {ID: "noor", Role: person.Nurse}},
		Staff: []policy.Member{{ID: "kim", Roles: []person.Role{person.Owner, person.Coordinator}}, {ID: "ann", Roles: []person.Role{person.Coordinator}},
			{ID: "acc", Roles: []person.Role{person.Accountant}}, {ID: "own", Roles: []person.Role{person.Owner}}},
	}
}

// TestClinicianOfTheStaffIsOneOfThatIDAndRole goes through every fact, role and id (R1): a fact is recorded by who holds the role in
// the practice file, and by nobody else who says so. Nobody of the staff records what the client, a provider or Kapflow does.
func TestClinicianOfTheStaffIsOneOfThatIDAndRole(t *testing.T) {
	t.Parallel()
	staff := house()
	for _, kind := range care.Vocabulary() {
		for _, role := range append(person.StaffRoles(), "", "king") {
			for _, id := range []string{"dr-stone", "kim", "noor", "ann", "acc", "own", "ghost", "", "DR-STONE", "client", "system"} {
				p := FromRehearsal(staff, person.Actor{ID: id, Role: role})
				m, _ := staff.Member(id)
				held := m.Roles
				if role != "" {
					held = slices.DeleteFunc(slices.Clone(held), func(r person.Role) bool { return r != role })
				}
				may := slices.ContainsFunc(kind.By, func(r person.Role) bool { return slices.Contains(held, r) })
				by, refused := RuleOfFact(kind).Check(p, Record, now)
				if (refused == nil) != may {
					t.Errorf("%s by %s/%s: %v", kind.Name, role, id, refused)
				}
				if refused == nil && (!m.Holds(by.Role) || !kind.Allows(by.Role) || by.ID != id) {
					t.Errorf("%s by %s/%s is recorded as %v", kind.Name, role, id, by)
				}
				if refused != nil && (refused.Code != care.CodeNotYourRole || refused.Fact != kind.Name) {
					t.Errorf("%s by %s/%s is refused with %v", kind.Name, role, id, refused)
				}
			}
		}
	}
}

// TestNewRolesRecordNoFact: accountant and owner.
func TestNewRolesRecordNoFact(t *testing.T) {
	t.Parallel()
	for _, kind := range care.Vocabulary() {
		if kind.Allows(person.Accountant) || kind.Allows(person.Owner) {
			t.Errorf("%s is recorded by %v", kind.Name, kind.By)
		}
	}
}

// TestAPersonActsInTheFirstRoleThatTheRuleNames: somebody with several roles acts in the one that is needed.
func TestAPersonActsInTheFirstRoleThatTheRuleNames(t *testing.T) {
	t.Parallel()
	kim, err := FromSession(house(), Session{ID: "kim", Fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[Action]person.Role{ReadRecord: person.Psychotherapist, ReadLedger: person.Coordinator, Upgrade: person.Owner,
		EndWorklist: person.Coordinator, AllowExport: person.Psychotherapist} {
		if by, refused := RuleOf(action).Check(kim, action, now); refused != nil || by.Role != want {
			t.Errorf("%s: as %s, %v", action, by.Role, refused)
		}
	}
	if !slices.Equal(kim.Roles(), []person.Role{person.Psychotherapist, person.Owner, person.Coordinator}) {
		t.Errorf("roles %v", kim.Roles())
	}
}

// TestTheTableKnowsEveryAction: an action without a row is allowed to nobody, and no row is empty. Money is not the nurse's, and
// treatment not the accountant's.
func TestTheTableKnowsEveryAction(t *testing.T) {
	t.Parallel()
	if len(Actions()) < 15 || len(RuleOf("shred").Roles) > 0 {
		t.Fatalf("%d actions", len(Actions()))
	}
	everybody := append(person.Roles(), "")
	for _, role := range everybody {
		if _, refused := RuleOf("shred").Check(Person{id: "x", roles: []person.Role{role}}, "shred", now); refused == nil {
			t.Errorf("a %q may do what is in no row", role)
		}
	}
	for action, rule := range rules {
		if len(rule.Roles) == 0 {
			t.Errorf("%s has no role", action)
		}
		clinical := slices.Contains([]Action{ReadRecord, ReadBoard, ReadMessages, Export, ExportFull, AllowExport}, action)
		if clinical && slices.Contains(rule.Roles, person.Accountant) {
			t.Errorf("an accountant may %s", action)
		}
		if slices.Contains([]Action{ReadBilling, GiveDocument, ChangeBilling, ReadLedger, ExportLedger}, action) && slices.Contains(rule.Roles, person.Nurse) {
			t.Errorf("a nurse may %s", action)
		}
		if _, refused := rule.Check(Person{}, action, now); refused == nil {
			t.Errorf("nobody may %s", action)
		}
	}
}

// TestGraveActsNeedAFreshSignIn: a session from this morning does not order a dose.
func TestGraveActsNeedAFreshSignIn(t *testing.T) {
	t.Parallel()
	grave := 0
	for _, kind := range care.Vocabulary() {
		if !kind.Grave {
			continue
		}
		grave++
		for _, id := range []string{"dr-stone", "kim", "ann"} {
			for _, fresh := range []bool{true, false} {
				p, err := FromSession(house(), Session{ID: id, Fresh: fresh})
				if err != nil {
					t.Fatal(err)
				}
				_, refused := RuleOfFact(kind).Check(p, Record, now)
				_, may := p.ActsAs(kind.By)
				if may && !fresh && (refused == nil || refused.Code != care.CodeSignInAgain) || may && fresh && refused != nil {
					t.Errorf("%s by %s, fresh %v: %v", kind.Name, id, fresh, refused)
				}
			}
		}
	}
	if grave != 4 || !RuleOf(Export).Grave || !RuleOf(ExportFull).Grave {
		t.Errorf("%d grave facts", grave)
	}
}

// TestEmergencyAccessOpensReadingForAnHour to people of the practice only, and nothing but reading.
func TestEmergencyAccessOpensReadingForAnHour(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		e    Emergency
		open bool
	}{
		"WithoutAReason": {Emergency{Reason: " ", Since: now}, false},
		"Now":            {Emergency{Reason: "the client fainted", Since: now}, true},
		"AfterAnHour":    {Emergency{Reason: "the client fainted", Since: now.Add(-EmergencyLasts)}, false},
		"BeforeAnHour":   {Emergency{Reason: "the client fainted", Since: now.Add(time.Second - EmergencyLasts)}, true},
		"InTheFuture":    {Emergency{Reason: "the client fainted", Since: now.Add(time.Minute)}, false},
		"None":           {Emergency{}, false},
	} {
		p, err := FromSession(house(), Session{ID: "acc", Fresh: true, Emergency: x.e})
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range Actions() {
			if slices.Contains(RuleOf(action).Roles, person.Accountant) {
				continue
			}
			_, refused := RuleOf(action).Check(p, action, now)
			if want := x.open && (action == ReadRecord || action == ReadBoard); (refused == nil) != want {
				t.Errorf("%s, %s: %v", name, action, refused)
			}
		}
	}
	if _, refused := RuleOf(ReadRecord).Check(Person{emergency: Emergency{Reason: "x", Since: now}}, ReadRecord, now); refused == nil {
		t.Error("nobody has emergency access")
	}
}

// TestWhoIsNotListedHasNoSession: somebody who left is out at once, and no machine signs in.
func TestWhoIsNotListedHasNoSession(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "ghost", "client", "provider", "system", "KIM"} {
		if p, err := FromSession(house(), Session{ID: id, Fresh: true}); err == nil || p.ID() != "" {
			t.Errorf("%q signed in", id)
		}
	}
}

// TestAnOlderPracticeFileHasStandInsInRehearsals only, and none who treats.
func TestAnOlderPracticeFileHasStandInsInRehearsals(t *testing.T) {
	t.Parallel()
	older := house()
	older.Staff = nil
	for _, role := range person.StaffRoles() {
		p := FromRehearsal(older, person.Actor{ID: "pat", Role: role})
		if _, ok := p.ActsAs([]person.Role{role}); ok == role.Clinical() {
			t.Errorf("%s: %v", role, ok)
		}
		if _, ok := FromRehearsal(house(), person.Actor{ID: "pat", Role: role}).ActsAs([]person.Role{role}); ok {
			t.Errorf("a %s whom the practice file does not list", role)
		}
	}
	if _, err := FromSession(older, Session{ID: "coordinator"}); err == nil {
		t.Error("a stand-in signed in")
	}
}
