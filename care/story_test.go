package care_test

import (
	"slices"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

func TestPackageOfSixRunsFromEnrolmentToCompletion(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "six", 6)
	if got := k.chart.Stage(); got != care.StageIntegration {
		t.Fatalf("after six infusions the stage is %s", got)
	}
	if _, ok := k.task("complete-course"); !ok {
		t.Errorf("nobody is asked to complete the course: %v", k.chart.Tasks(k.now))
	}
	k.do(person.Psychotherapist, "course-completed", with{})
	if got := k.chart.Stage(); got != care.StageCompleted {
		t.Errorf("the stage is %s", got)
	}
	if got := k.chart.Balance(money.Medical); got != money.PackageSixPrice {
		t.Errorf("medical balance %s", got)
	}
	if d := k.chart.Package.Deferred; d != 0 {
		t.Errorf("%s is still deferred", d)
	}
	var stages []string
	for _, c := range k.changes {
		if c.Type == "stage" {
			stages = append(stages, c.State)
		}
	}
	want := []string{"enrolled", "coverage-review", "preparation", "infusion-series", "integration", "completed"}
	if !slices.Equal(stages, want) {
		t.Errorf("stages %v, want %v", stages, want)
	}
}

func TestLabsThatExpireShutTheirGateAgain(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "ten")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	if g := k.gate(care.GateLabs); !g.Open {
		t.Fatalf("labs: %s", g.Reason)
	}
	k.refused(care.CodeGatesShut, person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "start": stamp(at(7+91, 10, 0))})
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "start": stamp(at(7+90, 10, 0))})
	k.do(person.Coordinator, "labs-resulted", with{"status": "amended"})
	if g := k.gate(care.GateLabs); g.Open || g.MustAct != person.Physician {
		t.Errorf("an amended result leaves the gate %v, %s", g.Open, g.MustAct)
	}
	if d, ok := k.notification("remind/infusion-1/v2/1d"); ok {
		t.Errorf("a client is reminded of an infusion on hold: %v", d)
	}
	k.do(person.Physician, "labs-reviewed", with{"outcome": "cleared"})
	if _, ok := k.notification("remind/infusion-1/v2/1d"); !ok {
		t.Errorf("the reminder did not come back: %v", k.chart.Notifications())
	}
	k.to(7+91, 0, 0)
	k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "infusion-1", "side": "practice"})
	if g := k.gate(care.GateLabs); g.Open || !strings.Contains(g.Reason, "expired") {
		t.Errorf("after 90 days the labs gate is open: %s", g.Reason)
	}
	if _, ok := k.task("order-labs:again"); !ok {
		t.Errorf("nobody orders new labs: %v", k.chart.Tasks(k.now))
	}
}

func TestCorrectingAMissedPreparationOpensTheGate(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.session("evaluation", 2)
	for day := 3; day <= 5; day++ {
		k.session("preparation", day)
	}
	k.to(6, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(6, 10, 0))})
	k.to(6, 10, 20).do(person.Coordinator, "appointment-missed", with{"appointment": "preparation-4"})
	if g := k.gate(care.GatePrep); g.Open || g.Reason != "preparation 3 of 4" {
		t.Fatalf("with one missed: %v %s", g.Open, g.Reason)
	}
	if _, ok := k.notification("missed/preparation-4/v1"); !ok {
		t.Errorf("the client is not told: %v", k.chart.Notifications())
	}
	k.to(6, 15, 0).do(person.Psychotherapist, "appointment-corrected", with{"appointment": "preparation-4", "status": "fulfilled", "reason": "ref:1"})
	if g := k.gate(care.GatePrep); !g.Open {
		t.Errorf("after the correction: %s", g.Reason)
	}
	if _, ok := k.notification("missed/preparation-4/v1"); ok {
		t.Error("the client is still told that they missed it")
	}
	k.do(person.Coordinator, "appointment-corrected", with{"appointment": "preparation-4", "status": "noshow", "reason": "ref:1"})
	if g := k.gate(care.GatePrep); g.Open {
		t.Error("correcting back leaves the gate open")
	}
}

func TestFutureVisitCannotBeCorrectedIntoOneThatCounts(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(9, 10, 0))})
	k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "preparation-1", "side": "client"})
	k.refused(care.CodeWrongState, person.Psychotherapist, "appointment-corrected", with{"appointment": "preparation-1", "status": "fulfilled", "reason": "ref:1"})
}

func TestStartWrittenDownLaterCountsOnlyWhatWasDoneBefore(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.session("evaluation", 2)
	for day := 3; day <= 5; day++ {
		k.session("preparation", day)
	}
	k.consult(6, "cleared")
	k.labs(7)
	k.papers("six")
	k.to(8, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(8, 9, 0)), "tentative": true})
	k.to(8, 9, 0).do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(8, 10, 0))})
	k.to(8, 11, 0).do(person.Psychotherapist, "session-completed", with{"appointment": "preparation-4"})
	k.refused(care.GatePrep, person.Nurse, "infusion-started", with{"appointment": "infusion-1", "at": stamp(at(8, 9, 30))})
	k.refused("state-of-mind-unchecked", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	k.do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
}

