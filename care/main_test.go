package care_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the random courses affordable: 50 of each sort, and 30 under the race detector, which makes them ten times slower. The drills
// play 300 of each; -rapid.checks asks for another number.
func TestMain(m *testing.M) {
	asked := false
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	checks := "50"
	switch {
	case underRace:
		checks = "30"
	case os.Getenv("KAPFLOW_DRILL") != "":
		checks = "300"
	}
	if !asked {
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
