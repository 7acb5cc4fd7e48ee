package care_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// Stories of what went wrong in other systems; docs/field-cases.md says which test shows which.

// hourRules reminds so many hours ahead.
func hourRules(hours ...int) policy.Policy {
	return changed(func(p *policy.Policy) {
		p.Messages.Reminders = nil
		for _, h := range hours {
			p.Messages.Reminders = append(p.Messages.Reminders, policy.ReminderRule{Name: fmt.Sprintf("%dh", h), Hours: h, Channels: []person.Channel{person.SMS, person.Email}})
		}
	})
}

// about gives the keys of the notifications of a visit.
func (k *course) about(visit string) (keys []string) {
	for _, d := range k.chart.Notifications() {
		if d.About == visit {
			keys = append(keys, d.Key.String())
		}
	}
	return keys
}

// Field case 1: cancelled 25 hours ahead, no reminder of 24 and 2 hours is owed, nor granted if it was on its way.
func TestCancelledVisitRemindsNobody(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"client", "practice"} {
		k := accepted(t, hourRules(24, 2))
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 14, 0))})
		handled(k.chart, key("booked/evaluation-1/v1"), message.ResultSent, k.now)
		planned := k.chart.Notifications()
		if len(planned) != 2 {
			t.Fatalf("planned: %v", planned)
		}
		k.to(8, 13, 0).do(person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": side})
		if got := k.about("evaluation-1"); !slices.Equal(got, []string{"cancelled/evaluation-1/v1"}) {
			t.Errorf("owed after the %s cancelled: %v", side, got)
		}
		for _, d := range planned {
			for _, ch := range d.Channels {
				if decided(k.chart, d, ch, d.At).State == message.StateNew {
					t.Errorf("%s may leave by %s", d.Key, ch)
				}
			}
		}
	}
}

// Field case 8: whatever else ends with the visit, the client is told once that it is off.
func TestOneCancellationIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(k *course){
		"reported twice": func(k *course) {
			k.refused(care.CodeWrongState, person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "practice"})
		},
		"and the clinician is away": func(k *course) {
			k.do(person.Coordinator, "clinician-unavailable", with{"clinician": "kim", "from": stamp(at(9, 0, 0)), "to": stamp(at(10, 0, 0))})
		},
		"and the course is paused": func(k *course) { k.do(person.Coordinator, "paused", with{"reason": "ref:1"}) },
		"and the client is declined": func(k *course) {
			k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": false, "prefers_kap": true})
		},
		"and the client withdraws": func(k *course) { k.do(person.Client, "withdrawn", with{}) },
	} {
		k := cleared(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
		k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "practice"})
		d, ok := k.notification("cancelled/evaluation-1/v1")
		if !ok || len(d.Channels) != 2 {
			t.Fatalf("told by %v", d.Channels)
		}
		handled(k.chart, d.Key, message.ResultSent, k.now)
		again(k)
		if got := k.about("evaluation-1"); len(got) != 0 {
			t.Errorf("%s: owed again: %v", name, got)
		}
	}
}

// Field case 23: a visit that the practice calls off is always told: by every channel, in a pause, or by telephone.
func TestPracticeThatCancelsAlwaysTells(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(k *course){
		"as usual":   func(*course) {},
		"in a pause": func(k *course) { k.do(person.Coordinator, "paused", with{"reason": "ref:1"}) },
		"after STOP": func(k *course) { k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"}) },
		"by phone": func(k *course) {
			for _, ch := range []string{"sms", "email"} {
				k.do(person.Client, "messaging-consent-recorded", with{"channel": ch, "granted": false})
			}
		},
	} {
		k := cleared(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
		before(k)
		k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "practice"})
		d, ok := k.notification("cancelled/evaluation-1/v1")
		if !ok || len(d.Channels) == 0 && !d.Call || !d.At.Equal(k.now) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// Field case 7: booked two hours ahead, the reminder of the day before is skipped with its reason and the hour's is sent;
// never both at once.
func TestBookedTwoHoursAheadKeepsOnlyTheHoursReminder(t *testing.T) {
	t.Parallel()
	k := accepted(t, hourRules(24, 1))
	k.to(1, 14, 0).do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(1, 16, 0))})
	due, skipped := k.reminders("evaluation-1")
	if len(due) != 1 || !due["1h"].Equal(at(1, 15, 0)) || len(skipped) != 1 || skipped["24h"] == "" {
		t.Errorf("due %v, skipped %v", due, skipped)
	}
	if act, _ := k.chart.Due(k.now); len(act) != 1 || act[0].Template != message.TemplateBooked {
		t.Errorf("sent with the booking: %v", act)
	}
}

