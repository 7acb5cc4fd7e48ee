package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/policy"
)

// A practice file that leaves out a clinician who has a client is refused when it is checked, not first when a worker starts.
func TestPolicyCheckLooksAtTheClientsOfClinicians(t *testing.T) {
	t.Parallel()
	app, client := enrolledApp(t, care.Billing{})
	if err := checkListed(t.Context(), app.Store, app.Practice); err != nil {
		t.Errorf("the practice's own file: %v", err)
	}
	chart, err := app.Store.Chart(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{chart.Physician, chart.Psychotherapist} {
		without := app.Practice
		without.Policy.Clinicians = slices.DeleteFunc(slices.Clone(without.Policy.Clinicians), func(cl policy.Clinician) bool { return cl.ID == who })
		if err := checkListed(t.Context(), app.Store, without); err == nil || !strings.Contains(err.Error(), who) || !strings.Contains(err.Error(), client) {
			t.Errorf("without %s: %v", who, err)
		}
	}
}

// Without a database that is configured the file alone is checked.
func TestPolicyCheckNeedsNoDatabase(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (policyCheckCommand{File: "../practice/practice.yaml"}).Run(terminal{ctx: t.Context(), out: &out, err: &out}); err != nil || !strings.Contains(out.String(), "is in order") {
		t.Errorf("%v: %s", err, &out)
	}
}

// TestPolicyCheckSaysWhetherAPhysicianConfirmed: the sample's clinical settings are placeholders, and a file that a physician confirmed
// says who and when (safety rule D1.3).
func TestPolicyCheckSaysWhetherAPhysicianConfirmed(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile("../practice/practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for lines, want := range map[string]string{
		"": "No physician has confirmed the safety settings yet. They are placeholders.",
		"\nconfirmed: {by: dr-sample, \"on\": 2027-01-31}\n": "The safety settings were confirmed by dr-sample on 2027-01-31.",
	} {
		file := filepath.Join(t.TempDir(), "practice.yaml")
		body := regexp.MustCompile(`(?m)^confirmed:(\n +.*)*`).ReplaceAllString(string(sample), "") + lines
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := (policyCheckCommand{File: file}).Run(terminal{ctx: t.Context(), out: &out, err: &out}); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v: it does not say %q: %s", err, want, &out)
		}
	}
}
