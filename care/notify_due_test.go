package care_test

import (
	"slices"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

func TestMovedVisitDropsItsOldRemindersAndGetsNewOnes(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	for key, want := range map[string]time.Time{"booked/evaluation-1/v1": k.now, "remind/evaluation-1/v1/3d": at(6, 10, 0), "remind/evaluation-1/v1/1d": at(8, 10, 0), "remind/evaluation-1/v1/2h": at(8, 19, 45)} {
		if d, ok := k.notification(key); !ok || !d.At.Equal(want) {
			t.Errorf("%s is due %s, want %s", key, denver.SayLong(d.At), denver.SayLong(want))
		}
	}
	handled(k.chart, key("booked/evaluation-1/v1"), message.ResultSent, k.now)
	handled(k.chart, key("remind/evaluation-1/v1/3d"), message.ResultSent, at(6, 10, 0))
	k.to(6, 12, 0).do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(8, 14, 0))})
	for _, d := range k.chart.Notifications() {
		if d.Key.Version == 1 || d.Key == key("remind/evaluation-1/v2/3d") && d.Skip == "" {
			t.Errorf("still owed: %s", d.Key)
		}
	}
	if _, ok := k.notification("remind/evaluation-1/v2/1d"); !ok {
		t.Errorf("owed are only %v", k.chart.Notifications())
	}
	if len(k.chart.Handled) != 0 {
		t.Errorf("the chart still remembers %v", k.chart.Handled)
	}
}

func TestNothingIsSentWithoutConsentOrChannel(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	for _, d := range k.chart.Notifications() {
		if len(d.Channels) != 1 || d.Channels[0] != person.Email {
			t.Errorf("%s goes by %v", d.Key, d.Channels)
		}
	}
	if _, ok := k.notification("remind/evaluation-1/v1/2h"); ok {
		t.Error("an SMS is owed")
	}
	k.do(person.Coordinator, "contact-changed", with{"email": ""})
	for _, d := range k.chart.Notifications() {
		if len(d.Channels) != 0 || !d.Call {
			t.Errorf("without any channel still sent: %v", d)
		}
	}
}

func TestTentativeVisitsAreNotSpokenOf(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(12, 10, 0)), "tentative": true})
	for _, d := range k.chart.Notifications() {
		if d.About == "infusion-1" {
			t.Errorf("owed: %v", d)
		}
	}
	if _, ok := k.task("confirm-infusion:infusion-1"); !ok {
		t.Error("nobody is asked to confirm it")
	}
	k.do(person.Client, "appointment-confirmed", with{"appointment": "infusion-1"})
	for _, key := range []string{"booked/infusion-1/v2", "remind/infusion-1/v2/1d", "instruct/infusion-1/v2/2d"} {
		if _, ok := k.notification(key); !ok {
			t.Errorf("%s is not owed", key)
		}
	}
}

