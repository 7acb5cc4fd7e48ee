package intake_test

import (
	"testing"

	"kapflow/desk/intake"
)

// TestRefusedRowsComeBackAsTheyStand: with the heading, whole, also where a value goes on over several lines.
func TestRefusedRowsComeBackAsTheyStand(t *testing.T) {
	t.Parallel()
	const head, one, two, three = "preferred_name,address\n", "A,x\n", "B,\"first\nsecond\"\n", "C,y"
	for name, c := range map[string]struct {
		bad  [3]bool
		want string
	}{"None": {want: head}, "First": {[3]bool{true}, head + one}, "OverSeveralLines": {[3]bool{false, true}, head + two}, "Last": {[3]bool{false, false, true}, head + three}, "All": {[3]bool{true, true, true}, head + one + two + three}} {
		results := []intake.Result{{Line: 2}, {Line: 3}, {Line: 5}}
		for i, bad := range c.bad {
			if bad {
				results[i].State = "refused"
			}
		}
		if got := string(intake.Refused([]byte(head+one+two+three), results)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
