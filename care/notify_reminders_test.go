package care_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// reminders gives the reminders of a visit that are still owed: rule → due time, or why it is skipped.
func (k *course) reminders(visit string) (due map[string]time.Time, skipped map[string]string) {
	due, skipped = map[string]time.Time{}, map[string]string{}
	for _, d := range k.chart.Notifications() {
		if d.Template != message.TemplateReminder || d.About != visit {
			continue
		}
		rule := d.Key.Rule
		if d.Skip != "" {
			skipped[rule] = d.Skip
		} else {
			due[rule] = d.At
		}
	}
	return due, skipped
}

// Field case 7: a reminder whose time had passed at the booking is skipped and recorded as skipped; the others come.
func TestReminderBookedInsideItsTimeIsSkippedAndWrittenDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		now     time.Time
		start   time.Time
		due     map[string]time.Time
		skipped []string
	}{
		{"NinetyDaysAhead", at(1, 10, 0), at(91, 10, 0), map[string]time.Time{"3d": at(88, 10, 0), "1d": at(90, 10, 0)}, []string{"2h"}},
		{"OneDayAhead", at(1, 14, 0), at(2, 15, 0), map[string]time.Time{"1d": at(1, 15, 0), "2h": at(2, 13, 0)}, []string{"3d"}},
		{"TwoHoursAhead", at(1, 14, 0), at(1, 16, 0), map[string]time.Time{"2h": at(1, 14, 0)}, []string{"3d", "1d"}},
		{"AnHourAhead", at(1, 14, 0), at(1, 15, 0), nil, []string{"3d", "1d", "2h"}},
		{"InTheNightForTheNextMorning", at(1, 21, 0), at(2, 10, 30), map[string]time.Time{"2h": at(2, 9, 0)}, []string{"3d", "1d"}},
		{"InTheNightForTheEarlyMorning", at(1, 21, 0), at(2, 9, 30), nil, []string{"3d", "1d", "2h"}},
		{"FiveInTheMorning", at(1, 9, 0), at(9, 5, 0), map[string]time.Time{"3d": at(5, 19, 45), "2h": at(8, 19, 45)}, []string{"1d"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := cleared(t)
			k.now = c.now
			k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(c.start)})
			due, skipped := k.reminders("evaluation-1")
			if len(due) != len(c.due) || len(skipped) != len(c.skipped) {
				t.Errorf("due %v, skipped %v", due, skipped)
			}
			for rule, want := range c.due {
				if !due[rule].Equal(want) {
					t.Errorf("%s is due %s, want %s", rule, denver.SayLong(due[rule]), denver.SayLong(want))
				}
			}
			for _, rule := range c.skipped {
				if skipped[rule] == "" {
					t.Errorf("%s is not skipped", rule)
				}
			}
			with := 0
			for _, why := range skipped {
				if why != "another reminder of this visit goes on the same day" {
					with++
				}
			}
			if _, expired := k.chart.Due(k.chart.Notifications()[0].At); len(expired) < with {
				t.Errorf("only %v is written down with the booking's notice", expired)
			}
			for _, d := range k.chart.Notifications() {
				if d.Skip == "" {
					continue
				}
				if got := decided(k.chart, d, d.Channels[0], k.now); got.State != message.StateSuppressed || got.Why != d.Skip {
					t.Errorf("%s ends as %+v", d.Key, got)
				}
			}
		})
	}
}

