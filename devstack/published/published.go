// Package published finds the published files that tests compare our output with: schemas and a signer.
// tools/schemas.sh fetches them, pinned, into a cache outside the source tree.
package published

import (
	"os"
	"path/filepath"
)

// Names of the files in the cache.
const (
	FHIRSchema   = "fhir-r4.schema.json"   // HL7's JSON schema of FHIR R4
	TwilioAPI    = "twilio-api-v2010.json" // Twilio's OpenAPI description of its API
	TwilioSigner = "twilio-webhooks.js"    // Twilio's own signer of webhooks, for node
)

// Path is where a file is after `make setup` fetched it.
func Path(name string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join("without a home there is no cache", name) // so the file does not exist
	}
	return filepath.Join(cache, "kapflow", "schemas", name)
}

// Test is the part of testing.TB that is needed here.
type Test interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// File gives the path of a file. If it was not fetched, the test is skipped with a message. In CI it fails, so that a
// skipped check is not mistaken for a passed one.
func File(t Test, name string) string {
	t.Helper()
	path := Path(name)
	if _, err := os.Stat(path); err != nil {
		Missing(t, name+" is not fetched")
	}
	return path
}

// Missing skips a test that needs something from `make setup`. In CI it fails the test.
func Missing(t Test, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s; run make setup", what)
	}
	t.Skipf("%s, so this was not tested; run make setup", what)
}
