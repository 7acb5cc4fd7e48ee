package wiring

import (
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// A practice file that leaves out a clinician who has a client is refused until the client was handed over.
func TestPracticeFileListsEveryClinicianWhoHasAClient(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	p := policy.Policy{Clinicians: []policy.Clinician{{ID: "dr-stone", Role: person.Physician}, {ID: "lee", Role: person.Psychotherapist}}}
	handed := []care.Assignment{{Role: person.Psychotherapist, Was: "kim", Clinician: "lee", From: now.Add(-time.Hour)}}
	for name, x := range map[string]struct {
		chart care.Chart
		want  bool
	}{
		"Listed":      {care.Chart{Physician: "dr-stone", Psychotherapist: "lee"}, false},
		"TakenOut":    {care.Chart{Physician: "dr-stone", Psychotherapist: "kim"}, true},
		"HandedOver":  {care.Chart{Physician: "dr-stone", Psychotherapist: "kim", Assignments: handed}, false},
		"Closed":      {care.Chart{Physician: "dr-stone", Psychotherapist: "kim", Closing: &care.Closing{How: care.EndCompleted}}, false},
		"NotAssigned": {care.Chart{Psychotherapist: "lee"}, false},
	} {
		faults := unlisted([]care.BoardRow{{ClientID: "client-a", Chart: &x.chart}}, p, now)
		if (len(faults) == 1) != x.want || x.want && (!strings.Contains(faults[0], "kim") || !strings.Contains(faults[0], "client-a")) {
			t.Errorf("%s: %v", name, faults)
		}
	}
}
