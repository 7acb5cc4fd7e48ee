package care_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// courses a text may come to, with whether a visit is ahead.
var textedCourses = map[string]func(k *course){
	"open": func(k *course) {},
	"with a visit": func(k *course) {
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
	},
	"paused":     func(k *course) { k.do(person.Coordinator, "paused", with{"reason": "ref:1"}) },
	"withdrawn":  func(k *course) { k.do(person.Client, "withdrawn", with{}) },
	"moved away": func(k *course) { k.do(person.Coordinator, "moved-away", with{}) },
}

var textedConsents = map[string]func(k *course){
	"opted in": func(k *course) {},
	"stopped": func(k *course) {
		k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"})
		k.do(person.Coordinator, "alert-acknowledged", with{"alert": "channel-lost"})
	},
	"never asked": func(k *course) {
		k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	},
}

// Every class, to every course, whatever was agreed: something comes of the text, or a person has a task that was not there
// before. With words of danger in it the path of danger opens too.
func TestNoTextEndsInSilence(t *testing.T) {
	t.Parallel()
	for class, also := range map[string][][]string{
		wording.ReplyStop: {nil, {wording.ReplyVisit}, {wording.ReplyWrongNumber}}, wording.ReplyStart: {nil}, wording.ReplyHelp: {nil},
		wording.ReplyConfirm: {nil, {wording.ReplyOther}, {wording.ReplyOther, wording.ReplyStart}}, wording.ReplyWrongNumber: {nil},
		wording.ReplyReaction: {nil}, wording.ReplyOther: {nil, {wording.ReplyStop}, {wording.ReplyWrongNumber}},
	} {
		for _, more := range also {
			for state, reach := range textedCourses {
				for consent, agree := range textedConsents {
					for _, danger := range []bool{false, true} {
						name := fmt.Sprintf("%s %v to a course that is %s, %s, danger %v", class, more, state, consent, danger)
						k := cleared(t)
						reach(k)
						agree(k)
						k.publish()
						tasks := k.chart.Tasks(k.now)
						granted, before, alerts := k.chart.Consent(person.SMS).Granted, confirmed(k), len(k.chart.OpenAlerts())
						k.to(2, 10, 0).do(person.Provider, "reply-received", with{"channel": "sms", "text_class": class, "also": more, "text": "ref:1", "concern": danger})
						asked := slices.ContainsFunc(k.chart.Tasks(k.now), func(x care.Task) bool {
							return !slices.ContainsFunc(tasks, func(y care.Task) bool { return x.ID() == y.ID() })
						})
						answered := class == wording.ReplyStart && granted // by the provider, and nothing changes
						if asked && answered && !danger {
							t.Errorf("%s: a person is asked about it", name)
						}
						if !asked && !answered && granted == k.chart.Consent(person.SMS).Granted && before == confirmed(k) {
							t.Errorf("%s: nothing comes of it", name)
						}
						if danger && (len(k.chart.OpenAlerts()) == alerts || !alertMail(k)) {
							t.Errorf("%s: nobody is alerted: %v", name, k.chart.Notifications())
						}
						if _, reading := k.task("read-reply:reply-" + fmt.Sprint(k.chart.Facts)); danger && !reading {
							t.Errorf("%s: nobody reads it", name)
						}
					}
				}
			}
		}
	}
}

func confirmed(k *course) bool {
	v := k.chart.Visit("evaluation-1")
	return v != nil && v.Confirmed
}

// alertMail says whether a mail to staff is owed now.
func alertMail(k *course) bool {
	return slices.ContainsFunc(k.chart.Notifications(), func(d message.Notification) bool {
		return d.Template == message.TemplateAlert && !d.At.After(k.now)
	})
}

// A yes is about the visit that the client was last texted about. It confirms no other, and none that has moved since.
func TestYesConfirmsTheVisitOfTheNewestText(t *testing.T) {
	t.Parallel()
	yes := with{"channel": "sms", "text_class": "confirm", "also": []string{"other", "start"}, "text": "ref:1"}
	two := func() *course {
		k := cleared(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
		k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(11, 15, 0))})
		return k
	}
	for name, c := range map[string]struct {
		texted string
		then   func(k *course)
		want   string
	}{
		"nothing was texted": {want: "evaluation-1"},
		"the nearer visit":   {texted: "booked/evaluation-1/v1", want: "evaluation-1"},
		"the later visit":    {texted: "booked/preparation-1/v1", want: "preparation-1"},
		"a visit that moved": {texted: "booked/preparation-1/v1", then: func(k *course) {
			k.do(person.Coordinator, "appointment-moved", with{"appointment": "preparation-1", "start": stamp(at(12, 9, 0)), "reason": "ref:1"})
		}},
		"a visit called off": {texted: "booked/preparation-1/v1", then: func(k *course) {
			k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "preparation-1", "side": "practice"})
		}},
		"another number was told": {texted: "booked/preparation-1/v1", then: func(k *course) { k.do(person.Coordinator, "contact-changed", with{"phone": "ref:2"}) }, want: "evaluation-1"},
	} {
		k := two()
		if c.texted != "" {
			k.ends(c.texted, letterText(message.StateSent, ""))
		}
		if c.then != nil {
			c.then(k)
		}
		k.to(2, 9, 0).do(person.Provider, "reply-received", yes)
		for _, id := range []string{"evaluation-1", "preparation-1"} {
			if v := k.chart.Visit(id); v.Confirmed != (id == c.want) {
				t.Errorf("%s: %s is confirmed: %v", name, id, v.Confirmed)
			}
		}
		if got, open := k.task("read-reply:reply-" + fmt.Sprint(k.chart.Facts)); !open || (c.want != "") != got.Due.After(at(2, 12, 0)) {
			t.Errorf("%s: a person looks at it by %s", name, denver.SayLong(got.Due))
		}
	}
}

