package care_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// A delivery that is late is looked for often enough to be on the list within ten minutes of its time.
func TestLateMessagesAreFoundWithinTenMinutes(t *testing.T) {
	t.Parallel()
	if longest := care.WatchEvery + care.LateAfter; longest >= 10*time.Minute {
		t.Errorf("a late message can take %s to be on the list", longest)
	}
}

// What a journey owes and did not take up in time is found in its chart, also when it was begun and never ended; what
// waits for the client's morning is not late before.
func TestOverdueDeliveriesAreFoundInTheChart(t *testing.T) {
	t.Parallel()
	const reminder = "remind/evaluation-1/v1/1d" // due on the 8th at 10:00
	sent := []string{"booked/evaluation-1/v1", "remind/evaluation-1/v1/3d"}
	for name, c := range map[string]struct {
		now    time.Time
		handle map[string]message.Result
		want   []string
		since  time.Time
	}{
		"NotYetDue":      {now: at(8, 9, 0)},
		"DueJustNow":     {now: at(8, 10, 3)},
		"NobodyTookItUp": {now: at(8, 10, 4), want: []string{reminder + "/email", reminder + "/sms"}, since: at(8, 10, 0)},
		"BegunIsNotDone": {now: at(8, 10, 4), handle: map[string]message.Result{reminder: "begun"}, want: []string{reminder + "/email", reminder + "/sms"}, since: at(8, 10, 0)},
		"Sent":           {now: at(8, 10, 4), handle: map[string]message.Result{reminder: message.ResultSent}},
		"InTheNight":     {now: at(8, 23, 0), handle: map[string]message.Result{reminder: message.ResultSent}},
		"SinceTheMorningAfterANight": {now: at(9, 9, 5), handle: map[string]message.Result{reminder: message.ResultSent},
			want: []string{"remind/evaluation-1/v1/2h/sms"}, since: at(9, 9, 0)},
		"LostItsUseUnseen": {now: at(9, 9, 40), handle: map[string]message.Result{reminder: message.ResultSent},
			want: []string{"remind/evaluation-1/v1/2h/sms"}, since: at(9, 9, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := accepted(t, changed(func(p *policy.Policy) { p.Messages.Reminders[2].Hours = 1 }))
			k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
			for _, named := range sent {
				handled(k.chart, key(named), message.ResultSent, k.now)
			}
			for named, result := range c.handle {
				k.chart.Handled[key(named)] = result
			}
			before := len(k.chart.Handled)
			var got []string
			for _, l := range k.chart.OverdueDeliveries(c.now) {
				got = append(got, l.Key.ChannelKey.String())
				if !l.Since.Equal(c.since) || l.To != person.Client || l.Template != message.TemplateReminder {
					t.Errorf("%s to the %s since %s, want %s", l.Key, l.To, denver.SayLong(l.Since), denver.SayLong(c.since))
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("late: %v, want %v", got, c.want)
			}
			if len(k.chart.Handled) != before {
				t.Error("looking changed the chart")
			}
		})
	}
}

// Every kind of late delivery says what a person can do about it, and nothing of the message.
func TestWorklistItemSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for state, want := range map[message.State]string{message.StateUnknown: "ask whether it arrived", message.StateSending: "ask whether it arrived",
		message.StatePlanned: "tell the client yourself", "": "check whether the worker runs"} {
		m := message.LateDelivery{Key: message.DeliveryKeyOf("client-a", key("remind/evaluation-1/v1/1d"), person.SMS), ClientID: "client-a", Channel: person.SMS, To: person.Client, Template: message.TemplateReminder, State: state}.WorklistItem()
		if !strings.HasPrefix(m.Words, "Visit reminder to the client by text message: ") || !strings.Contains(m.Words, want) || m.Kind != message.WorklistLate {
			t.Errorf("%q: %+v", state, m)
		}
	}
	held := message.LateDelivery{State: message.StatePlanned, Fault: message.FaultConfiguration, Channel: person.Email, To: person.Coordinator, Template: message.TemplateAlert}.WorklistItem()
	if !strings.Contains(held.Words, "refuses our account") {
		t.Error(held.Words)
	}
	one, other := message.WorklistItem{Kind: message.WorklistLate, About: "a"}, message.WorklistItem{Kind: message.WorklistReply, About: "a"}
	if one.ID() != (message.WorklistItem{Kind: message.WorklistLate, About: "a", Words: "x"}).ID() || one.ID() == other.ID() {
		t.Error("an id does not tell matters apart, or changes with their words")
	}
}

// Staff hear at once of what cannot wait for the next morning's list, and at night only of what cannot wait for the
// office to open.
func TestPressingTasksAreThoseThatCannotWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		now, due time.Time
		want     bool
	}{
		"DueThisAfternoon":           {at(9, 10, 0), at(9, 17, 0), true},
		"DueTomorrow":                {at(9, 10, 0), at(10, 9, 0), false},
		"LateByAnHour":               {at(9, 10, 0), at(9, 9, 0), true},
		"LateByDays":                 {at(9, 10, 0), at(7, 9, 0), false},
		"NightAndDueInTheAfternoon":  {at(9, 2, 0), at(9, 17, 0), false},
		"NightAndDueBeforeTheOffice": {at(9, 2, 0), at(9, 8, 0), true},
		"SaturdayForMonday":          {at(6, 11, 0), at(8, 17, 0), false},
		"SaturdayForSunday":          {at(6, 11, 0), at(7, 12, 0), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := cleared(t)
			k.chart.Issues = []care.Issue{{Task: "message-failed", About: "x", Role: person.Coordinator, At: c.now, Due: c.due}}
			got := slices.ContainsFunc(k.chart.PressingTasks(c.now), func(task care.Task) bool { return task.Task == "message-failed" })
			if got != c.want {
				t.Errorf("at %s, due %s: pressing %v", denver.SayLong(c.now), denver.SayLong(c.due), got)
			}
		})
	}
}
