package care_test

import (
	"fmt"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// A client is told by mail of a visit so near that the morning would be too late; no text goes out at night.
func TestNoticeOfANearVisitGoesByMailAtNight(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.now = at(1, 21, 0)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(2, 9, 30))})
	act, _ := k.chart.Due(k.now)
	if len(act) != 1 || act[0].Key != key("booked/evaluation-1/v1") || len(act[0].Channels) != 1 || act[0].Channels[0] != person.Email {
		t.Errorf("sent now: %v", act)
	}
	if end := k.chart.SendBefore(act[0], k.now); !end.Equal(at(2, 9, 30)) {
		t.Errorf("it may be tried until %s", denver.SayLong(end))
	}
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(2, 14, 0))})
	if act, _ = k.chart.Due(k.now); len(act) != 0 {
		t.Errorf("with time enough it does not wait for the morning: %v", act)
	}
}

// An infusion that is booked in the client's night for the next morning: how to prepare for it is mailed at once, or told by a person, when the
// next open hour would be too late for the fast (message rule M23).
func TestInstructionsDoNotWaitForAMorningThatIsTooLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start time.Time
		mail  bool
		want  string
	}{
		"BeforeTheNextOpenHour":    {at(9, 8, 0), true, "[email] " + stamp(at(8, 21, 0))},
		"WithinTheHoursOfTheFast":  {at(9, 14, 0), true, "[email] " + stamp(at(8, 21, 0))},
		"InTheAfternoon":           {at(9, 18, 0), true, "[email] " + stamp(at(9, 9, 0))},
		"OfAClientByTelephoneOnly": {at(9, 8, 0), false, "call " + stamp(at(8, 21, 0))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := ready(t, changed(func(p *policy.Policy) { p.Infusions.FastingSolidsHours = 8 }), "six")
			if !c.mail {
				for _, ch := range []person.Channel{person.SMS, person.Email} {
					k.do(person.Client, "messaging-consent-recorded", with{"channel": ch, "granted": false})
				}
			}
			k.now = at(8, 21, 0)
			k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(c.start)})
			d, _ := k.notification("instruct/infusion-1/v1/2d")
			got := fmt.Sprint(d.Channels, " ", stamp(d.At))
			if d.Call {
				got = "call " + stamp(d.At)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Whoever cannot be told in time is called: a person gets the task.
func TestNoticeThatCameTooLateIsAPersonsTask(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	k.now = at(9, 10, 0)
	handled(k.chart, key("booked/evaluation-1/v1"), message.ResultExpired, at(9, 10, 0))
	handled(k.chart, key("remind/evaluation-1/v1/3d"), message.ResultExpired, at(9, 10, 0))
	if _, ok := k.task("message-failed:booked/evaluation-1/v1"); !ok {
		t.Errorf("nobody calls: %v", k.chart.Tasks(k.now))
	}
	if _, ok := k.task("message-failed:remind/evaluation-1/v1/3d"); ok {
		t.Error("a reminder that a later one replaced is somebody's task")
	}
}

// Preparation instructions are never skipped.
func TestInstructionsComeHoweverLateTheInfusionIsBooked(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(k.now.Add(20 * time.Hour))})
	d, ok := k.notification("instruct/infusion-1/v1/2d")
	if !ok || d.Skip != "" || d.At.After(k.now.Add(15*time.Hour)) {
		t.Errorf("instructions: %+v", d)
	}
}

// TestALostMailAtNightIsAPersonsTaskBeforeTheVisit: the instructions for an infusion early the next day turn out at night to have bounced. The
// coordinator hears of it then, with a deadline before the infusion.
func TestALostMailAtNightIsAPersonsTaskBeforeTheVisit(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.now = at(8, 19, 30)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 8, 0))})
	k.ends("instruct/infusion-1/v1/2d", letterMail(message.StateSent, ""))
	k.to(8, 20, 30).reports("instruct/infusion-1/v1/2d", person.Email, message.StateRejected, message.FaultAddress)
	k.asks("message-failed:instruct/infusion-1/v1/2d", at(9, 8, 0))
}
