// Package published finds the files of others that tests hold our work against: schemas and a signer, which
// tools/schemas.sh fetches, pinned, into a cache outside the source tree.
package published

import (
	"os"
	"path/filepath"
)

// The files, by their names in the cache.
const (
	FHIRSchema   = "fhir-r4.schema.json"   // HL7's JSON schema of FHIR R4
	TwilioAPI    = "twilio-api-v2010.json" // Twilio's OpenAPI description of its API
	TwilioSigner = "twilio-webhooks.js"    // Twilio's own signer of webhooks, for node
)

// Path is where a file is when `make setup` has fetched it.
func Path(name string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join("without a home there is no cache", name) // and so no file
	}
	return filepath.Join(cache, "kapflow", "schemas", name)
}

// Test is the part of testing.TB that is needed here.
type Test interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// File gives the path of a file that is there. Where it is not, the test is left out and says so; under CI it fails, so
// that nobody takes for shown what nobody held against anything.
func File(t Test, name string) string {
	t.Helper()
	path := Path(name)
	if _, err := os.Stat(path); err != nil {
		Missing(t, name+" is not fetched")
	}
	return path
}

// Missing leaves a test out for want of something that `make setup` brings, or fails it under CI.
func Missing(t Test, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s; run make setup", what)
	}
	t.Skipf("%s, so this was not tried; run make setup", what)
}