// Field case 6: after a change of the lead time every future visit has exactly one new reminder, none lost, none doubled.
func TestChangedLeadTimeGivesEachVisitOneNewReminder(t *testing.T) {
	t.Parallel()
	dayBefore := policy.ReminderRule{Name: "1d", Days: 1, Channels: []person.Channel{person.SMS, person.Email}}
	twoDays := policy.ReminderRule{Name: "2d", Days: 2, Channels: []person.Channel{person.SMS, person.Email}}
	for _, newRule := range []policy.ReminderRule{twoDays, {Name: "1d", Days: 2, Channels: twoDays.Channels}} {
		for _, c := range []struct {
			name string
			day  int // of the visit; adopted on the 10th at noon
			sent bool
			want time.Time
		}{
			{"InThreeWeeks", 31, false, at(29, 10, 0)},
			{"InThreeDays", 13, false, at(11, 10, 0)},
			{"InTwoDaysLessTwoHours", 12, false, at(10, 10, 0)}, // overdue: sent at once
			{"TomorrowAndReminded", 11, true, time.Time{}},
			{"TomorrowAndNotReminded", 11, false, at(9, 10, 0)},
		} {
			t.Run(newRule.Name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				p := samplePolicy()
				p.Messages.Reminders = []policy.ReminderRule{dayBefore}
				k := accepted(t, p)
				k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(c.day, 10, 0))})
				k.to(10, 12, 0)
				if c.sent {
					handled(k.chart, key("remind/evaluation-1/v1/1d"), message.ResultSent, at(10, 10, 0))
				}
				next := p
				next.Version, next.Messages.Reminders = "2027-02", []policy.ReminderRule{newRule}
				k.do(person.Coordinator, "policy-adopted", with{"version": "2027-02", "policy": next})
				due, skipped := k.reminders("evaluation-1")
				if c.want.IsZero() {
					if len(due) != 0 {
						t.Errorf("the client is reminded twice: %v", due)
					}
					return
				}
				if len(due) != 1 || len(skipped) != 0 || !due[newRule.Name].Equal(c.want) {
					t.Errorf("due %v, skipped %v, want %s", due, skipped, denver.SayLong(c.want))
				}
			})
		}
	}
}

// The estimate's message says that there is something to read, once for each estimate, by mail where that is allowed.
func TestEstimateIsAnnouncedOnce(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	var found []message.Notification
	for _, d := range k.chart.Notifications() {
		if d.Template == message.TemplateFees {
			found = append(found, d)
		}
	}
	if len(found) != 1 || len(found[0].Channels) != 1 || found[0].Channels[0] != person.Email {
		t.Fatalf("announced: %v", found)
	}
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
	if d, _ := k.notification(found[0].Key.String()); len(d.Channels) != 1 || d.Channels[0] != person.SMS {
		t.Errorf("without mail it goes by %v", d.Channels)
	}
	handled(k.chart, found[0].Key, message.ResultSent, k.now)
	if _, ok := k.notification(found[0].Key.String()); ok {
		t.Error("it is announced again")
	}
}

// A client's wish for another time is the coordinator's task until it is answered, and changes nothing else.
func TestWishForAnotherTimeIsATaskUntilItIsAnswered(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	k.refused("unknown-appointment", person.Client, "appointment-change-requested", with{"appointment": "infusion-7"})
	k.refused("not-your-role", person.Nurse, "appointment-change-requested", with{"appointment": "evaluation-1"})
	for name, answer := range map[string]func(){
		"moved": func() {
			k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(10, 10, 0))})
		},
		"confirmed": func() { k.do(person.Client, "appointment-confirmed", with{"appointment": "evaluation-1"}) },
	} {
		k.do(person.Client, "appointment-change-requested", with{"appointment": "evaluation-1", "wish": "ref:x"})
		if task, ok := k.task("answer-change-request:evaluation-1"); !ok || task.Role != person.Coordinator || task.Due.After(at(2, 17, 0)) {
			t.Errorf("%s: %+v", name, task)
		}
		if v := k.chart.Visit("evaluation-1"); v.Status != visit.Booked {
			t.Errorf("the visit is %s", v.Status)
		}
		answer()
		if _, ok := k.task("answer-change-request:evaluation-1"); ok {
			t.Errorf("%s does not answer it", name)
		}
	}
	k.do(person.Client, "appointment-cancelled", with{"appointment": "evaluation-1"})
	k.do(person.Client, "appointment-change-requested", with{"appointment": "evaluation-1"})
	if _, ok := k.task("answer-change-request:evaluation-1"); !ok {
		t.Error("after cancelling nobody looks for another time")
	}
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(11, 10, 0))})
	if _, ok := k.task("answer-change-request:evaluation-1"); ok {
		t.Error("a new booking does not answer it")
	}
}

