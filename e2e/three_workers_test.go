package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/messaging/fake"
	"kapflow/starter/rehearsal"
)

// Field case 16: three worker processes share the queues, two hundred reminders are due at once: the provider is asked
// two hundred times, once for each client.
func TestThreeWorkersHandOverTwoHundredRemindersOnceEach(t *testing.T) {
	// Not beside other tests: two hundred journeys at once keep a small server so busy that those would measure this one.
	const reminders = 200
	twilio, err := fake.StartTwilio(nil)
	must(t, err)
	t.Cleanup(twilio.Close)
	h := shared.newHouse(t, func(w *wires) { w.Twilio, w.Rate = twilio.URL(), 50 })
	zone, booked, visit := rehearsal.ZoneWithHour(time.Now(), 13), time.Now().Add(-4*24*time.Hour), time.Now().Add(20*time.Hour)
	var ids []string
	for n := range reminders {
		chart := h.lateClient(t, zone, booked, visit, fmt.Sprintf("+1303%07d", 5550000+n))
		must(t, h.startJourney(t, chart))
		ids = append(ids, chart.ClientID)
	}
	for range 3 {
		h.hire(t)
	}
	await(t, "every reminder to be settled", 2*time.Minute, func() bool {
		return h.count(t, `SELECT count(*)::text FROM letter WHERE state = 'sent' AND duty LIKE 'remind/evaluation-1/v1/1d'`) == fmt.Sprint(reminders)
	})
	got := map[string]int{}
	for _, m := range twilio.Sent() {
		got[m.To]++
	}
	if len(got) != reminders || twilio.Calls() != reminders {
		t.Errorf("%d texts were asked for, to %d clients", twilio.Calls(), len(got))
	}
	if faults := twilio.Faults(); len(faults) > 0 {
		t.Error(faults)
	}
	for _, id := range ids[:3] {
		if m := h.deliveries(t, id)["remind/evaluation-1/v1/1d"]; m.State != message.StateSent || !m.Late {
			t.Errorf("%s: %+v", id, m)
		}
	}
}

// count asks the house's database for one number.
func (h *house) count(t *testing.T, sql string) string {
	t.Helper()
	rows := h.query(t, sql)
	if len(rows) != 1 {
		t.Fatalf("%s: %v", sql, rows)
	}
	return rows[0]
}
