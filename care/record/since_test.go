package record_test

import (
	"encoding/json"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

func TestSinceTellsWhatSomebodyHasNotSeen(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	fact := func(seq int, name, with string) care.Entry {
		return care.Entry{Seq: seq, Fact: name, At: at, Now: at, By: person.Actor{ID: "dr-sample", Role: person.Physician}, With: json.RawMessage(with)}
	}
	r := record.HealthRecord{Chart: &care.Chart{Facts: 3}, Facts: []care.Entry{
		fact(1, "labs-ordered", `{}`), fact(2, "labs-reviewed", `{"outcome":"cleared","note":"ref:1"}`), fact(3, "hold-placed", `{"reason":"ref:2"}`)},
		Texts: map[string]string{"ref:2": "their words"}}
	lines, err := r.Since(1)
	if err != nil || len(lines) != 2 || lines[0].Words != "Labs reviewed, cleared" || lines[1].Why != "their words" || lines[0].With["note"] == "ref:1" {
		t.Errorf("%+v %v", lines, err)
	}
	if lines, err := r.Since(3); err != nil || len(lines) != 0 {
		t.Errorf("%+v %v", lines, err)
	}
	if n := r.Chart.FactsSince(1); n != 2 {
		t.Errorf("%d facts since", n)
	}
}