// Field case 6: twenty clients wait when the rule is changed from one day to two; each has one reminder of the new rule.
func TestTwentyWaitingClientsAreEachRemindedOnceByTheNewRule(t *testing.T) {
	t.Parallel()
	next := changed(func(p *policy.Policy) {
		p.Version, p.Messages.Reminders = "2027-02", []policy.ReminderRule{{Name: "2d", Days: 2, Channels: []person.Channel{person.SMS, person.Email}}}
	})
	now := at(10, 12, 0)
	for n := range 20 {
		k := accepted(t, changed(func(p *policy.Policy) { p.Messages.Reminders = p.Messages.Reminders[1:2] }))
		start := at(11, 9, 0).Add(time.Duration(n) * 5 * time.Hour) // from tomorrow to four days on, at all hours
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(start)})
		d, _ := k.notification("remind/evaluation-1/v1/1d")
		reminded := !d.At.After(now)
		if reminded {
			handled(k.chart, d.Key, message.ResultSent, d.At)
		}
		k.now = now
		k.do(person.Coordinator, "policy-adopted", with{"version": "2027-02", "policy": next})
		due, _ := k.reminders("evaluation-1")
		if want := map[bool]int{true: 0, false: 1}[reminded]; len(due) != want || want == 1 && due["2d"].IsZero() {
			t.Errorf("%s, reminded %v: due %v", denver.SayLong(start), reminded, due)
		}
		if at := due["2d"]; at.After(start.Add(-24 * time.Hour)) {
			t.Errorf("%s: reminded as late as %s", denver.SayLong(start), denver.SayLong(at))
		}
	}
}

// Field case 48: each infusion of a series is reminded of once by each rule, and what is done about one leaves the other
// five.
func TestEachInfusionOfASeriesIsRemindedOfByItself(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) {
		p.Infusions.RequireIntegration, p.Infusions.RequireCheckIn = false, false
	}), "six")
	want := map[string]int{}
	for n := range 6 {
		k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(15+7*n, 13, 0))})
		want[fmt.Sprintf("infusion-%d", n+1)] = 3
	}
	count := func() map[string]int {
		got := map[string]int{}
		for _, d := range k.chart.Notifications() {
			if d.Template == message.TemplateReminder {
				got[d.About]++
			}
		}
		return got
	}
	if got := count(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("owed %v, want %v", got, want)
	}
	handled(k.chart, key("remind/infusion-1/v1/3d"), message.ResultSent, at(12, 13, 0))
	want["infusion-1"] = 2
	if got := count(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after one was sent: %v, want %v", got, want)
	}
	k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "infusion-3", "side": "client"})
	delete(want, "infusion-3")
	if got := count(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after one was cancelled: %v, want %v", got, want)
	}
}

// Field case 49: when nothing is owed, nothing is done and nothing is waited for in a hurry.
func TestNothingDueIsNothingDone(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	before := asJSON(t, k.chart)
	act, expired := k.chart.Due(k.now)
	if len(act) != 0 || len(expired) != 0 || asJSON(t, k.chart) != before {
		t.Errorf("sent %v, written down %v", act, expired)
	}
	if next, what, ok := k.chart.NextMoment(k.now); ok && next.Before(k.now.Add(time.Hour)) {
		t.Errorf("it wakes at %s for %s", denver.SayLong(next), what)
	}
}