// No two reminders of one visit land on one calendar day of the client, whatever the rules, the hours, the zone and the time
// of the booking; and no visit that had a reminder loses its last one by that.
func TestRemindersThatLandOnOneDayAreOne(t *testing.T) {
	t.Parallel()
	zones := []string{"America/Denver", "Asia/Tokyo", "America/New_York", "Pacific/Auckland"}
	rapid.Check(t, func(t *rapid.T) {
		p := samplePolicy()
		p.Messages.ReminderGapHours = rapid.IntRange(0, 100).Draw(t, "gap")
		if rapid.Bool().Draw(t, "preferred") {
			p.Messages.Channels = policy.ChannelsPreferred
		}
		p.Messages.Reminders = nil
		for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
			r := policy.ReminderRule{Name: "r" + string(rune('a'+i)), Channels: []person.Channel{person.SMS, person.Email}}
			if rapid.Bool().Draw(t, "days") {
				r.Days = rapid.IntRange(1, 8).Draw(t, "n")
			} else {
				r.Hours = rapid.IntRange(1, 72).Draw(t, "n")
			}
			p.Messages.Reminders = append(p.Messages.Reminders, r)
		}
		k := accepted(t, p)
		k.chart.ClientZone = zone(rapid.SampledFrom(zones).Draw(t, "zone"))
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation",
			"start": stamp(at(rapid.IntRange(2, 20).Draw(t, "day"), rapid.IntRange(3, 23).Draw(t, "hour"), 0))})
		due, skipped := k.reminders("evaluation-1")
		days := map[string]string{}
		for rule, at := range due {
			day := k.chart.ClientZone.Local(at).Format(time.DateOnly)
			if other := days[day]; other != "" {
				t.Fatalf("%s and %s both land on %s", rule, other, day)
			}
			days[day] = rule
		}
		for rule, why := range skipped {
			if len(due) == 0 && strings.Contains(why, "another reminder") {
				t.Fatalf("%s is skipped for another one, and none is left: %s", rule, why)
			}
		}
	})
}

