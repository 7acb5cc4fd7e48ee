package care_test

import (
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

func TestWhatHappensDuringAnInfusionIsKept(t *testing.T) {
	t.Parallel()
	k := checkedIn(with{"systolic": 165})(t)
	k.do(person.Physician, "infusion-checked-in", with{"appointment": "infusion-1", "physician_decision": true, "physician_reason": "ref:1"})
	inf := with{"appointment": "infusion-1"}
	k.do(person.Nurse, "infusion-started", inf)
	if k.chart.Stage() != care.StageInfusionSeries {
		t.Errorf("stage %s", k.chart.Stage())
	}
	k.to(9, 10, 10).do(person.Nurse, "vitals-recorded", with{"appointment": "infusion-1", "systolic": 130, "diastolic": 80, "pulse": 70, "spo2": 97})
	k.do(person.Nurse, "psychotherapist-left", inf)
	if !k.chart.Attention() || k.chart.Alerts[0].Kind != "psychotherapist-left" {
		t.Errorf("alerts: %v", k.chart.Alerts)
	}
	k.do(person.Psychotherapist, "psychotherapist-returned", inf)
	k.do(person.Psychotherapist, "processing-noted", with{"appointment": "infusion-1", "note": "ref:1"})
	k.do(person.Nurse, "adverse-event-recorded", with{"appointment": "infusion-1", "severity": "severe", "kind": "syncope"})
	k.refused(care.CodeNotYourRole, person.Coordinator, "alert-acknowledged", with{"alert": "adverse-event"})
	k.to(9, 11, 15).do(person.Nurse, "infusion-stopped", with{"appointment": "infusion-1", "reason": "ref:1"})
	day := k.chart.Visit("infusion-1").Day
	if !day.Noted || day.Minutes != 75 || !day.OutsideLimits || !day.LastVitalsAt.Equal(at(9, 10, 10)) {
		t.Errorf("%+v", day)
	}
	if g := k.gate(care.GateHold); g.Open {
		t.Error("a severe event does not hold the next infusion")
	}
	k.do(person.Physician, "alert-acknowledged", with{"alert": "adverse-event", "action": "ref:1"})
	k.do(person.Physician, "hold-released", with{"reason": "ref:1"})
	if g := k.gate(care.GateHold); !g.Open {
		t.Error(g.Reason)
	}
	if x, ok := k.task("book-integration:infusion-1"); !ok || !x.Due.Equal(at(12, 11, 15)) {
		t.Errorf("the infusion asks for no integration session within three days (R22, safety rule D6): %+v", x)
	}
	if _, ok := k.task("discharge:infusion-1"); !ok {
		t.Error("nobody is asked to discharge the client")
	}
}

// TestOverdueReadingIsAnAlert: safety rule D4, field case 39. A reading answers it; unanswered it climbs after an interval.
func TestOverdueReadingIsAnAlert(t *testing.T) {
	t.Parallel()
	k := runningInfusion(t)
	reading := with{"appointment": "infusion-1", "systolic": 125, "diastolic": 80, "pulse": 70, "spo2": 98}
	k.to(9, 10, 10).do(person.Nurse, "vitals-recorded", reading)
	if next, _, _ := k.chart.NextMoment(k.now); next.After(at(9, 10, 22)) {
		t.Fatalf("the journey sleeps until %s", denver.SayLong(next))
	}
	k.to(9, 10, 21)
	if len(k.chart.Alerts) != 0 {
		t.Fatalf("alerted within the grace: %+v", k.chart.Alerts)
	}
	k.to(9, 10, 22)
	if len(k.chart.Alerts) != 1 || k.chart.Alerts[0].Kind != care.AlertVitals || k.chart.Alerts[0].About != "infusion-1" {
		t.Fatalf("%+v", k.chart.Alerts)
	}
	k.to(9, 10, 32)
	if got := k.chart.AlertState(k.chart.Alerts[0], k.now); got != care.StateEscalated {
		t.Errorf("an interval later it is %s", got)
	}
	k.to(9, 10, 33).do(person.Nurse, "vitals-recorded", reading)
	if got := k.chart.AlertState(k.chart.Alerts[0], k.now); got != care.StateAcknowledged {
		t.Errorf("the reading leaves it %s", got)
	}
	k.to(9, 10, 40).do(person.Nurse, "vitals-recorded", with{"appointment": "infusion-1", "systolic": 165, "diastolic": 80, "pulse": 70, "spo2": 98})
	if a := k.chart.Alerts[1]; a.Kind != care.AlertPressure || a.Roles[0] != person.Physician {
		t.Errorf("a reading at the stop limit: %+v", a)
	}
	k.to(9, 11, 2)
	k.do(person.Nurse, "infusion-stopped", with{"appointment": "infusion-1", "reason": "ref:1"})
	for _, a := range k.chart.Alerts {
		if a.Kind != care.AlertPressure && a.AckedAt.IsZero() {
			t.Errorf("the stop leaves %s open", a.Kind)
		}
	}
	if x, ok := k.task("look-at-run:infusion-1"); !ok || x.Role != person.Physician {
		t.Error("nobody looks at an infusion of 62 minutes")
	}
	k.to(9, 13, 2)
	if a := k.chart.Alerts[len(k.chart.Alerts)-1]; a.Kind != care.AlertStayedLong {
		t.Errorf("nobody wrote down who the client went home with: %+v", a)
	}
}

// TestRunOverItsLongestIsAnAlert: R5 and safety rule D4, though every reading is taken in time.
func TestRunOverItsLongestIsAnAlert(t *testing.T) {
	t.Parallel()
	k := runningInfusion(t)
	for minute := 10; minute <= 60; minute += 10 {
		k.to(9, 10, minute).do(person.Nurse, "vitals-recorded", with{"appointment": "infusion-1", "systolic": 125, "diastolic": 80, "pulse": 70, "spo2": 98})
	}
	if k.to(9, 11, 1); len(k.chart.Alerts) != 0 {
		t.Fatalf("alerted early: %+v", k.chart.Alerts)
	}
	if next, _, _ := k.chart.NextMoment(k.now); next.After(at(9, 11, 2)) {
		t.Fatalf("the journey sleeps until %s", denver.SayLong(next))
	}
	if k.to(9, 11, 2); len(k.chart.Alerts) != 1 || k.chart.Alerts[0].Kind != care.AlertOverrun {
		t.Errorf("%+v", k.chart.Alerts)
	}
}

// TestOneReadingIsDueNearThePeak: a practice with long intervals still reads near the 40th minute.
func TestOneReadingIsDueNearThePeak(t *testing.T) {
	t.Parallel()
	p := changed(func(p *policy.Policy) { p.Infusions.VitalsMinutes, p.Infusions.VitalsPeakMinute = 30, 40 })
	read := func(k *course, minute int) {
		k.to(9, 10, minute).do(person.Nurse, "vitals-recorded", with{"appointment": "infusion-1", "systolic": 125, "diastolic": 80, "pulse": 70, "spo2": 98})
	}
	for _, first := range []int{12, 28} {
		k := runningWith(t, p)
		read(k, first)
		if k.to(9, 10, 41); len(k.chart.Alerts) != 0 {
			t.Errorf("read at %d: alerted before minute 42: %+v", first, k.chart.Alerts)
		}
		if k.to(9, 10, 42); len(k.chart.Alerts) != 1 {
			t.Errorf("read at %d: no alert although nothing was read near minute 40", first)
		}
	}
	k := runningWith(t, p)
	read(k, 28)
	read(k, 36)
	if k.to(9, 11, 1); len(k.chart.Alerts) != 0 {
		t.Errorf("read at 36, near enough: %+v", k.chart.Alerts)
	}
}

// TestSheetIsFilledInByWhoeverSaw: an item stands as answered last, by whom and when; one left out stands as it was.
func TestSheetIsFilledInByWhoeverSaw(t *testing.T) {
	t.Parallel()
	k := bookedInfusion(t)
	k.do(person.Nurse, "infusion-checked-in", with{"appointment": "infusion-1", "identity": true, "fasting_solids_h": 8, "fasting_liquids_h": 3, "escort": "ref:2",
		"no_alcohol": true, "systolic": 162, "diastolic": 80, "pulse": 70, "spo2": 98, "emergency_ready": true})
	open := k.refused("psychotherapist-absent", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	if len(open.Problems) != 5 {
		t.Errorf("not answered yet: %+v", open.Problems)
	}
	k.to(9, 9, 55).do(person.Psychotherapist, "infusion-checked-in", with{"appointment": "infusion-1", "intention": "ref:3", "state_of_mind": true, "psychotherapist_present": true})
	k.refused("blood-pressure-stop", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.do(person.Physician, "infusion-checked-in", with{"appointment": "infusion-1", "physician_present": true, "physician_decision": true})
	k.refused("blood-pressure-stop", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.do(person.Nurse, "infusion-checked-in", with{"appointment": "infusion-1", "physician_decision": "ref:4"})
	k.refused("blood-pressure-stop", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})           // nobody overrides in the physician's place
	k.do(person.Physician, "infusion-checked-in", with{"appointment": "infusion-1", "physician_decision": "ref:4"}) // in words: a reason
	by := map[string]person.Role{}
	for _, item := range k.chart.Visit("infusion-1").Day.Sheet {
		by[item.Item] = item.By.Role
	}
	for item, want := range map[string]person.Role{"identity": person.Nurse, "state-of-mind": person.Psychotherapist, "physician": person.Physician, "pressure": person.Physician, "nothing-new": ""} {
		if by[item] != want {
			t.Errorf("%s was answered by %q, not %q", item, by[item], want)
		}
	}
	k.do(person.Nurse, "infusion-checked-in", with{"appointment": "infusion-1", "systolic": 164, "diastolic": 80})
	k.refused("blood-pressure-stop", person.Nurse, "infusion-started", with{"appointment": "infusion-1"}) // a new reading, a new decision
	k.do(person.Nurse, "infusion-checked-in", with{"appointment": "infusion-1", "systolic": 150, "diastolic": 80, "physician_decision": true})
	k.do(person.Nurse, "infusion-checked-in", with{"appointment": "infusion-1", "nothing_new": false})
	k.refused("something-new", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.do(person.Physician, "infusion-checked-in", with{"appointment": "infusion-1", "nothing_new": "ref:5"})
	k.to(9, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
}

func runningInfusion(t failer) *course { t.Helper(); return runningWith(t, samplePolicy()) }

func runningWith(t failer, p policy.Policy) *course {
	t.Helper()
	k := ready(t, p, "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.to(9, 9, 50).do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	k.to(9, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	return k
}

// TestNobodyGoesHomeWithAnItemOpen: safety rule D5, item by item, and to a named adult.
func TestNobodyGoesHomeWithAnItemOpen(t *testing.T) {
	t.Parallel()
	k := runningInfusion(t)
	k.to(9, 10, 50).do(person.Nurse, "infusion-stopped", with{"appointment": "infusion-1"})
	k.to(9, 11, 20)
	all := func() with {
		return with{"appointment": "infusion-1", "released_to": "ref:1", "alert": true, "walking": true, "vitals_ok": true, "instructions_given": true}
	}
	for _, item := range []string{"released_to", "alert", "walking", "vitals_ok", "instructions_given"} {
		for _, answer := range []any{nil, false} {
			w := all()
			w[item] = answer
			r := k.refused(care.CodeInvalid, person.Nurse, "client-discharged", w)
			if len(r.Problems) != 1 || r.Problems[0].Field != item {
				t.Errorf("%s %v: %+v", item, answer, r.Problems)
			}
		}
	}
	for _, nobody := range []any{true, "yes", "nobody", "No one", "none", " "} {
		w := all()
		w["released_to"] = nobody
		k.refused(care.CodeInvalid, person.Nurse, "client-discharged", w)
	}
	if _, err := k.chart.Clone().Record("client-discharged", care.Report{By: person.Actor{Role: person.Nurse}, With: []byte(asJSON(t, all()))}, k.now); err == nil {
		t.Error("discharged by nobody in particular")
	}
	k.do(person.Nurse, "client-discharged", all())
}

func TestSlotsAreTheTimeOfTheCliniciansOfOpenVisits(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	fact, _, err := kindNamed(t, "appointment-booked").Decode([]byte(`{"kind":"infusion","start":"2027-03-09 10:00","minutes":50}`), denver)
	if err != nil {
		t.Fatal(err)
	}
	slot, ok := k.chart.WantedSlot(kindNamed(t, "appointment-booked"), fact)
	if !ok || slot.Appointment != "infusion-1" || len(slot.People) != 2 || slot.End.Sub(slot.Start) != 50*time.Minute {
		t.Errorf("%+v", slot)
	}
	if got := k.chart.Slots(); len(got) != 0 {
		t.Errorf("held visits still take time: %v", got)
	}
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": "2027-03-09 10:00", "minutes": 50})
	if got := k.chart.Slots(); len(got) != 1 || got[0].Appointment != "infusion-1" {
		t.Errorf("%v", got)
	}
}

func TestSilentEndingsSilenceEverything(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"moved-away", "deceased"} {
		k := oneInfusion(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(11, 10, 0))})
		k.do(person.Physician, "risk-assessed", with{"outcome": "high"}) // neither its crisis text nor its mails are sent any more
		k.do(person.Coordinator, how, with{})
		if got := k.chart.Notifications(); len(got) != 0 || k.chart.Stage() != care.StageWithdrawn {
			t.Errorf("%s: owed %v in stage %s", how, got, k.chart.Stage())
		}
		for _, x := range k.chart.Tasks(k.now) {
			if x.Task != "settle-balance" { // what is owed for what was given stays owed
				t.Errorf("%s: %v", how, x)
			}
		}
	}
}

func TestReportRecordedBeforeAnswersAsTheFirstTime(t *testing.T) {
	t.Parallel()
	k := fresh(t)
	first, err := k.chart.Record("fees-discussed", report(person.Psychotherapist, "", with{"id": "talk-1", "summary": "ref:1"}), k.now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := k.chart.Record("fees-discussed", report(person.Psychotherapist, "talk-1", with{}), k.now)
	if err != nil || !again.Repeated || again.Seq != first.Seq {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := k.chart.Record("withdrawn", report(person.Client, "w", with{}), k.now); err != nil {
		t.Fatal(err)
	}
	if err := k.chart.Check("fees-discussed", report(person.Psychotherapist, "talk-1", with{}), k.now); err != nil {
		t.Errorf("a closed course refuses what it took in before: %v", err)
	}
}