// Yes, to a client who opted out, is the carriers' word for texts again; to anybody else it is none.
func TestYesOptsInOnlyWhoOptedOut(t *testing.T) {
	t.Parallel()
	for class, also := range map[string][]string{"confirm": {"other", "start"}, "start": nil} {
		k := cleared(t)
		k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
		k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": class, "also": also})
		if k.chart.Consent(person.SMS).Granted {
			t.Errorf("%s granted what was never given", class)
		}
		k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": true})
		k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"})
		k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "confirm", "also": []string{"other"}})
		if k.chart.Consent(person.SMS).Granted {
			t.Error("ok, to the carrier's word on the opt-out, took it back")
		}
		k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": class, "also": also})
		if !k.chart.Consent(person.SMS).Granted {
			t.Errorf("%s does not bring texts back", class)
		}
	}
}

func TestCancelSaysThatTheVisitMayBeMeant(t *testing.T) {
	t.Parallel()
	k := booked(t)
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop", "also": []string{"visit"}})
	got, _ := k.task("channel-lost:sms")
	if want := "The client wants no more messages on this channel: agree on another (text message). They wrote CANCEL: ask whether they meant evaluation 1"; got.Words != want {
		t.Errorf("%q", got.Words)
	}
	if v := k.chart.Visit("evaluation-1"); !v.Open() {
		t.Error("a text called the visit off")
	}
}

func TestWrongNumberHasEMailTakeOverAndAPersonAskForAnother(t *testing.T) {
	t.Parallel()
	k := booked(t)
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "wrong-number"})
	k.asks("address-bad:sms", at(3, 0, 0))
	for _, d := range k.chart.Notifications() {
		if slices.Contains(d.Channels, person.SMS) {
			t.Errorf("%s still goes to the stranger", d.Key)
		}
	}
}

// A reply that may be an opt-out or a wrong number waits to be read. Until then email takes over from ordinary texts, those
// that no email replaces wait, and urgent ones go on.
func TestOrdinaryTextsWaitForAReplyThatMayEndThem(t *testing.T) {
	t.Parallel()
	for _, may := range []string{wording.ReplyStop, wording.ReplyWrongNumber} {
		for _, mail := range []bool{true, false} {
			k := booked(t)
			if !mail {
				k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
			}
			k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "also": []string{may}, "text": "ref:1"})
			k.to(9, 13, 0)
			for _, d := range k.chart.Notifications() {
				if act, _ := k.chart.Due(k.now); d.To == "" && !d.Urgent && slices.Contains(d.Channels, person.SMS) && slices.ContainsFunc(act, func(x message.Notification) bool { return x.Key == d.Key }) {
					t.Errorf("%s is sent as a text, with email %v", d.Key, mail)
				}
			}
			if mail {
				k.owes("booked/evaluation-1/v1", at(1, 9, 0), person.Email)
			}
			k.do(person.Coordinator, "alert-acknowledged", with{"alert": "read-reply"})
			k.owes("remind/evaluation-1/v1/2h", at(9, 13, 0), person.SMS)
		}
	}
	k := booked(t)
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "also": []string{"stop"}, "text": "ref:1", "concern": true})
	if d, owed := k.notification("crisis/alert-1"); !owed || !slices.Contains(d.Channels, person.SMS) || d.At.After(k.now) {
		t.Errorf("the crisis text waits: %v", d)
	}
}

// Words of danger that come after the record was closed keep it awake, whenever they come.
func TestDangerAfterTheEndKeepsTheRecordAwake(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"withdrawn", "moved away"} {
		k := cleared(t)
		textedCourses[how](k)
		k.publish()
		k.now = k.now.Add(90 * 24 * time.Hour)
		if !k.chart.Clone().Step(k.now).Over {
			t.Fatalf("%s: the journey has no end", how)
		}
		k.chart.StayAwake(k.now)
		k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop", "concern": true, "text": "ref:1"})
		if step := k.chart.Step(k.now); step.Over || step.Send == nil || len(step.Send.Due) < 3 {
			t.Errorf("%s: over %v, sends %+v", how, step.Over, step.Send)
		}
	}
}