// Field case 12: due at half past six by the client's clock it moves to the evening before, and with the client to another
// zone.
func TestEarlyReminderMovesWithTheClientsZone(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) { p.Messages.Reminders = p.Messages.Reminders[1:2] }))
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(10, 6, 30))})
	for _, c := range []struct{ zone, due string }{
		{"America/Denver", "2027-03-08 19:45"}, {"America/Los_Angeles", "2027-03-08 19:45"}, {"America/New_York", "2027-03-08 19:45"}, {"Europe/Paris", "2027-03-09 14:30"},
	} {
		k.do(person.Coordinator, "contact-changed", with{"timezone": c.zone, "zone_data": zone(c.zone)})
		want, err := zone(c.zone).ParseTime(c.due)
		if err != nil {
			t.Fatal(err)
		}
		if d, _ := k.notification("remind/evaluation-1/v1/1d"); !d.At.Equal(want) {
			t.Errorf("%s: due %s, want %s", c.zone, zone(c.zone).SayLong(d.At), zone(c.zone).SayLong(want))
		}
	}
}

// Field case 20: after STOP email goes on and a person looks for another way; START brings back what is still ahead and
// nothing else.
func TestStopEndsTextsAndStartBringsBackWhatIsAhead(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) { p.Messages.Reminders[0].Channels = []person.Channel{person.SMS, person.Email} }))
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	handled(k.chart, key("booked/evaluation-1/v1"), message.ResultSent, k.now)
	k.to(4, 12, 0).do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"})
	for _, d := range k.chart.Notifications() {
		if !slices.Equal(d.Channels, []person.Channel{person.Email}) {
			t.Errorf("after STOP %s goes by %v", d.Key, d.Channels)
		}
	}
	if len(k.about("evaluation-1")) != 2 {
		t.Errorf("owed %v", k.about("evaluation-1"))
	}
	if x, ok := k.task("channel-lost:sms"); !ok || x.Role != person.Coordinator {
		t.Errorf("nobody looks for another way: %v", k.chart.Tasks(k.now))
	}
	handled(k.chart, key("remind/evaluation-1/v1/3d"), message.ResultSent, at(6, 10, 0))
	k.to(7, 12, 0).do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "start"})
	var keys []string
	for _, d := range k.chart.Notifications() {
		keys = append(keys, d.Key.Rule+" "+fmt.Sprint(d.Channels))
	}
	if want := []string{"1d [sms email]", "2h [sms]"}; !slices.Equal(keys, want) {
		t.Errorf("after START owed %v, want %v", keys, want)
	}
	if _, ok := k.task("channel-lost:sms"); ok {
		t.Error("the task does not end")
	}
}

// Field case 54: who asked to be telephoned only is sent nothing, and a person calls: about each change, and once ahead of
// the visit.
func TestClientWhoWantsToBeTelephonedIsCalled(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	for _, ch := range []string{"sms", "email"} {
		k.do(person.Client, "messaging-consent-recorded", with{"channel": ch, "granted": false})
	}
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "phone"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	if got, want := k.about("evaluation-1"), []string{"booked/evaluation-1/v1", "remind/evaluation-1/v1/1d"}; !slices.Equal(got, want) {
		t.Errorf("calls %v, want %v", got, want)
	}
	for _, named := range k.about("evaluation-1") {
		d, _ := k.notification(named)
		if act, written := k.chart.Due(d.At); len(act) != 0 || len(written) != 1 || written[0].Key != d.Key {
			t.Fatalf("sent %v, written down %v", act, written)
		}
		k.now = d.At
		k.chart.Settle(d, message.ResultSuppressed, nil, k.now)
		x, ok := k.task("tell-client:" + named)
		if !ok || x.Role != person.Coordinator || x.Due.After(at(9, 8, 0)) {
			t.Errorf("%s: %v", named, k.chart.Tasks(k.now))
		}
		k.do(person.Coordinator, "alert-acknowledged", with{"alert": "tell-client"})
		if _, ok := k.task("tell-client:" + named); ok {
			t.Errorf("%s: the client was called, and is to be called again", named)
		}
	}
	k.do(person.Client, "appointment-cancelled", with{"appointment": "evaluation-1"})
	if got := k.about("evaluation-1"); len(got) != 0 {
		t.Errorf("who cancelled is told so: %v", got)
	}
}