func TestFixedGatesCannotBeOverridden(t *testing.T) {
	t.Parallel()
	may := map[string]person.Role{care.GateFlags: person.Physician, care.GatePayment: person.Coordinator, care.GateSpacing: person.Physician, care.GateFollowUp: person.Psychotherapist}
	for _, gate := range care.GateCodes() {
		t.Run(gate, func(t *testing.T) {
			t.Parallel()
			k := accepted(t, samplePolicy())
			role, ok := may[gate]
			if !ok {
				k.refused("gate-fixed", person.Physician, "gate-overridden", with{"gate": gate, "reason": "ref:1"})
				return
			}
			k.refused(care.CodeInvalid, role, "gate-overridden", with{"gate": gate})
			k.refused(care.CodeNotYourRole, map[bool]person.Role{true: person.Psychotherapist, false: person.Coordinator}[role != person.Psychotherapist], "gate-overridden", with{"gate": gate, "reason": "ref:1"})
			k.do(role, "gate-overridden", with{"gate": gate, "reason": "ref:1"})
		})
	}
}

func TestSubstanceDependenceIsFlaggedAndNeverExcludes(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy(), "substance-dependence")
	if g := k.gate(care.GateFlags); g.Open || g.MustAct != person.Physician {
		t.Fatalf("an undecided flag leaves the gate %v", g)
	}
	if _, ok := k.task("decide-flag:substance-dependence"); !ok {
		t.Error("the physician is not asked")
	}
	if k.chart.Closed() {
		t.Error("substance dependence excluded the client")
	}
	k.session("evaluation", 2)
	k.refused("flag-undecided", person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.do(person.Physician, "flag-decided", with{"flag": "substance-dependence", "decision": "proceed", "reason": "ref:1"})
	if g := k.gate(care.GateFlags); !g.Open {
		t.Error(g.Reason)
	}
}

func TestDeclinedClientIsReleasedAndCanBeScreenedAgain(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 10, 0))})
	k.to(2, 10, 0).do(person.Psychotherapist, "screening-recorded", with{"criteria_met": false, "prefers_kap": true})
	if k.chart.Stage() != care.StageDeclined || k.chart.Visit("evaluation-1").Open() {
		t.Fatalf("stage %s, evaluation open %v", k.chart.Stage(), k.chart.Visit("evaluation-1").Open())
	}
	k.refused(care.CodeCourseClosed, person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(10, 10, 0))})
	if _, ok := k.notification("cancelled/evaluation-1/v1"); !ok {
		t.Error("the client would come in vain")
	}
	k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true})
	if k.chart.Closed() {
		t.Error("a second screening did not open the course again")
	}
	k.session("evaluation", 10)
	k.consult(11, "declined")
	if k.chart.Stage() != care.StageDeclined {
		t.Error("the physician declined, and the course goes on")
	}
	k.do(person.Physician, "consult-decided", with{"appointment": "consult-1", "outcome": "cleared"})
	if k.chart.Closed() {
		t.Error("the physician's second thought did not open the course")
	}
}

func TestPauseStopsAllButSafetyAndResumeLooksAgain(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.infuse(9)
	k.to(9, 12, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(16, 10, 0)), "tentative": true})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(11, 10, 0))})
	k.do(person.Coordinator, "paused", with{"reason": "ref:1", "until": stamp(at(20, 9, 0))})
	if k.chart.Stage() != care.StagePaused {
		t.Errorf("stage %s", k.chart.Stage())
	}
	for _, d := range k.chart.Notifications() {
		if !d.Safety {
			t.Errorf("owed while paused: %s", d.Key)
		}
	}
	if _, ok := k.notification("ask/check-in-1-24h"); !ok {
		t.Error("the safety check-in is not owed any more")
	}
	k.refused(care.CodePaused, person.Coordinator, "appointment-confirmed", with{"appointment": "infusion-2"})
	k.refused(care.CodePaused, person.Coordinator, "paused", with{"reason": "ref:1"})
	k.do(person.Coordinator, "clinician-unavailable", with{"clinician": "kim", "from": stamp(at(11, 0, 0)), "to": stamp(at(12, 0, 0))})
	if _, ok := k.notification("cancelled/integration-1/v1"); !ok {
		t.Error("a paused client is not told that the practice called a visit off")
	}
	k.to(20, 10, 0)
	if _, ok := k.task("end-pause"); !ok {
		t.Error("nobody is asked what follows the pause")
	}
	k.do(person.Coordinator, "resumed", with{})
	k.refused(care.GateFollowUp, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(23, 10, 0))})
}

