package e2e_test

import (
	"fmt"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/desk"
)

var psychotherapist = person.Actor{ID: "psy-sample", Role: person.Psychotherapist}

// nextMonday is a Monday morning ahead, by the practice's clock.
func (h *house) nextMonday() time.Time {
	at := h.Practice.Zone.Clock(h.Practice.Zone.AddDays(began, 1), 9, 0)
	for h.Practice.Zone.Local(at).Weekday() != time.Monday {
		at = h.Practice.Zone.AddDays(at, 1)
	}
	return at
}

// accepted enrols a client at a virtual time and records what comes before a first visit.
func (h *house) accepted(t *testing.T, reference string, at time.Time) string {
	t.Helper()
	return h.acceptedIn(t, "", reference, at)
}

// acceptedIn is accepted for a client in a zone; empty: the practice's.
func (h *house) acceptedIn(t *testing.T, zone, reference string, at time.Time) string {
	t.Helper()
	h.clock.Set(at)
	answer, err := h.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{Reference: reference, Timezone: zone, Phone: "+13035550142", Presenting: []string{"anxiety"},
		Consent: map[person.Channel]string{person.SMS: message.DetailMinimal}})
	must(t, err)
	must(t, h.drive(t.Context(), answer.ClientID, at))
	for _, f := range []struct{ fact, with string }{
		{"screening-recorded", `{"criteria_met": true, "prefers_kap": true}`}, {"coverage-reviewed", `{"result": "pays"}`},
		{"insurer-contact-waived", `{"reason": "in writing"}`}, {"fees-discussed", `{"summary": "by telephone"}`},
	} {
		_, err := h.record(t, answer.ClientID, f.fact, psychotherapist, f.with)
		must(t, err)
	}
	return answer.ClientID
}

// book books the evaluation at a day and hour after another day.
func (h *house) book(t *testing.T, id string, day time.Time, days, hour int) string {
	t.Helper()
	start := h.Practice.Zone.Clock(h.Practice.Zone.AddDays(day, days), hour, 0)
	answer, err := h.record(t, id, "appointment-booked", coordinator, fmt.Sprintf(`{"kind": "evaluation", "start": %q, "minutes": 50}`, start.UTC().Format(time.RFC3339)))
	must(t, err)
	return answer.Appointment
}

// A worker that is stopped when something falls due does it when it is back, once.
func TestWhatFallsDueWhileTheWorkerIsStoppedHappensOnceWhenItIsBack(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	first := h.hire(t)
	monday := h.nextMonday()
	id := h.accepted(t, "stopped", monday)
	visit := h.book(t, id, monday, 4, 10)
	due := h.Practice.Zone.Clock(h.Practice.Zone.AddDays(monday, 3), 10, 0)
	must(t, h.drive(t.Context(), id, due.Add(-time.Second)))
	must(t, first.dismiss())
	reminder := "remind/" + visit + "/v1/1d"
	must(t, h.drive(t.Context(), id, due))
	await(t, "the timer of the reminder to fire", time.Minute, func() bool { return h.lastEvents(t, id, "TimerFired") })
	if _, sent := h.deliveries(t, id)[reminder]; sent {
		t.Fatal("the reminder was sent though nobody worked")
	}
	h.hire(t)
	await(t, "the reminder", 60*time.Second, func() bool { return h.deliveries(t, id)[reminder].State == message.StateSent })
	must(t, h.drive(t.Context(), id, due.Add(time.Hour)))
	mails := map[string]int{}
	must(t, h.Store.EachMail(t.Context(), func(key, _, _, _, _ string, _ time.Time) error {
		mails[key]++
		return nil
	}))
	if n := mails[deliveryKey(t, id, reminder, person.SMS).String()]; n != 1 {
		t.Errorf("the reminder is %d times in the mailbox", n)
	}
}

// lastEvents says whether the history holds an event of a type behind its last completed workflow task.
func (h *house) lastEvents(t *testing.T, id, name string) (found bool) {
	t.Helper()
	it := h.TemporalClient.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for it.HasNext() {
		event, err := it.Next()
		must(t, err)
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			found = false
		default:
			found = found || event.GetEventType().String() == name
		}
	}
	return found
}

// A clinician who is away touches the visits of every client who has one then: one report reaches both journeys, both
// clients are told, and another client's visit on another day stays.
func TestClinicianUnavailableReachesEveryClientItTouches(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	monday := h.nextMonday()
	var ids, visits []string
	for n, day := range []int{3, 3, 10} {
		id := h.accepted(t, fmt.Sprintf("touched-%d", n), monday)
		ids, visits = append(ids, id), append(visits, h.book(t, id, monday, day, 10+2*n))
	}
	zone := h.Practice.Zone
	from, to := zone.Clock(zone.AddDays(monday, 3), 0, 0), zone.Clock(zone.AddDays(monday, 4), 0, 0)
	report := desk.Command{Fact: "clinician-unavailable", By: as(h, coordinator), ID: "away-1",
		With: fmt.Appendf(nil, `{"clinician": "psy-sample", "from": %q, "to": %q}`, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))}
	answers, err := h.Desk.RecordWide(t.Context(), report)
	must(t, err)
	if len(answers) != 2 {
		t.Errorf("the report reached %d journeys, want 2", len(answers))
	}
	again, err := h.Desk.RecordWide(t.Context(), report)
	must(t, err)
	for _, a := range again {
		if !a.Repeated {
			t.Errorf("the same report changed %s again", a.ClientID)
		}
	}
	for n, id := range ids {
		appt, told := h.chart(t, id).Visit(visits[n]), "cancelled/"+visits[n]+"/v1"
		if n == 2 {
			if appt.Status != visit.Booked {
				t.Errorf("a visit a week later is %s", appt.Status)
			}
			continue
		}
		if appt.Status != visit.Cancelled || !appt.Rebook || appt.Side != "practice" {
			t.Errorf("the visit of client %d is %s by the %s, to rebook %v", n, appt.Status, appt.Side, appt.Rebook)
		}
		await(t, "client "+id+" to be told", time.Minute, func() bool { return h.deliveries(t, id)[told].State == message.StateSent })
	}
}
