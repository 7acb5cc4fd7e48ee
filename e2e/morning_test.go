package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"kapflow/care/wording"
	"kapflow/workflows"
)

// The morning list is mailed to the coordinator by its schedule, once a day: it says who comes today and who is waited
// for, and nothing clinical.
func TestMorningListIsMailedByItsSchedule(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t, func(w *wires) { w.Noon = true })
	h.work(t)
	id := h.accepted(t, "listed", time.Now().UTC())
	start := time.Now().Add(2 * time.Hour).UTC().Truncate(time.Minute)
	_, err := h.record(t, id, "appointment-booked", coordinator, fmt.Sprintf(`{"kind": "evaluation", "start": %q, "minutes": 50}`, start.Format(time.RFC3339)))
	must(t, err)
	other := h.accepted(t, "waiting", time.Now().UTC())
	must(t, h.ScheduleMorningList(t.Context()))
	schedule := h.TemporalClient.ScheduleClient().GetHandle(t.Context(), workflows.MorningListSchedule)
	for range 2 {
		before, err := schedule.Describe(t.Context())
		must(t, err)
		must(t, schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
		await(t, "the schedule to run", time.Minute, func() bool {
			now, err := schedule.Describe(t.Context())
			must(t, err)
			return now.Info.NumActions > before.Info.NumActions && len(now.Info.RunningWorkflows) == 0
		})
	}
	var mails []string
	await(t, "the coordinator's mail", time.Minute, func() bool {
		mails = nil
		must(t, h.Store.EachMail(t.Context(), func(key, _, to, subject, text string, _ time.Time) error {
			if strings.HasPrefix(key, "morning-list/") && to == h.Practice.Policy.Practice.Coordinator {
				mails = append(mails, subject+"\n"+text)
			}
			return nil
		}))
		return len(mails) > 0
	})
	if len(mails) != 1 {
		t.Fatalf("%d mails for one morning", len(mails))
	}
	for _, line := range strings.Split(mails[0], "\n") {
		if word := wording.BannedWord(line); word != "" {
			t.Errorf("the word %q is in the line %q", word, line)
		}
	}
	today, rest, _ := strings.Cut(mails[0], "Waiting at the practice")
	if !strings.Contains(today, "Coming today (1)") || !strings.Contains(today, id) || strings.Contains(today, other) || !strings.Contains(rest, other) {
		t.Errorf("the list reads:\n%s", mails[0])
	}
}
