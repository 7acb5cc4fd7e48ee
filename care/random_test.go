package care_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// dice draws random fields for facts: often valid for the chart as it stands, now and then nonsense.
type dice struct {
	*rapid.T
	chart *care.Chart
	now   time.Time
}

func (d dice) n(low, high int) int { return rapid.IntRange(low, high).Draw(d.T, "n") }

func (d dice) chance(oneIn int) bool { return d.n(1, oneIn) == 1 }

func pick[V any](d dice, values ...V) V { return values[d.n(0, len(values)-1)] }

// visit picks the id of a visit of some kinds and states, else any text.
func (d dice) visit(open bool, kinds ...visit.Kind) string {
	var found []string
	for i := range d.chart.Visits {
		if v := &d.chart.Visits[i]; (!open || v.Open()) && (len(kinds) == 0 || slices.Contains(kinds, v.Kind)) {
			found = append(found, v.ID)
		}
	}
	if len(found) == 0 || d.chance(12) {
		return pick(d, "", "preparation-1", "infusion-1", "infusion-99", "no such")
	}
	return pick(d, found...)
}

func (d dice) start() string {
	t := denver.Clock(d.now, d.n(8, 17), 30*d.n(0, 1))
	return stamp(denver.AddDays(t, pick(d, 0, 0, 1, 1, 2, 3, 7, 14, 95, -1)))
}

func (d dice) text() string { return pick(d, "ref:1", "ref:2", "ref:3", "") }

// past puts the event a while before its report now and then.
func (d dice) past(w with) with {
	if d.chance(8) {
		w["at"] = stamp(d.now.Add(-time.Duration(d.n(-30, 60*50)) * time.Minute))
	}
	if d.chance(40) {
		w["nonsense"] = 1
	}
	return w
}

// fields draws the fields of a kind of fact.
func (d dice) fields(kind string) with {
	for _, part := range []func(string) with{d.intake, d.visits, d.medical, d.infusion, d.course, d.money} {
		if w := part(kind); w != nil {
			return d.past(w)
		}
	}
	return d.past(with{})
}

func (d dice) intake(kind string) with {
	switch kind {
	case "enrolled":
		return with{"presenting": []string{"anxiety"}}
	case "contact-changed":
		return pick(d, with{"phone": d.text()}, with{"email": "ref:5"}, with{"timezone": "America/New_York", "zone_data": zone("America/New_York")}, with{})
	case "messaging-consent-recorded":
		return with{"channel": pick(d, "sms", "email", "phone", "fax"), "granted": !d.chance(4)}
	case "screening-recorded":
		return with{"criteria_met": !d.chance(15), "prefers_kap": !d.chance(10), "flags": pick(d, nil, nil, []string{"pregnancy"}, []string{"active-substance-use"}, []string{"suicidal-intent"})}
	case "flag-decided":
		return with{"flag": pick(d, "pregnancy", "substance-dependence", "active-substance-use", "suicidal-intent", "x"), "decision": pick(d, "proceed", "proceed", "proceed", "hold", "decline"), "reason": d.text()}
	case "goals-recorded":
		return with{"intention": d.text()}
	case "consent-signed":
		return with{"service": pick(d, "medical", "psychotherapy"), "document_version": pick(d, "", "", "v1", "v0")}
	case "coverage-entered", "coverage-reviewed":
		return with{"result": pick(d, "pays", "does-not-pay", "partly", "unknown"), "deductible_total": pick(d, 0, 50000), "deductible_met": pick(d, 0, 20000), "copay": pick(d, 0, 3000), "coinsurance_bp": pick(d, 0, 2000, 10001), "allowed": pick(d, 0, 14000), "oop_total": pick(d, 0, 20000), "session_limit": pick(d, 0, 0, 3)}
	case "insurer-contacted":
		return with{"representative": d.text(), "reference": d.text(), "answer": d.text()}
	case "message-status-reported":
		return with{"message": "m", "status": "delivered"}
	case "reply-received":
		return with{"channel": pick(d, "sms", "email"), "text_class": pick(d, wording.ReplyClasses()...), "also": pick(d, []string{}, []string{}, []string{"stop"}, []string{"visit"}, []string{"other", "start"}, []string{"wrong-number"}), "concern": d.chance(4)}
	}
	return nil
}

