package message_test

import (
	"os"
	"slices"
	"testing"

	"kapflow/care/message"
)

func states() (all []message.State) {
	for _, row := range message.States() {
		all = append(all, row.State)
	}
	return all
}

func faults() (all []message.Fault) {
	for _, row := range message.Faults() {
		all = append(all, row.Fault)
	}
	return all
}

// TestEveryEventHasItsPlaceInEveryState: it counts there, is kept, or is ignored on purpose, and one of the three only.
func TestEveryEventHasItsPlaceInEveryState(t *testing.T) {
	t.Parallel()
	seen := map[message.Event]bool{}
	for _, r := range message.Transitions() {
		if seen[r.On] || r.Words == "" {
			t.Errorf("%s has two rows, or no sentence", r.On)
		}
		seen[r.On] = true
		places := slices.Concat(r.From, r.Kept, r.Ignored)
		for _, s := range states() {
			if n := len(places) - len(slices.DeleteFunc(slices.Clone(places), func(x message.State) bool { return x == s })); n != 1 {
				t.Errorf("%s has %d places in the state %q", r.On, n, s)
			}
		}
		if len(places) != len(states()) {
			t.Errorf("%s names a state that is none", r.On)
		}
	}
}

// TestEveryStateIsReachedAndHasAWayOut: it is reached from a delivery that nobody has claimed, and has a way out unless it is an end.
func TestEveryStateIsReachedAndHasAWayOut(t *testing.T) {
	t.Parallel()
	reached := []message.State{message.StateNew}
	for i := 0; i < len(reached); i++ {
		for _, r := range message.Transitions() {
			if slices.Contains(r.From, reached[i]) && !slices.Contains(reached, r.To) {
				reached = append(reached, r.To)
			}
		}
	}
	ends := []message.State{message.StateDelivered, message.StateRejected, message.StateSuppressed, message.StateExpired, message.StateSuperseded}
	for _, s := range states() {
		if !slices.Contains(reached, s) {
			t.Errorf("nothing leads to %q", s)
		}
		if s.Final() != slices.Contains(ends, s) {
			t.Errorf("%q is an end: %v", s, s.Final())
		}
		for _, r := range message.Transitions() {
			if to, _ := message.Next(s, r.On); slices.Contains(ends, s) && to != s {
				t.Errorf("%s takes a delivery from its end %q to %q", r.On, s, to)
			}
		}
	}
}

// TestEveryWordIsOneEvent: a decision, an answer or a report carries a state and a fault, and every pair of them leads to
// the state it carries. No fault stands for two events.
func TestEveryWordIsOneEvent(t *testing.T) {
	t.Parallel()
	for _, s := range states() {
		for _, f := range append(faults(), "", "a fault of a later build") {
			on, ok := message.EventOf(s, f)
			switch {
			case s == message.StateNew:
				if ok {
					t.Errorf("%s is told by a word without a state", on)
				}
			case !ok:
				t.Errorf("(%s, %q) is no event", s, f)
			case rowOf(t, on).To != s:
				t.Errorf("(%s, %q) is %s, which leads to %s", s, f, on, rowOf(t, on).To)
			}
		}
	}
	if on, ok := message.EventOf("lost", ""); ok {
		t.Errorf("a state that is none is %s", on)
	}
	for _, a := range message.Transitions() {
		for _, b := range message.Transitions() {
			for _, f := range a.Faults {
				if a.On != b.On && a.To == b.To && slices.Contains(b.Faults, f) {
					t.Errorf("%s means %s and %s", f, a.On, b.On)
				}
			}
		}
	}
}

func rowOf(t *testing.T, on message.Event) message.Row {
	t.Helper()
	for _, r := range message.Transitions() {
		if r.On == on {
			return r
		}
	}
	t.Fatalf("%s has no row", on)
	return message.Row{}
}

// TestResultOfANotificationIsItsWeightiestDelivery in whatever order its channels end.
func TestResultOfANotificationIsItsWeightiestDelivery(t *testing.T) {
	t.Parallel()
	ends := func(states ...message.State) (out []message.DeliveryEnd) {
		for _, s := range states {
			out = append(out, message.DeliveryEnd{State: s})
		}
		return out
	}
	for _, c := range []struct {
		want   message.Result
		states []message.State
	}{
		{message.ResultSuppressed, nil},
		{message.ResultSuppressed, []message.State{message.StateSuppressed, message.StateSuperseded}},
		{message.ResultExpired, []message.State{message.StateExpired, message.StateSuppressed}},
		{message.ResultFailed, []message.State{message.StateRejected, message.StateExpired}},
		{message.ResultUnknown, []message.State{message.StateUnknown, message.StateRejected}},
		{message.ResultSent, []message.State{message.StateDelivered, message.StateUnknown}},
		{message.ResultSent, []message.State{message.StateSent, message.StateRejected}},
		{message.ResultDeferred, []message.State{message.StatePlanned, message.StateSent}},
	} {
		if got := message.ResultOf(ends(c.states...)); got != c.want {
			t.Errorf("%v comes to %s, want %s", c.states, got, c.want)
		}
		slices.Reverse(c.states)
		if got := message.ResultOf(ends(c.states...)); got != c.want {
			t.Errorf("%v comes to %s, want %s", c.states, got, c.want)
		}
	}
}

// TestPageOfTheStatesIsTheTable: `make generate` renews it.
func TestPageOfTheStatesIsTheTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/message-states.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != message.Page() {
		t.Error("docs/message-states.md is not what the table says; make generate")
	}
}
