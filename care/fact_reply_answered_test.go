package care_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// wrote has the client write something for a person to read, and gives what its task is about.
func wrote(k *course, fields with) string {
	k.t.Helper()
	all := with{"channel": "sms", "text_class": wording.ReplyOther, "text": "ref:1"}
	for name, value := range fields {
		all[name] = value
	}
	k.do(person.Provider, "reply-received", all)
	return "reply-" + fmt.Sprint(k.chart.Facts)
}

// An answer goes once by the one channel that the client allows and prefers, in open hours, whatever the state of the course;
// where none may go, it is refused, and the reply goes on waiting for a person.
func TestAnswersGoByOnePermittedChannel(t *testing.T) {
	t.Parallel()
	consents := map[string]struct {
		agree func(k *course)
		want  person.Channel
	}{
		"both":     {func(*course) {}, person.SMS},
		"no texts": {func(k *course) { consent(k, person.SMS, false, "minimal") }, person.Email},
		"no email": {func(k *course) { consent(k, person.Email, false, "minimal") }, person.SMS},
		"prefers email": {func(k *course) {
			consent(k, person.SMS, true, "minimal")
			consent(k, person.Email, true, "appointment-time")
		}, person.Email},
		"stopped": {func(k *course) { k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"}) }, person.Email},
		"neither": {func(k *course) { consent(k, person.SMS, false, "minimal"); consent(k, person.Email, false, "minimal") }, ""},
		"stopped, no email": {func(k *course) {
			consent(k, person.Email, false, "minimal")
			k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"})
		}, ""},
		"number was another": {func(k *course) {
			k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "wrong-number"})
		}, person.Email},
	}
	for name, c := range consents {
		for state, reach := range textedCourses {
			for _, link := range []bool{false, true} {
				k := cleared(t)
				consent(k, person.SMS, true, "appointment-time")
				consent(k, person.Email, true, "minimal")
				c.agree(k)
				reach(k)
				k.to(2, 22, 30)
				reply := wrote(k, nil)
				fields := with{"reply": reply, "answer": "ref:answer", "behind_link": link}
				name := name + ", " + state
				if c.want == "" || state == "moved away" {
					k.refused(care.CodeWrongState, person.Coordinator, "reply-answered", fields)
					if _, open := k.task("read-reply:" + reply); !open {
						t.Errorf("%s: nobody reads it any more", name)
					}
					continue
				}
				k.do(person.Coordinator, "reply-answered", fields)
				d, owed := k.notification("answer/" + reply)
				want := map[bool]message.Template{false: message.TemplateAnswer, true: message.TemplateAnswerLink}[link]
				if !owed || len(d.Channels) != 1 || d.Channels[0] != c.want || d.Template != want || d.Text != "ref:answer" || d.Capped() {
					t.Errorf("%s: %+v", name, d)
				}
				if !d.At.After(k.now) || !d.Until.After(d.At) {
					t.Errorf("%s: it goes in the night, at %s", name, d.At)
				}
				if _, open := k.task("read-reply:" + reply); open {
					t.Errorf("%s: the reply still waits", name)
				}
				k.refused(care.CodeWrongState, person.Coordinator, "reply-answered", fields)
				k.chart.Begin(d.Key)
				k.chart.Settle(d, message.ResultSent, []message.DeliveryEnd{{Channel: c.want, State: message.StateDelivered, Tracked: true}}, d.At)
				if again, owed := k.notification("answer/" + reply); owed {
					t.Errorf("%s: it goes twice: %+v", name, again)
				}
			}
		}
	}
}

func consent(k *course, ch person.Channel, granted bool, detail string) {
	k.t.Helper()
	k.do(person.Client, "messaging-consent-recorded", with{"channel": ch, "granted": granted, "detail": detail})
}

// A reply that may mean no more texts is answered by telephone, and so is one that somebody settled. Only the role whose task it is answers.
func TestRepliesThatAreNotAnsweredFromTheInbox(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	consent(k, person.Email, true, "minimal")
	k.refused(care.CodeWrongState, person.Coordinator, "reply-answered", with{"reply": "reply-1", "answer": "ref:1"})
	held := wrote(k, with{"also": []string{wording.ReplyStop}})
	k.refused(care.CodeWrongState, person.Coordinator, "reply-answered", with{"reply": held, "answer": "ref:1"})
	reply := wrote(k, nil)
	for _, by := range []person.Role{person.Psychotherapist, person.Physician, person.Nurse, person.Client} {
		k.refused(care.CodeNotYourRole, by, "reply-answered", with{"reply": reply, "answer": "ref:1"})
	}
	kind := care.KindFor[*care.ReplyAnswered]()
	choices := k.chart.Choices(kind, "reply", person.Actor{ID: "coordinator", Role: person.Coordinator}, k.now)
	if len(choices) != 1 || choices[0].Value != reply {
		t.Errorf("the form offers %v", choices)
	}
	k.do(person.Coordinator, "alert-acknowledged", with{"alert": "read-reply:" + reply})
	k.refused(care.CodeWrongState, person.Coordinator, "reply-answered", with{"reply": reply, "answer": "ref:1"})
}