func (d dice) visits(kind string) with {
	switch kind {
	case "appointment-booked":
		w := with{"kind": pick(d, "evaluation", "preparation", "preparation", "consult", "infusion", "infusion", "integration"), "start": d.start(), "tentative": d.chance(3)}
		if d.chance(6) {
			w["minutes"] = pick(d, 44, 45, 60, 61, 50, -1)
		}
		if d.chance(10) {
			w["place"] = pick(d, "main", "video", "home", "moon")
		}
		if d.chance(10) {
			w["appointment"] = pick(d, "extra-1", "infusion-7", "Not An Id", "preparation-1")
		}
		return w
	case "appointment-moved":
		w := with{"appointment": d.visit(true), "start": d.start()}
		if d.chance(3) {
			w["minutes"], w["place"] = pick(d, 0, 45, 50, 60, 90), pick(d, "", "main", "video")
		}
		return w
	case "appointment-cancelled":
		return with{"appointment": d.visit(true), "side": pick(d, "client", "practice", "")}
	case "appointment-confirmed", "appointment-arrived", "appointment-missed":
		return with{"appointment": d.visit(true)}
	case "session-completed":
		return with{"appointment": d.visit(true, visit.Evaluation, visit.Preparation, visit.Integration), "clarity": d.n(0, 6)}
	case "appointment-corrected":
		return with{"appointment": d.visit(false), "status": pick(d, "fulfilled", "noshow", "cancelled", "booked"), "reason": d.text()}
	case "clinician-unavailable":
		from := d.now.Add(time.Duration(d.n(-24, 200)) * time.Hour)
		return with{"clinician": pick(d, "kim", "dr-stone", "nobody"), "absence": pick(d, "", "away-1", "away-2"), "from": stamp(from), "to": stamp(from.Add(time.Duration(d.n(-1, 72)) * time.Hour))}
	case "absence-ended":
		return with{"absence": pick(d, "away-1", "away-2"), "at": stamp(d.now.Add(time.Duration(d.n(-24, 72)) * time.Hour)), "reason": d.text()}
	}
	return nil
}

func (d dice) medical(kind string) with {
	switch kind {
	case "consult-decided":
		return with{"appointment": d.visit(false, visit.Consult), "outcome": pick(d, "cleared", "cleared", "cleared", "deferred", "declined"), "reason": d.text()}
	case "labs-ordered":
		return with{"payer": pick(d, "", "self", "insurance")}
	case "labs-resulted":
		return with{"status": pick(d, "final", "final", "amended", "preliminary"), "drawn_on": stamp(d.now.Add(-time.Duration(d.n(-1, 72)) * time.Hour))}
	case "labs-reviewed":
		w := with{"outcome": pick(d, "cleared", "cleared", "cleared", "abnormal")}
		if d.chance(3) {
			w["valid_until"] = stamp(d.now.Add(time.Duration(d.n(-5, 30)) * 24 * time.Hour))
		}
		return w
	case "dose-ordered":
		return with{"dose_mg": pick(d, 40.5, 0), "minutes": pick(d, 0, 45, 61), "inputs": pick(d, fiveInputs, fiveInputs, with{"intent": true})}
	case "plan-set":
		return with{"infusions": d.n(0, 12), "spacing_days": d.n(0, 10), "reason": d.text()}
	}
	return nil
}

func (d dice) infusion(kind string) with {
	id := func() string { return d.visit(false, visit.Infusion) }
	switch kind {
	case "infusion-checked-in":
		if d.chance(4) { // one person adds what they saw
			return pick(d, with{"appointment": id(), "escort": pick(d, "none", "ref:2")}, with{"appointment": id(), "psychotherapist_present": d.chance(2)},
				with{"appointment": id(), "state_of_mind": d.chance(2), "systolic": 150}, with{"appointment": id(), "physician_decision": pick(d, "ref:1", "no")})
		}
		return sheet(id(), pick(d, with{}, with{}, with{}, with{"escort": "none"}, with{"psychotherapist_present": false}, with{"systolic": 165}, with{"systolic": 145, "physician_decision": "ref:1"}, with{"spo2": 0}))
	case "readiness-answered":
		return with{"appointment": id(), "fasting": true, "no_alcohol": true, "nothing_new": !d.chance(3), "escort": pick(d, "ref:1", "none"), "note": d.text(), "concern": d.chance(20)}
	case "infusion-started", "psychotherapist-left", "psychotherapist-returned":
		return with{"appointment": id()}
	case "vitals-recorded":
		return with{"appointment": id(), "systolic": pick(d, 120, 500), "diastolic": 80, "pulse": 70, "spo2": 98}
	case "adverse-event-recorded":
		return with{"appointment": id(), "severity": pick(d, "mild", "mild", "severe"), "kind": "nausea"}
	case "infusion-stopped":
		return with{"appointment": id(), "reason": d.text()}
	case "drug-given":
		return with{"appointment": id(), "dose_mg": pick(d, 35.5, 0), "lot": "L1", "waste_mg": pick(d, 0, 14.5), "witness": pick(d, "dr-stone", "noor", "")}
	case "processing-noted":
		return with{"appointment": id(), "note": d.text()}
	case "client-discharged":
		return with{"appointment": id(), "released_to": pick(d, "ref:1", ""), "alert": true, "walking": true, "vitals_ok": !d.chance(8), "instructions_given": true}
	case "integration-waived":
		return with{"infusion": id(), "reason": d.text()}
	case "check-in-answered":
		return with{"check_in": pick(d, "latest", "check-in-1-24h", "x"), "phq9": pick(d, nil, []int{0, 1, 2, 3, 0, 0, 0, 0, 0}, []int{0, 0, 0, 0, 0, 0, 0, 0, d.n(0, 4)}, []int{1})}
	}
	return nil
}

