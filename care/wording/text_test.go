package wording_test

import (
	"testing"

	"kapflow/care/person"
	"kapflow/care/wording"
)

func TestBannedWordsAreFoundInAnyShape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Cedar Office: you have a visit Tue Dec 1, 2:00 PM MST":       "",
		"Your private available collaboration, five labels, delivery": "",
		"KETAMINE":                         "ketamine",
		"Your Infusions start":             "infusions",
		"pre-infusion notes":               "infusion",
		"an IV, please":                    "iv",
		"by I.V. drip":                     "iv",
		"bring your labs":                  "labs",
		"laboratory":                       "laboratory",
		"two doses":                        "doses",
		"psychological evaluation":         "psychological",
		"medical evaluation":               "evaluation",
		"co-pay due":                       "copay",
		"you owe $5":                       "$",
		"balance":                          "balance",
		"Depression":                       "depression",
		"anxious and anxiety":              "anxious",
		"psychotherapist":                  "psychotherapist",
		"refunded":                         "refunded",
		"medication":                       "medication",
		"Reply STOP to opt out. Call 555.": "",
	} {
		if got := wording.BannedWord(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRolesAreReadByTheirShortNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]person.Role{"coord": person.Coordinator, "psych": person.Psychotherapist, "phys": person.Physician, "staff": person.Coordinator, "nurse": person.Nurse, "client": person.Client} {
		if got, ok := person.RoleNamed(name); !ok || got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	if _, ok := person.RoleNamed("king"); ok {
		t.Error("king is a role")
	}
}
