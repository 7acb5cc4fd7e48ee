package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/starter/rehearsal"
	"kapflow/workflows"
)

// lateMessages are the deliveries of one client that the watch of a practice looks at.
type lateMessages struct {
	*house
	client string
	now    time.Time
}

// claim takes up the delivery of a notification by text, as an activity did at a time.
func (l lateMessages) claim(t *testing.T, notification string, at time.Time) string {
	t.Helper()
	d := message.Delivery{ClientID: l.client, Channel: person.SMS, To: person.Client, Now: at,
		Notification: message.Notification{Key: deliveryKey(t, l.client, notification, person.SMS).Notification, Template: message.TemplateMoved}}
	_, err := l.Store.Claim(t.Context(), d, care.DecideByRegister)
	must(t, err)
	return d.Key().String()
}

// settle records how a delivery ended.
func (l lateMessages) settle(t *testing.T, named string, state message.State, fault message.Fault) {
	t.Helper()
	key, err := message.ParseDelivery(named)
	must(t, err)
	must(t, l.Store.Settle(t.Context(), message.DeliveryResult{Key: key, State: state, Fault: fault, At: l.now}))
}

// schedule makes the schedule of the watch, which must run as often as the practice is promised.
func (l lateMessages) schedule(t *testing.T) {
	t.Helper()
	must(t, l.ScheduleWatch(t.Context()))
	told, err := l.watch(t).Describe(t.Context())
	must(t, err)
	if every := told.Schedule.Spec.Intervals; len(every) != 1 || every[0].Every != care.WatchEvery {
		t.Errorf("the watch runs %+v", every)
	}
}

func (l lateMessages) watch(t *testing.T) client.ScheduleHandle {
	return l.TemporalClient.ScheduleClient().GetHandle(t.Context(), workflows.PracticeWatchSchedule)
}

// look runs the watch once, and waits for its end.
func (l lateMessages) look(t *testing.T) {
	t.Helper()
	schedule := l.watch(t)
	before, err := schedule.Describe(t.Context())
	must(t, err)
	must(t, schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	await(t, "the watch to run", 60*time.Second, func() bool {
		after, err := schedule.Describe(t.Context())
		must(t, err)
		return after.Info.NumActions > before.Info.NumActions && len(after.Info.RunningWorkflows) == 0
	})
}

// listed holds that these deliveries, and nothing else, are on the coordinator's list.
func (l lateMessages) listed(t *testing.T, want ...string) {
	t.Helper()
	worklist, err := l.Store.Worklist(t.Context())
	must(t, err)
	got := map[string]bool{}
	for _, m := range worklist {
		got[m.About] = true
		if m.Kind != message.WorklistLate || m.ClientID != l.client || m.Words == "" {
			t.Errorf("on the list: %+v", m)
		}
	}
	for _, key := range want {
		if !got[key] {
			t.Errorf("%s is not on the list", key)
		}
	}
	if len(worklist) != len(want) {
		t.Errorf("on the list: %v, want %v", worklist, want)
	}
}

// The watch over the practice, on its schedule: a message past its time without an end, and one that a stuck journey never
// took up, are on the coordinator's list, once each however often the watch runs; they leave it when they end, or when a
// person ends them, which is audited (field cases 9, 10 and 47).
func TestWatchListsLateMessagesOnItsSchedule(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t, func(w *wires) { w.Noon = true })
	h.work(t)
	now := time.Now().UTC()
	// A client asks for another time of a visit in four hours: somebody answers within two.
	hurried := h.accepted(t, "hurried", now)
	booked, err := h.record(t, hurried, "appointment-booked", coordinator, fmt.Sprintf(`{"kind": "evaluation", "start": %q, "minutes": 50}`, now.Add(4*time.Hour).Truncate(time.Minute).Format(time.RFC3339)))
	must(t, err)
	_, err = h.record(t, hurried, "appointment-change-requested", person.Actor{ID: hurried, Role: person.Client}, fmt.Sprintf(`{"appointment": %q}`, booked.Appointment))
	must(t, err)
	// Four days ago a visit was booked for in twenty hours; nobody ever started this client's journey.
	chart := h.lateClient(t, rehearsal.ZoneWithHour(now, 13), now.Add(-4*24*time.Hour), now.Add(20*time.Hour), "+13035550142")
	id := chart.ClientID
	late := lateMessages{h, id, now}
	crashed, unknown := late.claim(t, "moved/a/v1", now.Add(-6*time.Minute)), late.claim(t, "moved/b/v1", now.Add(-6*time.Minute))
	late.settle(t, unknown, message.StateUnknown, message.FaultAmbiguous)
	late.settle(t, late.claim(t, "moved/c/v1", now.Add(-6*time.Minute)), message.StateSent, "")
	late.claim(t, "moved/d/v1", now.Add(time.Hour)) // it is young
	reminders := []string{deliveryKey(t, id, "remind/evaluation-1/v1/3d", person.SMS).String(), deliveryKey(t, id, "remind/evaluation-1/v1/1d", person.SMS).String()}

	late.schedule(t)
	late.look(t)
	late.listed(t, append(reminders, crashed, unknown)...)
	mails := h.mailsAbout(t, "matter/")
	if len(mails) != 1 || !strings.Contains(mails[0], " and 3 more") {
		t.Errorf("the coordinator was mailed %q", mails)
	}
	for range 48 {
		_, err := h.Activities().Watch(t.Context(), activities.WatchInput{Asked: now})
		must(t, err)
	}
	late.listed(t, append(reminders, crashed, unknown)...)
	if again := h.mailsAbout(t, "matter/"); len(again) != 1 {
		t.Errorf("after 48 more looks the coordinator was mailed %d times", len(again))
	}
	if pressing := h.mailsAbout(t, hurried+"/task/"); len(pressing) != 1 || !strings.Contains(pressing[0], "starter show "+hurried) {
		t.Errorf("of the task that presses the coordinator was mailed %q", pressing)
	}

	late.settle(t, unknown, message.StateDelivered, "")
	ended := message.WorklistItem{Kind: message.WorklistLate, About: crashed}.ID()
	must(t, h.Desk.EndWorklistItem(t.Context(), as(h, coordinator), ended))
	if err := h.Desk.EndWorklistItem(t.Context(), as(h, coordinator), ended); codeOf(err) != care.CodeWrongState {
		t.Errorf("ended twice: %v", err)
	}
	if err := h.Desk.EndWorklistItem(t.Context(), as(h, person.Actor{ID: "nurse-sample", Role: person.Nurse}), ended); codeOf(err) != care.CodeNotYourRole {
		t.Errorf("ended by a nurse: %v", err)
	}
	late.look(t)
	late.listed(t, reminders...)
	events, err := h.Store.AuditOf(t.Context(), ended)
	must(t, err)
	if len(events) == 0 || events[0].Action != "end-matter" || events[0].By != coordinator {
		t.Errorf("audited: %+v", events)
	}
}

// mailsAbout gives the texts of the mails to staff whose keys begin so.
func (h *house) mailsAbout(t *testing.T, prefix string) (texts []string) {
	t.Helper()
	must(t, h.Store.EachMail(t.Context(), func(key, _, _, _, text string, _ time.Time) error {
		if strings.HasPrefix(key, prefix) {
			texts = append(texts, text)
			for _, line := range strings.Split(text, "\n") {
				if word := wording.BannedWord(line); word != "" {
					t.Errorf("a mail to staff says %q", word)
				}
			}
		}
		return nil
	}))
	return texts
}
