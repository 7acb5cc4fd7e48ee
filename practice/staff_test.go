package practice_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kapflow/care/person"
	"kapflow/practice"
)

// TestOnePersonIsListedOnceWithAllRoles: a clinician who is the owner too stays one person, and keeps name and email.
func TestOnePersonIsListedOnceWithAllRoles(t *testing.T) {
	t.Parallel()
	text := strings.Replace(sampleText(t), "staff:\n", "staff:\n  - {id: dr-sample, roles: [owner, coordinator], phone: \"+13035550142\", texts: true}\n", 1)
	pol, _, faults := practice.ReadPolicy("practice.yaml", []byte(text), now)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m, _ := pol.Member("dr-sample")
	if got, want := fmt.Sprint(m), "{dr-sample Sample Physician physician@practice.example [physician owner coordinator] +13035550142 true}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := len(pol.Everybody()); got != len(pol.Clinicians)+len(pol.Staff)-1 {
		t.Errorf("%d people", got)
	}
	if got := pol.Holding(person.Owner); len(got) != 2 || got[0].ID != "dr-sample" || got[1].ID != "owner-sample" {
		t.Errorf("owners: %v", got)
	}
}

// TestAnOlderPracticeFileLoads: before the setting staff there were clinicians only.
func TestAnOlderPracticeFileLoads(t *testing.T) {
	t.Parallel()
	before, rest, _ := strings.Cut(sampleText(t), "staff:\n")
	_, after, _ := strings.Cut(rest, "# The places")
	pol, _, faults := practice.ReadPolicy("practice.yaml", []byte(before+"# The places"+after), now)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if got := len(pol.Everybody()); got != len(pol.Clinicians) || len(pol.Staff) > 0 {
		t.Errorf("%d people, %d of them staff", got, len(pol.Staff))
	}
}

// TestAChartDoesNotCarryTheStaff: who works here today is no part of what a client agreed to, and would grow every history.
func TestAChartDoesNotCarryTheStaff(t *testing.T) {
	t.Parallel()
	p := sample(t).Policy
	body, err := json.Marshal(p.Agreed())
	if err != nil || len(p.Staff) == 0 || strings.Contains(string(body), "accountant-sample") || strings.Contains(string(body), "staff") {
		t.Errorf("%v: %s", err, body)
	}
}
