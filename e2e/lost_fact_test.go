package e2e_test

import (
	"encoding/json"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
)

// TestAFactThatTheJourneyNeverHadIsTakenIn: Postgres has a fact whose workflow task was lost. The same report again reaches the journey,
// also after another fact got the number, and is answered only then.
func TestAFactThatTheJourneyNeverHadIsTakenIn(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	for name, other := range map[string]bool{"at once": false, "after another fact": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := h.accepted(t, "lost-"+map[bool]string{true: "b", false: "a"}[other], h.nextMonday())
			lost := h.chart(t, id)
			at := lost.Published.At.Add(time.Millisecond)
			by := person.Actor{ID: "psy-sample", Role: person.Psychotherapist}
			const with = `{"intention": "private-0123456789abcdef"}`
			taken, err := lost.Record("goals-recorded", care.Report{ID: "goals-1", By: by, With: json.RawMessage(with)}, at)
			must(t, err)
			must(t, h.Store.SaveChart(t.Context(), care.Save{Chart: lost, Entry: &taken.Entry, Changes: lost.DiffAndPublish(at)}))
			if other {
				_, err := h.report(t, coordinator, desk.Command{ClientID: id, Fact: "paused", ID: "paused-1", With: json.RawMessage(`{"reason": "asked for it"}`)})
				must(t, err)
			}
			answer, err := h.report(t, by, desk.Command{ClientID: id, Fact: "goals-recorded", ID: "goals-1", With: json.RawMessage(`{"intention": "to rest"}`)})
			must(t, err)
			again, err := h.report(t, by, desk.Command{ClientID: id, Fact: "goals-recorded", ID: "goals-1", With: json.RawMessage(`{"intention": "to rest"}`)})
			must(t, err)
			if !again.Repeated || again.Seq != answer.Seq {
				t.Errorf("first %+v, then %+v", answer, again)
			}
			chart, facts := h.chart(t, id), 0
			log, err := h.Store.Facts(t.Context(), id)
			must(t, err)
			for _, e := range log {
				if e.ID == "goals-1" {
					facts++
				}
			}
			if chart.Goals == nil || !chart.Goals.At.After(at) || facts != 1 || len(log) != chart.Facts || other && chart.Pause == nil {
				t.Errorf("goals %v, %d times in a log of %d; the chart has %d facts", chart.Goals, facts, len(log), chart.Facts)
			}
		})
	}
}
