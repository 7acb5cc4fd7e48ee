package care_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

var item9 = []int{0, 0, 0, 0, 0, 0, 0, 0, 1}

// TestEveryWayIntoTheRiskPath: safety rule D7. The flag holds everything, alerts at once by mail, and the crisis text
// goes out at any hour.
func TestEveryWayIntoTheRiskPath(t *testing.T) {
	t.Parallel()
	both := []person.Role{person.Psychotherapist, person.Physician}
	for name, x := range map[string]struct {
		by    person.Role
		fact  string
		with  with
		roles []person.Role
	}{
		"Item9":                   {person.Client, "check-in-answered", with{"check_in": "latest", "phq9": item9}, both},
		"AWorriedComment":         {person.Client, "check-in-answered", with{"check_in": "latest", "comment": "ref:1", "concern": true}, both},
		"TakenByTelephone":        {person.Nurse, "check-in-answered", with{"check_in": "latest", "phq9": item9}, both},
		"AReply":                  {person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "concern": true}, both},
		"HighByThePsychotherapst": {person.Psychotherapist, "risk-assessed", with{"instrument": "C-SSRS", "outcome": "high"}, []person.Role{person.Physician, person.Coordinator}},
		"HighByThePhysician":      {person.Physician, "risk-assessed", with{"outcome": "high"}, []person.Role{person.Psychotherapist, person.Coordinator}},
		"AClinicianFears":         {person.Physician, "hold-placed", with{"reason": "ref:1", "risk": true}, []person.Role{person.Psychotherapist, person.Coordinator}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := oneInfusion(t)
			k.to(10, 22, 30).do(x.by, x.fact, x.with) // in the client's night
			a := k.chart.Alerts[len(k.chart.Alerts)-1]
			if a.Kind != care.AlertRisk || !slices.Equal(a.Roles, x.roles) || !a.Due.Equal(at(10, 23, 30)) {
				t.Errorf("raised: %+v, due %s", a, a.Due)
			}
			if g := k.gate(care.GateHold); g.Open {
				t.Error("nothing is held")
			}
			act, _ := k.chart.Due(k.now)
			var keys []string
			for _, d := range act {
				keys = append(keys, d.Key.String())
			}
			want := []string{"crisis/" + a.ID}
			for _, r := range x.roles {
				want = append(want, "alert/"+a.ID+"/"+string(r))
			}
			slices.Sort(keys)
			slices.Sort(want)
			if !slices.Equal(keys, want) {
				t.Errorf("due at once %v, want %v", keys, want)
			}
			for _, d := range act {
				if before := k.chart.SendBefore(d, k.now); before.Sub(k.now) < 12*time.Hour {
					t.Errorf("%s may be sent until %s only", d.Key, denver.SayLong(before))
				}
			}
		})
	}
}

func TestHarmlessAnswersRaiseNothing(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.to(10, 10, 0).do(person.Client, "check-in-answered", with{"check_in": "latest", "phq9": []int{3, 3, 3, 3, 3, 3, 3, 3, 0}, "side_effects": []string{"nausea"}})
	k.do(person.Psychotherapist, "risk-assessed", with{"outcome": "low"})
	if len(k.chart.Alerts) > 0 || !k.gate(care.GateHold).Open {
		t.Errorf("%+v", k.chart.Alerts)
	}
}

