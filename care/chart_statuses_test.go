package care_test

import (
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// TestLabStatusIsOneAnswerForEverybody walks a set of labs from order to expiry: the one status, and the gate that follows
// it.
func TestLabStatusIsOneAnswerForEverybody(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	want := func(at time.Time, status care.LabStatus, open bool) {
		t.Helper()
		if got := k.chart.LabStatus(at); got != status {
			t.Errorf("the labs are %s, want %s", got, status)
		}
		for _, g := range k.chart.Gates(at) {
			if g.Gate == care.GateLabs && g.Open != open {
				t.Errorf("with labs %s the gate is open: %v", status, g.Open)
			}
		}
	}
	do := func(by person.Role, fact string, fields with) {
		t.Helper()
		k.do(by, fact, fields)
	}
	want(k.now, care.LabNotOrdered, false)
	do(person.Physician, "labs-ordered", with{})
	want(k.now, care.LabOrdered, false)
	do(person.Coordinator, "labs-resulted", with{"status": "preliminary"})
	want(k.now, care.LabPreliminary, false)
	do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))})
	want(k.now, care.LabFinal, false)
	do(person.Physician, "labs-reviewed", with{"outcome": "cleared", "valid_until": stamp(at(20, 10, 0))})
	want(k.now, care.LabCleared, true)
	want(at(20, 23, 0), care.LabCleared, true)
	want(at(21, 0, 0), care.LabExpired, false)
	do(person.Coordinator, "labs-resulted", with{"status": "amended"})
	want(k.now, care.LabAmended, false)
	do(person.Physician, "labs-reviewed", with{"outcome": "abnormal"})
	want(k.now, care.LabAbnormal, false)
	want(at(30, 0, 0).AddDate(2, 0, 0), care.LabAbnormal, false)
	do(person.Physician, "labs-ordered", with{})
	want(k.now, care.LabOrdered, false)
}

func TestPhaseOfAVisitFollowsTheDay(t *testing.T) {
	t.Parallel()
	k := allReady(t)
	phase := func(id string, at time.Time) visit.Phase { return k.chart.Visit(id).Phase(at) }
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0)), "tentative": true})
	var got []visit.Phase
	see := func() { got = append(got, phase("infusion-1", k.now)) }
	see()
	k.do(person.Coordinator, "appointment-confirmed", with{"appointment": "infusion-1"})
	see()
	k.to(9, 9, 50)
	k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1", nil))
	see()
	k.to(9, 10, 0)
	k.do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	see()
	k.to(9, 10, 50)
	k.do(person.Nurse, "infusion-stopped", with{"appointment": "infusion-1"})
	see()
	k.do(person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(10, 10, 0))})
	k.to(10, 12, 0)
	got = append(got, phase("integration-1", at(10, 10, 30)), phase("integration-1", k.now))
	k.do(person.Coordinator, "appointment-missed", with{"appointment": "integration-1"})
	got = append(got, phase("integration-1", k.now))
	want := []visit.Phase{visit.PhaseTentative, visit.PhaseConfirmed, visit.PhaseArrived, visit.PhaseRunning, visit.PhaseHeld, visit.PhaseBooked, visit.PhaseOver, visit.PhaseMissed}
	if len(got) != len(want) {
		t.Fatalf("phases %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("phase %d is %s, want %s", i, got[i], want[i])
		}
	}
}
