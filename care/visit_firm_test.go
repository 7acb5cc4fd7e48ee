package care_test

import (
	"fmt"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// TestNoVisitBecomesFirmWhileAClinicianIsBusy tries every way in which an infusion becomes firm with every way in which one of
// its clinicians is busy (R20). Each is refused, with the code that says why.
func TestNoVisitBecomesFirmWhileAClinicianIsBusy(t *testing.T) {
	t.Parallel()
	tentative := func(k *course) {
		k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0)), "tentative": true})
	}
	ways := map[string]struct {
		before func(k *course)
		by     person.Role
		fact   string
		with   with
	}{
		"Booked": {func(*course) {}, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))}},
		"Moved": {func(k *course) {
			k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(12, 10, 0))})
		}, person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "start": stamp(at(9, 10, 0))}},
		"ConfirmedByTheClient": {tentative, person.Client, "appointment-confirmed", with{"appointment": "infusion-1"}},
		"ConfirmedByTheDesk":   {tentative, person.Coordinator, "appointment-confirmed", with{"appointment": "infusion-1"}},
		"Started": {func(k *course) {
			tentative(k)
			k.to(9, 9, 50).do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
			k.to(9, 10, 0)
		}, person.Nurse, "infusion-started", with{"appointment": "infusion-1"}},
	}
	away := func(clinician string) func(*course, *care.Report) {
		return func(k *course, _ *care.Report) {
			k.chart.Absences = append(k.chart.Absences, care.Absence{Clinician: clinician, From: at(9, 10, 30), To: at(9, 18, 0)})
		}
	}
	busy := map[string]struct {
		make func(*course, *care.Report)
		code string
	}{
		"PsychotherapistAwayByTheChart":    {away("kim"), care.GateClinicians},
		"PhysicianAwayByTheChart":          {away("dr-stone"), care.GateClinicians},
		"PsychotherapistAwayByThePractice": {func(_ *course, r *care.Report) { r.Away = []string{"kim"} }, care.GateClinicians},
		"PhysicianAwayByThePractice":       {func(_ *course, r *care.Report) { r.Away = []string{"dr-stone"} }, care.GateClinicians},
		"WithAnotherClient":                {func(_ *course, r *care.Report) { r.Clash = "the physician is busy then" }, care.CodeOverlap},
		"AwayAndWithAnotherClient": {func(_ *course, r *care.Report) {
			r.Away, r.Clash = []string{"kim"}, "the physician is busy then"
		}, care.CodeOverlap},
		"WithThisClientElsewhere": {func(k *course, _ *care.Report) {
			k.chart.Visits = append(k.chart.Visits, care.Visit{ID: "integration-9", Kind: "integration", Status: "booked", Start: at(9, 10, 30), Minutes: 50, Place: "main"})
		}, care.CodeOverlap},
	}
	for way, w := range ways {
		for how, b := range busy {
			t.Run(way+"/"+how, func(t *testing.T) {
				t.Parallel()
				k := ready(t, samplePolicy(), "six")
				w.before(k)
				free := k.chart.Clone()
				if _, err := free.Record(w.fact, report(w.by, "", w.with), k.now); err != nil {
					t.Fatalf("refused although everybody is free: %v", err)
				}
				r := report(w.by, "", w.with)
				b.make(k, &r)
				_, err := k.chart.Record(w.fact, r, k.now)
				if got := refusal(t, err); !got.Has(b.code) {
					t.Errorf("refused as %s (%s), want %s", got.Code, got.Message, b.code)
				}
			})
		}
	}
}

