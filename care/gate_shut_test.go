package care_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// reporting is one fact that somebody reports.
type reporting struct {
	by   person.Role
	name string
	with with
}

// waysToShut are the ways in which one fact shuts a gate of a confirmed infusion, and the fact that opens it again.
var waysToShut = map[string]struct {
	gate       string
	shut, mend reporting
}{
	"PreparationCorrected": {care.GatePrep, reporting{person.Psychotherapist, "appointment-corrected", with{"appointment": "preparation-4", "status": "noshow", "reason": "ref:1"}},
		reporting{person.Psychotherapist, "appointment-corrected", with{"appointment": "preparation-4", "status": "fulfilled", "reason": "ref:1"}}},
	"EvaluationCorrected": {care.GateEvaluation, reporting{person.Coordinator, "appointment-corrected", with{"appointment": "evaluation-1", "status": "cancelled", "reason": "ref:1"}},
		reporting{person.Coordinator, "appointment-corrected", with{"appointment": "evaluation-1", "status": "fulfilled", "reason": "ref:1"}}},
	"ConsultCorrected": {care.GateConsult, reporting{person.Physician, "appointment-corrected", with{"appointment": "consult-1", "status": "noshow", "reason": "ref:1"}},
		reporting{person.Physician, "appointment-corrected", with{"appointment": "consult-1", "status": "fulfilled", "reason": "ref:1"}}},
	"ConsultDeferred": {care.GateConsult, reporting{person.Physician, "consult-decided", with{"appointment": "consult-1", "outcome": "deferred", "reason": "ref:1"}},
		reporting{person.Physician, "consult-decided", with{"appointment": "consult-1", "outcome": "cleared"}}},
	"LabsPreliminaryAfterFinal": {care.GateLabs, reporting{person.Coordinator, "labs-resulted", with{"status": "preliminary"}}, reporting{}},
	"LabsAmended":               {care.GateLabs, reporting{person.Coordinator, "labs-resulted", with{"status": "amended"}}, reporting{person.Physician, "labs-reviewed", with{"outcome": "cleared"}}},
	"LabsResultedAnew":          {care.GateLabs, reporting{person.Coordinator, "labs-resulted", with{"status": "final"}}, reporting{person.Physician, "labs-reviewed", with{"outcome": "cleared"}}},
	"LabsAbnormal":              {care.GateLabs, reporting{person.Physician, "labs-reviewed", with{"outcome": "abnormal"}}, reporting{person.Physician, "labs-reviewed", with{"outcome": "cleared"}}},
	"LabsEndBefore":             {care.GateLabs, reporting{person.Physician, "labs-reviewed", with{"outcome": "cleared", "valid_until": stamp(at(19, 0, 0))}}, reporting{person.Physician, "labs-reviewed", with{"outcome": "cleared"}}},
	"NoLongerWanted": {care.GateAcceptance, reporting{person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": false}},
		reporting{person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true}}},
	"FlagRaised": {care.GateFlags, reporting{person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true, "flags": []string{"pregnancy"}}},
		reporting{person.Physician, "flag-decided", with{"flag": "pregnancy", "decision": "proceed", "reason": "ref:1"}}},
	"OldConsentSigned": {care.GateConsent, reporting{person.Client, "consent-signed", with{"service": "medical", "document_version": "v0"}}, reporting{person.Client, "consent-signed", with{"service": "medical"}}},
	"PlanGrew":         {care.GateEstimate, reporting{person.Physician, "plan-set", with{"infusions": 9}}, reporting{person.Coordinator, "estimate-issued", with{"number": "2", "total": 560000}}},
	"PaymentBounced": {care.GatePayment, reporting{person.Coordinator, "payment-corrected", with{"key": "k", "reason": "ref:1"}},
		reporting{person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card", "key": "k2"}}},
	"OrderedLongerThanBooked": {care.GateDose, reporting{person.Physician, "dose-ordered", with{"dose_mg": 40, "minutes": 60, "inputs": fiveInputs}},
		reporting{person.Physician, "dose-ordered", with{"dose_mg": 40, "minutes": 50, "inputs": fiveInputs}}},
	"HoldPlaced":  {care.GateHold, reporting{person.Psychotherapist, "hold-placed", with{"reason": "ref:1"}}, reporting{person.Psychotherapist, "hold-released", with{"reason": "ref:1"}}},
	"RiskSeen":    {care.GateHold, reporting{person.Psychotherapist, "risk-assessed", with{"outcome": "high"}}, reporting{person.Psychotherapist, "hold-released", with{"reason": "ref:1"}}},
	"SevereEvent": {care.GateHold, reporting{person.Nurse, "adverse-event-recorded", with{"severity": "severe", "kind": "fall"}}, reporting{person.Physician, "hold-released", with{"reason": "ref:1"}}},
	"Paused":      {care.GateHold, reporting{person.Coordinator, "paused", with{"reason": "ref:1"}}, reporting{person.Coordinator, "resumed", with{}}},
	"MoreSessionsAsked": {care.GatePrep, reporting{person.Coordinator, "policy-adopted", with{"version": "2", "policy": changed(func(p *policy.Policy) { p.Version, p.Preparation.MinimumSessions = "2", 5 })}},
		reporting{person.Coordinator, "policy-adopted", with{"version": "3", "policy": changed(func(p *policy.Policy) { p.Version = "3" })}}},
}

// confirmedInfusion is a course with a paid, confirmed infusion of 50 minutes on day 20 that the client was told of.
func confirmedInfusion(t *testing.T, payBefore string) *course {
	k := ready(t, changed(func(p *policy.Policy) { p.Money.PayBefore = payBefore }), "six")
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card", "key": "k"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(20, 10, 0)), "minutes": 50})
	handled(k.chart, message.Key{Verb: message.Booked, Subject: "infusion-1", Version: 1}, message.ResultSent, k.now)
	return k
}

// TestWhateverShutsAGateUnderAConfirmedInfusionIsTheSameNews: the coordinator has one task, the team one alert, and the client
// one message; when the gate opens again, the alert is over and the client hears that the visit stands.
func TestWhateverShutsAGateUnderAConfirmedInfusionIsTheSameNews(t *testing.T) {
	t.Parallel()
	for name, x := range waysToShut {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := confirmedInfusion(t, map[bool]string{true: "package", false: "none"}[x.gate == care.GatePayment])
			k.do(x.shut.by, x.shut.name, x.shut.with)
			if g := k.gate(x.gate); g.Open {
				t.Fatalf("the gate %s is open: %s", x.gate, g.Reason)
			}
			if task, ok := k.task("settle-hold:infusion-1"); !ok || task.Role != person.Coordinator {
				t.Errorf("nobody settles it: %v", k.chart.Tasks(k.now))
			}
			if !slices.ContainsFunc(k.chart.OpenAlerts(), func(a care.Alert) bool { return a.Kind == care.AlertOnHold && a.About == "infusion-1" }) {
				t.Errorf("nobody is alerted: %+v", k.chart.Alerts)
			}
			d, ok := k.notification("held/infusion-1/v1/1")
			if !ok || d.Template != message.TemplateHeld {
				t.Fatalf("the client is not told: %v", k.chart.Notifications())
			}
			if _, reminded := k.notification("remind/infusion-1/v1/1d"); reminded && x.gate != care.GatePayment {
				t.Error("the client is reminded of an infusion on hold")
			}
			if x.mend.name == "" {
				return
			}
			handled(k.chart, d.Key, message.ResultSent, k.now)
			k.do(x.mend.by, x.mend.name, x.mend.with)
			if g := k.gate(x.gate); !g.Open {
				t.Fatalf("the gate %s is still shut: %s", x.gate, g.Reason)
			}
			if _, ok := k.task("settle-hold:infusion-1"); ok {
				t.Error("the task stays")
			}
			if slices.ContainsFunc(k.chart.OpenAlerts(), func(a care.Alert) bool { return a.Kind == care.AlertOnHold }) {
				t.Error("the alert stays")
			}
			if d, ok := k.notification("stands/infusion-1/v1/1"); !ok || d.Template != message.TemplateStands {
				t.Errorf("the client is not told that it stands: %v", k.chart.Notifications())
			}
		})
	}
}

