package care_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

func TestLabsGateIsOpenOnlyOnAFinalReviewedClearedValidResult(t *testing.T) {
	t.Parallel()
	type fact struct {
		by   person.Role
		name string
		with with
	}
	ordered := fact{person.Physician, "labs-ordered", with{}}
	result := func(status string) fact {
		return fact{person.Coordinator, "labs-resulted", with{"status": status, "drawn_on": stamp(at(1, 8, 0))}}
	}
	review := func(w with) fact { return fact{person.Physician, "labs-reviewed", w} }
	cleared := review(with{"outcome": "cleared"})
	for name, x := range map[string]struct {
		facts  []fact
		open   bool
		reason string
		who    person.Role
	}{
		"NotOrdered":         {nil, false, "labs not ordered", person.Physician},
		"NoResult":           {[]fact{ordered}, false, "no result yet", person.Coordinator},
		"Preliminary":        {[]fact{ordered, result("preliminary")}, false, "preliminary", person.Coordinator},
		"NotReviewed":        {[]fact{ordered, result("final")}, false, "not reviewed", person.Physician},
		"Abnormal":           {[]fact{ordered, result("final"), review(with{"outcome": "abnormal"})}, false, "abnormal", person.Physician},
		"Cleared":            {[]fact{ordered, result("final"), cleared}, true, "cleared until", ""},
		"AmendedAfterReview": {[]fact{ordered, result("final"), cleared, result("amended")}, false, "not reviewed", person.Physician},
		"ReviewedAgain":      {[]fact{ordered, result("final"), cleared, result("amended"), cleared}, true, "cleared until", ""},
		"OrderedAnew":        {[]fact{ordered, result("final"), cleared, ordered}, true, "cleared until", ""},
		"OrderedTwiceAnew":   {[]fact{ordered, result("final"), cleared, ordered, ordered}, true, "cleared until", ""},
		"PreliminaryAnew":    {[]fact{ordered, result("final"), cleared, ordered, result("preliminary")}, false, "preliminary", person.Coordinator},
		"AbnormalThenAnew":   {[]fact{ordered, result("final"), review(with{"outcome": "abnormal"}), ordered}, false, "no result yet", person.Coordinator},
		"UnreviewedThenAnew": {[]fact{ordered, result("final"), ordered}, false, "no result yet", person.Coordinator},
		"ValidToday":         {[]fact{ordered, result("final"), review(with{"outcome": "cleared", "valid_until": stamp(at(1, 0, 0))})}, true, "cleared until", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := accepted(t, samplePolicy())
			for _, f := range x.facts {
				k.do(f.by, f.name, f.with)
			}
			g := k.gate(care.GateLabs)
			if g.Open != x.open || !strings.Contains(g.Reason, x.reason) || g.MustAct != x.who {
				t.Errorf("%+v", g)
			}
		})
	}
}

// Field case 34: a week without a result is the coordinator's to chase, a preliminary one too; a result that nobody read for
// a day escalates.
func TestLabsThatWaitAreChasedAndEscalate(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"", "preliminary"} {
		k := accepted(t, samplePolicy())
		k.do(person.Physician, "labs-ordered", with{})
		if status != "" {
			k.do(person.Coordinator, "labs-resulted", with{"status": status})
		}
		if _, ok := k.to(8, 8, 59).task("chase-labs"); ok {
			t.Errorf("%q is chased too early", status)
		}
		if x, ok := k.to(8, 9, 0).task("chase-labs"); !ok || x.Role != person.Coordinator {
			t.Errorf("%q is not chased: %v", status, k.chart.Tasks(k.now))
		}
	}
	k := accepted(t, samplePolicy())
	k.do(person.Physician, "labs-ordered", with{})
	k.do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))})
	if x, ok := k.task("review-labs"); !ok || x.Role != person.Physician || !x.Due.Equal(at(2, 9, 0)) {
		t.Errorf("%v", k.chart.Tasks(k.now))
	}
	k.to(2, 9, 0)
	if last := k.changes[len(k.changes)-1]; last.Subject != "review-labs" || last.State != care.StateEscalated {
		t.Errorf("after a day: %+v", last)
	}
}

func TestReviewWithoutADateCountsTheValidityFromTheDraw(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.to(10, 9, 0).do(person.Physician, "labs-ordered", with{})
	k.do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": "2027-03-02"})
	k.do(person.Physician, "labs-reviewed", with{"outcome": "cleared"})
	if got := denver.SayLong(k.chart.Labs[0].ValidUntil); got != "Mon May 31, 2027, 11:59 PM MDT" {
		t.Errorf("valid until %s, want 90 days after March 2, to the end of the day", got)
	}
}