// A follow-up whose way to the client was lost before it could go becomes a person's task, as long as the news is of use.
func TestFollowUpWithoutAWayIsAPersonsTask(t *testing.T) {
	t.Parallel()
	noMail := func(k *course) {
		k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
	}
	for name, c := range map[string]struct {
		end   message.DeliveryEnd
		then  func(k *course)
		tasks []string
	}{
		"consent withdrawn": {letterText(message.StateUnknown, message.FaultAmbiguous), noMail, []string{"message-unknown:remind/evaluation-1/v1/2h"}},
		"address turned bad": {letterText(message.StateUnknown, message.FaultAmbiguous), func(k *course) {
			k.reports("booked/evaluation-1/v1", person.Email, message.StateRejected, message.FaultAddress)
		}, []string{"message-unknown:remind/evaluation-1/v1/2h"}},
		"STOP and no email": {letterText(message.StateUnknown, message.FaultAmbiguous), func(k *course) {
			noMail(k)
			k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"})
		}, []string{"message-unknown:remind/evaluation-1/v1/2h"}},
		"email address gone":  {letterText(message.StateUnknown, message.FaultAmbiguous), func(k *course) { k.do(person.Coordinator, "contact-changed", with{"email": ""}) }, []string{"message-unknown:remind/evaluation-1/v1/2h"}},
		"nobody said it came": {letterText(message.StateSent, ""), noMail, []string{"message-failed:remind/evaluation-1/v1/2h"}},
		"STOP, email is left": {letterText(message.StateUnknown, message.FaultAmbiguous), func(k *course) { k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"}) }, nil},
		"paused":              {letterText(message.StateUnknown, message.FaultAmbiguous), func(k *course) { noMail(k); k.do(person.Coordinator, "paused", with{"reason": "ref:1"}) }, nil},
		"the visit is off": {letterText(message.StateUnknown, message.FaultAmbiguous), func(k *course) {
			noMail(k)
			k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "client"})
		}, nil},
	} {
		for _, atClaim := range []bool{false, true} {
			k := booked(t)
			k.ends("booked/evaluation-1/v1", letterText(message.StateSent, ""), letterMail(message.StateSent, ""))
			handled(k.chart, key("remind/evaluation-1/v1/1d"), message.ResultSent, k.now)
			k.to(9, 13, 0).ends("remind/evaluation-1/v1/2h", c.end)
			var late message.Notification
			if atClaim { // the way is lost when the follow-up is about to leave
				k.now = k.now.Add(31 * time.Minute)
				late, _ = k.notification("remind/evaluation-1/v1/2h/instead")
				c.then(k)
				k.chart.Settle(late, message.ResultSuppressed, []message.DeliveryEnd{letterMail(message.StateSuppressed, "")}, k.now)
			} else {
				c.then(k)
				k.now = k.now.Add(31 * time.Minute)
				_, written := k.chart.Due(k.now)
				for _, d := range written {
					k.chart.Settle(d, message.ResultSuppressed, nil, k.now)
				}
			}
			for _, want := range c.tasks {
				if _, open := k.task(want); !open {
					t.Errorf("%s, at the claim %v: nobody is asked: %v", name, atClaim, k.chart.Tasks(k.now))
				}
			}
			for _, x := range k.chart.Tasks(k.now) {
				if len(c.tasks) == 0 && strings.HasPrefix(x.Task, "message-") {
					t.Errorf("%s, at the claim %v: %s", name, atClaim, x.ID())
				}
			}
		}
	}
}

// A reminder goes by the channel that the client prefers. The other takes over when that one fails, also when it fails by
// the client's own STOP.
func TestReminderGoesByThePreferredChannelAndTheOtherTakesOver(t *testing.T) {
	t.Parallel()
	const reminder = "remind/evaluation-1/v1/2h"
	p := changed(func(p *policy.Policy) {
		p.Messages.Channels = policy.ChannelsPreferred
		p.Messages.Reminders[2].Channels = []person.Channel{person.Email, person.SMS}
	})
	for name, c := range map[string]struct {
		end   message.DeliveryEnd
		after time.Duration
	}{
		"opted out at the carrier": {letterText(message.StateRejected, message.FaultOptedOut), 0},
		"no such number":           {letterText(message.StateRejected, message.FaultAddress), 0},
		"not carried":              {letterText(message.StateRejected, message.FaultContent), 0},
		"nobody knows":             {letterText(message.StateUnknown, message.FaultAmbiguous), 10 * time.Minute},
		"nobody said it came":      {letterText(message.StateSent, ""), 30 * time.Minute},
	} {
		k := accepted(t, p)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
		k.to(9, 13, 0).owes(reminder, at(9, 13, 0), person.SMS) // texts may say the time of the visit, mail may not
		k.ends(reminder, c.end)
		k.owes(reminder+"/instead", at(9, 13, 0).Add(c.after), person.Email)
		if _, again := k.notification(reminder); again {
			t.Errorf("%s: it is owed a second time", name)
		}
		if _, asked := k.task("message-failed:" + reminder); asked {
			t.Errorf("%s: a person is asked while email takes over", name)
		}
	}
	k := accepted(t, p)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
	d, _ := k.notification("booked/evaluation-1/v1")
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	k.chart.Settle(d, message.ResultSuppressed, []message.DeliveryEnd{letterText(message.StateSuppressed, "")}, k.now)
	k.owes("booked/evaluation-1/v1", k.now, person.Email)
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(10, 15, 0)), "reason": "ref:1"})
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms"})
	k.owes("moved/evaluation-1/v2", k.now, person.SMS, person.Email)
}