// TestEveryGateOfAConfirmedInfusionHasAWayToShut: a new gate needs a row in waysToShut, or a reason here why no fact shuts it
// under a confirmed infusion.
func TestEveryGateOfAConfirmedInfusionHasAWayToShut(t *testing.T) {
	t.Parallel()
	never := map[string]string{
		care.GateCoverage: "guards the first meeting, which was held", care.GateInsurer: "guards the first meeting", care.GateFees: "guards the first meeting",
		care.GateEducation:  "is given once",
		care.GateClinicians: "an absence calls the visit off", care.GateSpacing: "TestSpacingShutsUnderALaterInfusion", care.GateFollowUp: "TestSpacingShutsUnderALaterInfusion",
	}
	for _, gate := range care.GateCodes() {
		shuts := never[gate] != ""
		for _, x := range waysToShut {
			shuts = shuts || x.gate == gate
		}
		if !shuts {
			t.Errorf("nothing shuts %s", gate)
		}
	}
}

// TestSpacingShutsUnderALaterInfusion: what shuts a gate of a later infusion is the same news too, but not what stands between
// any two infusions, such as an integration session that is still to be held.
// TestAShutGateSaysItselfSinceWhenOrNotAtAll: a page that shows since when a gate is shut beside its reason must know which of them say it.
func TestAShutGateSaysItselfSinceWhenOrNotAtAll(t *testing.T) {
	t.Parallel()
	ways := map[string]reporting{"Held": {person.Psychotherapist, "hold-placed", with{"reason": "ref:1"}}, "Paused": {person.Coordinator, "paused", with{"reason": "ref:1"}}}
	for name, w := range waysToShut {
		ways[name] = w.shut
	}
	said := 0
	for name, w := range ways {
		k := confirmedInfusion(t, "none")
		k.do(w.by, w.name, w.with)
		for _, g := range k.chart.Gates(k.now) {
			says := !g.Open && strings.Contains(g.Reason, " since ")
			if says != g.SaysSince() {
				t.Errorf("%s: %q, and SaysSince is %t", name, g.Reason, g.SaysSince())
			}
			if says {
				said++
			}
		}
	}
	if said < 2 {
		t.Errorf("%d gates say since when", said)
	}
}