func TestSpacingAndPaymentGuardAsThePracticeSet(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) { p.Infusions.MinimumSpacingDays, p.Money.PayBefore = 7, "visit" }), "none")
	k.refused(care.GatePayment, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 107499, "method": "card"})
	k.refused(care.GatePayment, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 60001, "method": "card"})
	k.infuse(9)
	k.session("integration", 10)
	k.refused(care.GateSpacing, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(15, 10, 0))})
	k.do(person.Physician, "gate-overridden", with{"gate": "spacing", "reason": "ref:1"})
	if g := k.gate(care.GateSpacing); !g.Open {
		t.Errorf("%+v", g)
	}
	k.infuse(16)
	k.session("integration", 17)
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 60000, "method": "card"})
	k.refused(care.GateSpacing, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(22, 10, 0))})
	k.infuse(23)
}

func TestPracticeMayRaiseTheMinimumAndNeverLowerIt(t *testing.T) {
	t.Parallel()
	for setting, want := range map[int]int{0: 4, 3: 4, 4: 4, 6: 6} {
		k := accepted(t, changed(func(p *policy.Policy) { p.Preparation.MinimumSessions = setting }))
		if got := k.chart.MinimumPrep(); got != want {
			t.Errorf("a setting of %d asks for %d", setting, got)
		}
	}
}

func TestEvaluationsCancelledMissedAndBookedSessionsDoNotCount(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	for day := 2; day <= 5; day++ {
		k.session("evaluation", day)
	}
	k.to(6, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(6, 10, 0))})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(7, 10, 0))})
	k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "preparation-2", "side": "client"})
	k.to(6, 10, 20).do(person.Psychotherapist, "appointment-missed", with{"appointment": "preparation-1"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(8, 10, 0))})
	if g := k.gate(care.GatePrep); g.Open || !strings.HasPrefix(g.Reason, "preparation 0 of 4") {
		t.Errorf("%+v", g)
	}
}

func TestPreparationGuardsTheFirstInfusionOnly(t *testing.T) {
	t.Parallel()
	k := fullCourse(t, "six", 1)
	for n := 1; n <= 4; n++ {
		k.do(person.Coordinator, "appointment-corrected", with{"appointment": "preparation-" + string(rune('0'+n)), "status": "noshow", "reason": "ref:1"})
	}
	if g := k.gate(care.GatePrep); !g.Open {
		t.Errorf("%+v", g)
	}
	k.infuse(16)
}

func TestEstimateFallsOutOfDateWithThePrice(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Physician, "plan-set", with{"infusions": 7})
	if g := k.gate(care.GateEstimate); g.Open || g.MustAct != person.Coordinator {
		t.Errorf("%+v", g)
	}
	if _, ok := k.task("issue-estimate"); !ok {
		t.Error("nobody issues a new one")
	}
	k.do(person.System, "estimate-issued", with{"number": "2", "total": 410000})
	k.do(person.Physician, "plan-set", with{"infusions": 5, "reason": "ref:1"})
	if g := k.gate(care.GateEstimate); g.Open {
		t.Error("the price of five is not that of seven")
	}
}

func TestShutShowsFirstWhatKeepsTheFirstMeeting(t *testing.T) {
	t.Parallel()
	k := enrolled(t, samplePolicy())
	if got := ids(k.chart.Shut(k.now)); !slices.Equal(got, []string{"coverage", "insurer-contact", "fees", "acceptance"}) {
		t.Errorf("%v", got)
	}
	k = accepted(t, samplePolicy())
	if got := ids(k.chart.Shut(k.now)); !slices.Contains(got, "labs") || slices.Contains(got, "coverage") {
		t.Errorf("%v", got)
	}
	if got := k.chart.Move(k.now); got != person.Coordinator && got != person.Physician {
		t.Errorf("the move is the %s's", got)
	}
}

func TestCheckInThatComesDueShutsFollowUpAtAnAnnouncedMoment(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
	k.infuse(9)
	k.do(person.Psychotherapist, "integration-waived", with{"infusion": "infusion-1", "reason": "ref:1"})
	if g := k.gate(care.GateFollowUp); !g.Open {
		t.Fatal(g.Reason)
	}
	for k.now.Before(at(10, 9, 0)) {
		next, _, ok := k.chart.NextMoment(k.now)
		if !ok || next.After(at(10, 9, 0)) {
			t.Fatalf("nobody wakes for the check-in; next is %s", denver.SayLong(next))
		}
		k.now = next
		k.publish()
	}
	if g := k.gate(care.GateFollowUp); g.Open {
		t.Error("an unanswered check-in leaves the gate open")
	}
	k.do(person.Psychotherapist, "check-in-answered", with{"check_in": "latest"})
	if g := k.gate(care.GateFollowUp); !g.Open {
		t.Error(g.Reason)
	}
}

