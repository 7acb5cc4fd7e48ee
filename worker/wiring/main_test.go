package wiring

import (
	"flag"
	"os"
	"testing"

	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

// checksHere is how many random courses a property plays when nobody asks for more with -rapid.checks: each is some
// hundred transactions and web requests.
const checksHere = "15"

func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", checksHere); err != nil {
			panic(err)
		}
	}
	os.Exit(database.Run(m))
}

// office is the sample practice with a database of its own.
func office(t *testing.T) (practice.Practice, *store.Store) {
	t.Helper()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(records.Close)
	return prac, records
}
