package care_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/practice"
)

// FuzzFactOnAChart: whatever is reported by whomever, it is recorded or refused with a reason; a refusal changes nothing, and the
// chart that follows can be read back.
func FuzzFactOnAChart(f *testing.F) {
	now := time.Date(2031, time.February, 24, 16, 0, 0, 0, time.UTC)
	sample, err := practice.Sample(now)
	if err != nil {
		f.Fatal(err)
	}
	enrolled, _, err := care.Enroll(care.Enrollment{ClientID: "client-a", Policy: sample.Policy, Zone: sample.Zone, ClientZone: sample.Zone, At: now,
		Report: care.Report{ID: "enroll", By: person.Actor{ID: "coordinator", Role: person.Coordinator}, With: json.RawMessage(`{"presenting":["depression"],"channels":["sms"]}`)}})
	if err != nil {
		f.Fatal(err)
	}
	roles := person.Roles()
	for n, k := range care.Vocabulary() {
		f.Add(uint8(n), uint8(0), []byte(k.Example()), uint8(n+1), []byte(k.Example()))
		f.Add(uint8(n), uint8(n), []byte(`{"start":"2031-03-10 10:00","kind":"evaluation","minutes":60,"appointment":"evaluation-1"}`), uint8(n), []byte(`{}`))
	}
	f.Fuzz(func(t *testing.T, first, by uint8, firstWith []byte, second uint8, secondWith []byte) {
		chart := enrolled.Clone()
		kinds := care.Vocabulary()
		for n, x := range []struct {
			kind uint8
			with []byte
		}{{first, firstWith}, {second, secondWith}} {
			kind := kinds[int(x.kind)%len(kinds)]
			before, err := json.Marshal(chart)
			if err != nil {
				t.Fatal(err)
			}
			role := roles[int(by)%len(roles)]
			if len(kind.By) > 0 && by%4 != 0 {
				role = kind.By[int(by)%len(kind.By)]
			}
			_, err = chart.Record(kind.Name, care.Report{ID: string(rune('a' + n)), By: person.Actor{ID: string(role), Role: role}, With: x.with}, now.Add(time.Duration(n)*time.Hour))
			after, marshalErr := json.Marshal(chart)
			if marshalErr != nil {
				t.Fatalf("%s %q: the chart cannot be written: %v", kind.Name, x.with, marshalErr)
			}
			var refused *care.Refusal
			if err != nil && (!errors.As(err, &refused) || refused.Message == "") {
				t.Fatalf("%s %q: %v", kind.Name, x.with, err)
			}
			if err != nil && !bytes.Equal(before, after) {
				t.Fatalf("%s %q was refused and changed the chart", kind.Name, x.with)
			}
			if err != nil {
				continue
			}
			var back care.Chart
			if err := json.Unmarshal(after, &back); err != nil {
				t.Fatalf("%s %q: the chart cannot be read back: %v", kind.Name, x.with, err)
			}
			chart.DiffAndPublish(now.Add(time.Duration(n) * time.Hour))
		}
	})
}