// Field case 22: a visit that was held early is not reminded of; who died or withdrew hears nothing, and the record stays.
func TestNobodyIsRemindedOfWhatIsOver(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	k.to(5, 9, 0).do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(5, 10, 0))})
	k.to(5, 11, 0).do(person.Psychotherapist, "session-completed", with{"appointment": "evaluation-1"})
	for _, d := range k.chart.Notifications() {
		if d.Template == message.TemplateReminder {
			t.Errorf("still owed: %s", d.Key)
		}
	}
	for _, end := range []string{"deceased", "moved-away", "withdrawn"} {
		k := cleared(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
		handled(k.chart, key("booked/evaluation-1/v1"), message.ResultSent, k.now)
		planned := k.chart.Notifications()
		k.do(person.Coordinator, end, with{})
		if got := k.chart.Notifications(); len(got) != 0 {
			t.Errorf("%s: owed %v", end, got)
		}
		for _, d := range planned {
			if decided(k.chart, d, d.Channels[0], d.At).State == message.StateNew {
				t.Errorf("%s: %s may leave", end, d.Key)
			}
		}
		if v := k.chart.Visit("evaluation-1"); v == nil || v.Status != visit.Cancelled {
			t.Errorf("%s: the visit is forgotten", end)
		}
	}
}

// Field case 55: a text that its provider could not deliver and a mail that nobody knows about are nobody's word: a person
// tells the client, whichever failed first.
func TestChannelThatWasLostMakesUpForNoOther(t *testing.T) {
	t.Parallel()
	const of = "cancelled/evaluation-1/v1"
	undelivered := func(k *course) {
		k.do(person.Provider, "message-status-reported", with{"message": "client-x/" + of + "/sms", "status": "rejected", "fault": "content"})
	}
	for name, c := range map[string]struct {
		email  message.DeliveryEnd
		after  func(k *course)
		called bool
	}{
		"mail unknown, then the text is lost": {message.DeliveryEnd{State: message.StateUnknown, Fault: message.FaultAmbiguous}, undelivered, true},
		"mail refused, then the text is lost": {message.DeliveryEnd{State: message.StateRejected, Fault: message.FaultContent}, undelivered, true},
		"mail sent, and the text is lost":     {message.DeliveryEnd{State: message.StateSent, Tracked: true}, undelivered, false},
		"text lost, then the mail comes back": {message.DeliveryEnd{State: message.StateSent, Tracked: true}, func(k *course) {
			undelivered(k)
			k.do(person.Provider, "message-status-reported", with{"message": "client-x/" + of + "/email", "status": "rejected", "fault": "address"})
		}, true},
		"mail unknown, delivered after all, then the text is lost": {message.DeliveryEnd{State: message.StateUnknown, Fault: message.FaultAmbiguous}, func(k *course) {
			k.do(person.Provider, "message-status-reported", with{"message": "client-x/" + of + "/email", "status": "delivered"})
			undelivered(k)
		}, false},
	} {
		k := cleared(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
		k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "practice"})
		d, _ := k.notification(of)
		c.email.Channel = person.Email
		k.chart.Settle(d, message.ResultSent, []message.DeliveryEnd{{Channel: person.SMS, State: message.StateSent, Tracked: true}, c.email}, k.now)
		c.after(k)
		if _, ok := k.task("message-failed:" + of); ok != c.called {
			t.Errorf("%s: a person calls: %v, %v", name, ok, k.chart.Tasks(k.now))
		}
	}
}

// Message rule M3: a reminder on its way when the client's clock turned out to be another waits for open hours there.
func TestDeliveryOnItsWayIntoTheNightWaits(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) { p.Messages.Reminders = p.Messages.Reminders[:2] }))
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 12, 0))})
	d, _ := k.notification("remind/evaluation-1/v1/1d")
	word := func(now time.Time) message.State { return decided(k.chart, d, person.Email, now).State }
	if got := word(at(8, 12, 0)); got != "" {
		t.Errorf("at noon it is %q", got)
	}
	k.do(person.Coordinator, "contact-changed", with{"timezone": "Asia/Tokyo", "zone_data": zone("Asia/Tokyo")})
	if got := word(at(8, 12, 0)); got != message.StatePlanned {
		t.Errorf("in the client's night it is %q", got)
	}
	if got := word(at(8, 18, 0)); got != "" { // ten in the morning there
		t.Errorf("in the client's morning it is %q", got)
	}
}