func TestAlertThatNobodyAcknowledgesClimbsOnceAndIsTheCoordinators(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.to(10, 10, 0).do(person.Client, "check-in-answered", with{"check_in": "latest", "phq9": item9})
	k.refused(care.CodeNotYourRole, person.Coordinator, "alert-acknowledged", with{"alert": "risk"})
	next, _, _ := k.chart.NextMoment(k.now.Add(time.Minute))
	if next.After(at(10, 11, 0)) {
		t.Errorf("the journey sleeps until %s", denver.SayLong(next))
	}
	k.to(10, 15, 0).to(10, 15, 1) // as after an outage
	climbed := 0
	for _, ch := range k.changes {
		if ch.Type == "alert" && ch.State == care.StateEscalated {
			climbed++
		}
	}
	if x, ok := k.task("reach-clinician:alert-1"); climbed != 1 || !ok || x.Role != person.Coordinator {
		t.Errorf("climbed %d times; %v", climbed, k.chart.Tasks(k.now))
	}
	for _, who := range []string{"coordinator", "psychotherapist", "physician"} {
		if d, ok := k.notification("alert-climbed/alert-1/" + who); !ok || d.At.After(k.now) || strings.Contains(d.Words, "risk") {
			t.Errorf("%s is not told: %+v", who, d)
		}
	}
	if !k.chart.Attention() {
		t.Error("the board does not say look")
	}
	k.do(person.Coordinator, "alert-acknowledged", with{"alert": "alert-1", "action": "ref:1"})
	if _, ok := k.task("reach-clinician:alert-1"); ok {
		t.Error("the task does not end")
	}
	if _, ok := k.task("assess-risk:alert-1"); !ok {
		t.Error("nobody is asked to assess the risk")
	}
	k.do(person.Psychotherapist, "risk-assessed", with{"instrument": "C-SSRS", "outcome": "low", "reason": "ref:1"})
	if _, ok := k.task("assess-risk:alert-1"); ok {
		t.Error("it is still asked for")
	}
	if k.gate(care.GateHold).Open {
		t.Error("an assessment opened the hold; only a release in writing does")
	}
	k.refused(care.CodeInvalid, person.Psychotherapist, "hold-released", with{})
	if _, err := k.chart.Clone().Record("hold-released", care.Report{By: person.Actor{Role: person.Psychotherapist}, With: []byte(`{"reason": "ref:1"}`)}, k.now); err == nil {
		t.Error("released by nobody in particular")
	}
	k.do(person.Psychotherapist, "hold-released", with{"reason": "ref:1"})
}

func TestOutsideOfficeHoursTheOnCallContactIsMailedToo(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) { p.Practice.OnCall = "on-call@practice.example" }), "six")
	for _, x := range []struct {
		day, hour int
		onCall    bool
	}{{9, 10, false}, {9, 18, true}, {13, 12, true}} { // Tuesday noon, Tuesday evening, Saturday
		k.to(x.day, x.hour, 0).do(person.Physician, "hold-placed", with{"reason": "ref:1"})
		a := k.chart.Alerts[len(k.chart.Alerts)-1]
		d, ok := k.notification("alert/" + a.ID + "/on-call")
		if ok != x.onCall || ok && d.Person != message.OnCall {
			t.Errorf("March %d, %d:00: on call told %v", x.day, x.hour, ok)
		}
		if _, ok := k.notification("crisis/" + a.ID); ok {
			t.Error("a hold for another reason sends the client a crisis text")
		}
		k.do(person.Physician, "hold-released", with{"reason": "ref:1"})
	}
}

// TestClockOfAnAlertStandsWhenThePracticeChangesItsTimes: a longer time that the practice adopts later neither takes back
// that an alert climbed nor puts off one that runs.
func TestClockOfAnAlertStandsWhenThePracticeChangesItsTimes(t *testing.T) {
	t.Parallel()
	longer := changed(func(p *policy.Policy) {
		p.Version, p.Alerts.AcknowledgeMinutes, p.Infusions.VitalsMinutes = "2", 240, 30
	})
	k := oneInfusion(t)
	k.to(10, 10, 0).do(person.Client, "check-in-answered", with{"check_in": "latest", "phq9": item9})
	k.to(10, 11, 0)
	k.to(10, 11, 30).do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "concern": true})
	k.do(person.Coordinator, "policy-adopted", with{"version": "2", "policy": longer})
	for i, want := range []string{care.StateEscalated, care.StateRaised} {
		if got := k.chart.AlertState(k.chart.Alerts[i], k.now); got != want {
			t.Errorf("alert %d is %s, not %s", i+1, got, want)
		}
	}
	k.to(10, 12, 30)
	if got := k.chart.AlertState(k.chart.Alerts[1], k.now); got != care.StateEscalated {
		t.Errorf("an hour after it was raised: %s", got)
	}
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "concern": true})
	if a := k.chart.Alerts[2]; !a.Due.Equal(at(10, 16, 30)) {
		t.Errorf("a new one has the new time: %s", denver.SayLong(a.Due))
	}
}

