package care_test

import (
	"strings"
	"testing"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
)

// The caps hold for reminders, instructions and invitations. What is urgent, owed for safety, news of a visit, or for
// staff passes, and is not counted (message rule M24).
func TestCapsHoldBackWhatCanWaitAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		notification message.Notification
		want         bool
	}{
		"Reminder":            {message.Notification{Template: message.TemplateReminder}, true},
		"Instructions":        {message.Notification{Template: message.TemplateInstructions}, true},
		"CheckIn":             {message.Notification{Template: message.TemplateCheckIn}, true},
		"CheckInChase":        {message.Notification{Template: message.TemplateCheckInChase}, true},
		"CheckInForSafety":    {message.Notification{Template: message.TemplateCheckIn, Safety: true}, false},
		"ChaseForSafety":      {message.Notification{Template: message.TemplateCheckInChase, Safety: true}, false},
		"Booked":              {message.Notification{Template: message.TemplateBooked}, false},
		"Moved":               {message.Notification{Template: message.TemplateMoved}, false},
		"Cancelled":           {message.Notification{Template: message.TemplateCancelled}, false},
		"Missed":              {message.Notification{Template: message.TemplateMissed}, false},
		"Held":                {message.Notification{Template: message.TemplateHeld}, false},
		"Stands":              {message.Notification{Template: message.TemplateStands}, false},
		"Aftercare":           {message.Notification{Template: message.TemplateAftercare}, false},
		"CrisisText":          {message.Notification{Template: message.TemplateCrisis, Safety: true, Urgent: true}, false},
		"AnythingUrgent":      {message.Notification{Template: message.TemplateReminder, Urgent: true}, false},
		"AlertToStaff":        {message.Notification{Template: message.TemplateAlert, To: person.Physician, Urgent: true}, false},
		"WhateverGoesToStaff": {message.Notification{Template: message.TemplateReminder, To: person.Coordinator}, false},
	} {
		if got := c.notification.Capped(); got != c.want {
			t.Errorf("%s: capped %v", name, got)
		}
	}
	for _, c := range []struct {
		day, week, today, inWeek int
		want                     string
	}{{0, 0, 9, 99, ""}, {1, 3, 0, 2, ""}, {1, 3, 1, 1, "day's"}, {1, 3, 0, 3, "week's"}, {2, 0, 1, 50, ""}, {0, 3, 3, 3, "week's"}} {
		why := policy.Messages{TextsPerDay: c.day, TextsPerWeek: c.week}.Full(c.today, c.inWeek)
		if (why == "") != (c.want == "") || !strings.Contains(why, c.want) {
			t.Errorf("%+v: %q", c, why)
		}
	}
}

