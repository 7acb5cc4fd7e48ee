package care_test

import (
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// TestThirdVisitMissedAsksForATalkBeforeTheNextBooking: safety rule D8. Every way to mark a no-show counts (field case 28).
func TestThirdVisitMissedAsksForATalkBeforeTheNextBooking(t *testing.T) {
	t.Parallel()
	p := changed(func(p *policy.Policy) { p.Visits.NoShowTalk, p.Visits.NoShowFee = 3, 5000 })
	k := accepted(t, p)
	miss := func(day int) {
		k.to(day, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(day, 10, 0))})
		k.to(day, 10, 20).do(person.Coordinator, "appointment-missed", with{"appointment": k.chart.Visits[len(k.chart.Visits)-1].ID})
	}
	miss(2)
	miss(3)
	k.session("preparation", 4)
	k.do(person.Psychotherapist, "appointment-corrected", with{"appointment": "preparation-3", "status": "noshow", "reason": "ref:1"})
	if got := k.chart.Balance(money.Psychotherapies); got != 15000 {
		t.Errorf("three missed visits cost %s", got)
	}
	next := with{"kind": "preparation", "start": stamp(at(6, 10, 0))}
	k.refused("talk-first", person.Coordinator, "appointment-booked", next)
	if x, ok := k.task("talk-first:preparation-3"); !ok || x.Role != person.Psychotherapist {
		t.Errorf("%v", k.chart.Tasks(k.now))
	}
	k.do(person.Psychotherapist, "appointment-corrected", with{"appointment": "preparation-3", "status": "fulfilled", "reason": "ref:1"})
	k.do(person.Coordinator, "appointment-booked", next)
	k.to(6, 10, 20).do(person.Coordinator, "appointment-missed", with{"appointment": "preparation-4"})
	k.refused("talk-first", person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(8, 10, 0))})
	k.do(person.Psychotherapist, "alert-acknowledged", with{"alert": "talk-first", "action": "ref:1"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(8, 10, 0))})
}

// TestTentativeHoldLetsGoByItself: safety rule D2.
func TestTentativeHoldLetsGoByItself(t *testing.T) {
	t.Parallel()
	p := changed(func(p *policy.Policy) { p.Visits.TentativeRelease = 2 })
	hold := with{"kind": "infusion", "start": stamp(at(20, 10, 0)), "tentative": true}

	k := accepted(t, p)
	k.session("evaluation", 2)
	k.do(person.Coordinator, "appointment-booked", hold)
	if next, _, ok := k.chart.NextMoment(at(17, 12, 0)); !ok || next.After(at(18, 10, 0)) {
		t.Errorf("the journey sleeps until %s", denver.SayLong(next))
	}
	if k.to(18, 9, 59); k.chart.Visit("infusion-1").Status != visit.Booked {
		t.Error("let go too early")
	}
	k.to(18, 10, 0)
	if v := k.chart.Visit("infusion-1"); v.Status != visit.Cancelled || !v.Lapsed || len(k.chart.Slots()) != 0 {
		t.Errorf("%+v still takes %v", v, k.chart.Slots())
	}
	for _, d := range k.chart.Notifications() {
		if d.About == "infusion-1" {
			t.Errorf("the client hears of what they never heard of: %s", d.Key)
		}
	}
	if x, ok := k.task("rebook:infusion-1"); !ok || !strings.Contains(x.Words, "was released") {
		t.Errorf("%v", k.chart.Tasks(k.now))
	}

	open := ready(t, p, "six")
	open.do(person.Coordinator, "appointment-booked", hold)
	if open.to(18, 12, 0); open.chart.Visit("infusion-1").Status != visit.Booked {
		t.Error("let go although every gate is open")
	}
	late := accepted(t, p)
	late.session("evaluation", 2)
	late.to(19, 9, 0).do(person.Coordinator, "appointment-booked", hold)
	if late.to(20, 9, 0); late.chart.Visit("infusion-1").Status != visit.Booked {
		t.Error("a hold made within the days is let go at once")
	}
}