func TestSpacingShutsUnderALaterInfusion(t *testing.T) {
	t.Parallel()
	on := func(k *course) bool {
		return slices.ContainsFunc(k.chart.OpenAlerts(), func(a care.Alert) bool { return a.Kind == care.AlertOnHold && a.About == "infusion-2" })
	}
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(16, 10, 0)), "appointment": "infusion-2"})
	k.infuse(9)
	if _, told := k.notification("held/infusion-2/v1/1"); told || on(k) {
		t.Error("an infusion whose follow-up is ahead is on hold")
	}
	k.session("integration", 10)
	k.do(person.Client, "check-in-answered", with{"check_in": "latest", "mood": 5})
	k.do(person.Physician, "plan-set", with{"spacing_days": 14, "reason": "ref:1"})
	if _, told := k.notification("held/infusion-2/v1/1"); !told || !on(k) {
		t.Errorf("spacing: %v %+v", k.chart.Notifications(), k.chart.Alerts)
	}
	k.do(person.Physician, "plan-set", with{"spacing_days": 7, "reason": "ref:1"})
	if on(k) {
		t.Error("the alert stays")
	}
	k.do(person.Psychotherapist, "appointment-corrected", with{"appointment": "integration-1", "status": "noshow", "reason": "ref:1"})
	if _, told := k.notification("held/infusion-2/v1/2"); !told || !on(k) {
		t.Errorf("follow-up: %v %+v", k.chart.Notifications(), k.chart.Alerts)
	}
}

// TestPlanKeepsWhatItDoesNotName: R14 and R15. Setting one of number and spacing leaves the other, and a change in the course of
// it needs a reason.
func TestPlanKeepsWhatItDoesNotName(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.refused(care.CodeInvalid, person.Physician, "plan-set", with{})
	k.refused(care.CodeInvalid, person.Physician, "plan-set", with{"infusions": 0})
	k.do(person.Physician, "plan-set", with{"spacing_days": 7})
	if p := k.chart.Plan; p.Infusions != 0 || p.SpacingDays != 7 {
		t.Errorf("%+v", p)
	}
	k.refused(care.CodeInvalid, person.Physician, "plan-set", with{"infusions": 8})
	k.do(person.Physician, "plan-set", with{"infusions": 8, "reason": "ref:1"})
	k.refused(care.CodeInvalid, person.Physician, "plan-set", with{"spacing_days": 14})
	k.do(person.Physician, "plan-set", with{"spacing_days": 14, "reason": "ref:1"})
	if p := k.chart.Plan; p.Infusions != 8 || p.SpacingDays != 14 {
		t.Errorf("%+v", p)
	}
	one := oneInfusion(t)
	for _, fields := range []with{{"infusions": 3}, {"infusions": 6}, {"spacing_days": 3}} {
		one.refused(care.CodeInvalid, person.Physician, "plan-set", fields)
		fields["reason"] = "ref:1"
		one.do(person.Physician, "plan-set", fields)
	}
}