// TestSuicidalIntentFoundAtScreeningReachesTheOthers: safety rule D7, field case 36. The physician decides about the flag;
// until then no infusion is confirmed.
func TestSuicidalIntentFoundAtScreeningReachesTheOthers(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true, "flags": []string{"pregnancy", "suicidal-intent"}})
	if a := k.chart.Alerts; len(a) != 1 || !slices.Equal(a[0].Roles, []person.Role{person.Physician, person.Coordinator}) || strings.Contains(a[0].About, "suicid") {
		t.Fatalf("%+v", k.chart.Alerts)
	}
	for _, who := range []string{"physician", "coordinator"} {
		if _, ok := k.notification("alert/alert-1/" + who); !ok {
			t.Errorf("the %s is not told at once", who)
		}
	}
	if k.gate(care.GateFlags).Open {
		t.Error("an undecided flag opens the gate")
	}
	k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true, "flags": []string{"suicidal-intent"}})
	if len(k.chart.Alerts) != 1 {
		t.Error("a flag known already alerts again")
	}
}

// TestNoInfusionStartsWhileAnAlertAboutDangerWasNotLookedAt: safety rule D3. Releasing the hold is not enough when those who
// were alerted have not seen it.
func TestNoInfusionStartsWhileAnAlertAboutDangerWasNotLookedAt(t *testing.T) {
	t.Parallel()
	k := checkedIn(nil)(t)
	k.do(person.Psychotherapist, "risk-assessed", with{"instrument": "C-SSRS", "outcome": "high", "reason": "ref:1"})
	k.refused(care.CodeOnHold, person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.do(person.Psychotherapist, "hold-released", with{"reason": "ref:1"})
	if !k.gate(care.GateHold).Open {
		t.Fatal("the hold was released, and its gate is shut")
	}
	k.refused("risk-unseen", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.do(person.Physician, "alert-acknowledged", with{"alert": "risk", "action": "ref:1"})
	k.do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
}

func TestReplyThatNobodyReadsReachesThePsychotherapist(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.to(12, 16, 30).do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "text": "ref:1"})
	x, ok := k.task("read-reply:reply-" + strconv.Itoa(k.chart.Facts))
	if !ok || !x.Due.Equal(at(15, 9, 30)) {
		t.Fatalf("an hour of office time from Friday 16:30: %+v", x) // half past nine on Monday
	}
	k.to(15, 9, 29)
	if len(k.chart.Alerts) != 0 {
		t.Fatal("alerted too early")
	}
	k.to(15, 9, 30)
	if len(k.chart.Alerts) != 1 || k.chart.Alerts[0].Kind != care.AlertUnread {
		t.Fatalf("%+v", k.chart.Alerts)
	}
	k.do(person.Coordinator, "alert-acknowledged", with{"alert": "read-reply", "concern": true})
	if k.chart.Alerts[0].AckedAt.IsZero() || k.chart.Alerts[1].Kind != care.AlertRisk || k.gate(care.GateHold).Open {
		t.Errorf("whoever read it was worried: %+v", k.chart.Alerts)
	}
}

func TestClientWithoutAChannelIsCalled(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
	k.do(person.Psychotherapist, "risk-assessed", with{"outcome": "high"})
	if x, ok := k.task("call-client-now:alert-1"); !ok || x.Role != person.Physician {
		t.Errorf("%v", k.chart.Tasks(k.now))
	}
}

func TestSecondFlagWithinTheHourSendsNoSecondCrisisText(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.to(10, 10, 0).do(person.Client, "check-in-answered", with{"check_in": "latest", "phq9": item9})
	k.to(10, 10, 20).do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "concern": true})
	k.to(10, 11, 10).do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "concern": true})
	for id, want := range map[string]bool{"alert-1": true, "alert-2": false, "alert-3": true} {
		if _, ok := k.notification("crisis/" + id); ok != want {
			t.Errorf("crisis text of %s: %v", id, ok)
		}
	}
}
