package care_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
)

// TestKnownReportNeverCountsTwice records more facts than a chart remembers at least, fast and slowly, with reports that wait
// before they arrive, and sends reports that were seen before at any later moment. A journey that took one in twice would
// have more facts than reports.
func TestKnownReportNeverCountsTwice(t *testing.T) {
	t.Parallel()
	fresh := enrolled(t, samplePolicy()).chart
	rapid.Check(t, func(t *rapid.T) {
		c, now := fresh.Clone(), at(2, 9, 0)
		var seen []care.Report
		counted := map[string]int{}
		send := func(r care.Report) {
			if c.Misdirected("goals-recorded", r.ID, r, now) != nil {
				return
			}
			taken, err := c.Record("goals-recorded", r, now)
			if err != nil {
				t.Fatal(err)
			}
			if !taken.Repeated {
				counted[r.ID]++
			}
		}
		for range rapid.IntRange(1, 2).Draw(t, "stretches") {
			pace := time.Duration(rapid.SampledFrom([]int{0, 1, 9, 14, 30, 300, 4000}).Draw(t, "seconds between facts")) * time.Second
			for range rapid.SampledFrom([]int{20, 300}).Draw(t, "facts") {
				now = now.Add(pace)
				late := time.Duration(rapid.IntRange(-60, 60).Draw(t, "minutes that the report waited or its clock is ahead")) * time.Minute
				r := care.Report{ID: fmt.Sprintf("goals-%d", len(seen)), By: person.Actor{ID: "kim", Role: person.Psychotherapist},
					With: json.RawMessage(`{"intention":"ref:1"}`), To: care.Address{Fact: "goals-recorded", Client: c.ClientID, SentAt: now.Add(-late)}}
				seen = append(seen, r)
				send(r)
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 150).Draw(t, "minutes of rest")) * time.Minute)
			for range 20 {
				send(seen[rapid.IntRange(0, len(seen)-1).Draw(t, "again")])
			}
			for _, r := range seen {
				send(r)
			}
		}
		honest := care.Report{ID: "honest", By: person.Actor{ID: "kim", Role: person.Psychotherapist}, With: json.RawMessage(`{"intention":"ref:1"}`)}
		now = now.Add(2 * time.Hour)
		honest.To = care.Address{Fact: "goals-recorded", Client: c.ClientID, SentAt: now}
		if send(honest); counted["honest"] != 1 {
			t.Fatal("an honest report is refused")
		}
		for id, n := range counted {
			if n > 1 {
				t.Fatalf("%s counted %d times", id, n)
			}
		}
	})
}

// TestReportFitsOnlyTheFactThatItWasMadeFor tries each kind of fact as every other.
func TestReportFitsOnlyTheFactThatItWasMadeFor(t *testing.T) {
	t.Parallel()
	now := at(2, 9, 0)
	here, elsewhere := &care.Chart{ClientID: "client-x"}, &care.Chart{ClientID: "client-y"}
	for _, made := range care.Vocabulary() {
		r := care.Report{ID: "r-1", To: care.Address{Fact: made.Name, Client: "client-x", SentAt: now}}
		for _, as := range care.Vocabulary() {
			err := here.Misdirected(as.Name, "r-1", r, now)
			if fits := made.Name == as.Name; fits != (err == nil) {
				t.Errorf("made for %s and sent as %s: %v", made.Name, as.Name, err)
			}
			if elsewhere.Misdirected(as.Name, "r-1", r, now) == nil || here.Misdirected(as.Name, "r-2", r, now) == nil {
				t.Errorf("a report of %s fits another client or update", made.Name)
			}
		}
	}
}

// TestReceiptsAreForgotten: a chart does not grow with every fact for ever.
func TestReceiptsAreForgotten(t *testing.T) {
	t.Parallel()
	c := enrolled(t, samplePolicy()).chart
	for i := range 1000 {
		now := at(2, 9, 0).Add(time.Duration(i) * time.Hour)
		if _, err := c.Record("goals-recorded", care.Report{ID: fmt.Sprint("goals-", i), By: person.Actor{ID: "kim", Role: person.Psychotherapist},
			With: json.RawMessage(`{"intention":"ref:1"}`)}, now); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.Receipts); n != 256 {
		t.Errorf("%d receipts are kept", n)
	}
}