// TestInfusionsStandAsFarApartAsPlanned: R15. The plan's days count, and the practice's minimum where it is more; a firm
// infusion still to come counts as one that was given.
func TestInfusionsStandAsFarApartAsPlanned(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ minimum, plan, days int }{{0, 0, 0}, {0, 14, 14}, {7, 0, 7}, {7, 3, 7}, {3, 10, 10}} {
		k := ready(t, changed(func(p *policy.Policy) { p.Infusions.MinimumSpacingDays = x.minimum }), "six")
		k.do(person.Physician, "plan-set", with{"infusions": 6, "spacing_days": x.plan})
		k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
		for day := 10; day < 9+x.days; day++ {
			k.refused(care.GateSpacing, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(day, 20, 0))})
		}
		k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(max(9+x.days, 10), 8, 0))})
		if v := k.chart.Visit("infusion-2"); v.Status != visit.Booked {
			t.Errorf("%+v: %+v", x, v)
		}
		k.run(9, "infusion-1")
		for day := 10; day < 9+x.days; day++ {
			k.refused(care.GateSpacing, person.Coordinator, "appointment-moved", with{"appointment": "infusion-2", "start": stamp(at(day, 20, 0))})
		}
	}
}

// TestTwoApprovalsAreTwoPeople, whatever their roles, and an amount that is split is approved as one.
func TestTwoApprovalsAreTwoPeople(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) { p.Money.SecondApprovalOver = 100000 }), "six")
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card", "key": "k"})
	k.do(person.Client, "withdrawn", with{})
	approve := func(role person.Role, id, key string, amount int) error {
		r := report(role, "", with{"key": key, "amount": amount, "reason": "ref:1"})
		r.By.ID = id
		_, err := k.chart.Record("refund-approved", r, k.now)
		return err
	}
	pay := func(key string) error {
		return k.chart.Check("refund-paid", report(person.Coordinator, "", with{"key": key}), k.now)
	}
	for i, key := range []string{"a", "b", "c"} {
		if err := approve(person.Coordinator, "pat", key, 40000); err != nil {
			t.Fatal(err)
		}
		if err := pay(key); (err == nil) != (i < 2) {
			t.Errorf("part %s of a split amount: %v", key, err)
		}
	}
	for _, role := range []person.Role{person.Coordinator, person.Physician} {
		if err := approve(role, "pat", "c", 40000); err == nil || !refusal(t, err).Has(care.CodeNotYourRole) {
			t.Errorf("the same person as %s: %v", role, err)
		}
	}
	if err := approve(person.Coordinator, "sam", "c", 40000); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"a", "b", "c"} {
		if err := pay(key); err != nil {
			t.Errorf("%s after two approvals: %v", key, err)
		}
	}
}

// TestNoVisitIsShorterThanTheOrderedInfusion: over every length that an order and a visit can have, a visit becomes firm, is
// changed and starts only if the ordered infusion fits into it (R5, R13).
func TestNoVisitIsShorterThanTheOrderedInfusion(t *testing.T) {
	t.Parallel()
	for _, ordered := range []int{0, 45, 46, 59, 60} {
		for _, booked := range []int{45, 46, 59, 60} {
			t.Run(fmt.Sprintf("Ordered%dBooked%d", ordered, booked), func(t *testing.T) {
				t.Parallel()
				order := with{"dose_mg": 40, "inputs": fiveInputs}
				if ordered > 0 {
					order["minutes"] = ordered
				}
				book := with{"kind": "infusion", "start": stamp(at(20, 10, 0)), "minutes": booked}
				k := ready(t, samplePolicy(), "six")
				k.do(person.Physician, "dose-ordered", order)
				if fits := ordered <= booked; fits {
					k.do(person.Coordinator, "appointment-booked", book)
					return
				}
				k.refused("gates-shut", person.Coordinator, "appointment-booked", book)
				book["tentative"] = true
				k.do(person.Coordinator, "appointment-booked", book)
				k.refused("gates-shut", person.Coordinator, "appointment-confirmed", with{"appointment": "infusion-1"})
				if !slices.ContainsFunc(k.chart.StartProblems(k.chart.Visit("infusion-1"), k.now), func(p care.Problem) bool { return p.Gate == care.GateDose }) {
					t.Error("what keeps the infusion from starting does not say it")
				}
				k.do(person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "minutes": ordered})
				k.do(person.Coordinator, "appointment-confirmed", with{"appointment": "infusion-1"})
				k.refused("gates-shut", person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "minutes": booked})
			})
		}
	}
}
