package practice_test

import (
	"regexp"
	"strings"
	"testing"

	"kapflow/practice"
)

// Faults of a practice file are told to people, who know no numbers of requirements.
func TestFaultsHoldNoNumbersOfRequirements(t *testing.T) {
	t.Parallel()
	fault := practice.Fault{File: "practice.yaml", Line: 3, Path: "places", Reason: "none is outpatient; infusions happen in an outpatient place"}
	if got := fault.Error(); got != "practice.yaml:3: places: none is outpatient; infusions happen in an outpatient place" {
		t.Error(got)
	}
	broken := strings.NewReplacer("minimum_sessions: 4", "minimum_sessions: 3", "outpatient: true", "outpatient: false", "evaluation_price:", "evaluation_price: 0 #").Replace(sampleText(t))
	for name, text := range map[string]string{"hardly anything": "version: x\n", "limits": broken} {
		_, _, faults := practice.ReadPolicy("practice.yaml", []byte(text), now)
		if found := regexp.MustCompile(`\(R\d+\)`).FindAllString(faults.Error(), -1); len(faults) == 0 || len(found) > 0 {
			t.Errorf("%s: %v in %v", name, found, faults)
		}
	}
}
