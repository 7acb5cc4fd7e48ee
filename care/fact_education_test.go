package care_test

import (
	"strings"
	"testing"

	"kapflow/care/person"
)

// TestEducationNamesItsHandout: the task names the practice's handout, and the history the one that was given (R8).
func TestEducationNamesItsHandout(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	for day := 2; day <= 4; day++ {
		k.session("preparation", day)
	}
	if task, ok := k.task("give-education"); !ok || !strings.HasSuffix(task.Words, "with leaflet-1") {
		t.Errorf("the task: %+v, %v", task, ok)
	}
	if got := k.do(person.Psychotherapist, "education-given", with{"material": "leaflet-2"}).Entry.Effect; got.To != "leaflet-2" {
		t.Errorf("the history: %+v", got)
	}
}