func TestWithdrawalAfterTwoInfusionsKeepsOnlyTheSafetyCheckIn(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		k := fullCourse(t, "six", 1)
		k.infuse(16)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(18, 10, 0))})
		k.to(16, 15, 0).do(person.Client, "withdrawn", with{"refuse_follow_up": refuse})
		var keys []string
		for _, d := range k.chart.Notifications() {
			keys = append(keys, d.Key.String())
		}
		want := []string{"ask/check-in-2-24h", "chase/check-in-2-24h"}
		if refuse {
			want = nil
		}
		if !slices.Equal(keys, want) {
			t.Errorf("refused %v: owed %v, want %v", refuse, keys, want)
		}
		if k.chart.Visit("integration-2").Open() {
			t.Error("a visit is still booked")
		}
		if _, ends := k.chart.EndsAt(); ends {
			t.Error("the record ends while the client owes money")
		}
		for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
			if owed := k.chart.Balance(set); owed > 0 {
				k.do(person.Coordinator, "payment-received", with{"fee_set": set, "amount": owed, "method": "check", "key": string(set)})
			}
		}
		if !refuse {
			if _, ends := k.chart.EndsAt(); ends {
				t.Error("the record ends before the client was asked how they are")
			}
			k.to(17, 15, 0).do(person.Client, "check-in-answered", with{"check_in": "check-in-2-24h", "mood": 6})
		}
		if end, ends := k.chart.EndsAt(); !ends || !end.After(k.now) {
			t.Error("the record does not rest later")
		}
	}
}

func TestWithdrawalDuringAnInfusionKeepsTheRecordOfItsEnd(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.to(9, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.to(9, 9, 50).do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	k.to(9, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.refused(care.CodeWrongState, person.Coordinator, "appointment-cancelled", with{"appointment": "infusion-1", "side": "client"})
	k.refused(care.CodeWrongState, person.Coordinator, "appointment-corrected", with{"appointment": "infusion-1", "status": "noshow", "reason": "ref:1"})
	k.to(9, 10, 20).do(person.Client, "withdrawn", with{})
	k.refused(care.CodeInvalid, person.Nurse, "infusion-stopped", with{"appointment": "infusion-1"})
	k.do(person.Nurse, "infusion-stopped", with{"appointment": "infusion-1", "reason": "ref:1"})
	if d := k.chart.Visit("infusion-1").Day; !d.OutsideLimits || d.Minutes != 20 {
		t.Errorf("kept as %+v", d)
	}
}

func TestPsychotherapistAwayMeansAVisitToRebookWithoutAFee(t *testing.T) {
	t.Parallel()
	p := changed(func(p *policy.Policy) { p.Visits.LateCancelFee = 5000 })
	k := ready(t, p, "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	before := k.chart.Balance(money.Medical)
	k.do(person.Coordinator, "clinician-unavailable", with{"clinician": "kim", "from": stamp(at(9, 0, 0)), "to": stamp(at(10, 0, 0))})
	if v := k.chart.Visit("infusion-1"); v.Status != visit.Cancelled || v.Side != "practice" {
		t.Errorf("the visit is %s by %s", v.Status, v.Side)
	}
	if k.chart.Balance(money.Medical) != before {
		t.Error("a fee was charged")
	}
	if _, ok := k.task("rebook:infusion-1"); !ok {
		t.Errorf("nobody rebooks: %v", k.chart.Tasks(k.now))
	}
	if _, ok := k.task("book-infusion"); ok {
		t.Error("two tasks ask for one visit")
	}
	if _, ok := k.notification("cancelled/infusion-1/v1"); !ok {
		t.Error("the client is not told")
	}
	k.refused(care.GateClinicians, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 14, 0))})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(10, 14, 0))})
	if _, ok := k.task("rebook:infusion-1"); ok {
		t.Error("the task does not end with the new booking")
	}
}

func TestIssuesEndWhenAcknowledged(t *testing.T) {
	t.Parallel()
	k := enrolled(t, samplePolicy())
	handled(k.chart, key("booked/evaluation-1/v1"), message.ResultFailed, k.now)
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "other", "text": "ref:9"})
	if n := len(k.chart.Issues); n != 2 {
		t.Fatalf("%d troubles", n)
	}
	k.refused(care.CodeNotYourRole, person.Nurse, "alert-acknowledged", with{"alert": "read-reply"})
	k.do(person.Coordinator, "alert-acknowledged", with{"alert": "read-reply"})
	k.do(person.Coordinator, "alert-acknowledged", with{})
	if n := len(k.chart.Issues); n != 0 {
		t.Errorf("%d troubles are left", n)
	}
	k.refused(care.CodeWrongState, person.Coordinator, "alert-acknowledged", with{})
}

func TestStartBringsBackOnlyWhatStopTookAway(t *testing.T) {
	t.Parallel()
	k := enrolled(t, samplePolicy())
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "stop"})
	if k.chart.Consent(person.SMS).Granted || !k.chart.Consent(person.Email).Granted {
		t.Error("stop reached too little or too much")
	}
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "start"})
	if !k.chart.Consent(person.SMS).Granted {
		t.Error("start did not bring SMS back")
	}
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	k.do(person.Provider, "reply-received", with{"channel": "sms", "text_class": "start"})
	if k.chart.Consent(person.SMS).Granted {
		t.Error("start granted what was never given")
	}
}