// TestDeskLooksForClashesOfEveryVisitThatBecomesFirm: the desk asks the shared calendar about each fact by which a visit
// becomes firm, and about no slot without a length.
func TestDeskLooksForClashesOfEveryVisitThatBecomesFirm(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0)), "tentative": true})
	wanted := func(fact string, fields with) (care.Slot, bool) {
		kind, _ := care.KindNamed(fact)
		f, _, err := kind.Decode(report(person.Coordinator, "", fields).With, denver)
		if err != nil {
			t.Fatal(err)
		}
		return k.chart.WantedSlot(kind, f)
	}
	for fact, fields := range map[string]with{
		"appointment-booked":    {"kind": "infusion", "start": stamp(at(9, 10, 0))},
		"appointment-moved":     {"appointment": "infusion-1", "start": stamp(at(9, 10, 0))},
		"appointment-confirmed": {"appointment": "infusion-1"},
		"infusion-started":      {"appointment": "infusion-1"},
	} {
		if s, ok := wanted(fact, fields); !ok || len(s.People) != 2 || !s.Start.Equal(at(9, 10, 0)) || !s.End.Equal(at(9, 11, 0)) {
			t.Errorf("%s asks for %+v, %v", fact, s, ok)
		}
	}
	for _, minutes := range []int{-30, -1, -480} {
		if s, ok := wanted("appointment-booked", with{"kind": "preparation", "start": stamp(at(9, 10, 0)), "minutes": minutes}); ok {
			t.Errorf("%d minutes ask for %+v", minutes, s)
		}
		k.refused(care.CodeInvalid, person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(9, 10, 0)), "minutes": minutes})
	}
}

// TestWhereClientsLiveAndTelehealthAreNeverOutpatient: whatever a practice file calls a place (R11), the file is refused, and an
// infusion there is refused under a chart that carries such a file already.
func TestWhereClientsLiveAndTelehealthAreNeverOutpatient(t *testing.T) {
	t.Parallel()
	for _, pl := range []policy.Place{
		{ID: "a", ServiceCode: "12"}, {ID: "a", ServiceCode: " 12 "}, {ID: "a", ServiceCode: "13"}, {ID: "a", ServiceCode: "14"}, {ID: "a", ServiceCode: "04"},
		{ID: "a", ServiceCode: "4"}, {ID: "a", ServiceCode: "16"}, {ID: "a", ServiceCode: "33"}, {ID: "a", ServiceCode: "10"}, {ID: "a", ServiceCode: "02"},
		{ID: "a", ServiceCode: "2"}, {ID: "a", Telehealth: true}, {ID: "a", Telehealth: true, ServiceCode: "11"}, {ID: "home"}, {ID: "clients-home"},
		{ID: "a", Name: "The home of the client"}, {ID: "a", Name: "HOME", ServiceCode: "11"}, {ID: "online"}, {ID: "a", Name: "Video visit"},
	} {
		t.Run(fmt.Sprint(pl), func(t *testing.T) {
			t.Parallel()
			pl.Outpatient, pl.Neutral = true, "there"
			p := changed(func(p *policy.Policy) { p.Places = append([]policy.Place{pl}, p.Places[0]) })
			if faults := p.Validate(); len(faults) != 1 || faults[0].Path != "places[0].outpatient" {
				t.Errorf("the file has the faults %v", faults)
			}
			if got := p.DefaultPlace(); got != "main" {
				t.Errorf("visits happen at %s by default", got)
			}
			k := ready(t, p, "six")
			k.refused("place-not-outpatient", person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0)), "place": pl.ID})
			k.refused("place-not-outpatient", person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0)), "place": pl.ID, "tentative": true})
		})
	}
	for _, pl := range []policy.Place{{ID: "main", ServiceCode: "11"}, {ID: "homestead", Name: "Homestead Clinic"}, {ID: "asc", ServiceCode: "24"}, {ID: "b"}} {
		if pl.Outpatient = true; !pl.TakesInfusions() {
			t.Errorf("%v takes no infusions", pl)
		}
	}
}

