package staff_test

import (
	"testing"

	"kapflow/care"
	"kapflow/care/record"
	"kapflow/console/staff"
)

// TestTheBoardSaysOnceSinceWhen: a hold tells it itself, and other gates have it beside them.
func TestTheBoardSaysOnceSinceWhen(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		gate       care.Gate
		why, since string
	}{
		{care.Gate{Gate: care.GateHold, Reason: "on hold since Tue Dec 1"}, "On hold since Tue Dec 1", ""},
		{care.Gate{Gate: care.GateLabs, Reason: "labs not reviewed"}, "Labs not reviewed", "Tue Dec 1"},
	} {
		if why, from := staff.BoardSays(record.BoardLine{BlockedBy: []string{x.gate.Gate}, Blocked: []care.Gate{x.gate}, Since: "Tue Dec 1"}); why != x.why || from != x.since {
			t.Errorf("%q, since %q", why, from)
		}
	}
}