// TestConfirmedInfusionGoesBackToHoldWhenItsLabsNoLongerCount: safety rule D8; client and team are told, and told when it
// stands again.
func TestConfirmedInfusionGoesBackToHoldWhenItsLabsNoLongerCount(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(20, 10, 0))})
	handled(k.chart, key("booked/infusion-1/v1"), message.ResultSent, k.now)
	k.do(person.Coordinator, "labs-resulted", with{"status": "amended"})
	if _, told := k.notification("held/infusion-1/v1/1"); !told || k.chart.Alerts[0].Kind != care.AlertOnHold {
		t.Errorf("amended: client told %v, %+v", told, k.chart.Alerts)
	}
	k.do(person.Physician, "labs-reviewed", with{"outcome": "abnormal"})
	if _, ok := k.notification("held/infusion-1/v1/1"); !ok || len(k.chart.Alerts) != 1 {
		t.Errorf("abnormal: owed %v, %+v", k.chart.Notifications(), k.chart.Alerts)
	}
	k.do(person.Physician, "labs-reviewed", with{"outcome": "cleared"})
	if got := k.chart.Alerts[0]; got.AckedAt.IsZero() || k.chart.Visit("infusion-1").Notice != "" {
		t.Errorf("cleared before anybody was told: %+v, %q", got, k.chart.Visit("infusion-1").Notice)
	}
	k.do(person.Physician, "labs-reviewed", with{"outcome": "cleared", "valid_until": stamp(at(19, 0, 0))})
	d, ok := k.notification("held/infusion-1/v1/2")
	if !ok || d.Template != message.TemplateHeld {
		t.Fatalf("expired before the day: owed %v", k.chart.Notifications())
	}
	handled(k.chart, d.Key, message.ResultSent, k.now)
	k.do(person.Physician, "labs-reviewed", with{"outcome": "cleared"})
	if d, ok = k.notification("stands/infusion-1/v1/2"); !ok || d.Template != message.TemplateStands {
		t.Errorf("a client who was told is not told that it stands: %v", k.chart.Notifications())
	}
}

// TestSafetyCheckInClimbsAfterAWithdrawal: it is owed, and silence is never an answer (safety rule D6, field case 37).
func TestSafetyCheckInClimbsAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		k := oneInfusion(t)
		k.to(9, 15, 0).do(person.Client, "withdrawn", with{"refuse_follow_up": refuse})
		k.to(11, 9, 0)
		if _, ok := k.task("call-client:check-in-1-24h"); ok == refuse {
			t.Errorf("refused %v: the coordinator calls %v", refuse, ok)
		}
		k.to(12, 17, 0)
		x, ok := k.task("reach-client:check-in-1-24h")
		if ok == refuse || ok && x.Role != person.Psychotherapist {
			t.Errorf("refused %v: it climbs %v", refuse, k.chart.Tasks(k.now))
		}
		if refuse {
			continue
		}
		k.do(person.Coordinator, "check-in-answered", with{"check_in": "check-in-1-24h", "mood": 5})
		if _, ok := k.task("reach-client:check-in-1-24h"); ok {
			t.Error("answered by telephone, and still asked for")
		}
	}
}

func TestCourseEndedByMistakeGoesOn(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"withdrawn", "moved-away", "deceased"} {
		k := ready(t, samplePolicy(), "six")
		k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(20, 10, 0))})
		k.do(person.Coordinator, how, with{})
		k.refused(care.CodeCourseClosed, person.Coordinator, "resumed", with{})
		k.do(person.Coordinator, "resumed", with{"reason": "ref:1"})
		if k.chart.Closed() || k.chart.Visit("infusion-1").Status != visit.Cancelled {
			t.Errorf("%s: stage %s, infusion %s", how, k.chart.Stage(), k.chart.Visit("infusion-1").Status)
		}
		k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(21, 10, 0))})
	}
	k := accepted(t, samplePolicy())
	k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": false, "prefers_kap": true})
	k.refused(care.CodeCourseClosed, person.Coordinator, "resumed", with{"reason": "ref:1"})
}

func TestConsentsAreSignedAheadOfTheFirstInfusion(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) { p.Preparation.ConsentHours = 24 }), "six") // signed on day 7 at 15:00
	k.refused("consent-missing", person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(8, 14, 0))})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(8, 15, 0))})
}