func TestCheckInsFollowEachInfusionAndOneTheLast(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Physician, "plan-set", with{"infusions": 1})
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	k.infuse(9) // ends at 10:50
	want := map[string]time.Time{"check-in-1-24h": at(10, 9, 0), "check-in-1-72h": at(12, 9, 0), "check-in-1-168h": at(16, 9, 0), "check-in-1-30d": at(39, 9, 0)}
	for _, ci := range k.chart.CheckIns() {
		if !ci.Due.Equal(want[ci.ID]) {
			t.Errorf("%s is due %s", ci.ID, denver.SayLong(ci.Due))
		}
		delete(want, ci.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if d, ok := k.notification("chase/check-in-1-24h"); !ok || !d.At.Equal(at(10, 13, 0)) {
		t.Errorf("the second asking is due %s", denver.SayLong(d.At))
	} else if !slices.Equal(d.Channels, []person.Channel{person.SMS}) {
		t.Errorf("the second asking goes on %v", d.Channels)
	}
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	if d, _ := k.notification("chase/check-in-1-24h"); !slices.Equal(d.Channels, []person.Channel{person.Email}) {
		t.Errorf("a client without text messages is asked again on %v", d.Channels)
	}
	k.to(11, 9, 0)
	if _, ok := k.task("call-client:check-in-1-24h"); !ok {
		t.Errorf("nobody calls a silent client: %v", k.chart.Tasks(k.now))
	}
	k.do(person.Client, "check-in-answered", with{"check_in": "latest", "phq9": []int{0, 0, 0, 0, 0, 0, 0, 0, 1}})
	if !k.chart.Answers[0].Concern || k.gate(care.GateHold).Open || len(k.chart.Alerts) != 1 {
		t.Error("item 9 above 0 neither alerts nor holds")
	}
	if _, ok := k.task("call-client:check-in-1-24h"); ok {
		t.Error("a client who answered is still called")
	}
}

func TestDueSplitsWhatToSendFromWhatLostItsUse(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) { p.Messages.Reminders[2].Hours = 1 }))
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(3, 10, 0))})
	act, expired := k.chart.Due(k.now)
	if len(act) != 1 || act[0].Key != key("booked/evaluation-1/v1") || len(expired) != 1 || expired[0].Key != key("remind/evaluation-1/v1/3d") {
		t.Fatalf("now: %v, lost: %v", act, expired)
	}
	handled(k.chart, expired[0].Key, message.ResultSuppressed, k.now)
	// What was not sent by day waits for the morning. The day-before reminder loses its use when the next one is due.
	if act, expired = k.chart.Due(at(2, 22, 0)); len(act) != 0 || len(expired) != 0 {
		t.Errorf("in the client's night: %v, %v", act, expired)
	}
	if next, _, ok := k.chart.NextMoment(at(2, 22, 0)); !ok || next.After(at(3, 9, 0)) {
		t.Errorf("after the night it goes on at %s", denver.SayLong(next))
	}
	if act, expired = k.chart.Due(at(3, 9, 45)); len(act) != 1 || len(expired) != 2 {
		t.Errorf("a quarter of an hour before: %v, lost %v", act, expired)
	}
	k.chart.Begin(key("booked/evaluation-1/v1"))
	if _, ok := k.notification("booked/evaluation-1/v1"); ok {
		t.Error("a duty under way is started again")
	}
	handled(k.chart, key("booked/evaluation-1/v1"), message.ResultDeferred, k.now)
	if _, ok := k.notification("booked/evaluation-1/v1"); !ok {
		t.Error("a deferred duty is not owed any more")
	}
}

func TestVideoVisitIsToldInTheClientsZone(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Coordinator, "contact-changed", with{"timezone": "America/New_York", "zone_data": zone("America/New_York")})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0)), "place": "video"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(10, 10, 0))})
	for key, want := range map[string]string{"booked/evaluation-1/v1": "Tue Mar 9, 12:00 PM EST", "booked/evaluation-2/v1": "Wed Mar 10, 10:00 AM MST"} {
		d, _ := k.notification(key)
		if got := k.chart.When(d); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}

func TestDecisionToSendIsTheChartsOfTheMoment(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(3, 10, 0))})
	d, _ := k.notification("remind/evaluation-1/v1/1d")
	word := func(now time.Time, ch person.Channel) message.State {
		c := k.chart.Clone()
		c.Begin(d.Key)
		return decided(c, d, ch, now).State
	}
	if got := word(at(2, 10, 0), person.SMS); got != "" {
		t.Errorf("kept back as %s", got)
	}
	if got := word(at(3, 9, 30), person.SMS); got != message.StateExpired {
		t.Errorf("too late is %q", got)
	}
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"})
	if got := word(at(2, 10, 0), person.SMS); got != message.StateSuppressed {
		t.Errorf("after stop it is %q", got)
	}
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(4, 10, 0))})
	if got := word(at(2, 10, 0), person.Email); got != message.StateSuperseded {
		t.Errorf("after a move it is %q", got)
	}
	k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "practice"})
	if got := word(at(2, 10, 0), person.Email); got == "" {
		t.Error("a reminder of a cancelled visit is sent")
	}
}
