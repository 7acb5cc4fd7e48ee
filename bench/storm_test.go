package main

import (
	"testing"
	"time"

	"kapflow/devstack"
	"kapflow/keyring"
	"kapflow/starter/rehearsal"
)

// TestStormOfRemindersKeepsTheProvidersRate hands over sixty reminders that fall due within two seconds, ten a second:
// each once, none after its use, and no faster than the provider allows. `bench -storm 2000` measures
// the same with two thousand.
func TestStormOfRemindersKeepsTheProvidersRate(t *testing.T) {
	s, err := rehearsal.StartTestServers(t.Context(), devstack.Options{Out: t.Output()}, keyring.Ring{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	r, err := storm{Reminders: 60, Within: 2 * time.Second, Rate: 10, Lead: 15 * time.Second}.blow(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	r.print(t.Output())
	if len(r.Late) != 60 || r.Twice != 0 || r.Useless != 0 {
		t.Errorf("%d handed over, %d twice, %d after the end of their use", len(r.Late), r.Twice, r.Useless)
	}
	// A busy machine takes its time from a turn to the provider, so that some share a second with those after them.
	if r.Sustained > r.Rate*1.05 || r.Busiest > int(2*r.Rate) {
		t.Errorf("%.1f a second over ten seconds and %d in the busiest, of %.0f allowed", r.Sustained, r.Busiest, r.Rate)
	}
	if latest := r.Late[len(r.Late)-1]; latest < 2*time.Second {
		t.Errorf("the last of sixty was %s late at ten a second: nothing was held back", latest)
	}
}
