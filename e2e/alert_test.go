package e2e_test

import (
	"encoding/json"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

// An alert whose time to climb comes while every worker is stopped climbs at once when one is back, and once: one line
// in the journal, one mail to each who must know.
func TestAlertClimbsOnceWhenTheWorkerIsBack(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	first := h.hire(t)
	monday := h.nextMonday()
	id := h.accepted(t, "climbs", monday)
	_, err := h.record(t, id, "risk-assessed", psychotherapist, `{"instrument": "C-SSRS", "outcome": "high", "reason": "by telephone"}`)
	must(t, err)
	await(t, "the alert's mail and the crisis text", time.Minute, func() bool {
		deliveries := h.deliveries(t, id)
		return deliveries["alert/alert-1/physician"].State == message.StateSent && deliveries["crisis/alert-1"].State == message.StateSent
	})
	climbs := monday.Add(time.Hour)
	must(t, h.drive(t.Context(), id, climbs.Add(-time.Second)))
	must(t, first.dismiss())
	must(t, h.drive(t.Context(), id, climbs))
	await(t, "the timer of the climb to fire", time.Minute, func() bool { return h.lastEvents(t, id, "TimerFired") })
	const mail = "alert-climbed/alert-1/coordinator"
	if _, sent := h.deliveries(t, id)[mail]; sent {
		t.Fatal("the alert climbed though nobody worked")
	}
	h.hire(t)
	await(t, "the climb", 60*time.Second, func() bool { return h.deliveries(t, id)[mail].State == message.StateSent })
	must(t, h.drive(t.Context(), id, climbs.Add(5*time.Hour)))
	mails := map[string]int{}
	must(t, h.Store.EachMail(t.Context(), func(key, _, _, _, _ string, _ time.Time) error {
		mails[key]++
		return nil
	}))
	for _, notification := range []string{mail, "alert-climbed/alert-1/physician", "alert/alert-1/physician"} {
		if n := mails[deliveryKey(t, id, notification, person.Email).String()]; n != 1 {
			t.Errorf("%s is %d times in the mailbox", notification, n)
		}
	}
	if n := h.alertLines(t, id, care.StateEscalated); n != 1 {
		t.Errorf("the journal says %d times that it climbed", n)
	}
}

// alertLines counts the journal's lines of a client's alerts in a state.
func (h *house) alertLines(t *testing.T, id, state string) (n int) {
	t.Helper()
	lines, err := h.Store.Journal(t.Context(), 0, 1000)
	must(t, err)
	for _, l := range lines {
		var ch care.Change
		if l.ClientID == id && l.Type == "change" && json.Unmarshal(l.Body, &ch) == nil && ch.Type == "alert" && ch.State == state {
			n++
		}
	}
	return n
}
