package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/desk"
)

// TestATextFromASharedNumberReachesWhomItIsAssignedTo: one journey, at the text's own time, and words of danger open their path there.
func TestATextFromASharedNumberReachesWhomItIsAssignedTo(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	one, two := h.enroll(t, "shared-one"), h.enroll(t, "shared-two")
	at := h.now().UTC().Truncate(time.Second)
	must(t, h.Desk.Receive(t.Context(), message.ProviderEvent{Provider: "twilio", ID: "SM-shared", Kind: message.EventReply, At: at, From: "+13035550142", Text: "I want to die"}))
	list, err := h.Store.Worklist(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].Kind != message.WorklistAlarm {
		t.Fatalf("on the list: %+v", list)
	}
	must(t, h.Desk.AssignReply(t.Context(), as(h, coordinator), desk.Whose{Item: list[0].ID(), ClientID: two}))
	must(t, h.Desk.Relay(t.Context()))
	replies := func(id string) (found []care.Entry) {
		facts, err := h.Store.Facts(t.Context(), id)
		must(t, err)
		for _, f := range facts {
			if f.Fact == "reply-received" {
				found = append(found, f)
			}
		}
		return found
	}
	got := replies(two)
	if len(got) != 1 || len(replies(one)) != 0 {
		t.Fatalf("%d facts, and %d of whom it is not assigned to", len(got), len(replies(one)))
	}
	var with struct {
		Text    string     `json:"text"`
		Concern bool       `json:"concern"`
		At      *time.Time `json:"at"`
	}
	must(t, json.Unmarshal(got[0].With, &with))
	if !got[0].At.Equal(at) || !with.Concern || !strings.HasPrefix(with.Text, "ref:") {
		t.Errorf("recorded at %v of %v: %+v", got[0].At, at, with)
	}
	if alerts := h.chart(t, two).OpenAlerts(); len(alerts) != 1 {
		t.Errorf("%d alerts", len(alerts))
	}
	if alerts := h.chart(t, one).OpenAlerts(); len(alerts) != 0 {
		t.Errorf("%d alerts of whom it is not assigned to", len(alerts))
	}
}