// What a cap holds back goes by email, or becomes a task with a deadline before the visit.
func TestWhatACapHoldsBackIsNotLost(t *testing.T) {
	t.Parallel()
	capped, sent := message.DeliveryEnd{Channel: person.SMS, State: message.StateSuppressed, Fault: message.FaultCapped}, message.DeliveryEnd{Channel: person.Email, State: message.StateSent}
	for name, c := range map[string]struct {
		rule   string
		noMail bool
		ends   []message.DeliveryEnd
		follow bool
		task   bool
	}{
		"TheMailWentAlready":      {rule: "1d", ends: []message.DeliveryEnd{capped, sent}},
		"TextOnlyGoesByMail":      {rule: "2h", ends: []message.DeliveryEnd{capped}, follow: true},
		"NoMailReachesTheClient":  {rule: "2h", noMail: true, ends: []message.DeliveryEnd{capped}, task: true},
		"MailWasRefusedMeanwhile": {rule: "1d", ends: []message.DeliveryEnd{capped, {Channel: person.Email, State: message.StateSuppressed}}, task: true},
		"MailHasTroubleOfItsOwn":  {rule: "1d", ends: []message.DeliveryEnd{capped, {Channel: person.Email, State: message.StateUnknown}}},
		"SomethingElseKeptItBack": {rule: "2h", ends: []message.DeliveryEnd{{Channel: person.SMS, State: message.StateSuppressed}}},
		"TheOtherWayIsFullAsWell": {rule: "1d/instead", ends: []message.DeliveryEnd{capped}, task: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := cleared(t)
			if c.noMail {
				k.do(person.Coordinator, "contact-changed", with{"email": ""})
			}
			k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
			rule, instead := strings.CutSuffix(c.rule, "/instead")
			named := "remind/evaluation-1/v1/" + rule
			d, ok := k.notification(named)
			if !ok {
				t.Fatalf("no notification %s", named)
			}
			if instead {
				d.Key, d.Of, d.Channels = d.Key.Then(message.FollowInstead), d.Key, []person.Channel{person.SMS}
			}
			now := at(9, 13, 0)
			k.chart.Settle(d, message.ResultSuppressed, c.ends, now)
			k.to(9, 13, 0)
			follow, followed := k.notification(named + "/instead")
			if followed != c.follow || followed && (len(follow.Channels) != 1 || follow.Channels[0] != person.Email || !follow.At.Equal(now)) {
				t.Errorf("follows: %v %+v", followed, follow)
			}
			asked := false
			for _, task := range k.chart.Tasks(now) {
				if task.Task == "texts-full" {
					asked = true
					if task.Role != person.Coordinator || !task.Due.Before(at(9, 15, 0)) || !strings.Contains(task.Words, "tell them yourself") {
						t.Errorf("the task is %+v", task)
					}
				}
			}
			if asked != c.task {
				t.Errorf("a person is asked: %v", asked)
			}
		})
	}
}

// What a cap held back cannot arrive: when the mail that went beside it is lost, a person is asked.
func TestMailLostBesideACappedTextIsAPersons(t *testing.T) {
	t.Parallel()
	k := booked(t).to(8, 15, 0)
	k.ends(early, message.DeliveryEnd{Channel: person.SMS, State: message.StateSuppressed, Fault: message.FaultCapped}, letterMail(message.StateSent, ""))
	k.reports(early, person.Email, message.StateRejected, message.FaultAddress)
	k.asks("message-failed:"+early, at(9, 15, 0))
}

// Somebody else with the same number told the carrier to stop: this client's channel ends too, a person finds out, and
// the word goes the other way (field case 20).
func TestNumberThatAnotherStoppedIsLostForThisClientToo(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
	d, _ := k.notification("remind/evaluation-1/v1/2h")
	now := at(9, 13, 0)
	k.chart.Settle(d, message.ResultSuppressed, []message.DeliveryEnd{{Channel: person.SMS, State: message.StateSuppressed, Fault: message.FaultOptedOut}}, now)
	if x := k.chart.Consent(person.SMS); x.Granted || !x.Stopped {
		t.Errorf("the consent is %+v", x)
	}
	if follow, ok := k.notification(d.Key.String() + "/instead"); !ok || follow.Channels[0] != person.Email {
		t.Error("nothing goes by email")
	}
	asked := false
	for _, task := range k.chart.Tasks(now) {
		asked = asked || task.Task == "channel-lost"
	}
	if !asked {
		t.Error("nobody is asked how to reach the client")
	}
}

// Two clients share a number and one of them writes: staff find out who it was, nobody's visit is confirmed by it, and a
// STOP holds for both (field case 20).
func TestTextFromASharedNumberIsForStaffToDecide(t *testing.T) {
	t.Parallel()
	for class, stopped := range map[string]bool{wording.ReplyConfirm: false, wording.ReplyStop: true, wording.ReplyOther: false} {
		k := cleared(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
		k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": class, "shared": true})
		if k.chart.Visit("evaluation-1").Confirmed || k.chart.Consent(person.SMS).Granted == stopped {
			t.Errorf("%s: confirmed %v, consent %+v", class, k.chart.Visit("evaluation-1").Confirmed, k.chart.Consent(person.SMS))
		}
		asked := false
		for _, task := range k.chart.Tasks(k.now) {
			asked = asked || task.Task == "shared-number" && task.Role == person.Coordinator
		}
		if !asked {
			t.Errorf("%s: nobody is asked whose word it is", class)
		}
	}
}