// An answer that does not leave in time is told by a person, and one whose channel fails goes the other way.
func TestAnswersAreFollowedUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state   message.State
		fault   message.Fault
		instead bool
	}{
		"delivered":        {state: message.StateDelivered},
		"rejected":         {state: message.StateRejected, fault: message.FaultAddress, instead: true},
		"nothing is known": {state: message.StateUnknown, fault: message.FaultAmbiguous, instead: true},
	} {
		k := cleared(t)
		consent(k, person.SMS, true, "appointment-time")
		consent(k, person.Email, true, "minimal")
		reply := wrote(k.to(2, 10, 0), nil)
		k.do(person.Coordinator, "reply-answered", with{"reply": reply, "answer": "ref:1"})
		d, _ := k.notification("answer/" + reply)
		k.chart.Begin(d.Key)
		k.chart.Settle(d, c.state.Result(), []message.DeliveryEnd{{Channel: person.SMS, State: c.state, Fault: c.fault, Tracked: true}}, k.now)
		instead := slices.ContainsFunc(k.chart.Notifications(), func(n message.Notification) bool {
			return n.Key == d.Key.Then(message.FollowInstead) && slices.Equal(n.Channels, []person.Channel{person.Email}) && n.Text == "ref:1"
		})
		if instead != c.instead {
			t.Errorf("%s: by email: %v: %v", name, instead, k.chart.Notifications())
		}
	}
	k := cleared(t)
	consent(k, person.SMS, true, "appointment-time")
	reply := wrote(k.to(2, 10, 0), nil)
	k.do(person.Coordinator, "reply-answered", with{"reply": reply, "answer": "ref:1"})
	d, _ := k.notification("answer/" + reply)
	k.chart.Begin(d.Key)
	k.now = d.Until.Add(time.Minute)
	k.chart.Settle(d, message.ResultExpired, nil, k.now)
	if _, told := k.task("message-failed:answer/" + reply); !told {
		t.Errorf("nobody tells the client: %v", k.chart.Tasks(k.now))
	}
}

// What may not be texted is refused before it is kept, in the field where it was typed; behind the link it may stand.
func TestWordsOfAnAnswerAreReadBeforeTheyAreKept(t *testing.T) {
	t.Parallel()
	kind := care.KindFor[*care.ReplyAnswered]()
	for words, fault := range map[string][2]string{
		"You can park behind the house.": {"", ""},
		"Your infusion is on Tuesday":    {`"infusion"`, ""},
		"ref:ABC":                        {"", ""},
		strings.Repeat("a", 400):         {"too long", ""},
		strings.Repeat("word ", 500):     {"too long", "too long"},
	} {
		for i, want := range fault {
			body, err := json.Marshal(with{"reply": "reply-1", "answer": words, "behind_link": i == 1})
			if err != nil {
				t.Fatal(err)
			}
			err = kind.CheckValues(body)
			var refused *care.Refusal
			switch {
			case want == "" && err != nil:
				t.Errorf("%.30q: %v", words, err)
			case want == "":
			case !errors.As(err, &refused) || !strings.Contains(refused.Message, want) || refused.Problems[0].Field != "answer":
				t.Errorf("%.30q: %v, want %q", words, err, want)
			}
		}
	}
}

// A chart forgets answers to which no link leads any more.
func TestOldAnswersAreForgotten(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	consent(k, person.SMS, true, "minimal")
	first := wrote(k.to(2, 10, 0), nil)
	k.do(person.Coordinator, "reply-answered", with{"reply": first, "answer": "ref:1"})
	d, _ := k.notification("answer/" + first)
	k.chart.Settle(d, message.ResultSent, nil, k.now)
	second := wrote(k.to(40, 10, 0), nil)
	k.do(person.Coordinator, "reply-answered", with{"reply": second, "answer": "ref:2"})
	if k.chart.StaffAnswer(first) != nil || k.chart.StaffAnswer(second) == nil || k.chart.Handled[d.Key] != "" {
		t.Errorf("%+v, %v", k.chart.StaffAnswers, k.chart.Handled)
	}
	if _, owed := k.notification("answer/" + first); owed {
		t.Error("a forgotten answer goes out")
	}
}