func (d dice) course(kind string) with {
	switch kind {
	case "risk-assessed":
		return with{"outcome": pick(d, "none", "low", "high")}
	case "alert-acknowledged":
		return with{"alert": pick(d, "", "", "", "latest", "risk", "alert-1", "read-reply"), "concern": d.chance(8)}
	case "paused":
		return pick(d, with{"reason": d.text()}, with{"reason": d.text(), "until": d.start()})
	case "withdrawn":
		return with{"refuse_follow_up": d.chance(2), "stopped_by": pick(d, "", "client", "clinician", "practice")}
	case "course-begun":
		return with{"reason": d.text()}
	case "clinician-assigned":
		role := pick(d, "physician", "psychotherapist")
		return with{"role": role, "clinician": pick(d, "kim", "dr-stone", "lee", "dr-reed", "nobody"), "from": stamp(d.now.Add(time.Duration(d.n(-24, 200)) * time.Hour)), "reason": d.text(), "policy": manyClinicians()}
	case "gate-overridden":
		return with{"gate": pick(d, care.GateCodes()...), "reason": d.text()}
	case "policy-adopted":
		p := pick(d, samplePolicy(), changed(func(p *policy.Policy) { p.Version, p.Preparation.MinimumSessions = "2", 3 }), changed(func(p *policy.Policy) { p.Version, p.Preparation.MinimumSessions = "3", 5 }),
			changed(func(p *policy.Policy) {
				p.Version, p.Alerts.AcknowledgeMinutes, p.Infusions.VitalsMinutes = "4", pick(d, 15, 240), pick(d, 5, 20)
			}))
		return with{"version": pick(d, p.Version, "old"), "policy": p}
	case "hold-placed":
		return with{"reason": d.text(), "risk": d.chance(3)}
	case "insurer-contact-waived", "hold-released":
		return with{"reason": d.text()}
	}
	return nil
}

func (d dice) money(kind string) with {
	key := pick(d, "a", "b", "c", "d", "payment-2", "")
	switch kind {
	case "estimate-issued":
		return with{"number": "1", "total": pick(d, 0, 350000, -1), "infusions": pick(d, 0, 0, 7)}
	case "package-chosen":
		return with{"package": pick(d, "none", "six", "ten"), "refund_rule": pick(d, "", "rate_card", "pro_rata", "flat")}
	case "package-switched":
		return with{"to": pick(d, "six", "ten")}
	case "payment-received":
		return with{"fee_set": pick(d, "medical", "psychotherapy"), "amount": pick(d, 350000, 60000, 25000, 1, 0), "method": pick(d, "card", "cash", "insurer"), "key": key}
	case "payment-corrected":
		return with{"key": key, "reason": d.text(), "dispute": pick(d, "", "", "opened", "won", "lost")}
	case "refund-paid":
		return with{"key": key, "reason": d.text()}
	case "refund-approved":
		return with{"key": key, "reason": d.text(), "amount": pick(d, 100, 60000, 302500, 350000), "fee_set": pick(d, "", "medical", "psychotherapy")}
	case "claim-recorded":
		return with{"appointment": d.visit(false), "status": pick(d, "draft", "submitted", "rejected", "adjudicated", "paid", "denied", "closed", "accepted", "appealed"), "allowed": pick(d, 0, 14000, 9000, 40000), "paid": pick(d, 0, 6000), "patient_owes": pick(d, 0, 3000, 14000)}
	case "fee-waived":
		return with{"appointment": d.visit(false), "reason": d.text()}
	}
	return nil
}