// TestGatesSaySinceWhen: the same instant stands in the gate, in a refusal and on the board, and it is that of the
// change, however often anything is looked at afterwards.
func TestGatesSaySinceWhen(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.session("evaluation", 2)
	if g := k.gate(care.GateEvaluation); !g.Open || !g.Since.Equal(at(2, 11, 0)) {
		t.Errorf("evaluation: %+v", g)
	}
	k.labs(3)
	k.to(5, 9, 0)
	if g := k.gate(care.GateLabs); !g.Open || !g.Since.Equal(at(3, 15, 0)) {
		t.Errorf("labs: %+v", g)
	}
	k.do(person.Coordinator, "labs-resulted", with{"status": "amended"})
	k.to(6, 9, 0)
	r := k.refused(care.CodeGatesShut, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(20, 10, 0))})
	for _, p := range r.Problems {
		want := map[string]time.Time{care.GateLabs: at(5, 9, 0), care.GatePrep: at(1, 9, 0)}[p.Gate]
		if !want.IsZero() && !p.Since.Equal(want) {
			t.Errorf("the refusal says %s since %s", p.Gate, denver.SayLong(p.Since))
		}
	}
	if got := care.ShutSince(k.chart.Shut(k.now)); !got.Equal(at(1, 9, 0)) {
		t.Errorf("blocked since %s", denver.SayLong(got))
	}
}

// TestEveryBookedInfusionHasGatesOfItsOwn: a later one is asked for its own day.
func TestEveryBookedInfusionHasGatesOfItsOwn(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.to(8, 12, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(7+91, 10, 0)), "tentative": true})
	booked := k.chart.BookedInfusions()
	if len(booked) != 2 || booked[0].ID != "infusion-1" {
		t.Fatalf("%v", booked)
	}
	k.to(9, 8, 0)
	for i, want := range []bool{true, false} {
		gates := k.chart.GatesOf(booked[i], k.now)
		g := gates[slices.IndexFunc(gates, func(g care.Gate) bool { return g.Gate == care.GateLabs })]
		if g.Open != want || !want && (!g.Since.Equal(at(8, 12, 0)) || g.MustAct != person.Physician) {
			t.Errorf("labs of %s: %+v", booked[i].ID, g)
		}
	}
}

// TestNoneIsAnAnswerToWhatThePhysicianWeighs: R13. A client without prior experience has answered that input.
func TestNoneIsAnAnswerToWhatThePhysicianWeighs(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	k.do(person.Physician, "dose-ordered", with{"dose_mg": 40, "inputs": with{"psychological": true, "physical": true, "experience": "none", "preferences": "None", "intent": true}})
}

// TestWaiverIsForOneInfusion: the next one asks for its own integration session again.
func TestWaiverIsForOneInfusion(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.to(10, 10, 0).do(person.Client, "check-in-answered", with{"check_in": "latest", "mood": 6})
	k.do(person.Psychotherapist, "integration-waived", with{"infusion": "infusion-1", "reason": "ref:1"})
	k.infuse(11)
	k.to(12, 10, 0).do(person.Client, "check-in-answered", with{"check_in": "latest", "mood": 6})
	if g := k.gate(care.GateFollowUp); g.Open {
		t.Errorf("after the second infusion: %s", g.Reason)
	}
	k.to(18, 11, 0).do(person.Client, "check-in-answered", with{"check_in": "check-in-1-24h", "mood": 6})
	if a := k.chart.Answers; !a[len(a)-1].Late || a[0].Late {
		t.Errorf("an answer a week late is not marked, or one in time is: %+v", a)
	}
}

// TestNextInfusionWaitsForIntegrationHeldOrWaived: safety rule D6, and not for the check-in alone.
func TestNextInfusionWaitsForIntegrationHeldOrWaived(t *testing.T) {
	t.Parallel()
	next := with{"kind": "infusion", "start": stamp(at(16, 10, 0))}
	for how, settle := range map[string]func(k *course){
		"Held": func(k *course) { k.session("integration", 11) },
		"Waived": func(k *course) {
			k.do(person.Psychotherapist, "integration-waived", with{"infusion": "infusion-1", "reason": "ref:1"})
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			k := oneInfusion(t)
			k.to(10, 10, 0).do(person.Client, "check-in-answered", with{"check_in": "latest", "mood": 6})
			r := k.refused(care.GateFollowUp, person.Coordinator, "appointment-booked", next)
			if r.MustAct != person.Psychotherapist {
				t.Errorf("it is the move of the %s", r.MustAct)
			}
			settle(k)
			k.do(person.Coordinator, "appointment-booked", next)
		})
	}
}

// TestMovesAreEveryRoleThatOwes: ordering the labs is the physician's move although the coordinator's task is due first.
func TestMovesAreEveryRoleThatOwes(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	owing := map[person.Role]bool{}
	for _, x := range k.chart.Tasks(k.now) {
		owing[x.Role] = true
	}
	moves := k.chart.Moves(k.now)
	if _, ok := k.task("order-labs"); !ok || !slices.Contains(moves, person.Physician) || !slices.Contains(moves, person.Coordinator) || len(moves) != len(owing) {
		t.Errorf("the move is %v, and owing are %v", moves, owing)
	}
	if k.chart.Move(k.now) != moves[0] {
		t.Errorf("the first move is %s, not %s", k.chart.Move(k.now), moves[0])
	}
}
