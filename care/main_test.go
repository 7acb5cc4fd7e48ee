package care_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the random courses affordable under the race detector, which makes them ten times slower;
// -rapid.checks asks for more.
func TestMain(m *testing.M) {
	asked := false
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if underRace && !asked {
		if err := flag.Set("rapid.checks", "30"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