// TestLimitsOfARunAreHeldOnItsExactLength: R5, to the second.
func TestLimitsOfARunAreHeldOnItsExactLength(t *testing.T) {
	t.Parallel()
	for ran, outside := range map[time.Duration]bool{
		44*time.Minute + 29*time.Second: true, 44*time.Minute + 31*time.Second: true, 44*time.Minute + 59*time.Second: true, 45 * time.Minute: false,
		45*time.Minute + time.Second: false, 59*time.Minute + 59*time.Second: false, 60 * time.Minute: false, 60*time.Minute + time.Second: true, 60*time.Minute + 29*time.Second: true,
	} {
		k := ready(t, samplePolicy(), "six")
		k.to(9, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
		k.to(9, 9, 50).do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
		k.to(9, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
		if k.now = at(9, 10, 0).Add(ran); outside {
			k.refused(care.CodeInvalid, person.Nurse, "infusion-stopped", with{"appointment": "infusion-1"})
		}
		k.do(person.Nurse, "infusion-stopped", with{"appointment": "infusion-1", "reason": "ref:1"})
		_, look := k.task("look-at-run:infusion-1")
		if day := k.chart.Visit("infusion-1").Day; day.OutsideLimits != outside || look != outside || day.Minutes != int(ran/time.Minute) {
			t.Errorf("%s: %+v, task %v", ran, day, look)
		}
	}
}

// TestConsultIsDecidedAfterItsSixtyMinutes: R33, to the second.
func TestConsultIsDecidedAfterItsSixtyMinutes(t *testing.T) {
	t.Parallel()
	for _, outcome := range []string{"cleared", "deferred", "declined"} {
		k := accepted(t, samplePolicy())
		k.do(person.Coordinator, "appointment-booked", with{"kind": "consult", "start": stamp(at(2, 13, 0))})
		decided := with{"outcome": outcome, "reason": "ref:1"}
		for _, after := range []time.Duration{0, time.Minute, 30 * time.Minute, time.Hour - time.Second} {
			k.now = at(2, 13, 0).Add(after)
			k.refused("not-started", person.Physician, "consult-decided", decided)
		}
		k.now = at(2, 16, 0)
		k.refused("not-started", person.Physician, "consult-decided", with{"outcome": outcome, "reason": "ref:1", "at": stamp(at(2, 13, 59))})
		k.do(person.Physician, "consult-decided", with{"outcome": outcome, "reason": "ref:1", "at": stamp(at(2, 14, 0))})
	}
}

// TestChecksOfTheMomentAreMadeRightBeforeTheStart: R19 and D3. Each item that says how things stand at the moment is asked again
// when it is too old, by itself.
func TestChecksOfTheMomentAreMadeRightBeforeTheStart(t *testing.T) {
	t.Parallel()
	fields := map[string]with{
		"state-of-mind-unchecked": {"state_of_mind": true},
		"psychotherapist-absent":  {"psychotherapist_present": true},
		"physician-absent":        {"physician_present": true},
		"emergency-not-ready":     {"emergency_ready": true},
		"vitals-missing":          {"systolic": 120, "diastolic": 80, "pulse": 70, "spo2": 98},
	}
	k := ready(t, samplePolicy(), "six")
	k.to(9, 7, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.to(9, 8, 59).do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	k.to(9, 10, 0)
	start := with{"appointment": "infusion-1"}
	for code := range fields {
		k.refused(code, person.Nurse, "infusion-started", start)
	}
	for code, again := range fields {
		again["appointment"] = "infusion-1"
		k.do(person.Nurse, "infusion-checked-in", again)
		if err := k.chart.Check("infusion-started", report(person.Nurse, "", start), k.now); err != nil && refusal(t, err).Has(code) {
			t.Errorf("%s although it was just checked: %v", code, err)
		}
	}
	k.do(person.Nurse, "infusion-started", start)
}

// TestNoticeKeepsTheWallClockAcrossAClockChange: clocks go forward on Sunday 14 March 2027 at 2:00 in Denver.
func TestNoticeKeepsTheWallClockAcrossAClockChange(t *testing.T) {
	t.Parallel()
	p := changed(func(p *policy.Policy) { p.Visits.LateCancelHours, p.Visits.LateCancelFee = 24, 5000 })
	for cancelled, late := range map[time.Time]bool{at(13, 15, 59): false, at(13, 16, 0): false, at(13, 16, 1): true, at(13, 15, 1): false} {
		k := accepted(t, p)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(14, 16, 0))})
		k.now = cancelled
		k.do(person.Client, "appointment-cancelled", with{"appointment": "evaluation-1"})
		if got := k.chart.Visit("evaluation-1").Late; got != late {
			t.Errorf("cancelled %s: late %v", denver.SayLong(cancelled), got)
		}
	}
	if got, want := denver.HoursBefore(at(14, 16, 0), 26), at(13, 14, 0); !got.Equal(want) {
		t.Errorf("26 hours before are %s, want %s", denver.SayLong(got), denver.SayLong(want))
	}
}
