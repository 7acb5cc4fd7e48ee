package main

import (
	"testing"

	"kapflow/devstack"
	"kapflow/keyring"
	"kapflow/starter/rehearsal"
)

// byteTolerance is how far the bytes may differ, as a fraction. Times are written with as many digits as they need, so two
// runs differ by some dozens of bytes. Activities and timers must be exact.
const byteTolerance = 0.01

// sharedTasks is how many events may differ. Two things at the same virtual moment sometimes share a workflow task, which
// saves three events. At most four of these were seen in a run.
const sharedTasks = 12

// TestStandardCourseCost compares the cost of the standard course with bench/cost.json, so that a higher cost is a decision
// and not an accident.
func TestStandardCourseCost(t *testing.T) {
	s, err := rehearsal.StartTestServers(t.Context(), devstack.Options{Out: t.Output()}, keyring.Ring{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	played, err := playStandard(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	printTally(t.Output(), played.tally)
	want, err := readCost(costFile)
	if err != nil {
		t.Fatal(err)
	}
	got := played.tally.Cost
	off := float64(got.Bytes-want.Bytes) / float64(want.Bytes)
	if spread := got.Events - want.Events; spread < -sharedTasks || spread > sharedTasks || got.Activities != want.Activities || got.Timers != want.Timers || off > byteTolerance || off < -byteTolerance {
		t.Errorf("the standard course costs %+v, bench/%s says %+v.\n"+
			"Each history event costs the server about 1.2 ms and stays for months. If the change is meant and worth it, "+
			"run `go run ./bench -update-cost`, commit bench/%s, and say why in the commit.", got, costFile, want, costFile)
	}
	if ratio := float64(got.Events) / float64(played.tally.Floor()); ratio > 1.15 {
		t.Errorf("the standard course takes %d events, %.3f times the floor of %d; the aim is 1.15", got.Events, ratio, played.tally.Floor())
	}
	if got.Bytes > 500_000 {
		t.Errorf("the standard course's history is %d bytes; the aim is 500000", got.Bytes)
	}
}
