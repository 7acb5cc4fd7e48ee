package care_test

import (
	"testing"
	"time"

	"kapflow/care"
)

func TestWhatHappensDuringAnInfusionIsKept(t *testing.T) {
	t.Parallel()
	k := checkedIn(with{"systolic": 165, "physician_decision": true, "physician_reason": "ref:1"})(t)
	inf := with{"appointment": "infusion-1"}
	k.do(care.Nurse, "infusion-started", inf)
	if k.chart.Stage() != care.StageInfusionSeries {
		t.Errorf("stage %s", k.chart.Stage())
	}
	k.to(9, 10, 10).do(care.Nurse, "vitals-recorded", with{"appointment": "infusion-1", "systolic": 130, "diastolic": 80, "pulse": 70, "spo2": 97})
	k.do(care.Nurse, "psychotherapist-left", inf)
	if !k.chart.Attention() || k.chart.Alerts[0].Kind != "psychotherapist-left" {
		t.Errorf("alerts: %v", k.chart.Alerts)
	}
	k.do(care.Psychotherapist, "psychotherapist-returned", inf)
	k.do(care.Psychotherapist, "processing-noted", with{"appointment": "infusion-1", "note": "ref:1"})
	k.do(care.Nurse, "adverse-event-recorded", with{"appointment": "infusion-1", "severity": "severe", "kind": "syncope"})
	k.refused(care.CodeNotYourRole, care.Coordinator, "alert-acknowledged", with{"alert": "adverse-event"})
	k.to(9, 11, 15).do(care.Nurse, "infusion-stopped", with{"appointment": "infusion-1", "reason": "ref:1"})
	day := k.chart.Visit("infusion-1").Day
	if !day.Noted || day.Minutes != 75 || !day.OutsideLimits || !day.LastVitalsAt.Equal(at(9, 10, 10)) {
		t.Errorf("%+v", day)
	}
	if g := k.gate(care.GateHold); g.Open {
		t.Error("a severe event does not hold the next infusion")
	}
	k.do(care.Physician, "alert-acknowledged", with{"alert": "adverse-event", "action": "ref:1"})
	k.do(care.Physician, "hold-released", with{"reason": "ref:1"})
	if g := k.gate(care.GateHold); !g.Open {
		t.Error(g.Reason)
	}
	if _, ok := k.task("book-integration:infusion-1"); !ok {
		t.Error("the infusion asks for no integration session (R22)")
	}
	if _, ok := k.task("discharge:infusion-1"); !ok {
		t.Error("nobody is asked to discharge the client")
	}
}

func TestSlotsAreTheTimeOfTheCliniciansOfOpenVisits(t *testing.T) {
	t.Parallel()
	k := ready(t, policy(), "six")
	fact, _, err := kindNamed(t, "appointment-booked").Decode([]byte(`{"kind":"infusion","start":"2027-03-09 10:00","minutes":50}`), denver)
	if err != nil {
		t.Fatal(err)
	}
	slot, ok := k.chart.WantedSlot(fact)
	if !ok || slot.Appointment != "infusion-1" || len(slot.People) != 2 || slot.End.Sub(slot.Start) != 50*time.Minute {
		t.Errorf("%+v", slot)
	}
	if got := k.chart.Slots(); len(got) != 0 {
		t.Errorf("held visits still take time: %v", got)
	}
	k.do(care.Coordinator, "appointment-booked", with{"kind": "infusion", "start": "2027-03-09 10:00", "minutes": 50})
	if got := k.chart.Slots(); len(got) != 1 || got[0].Appointment != "infusion-1" {
		t.Errorf("%v", got)
	}
}

func TestSilentEndingsSilenceEverything(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"moved-away", "deceased"} {
		k := oneInfusion(t)
		k.do(care.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(11, 10, 0))})
		k.do(care.Coordinator, how, with{})
		if got := k.chart.Duties(); len(got) != 0 || k.chart.Stage() != care.StageWithdrawn {
			t.Errorf("%s: owed %v in stage %s", how, got, k.chart.Stage())
		}
		if got := k.chart.Tasks(k.now); len(got) != 0 {
			t.Errorf("%s: %v", how, got)
		}
	}
}

func TestReportRecordedBeforeAnswersAsTheFirstTime(t *testing.T) {
	t.Parallel()
	k := fresh(t)
	first, err := k.chart.Record("fees-discussed", report(care.Psychotherapist, "", with{"id": "talk-1"}), k.now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := k.chart.Record("fees-discussed", report(care.Psychotherapist, "talk-1", with{}), k.now)
	if err != nil || !again.Repeated || again.Seq != first.Seq {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := k.chart.Record("withdrawn", report(care.Client, "w", with{}), k.now); err != nil {
		t.Fatal(err)
	}
	if err := k.chart.Check("fees-discussed", report(care.Psychotherapist, "talk-1", with{}), k.now); err != nil {
		t.Errorf("a closed course refuses what it took in before: %v", err)
	}
}
