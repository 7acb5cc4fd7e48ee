package care_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
)

// settling gives, for each task, facts of which any one does what it asks for. One of them must be accepted from the task's role
// while the task is open, unless its words say what comes first.
func settling(c *care.Chart, x care.Task, now time.Time) []reporting {
	by := func(name string, fields with) reporting { return reporting{x.Role, name, fields} }
	about := with{"appointment": x.About}
	kind := ""
	if v := c.Visit(x.About); v != nil {
		kind = string(v.Kind)
	}
	switch x.Task {
	case "screen":
		return []reporting{by("screening-recorded", with{"criteria_met": true, "prefers_kap": true})}
	case "enter-coverage":
		return []reporting{by("coverage-entered", with{"result": "unknown"})}
	case "review-coverage", "renew-authorization":
		return []reporting{{person.Psychotherapist, "coverage-reviewed", with{"result": "unknown"}}}
	case "contact-insurer":
		return []reporting{by("insurer-contacted", with{"reference": "ref:1"}), by("insurer-contact-waived", with{"reason": "ref:1"})}
	case "discuss-fees":
		return []reporting{by("fees-discussed", with{"summary": "ref:1"})}
	case "decide-flag":
		return []reporting{by("flag-decided", with{"flag": x.About, "decision": "proceed", "reason": "ref:1"})}
	case "release-hold":
		return []reporting{by("hold-released", with{"reason": "ref:1"})}
	case "book-evaluation", "book-preparation", "book-consult", "book-integration", "book-infusion":
		return bookings(x.Role, strings.TrimPrefix(x.Task, "book-"), now)
	case "rebook":
		return bookings(x.Role, kind, now)
	case "answer-change-request":
		return append(bookings(x.Role, kind, now), by("appointment-cancelled", with{"appointment": x.About, "side": "client"}))
	case "choose-package":
		return []reporting{by("package-chosen", with{"package": "none"})}
	case "give-education":
		return []reporting{by("education-given", with{"material": "leaflet-1"})}
	case "sign-consent":
		return []reporting{by("consent-signed", with{"service": "medical"})}
	case "order-dose":
		return []reporting{by("dose-ordered", with{"dose_mg": 40, "inputs": fiveInputs})}
	case "order-labs":
		return []reporting{by("labs-ordered", with{})}
	case "chase-labs":
		return []reporting{by("labs-resulted", with{"status": "final", "drawn_on": stamp(now)})}
	case "review-labs":
		return []reporting{by("labs-reviewed", with{"outcome": "cleared"})}
	case "settle-hold":
		return []reporting{by("appointment-cancelled", with{"appointment": x.About, "side": "practice"})}
	case "confirm-infusion":
		return []reporting{by("appointment-confirmed", about)}
	case "record-outcome":
		return []reporting{by("session-completed", about), by("consult-decided", with{"appointment": x.About, "outcome": "cleared"}), by("appointment-missed", about),
			by("appointment-corrected", with{"appointment": x.About, "status": "noshow", "reason": "ref:1"})}
	case "end-pause":
		return []reporting{by("resumed", with{})}
	case "complete-course":
		return []reporting{by("course-completed", with{})}
	case "call-client", "reach-client", "take-measures":
		return []reporting{by("check-in-answered", with{"check_in": x.About, "mood": 5})}
	case "discharge":
		return []reporting{by("client-discharged", with{"appointment": x.About, "released_to": "ref:1", "alert": true, "walking": true, "vitals_ok": true, "instructions_given": true})}
	case "record-drug":
		return []reporting{by("drug-given", with{"appointment": x.About, "dose_mg": 40})}
	case "assess-risk":
		return []reporting{by("risk-assessed", with{"outcome": "none"})}
	case "settle-readiness":
		return []reporting{by("readiness-answered", with{"appointment": x.About, "fasting": true, "no_alcohol": true, "nothing_new": true, "escort": "ref:1"})}
	case care.TaskReadReply:
		return []reporting{by("reply-answered", with{"reply": x.About, "answer": "ref:1"}), by("alert-acknowledged", with{"alert": x.ID()})}
	case "call-client-now", "reach-clinician":
		return []reporting{by("alert-acknowledged", with{"alert": x.About})}
	}
	return append(settlingMoney(c, x), by("alert-acknowledged", with{"alert": x.ID()}))
}

func settlingMoney(c *care.Chart, x care.Task) []reporting {
	by := func(name string, fields with) reporting { return reporting{x.Role, name, fields} }
	switch x.Task {
	case "issue-estimate", "warn-estimate", "single-or-upgrade":
		return []reporting{by("estimate-issued", with{"number": "n", "total": 2000000}), by("package-switched", with{"to": "ten"})}
	case "collect-payment":
		return []reporting{by("payment-received", with{"fee_set": "medical", "amount": 100, "method": "card", "key": "new"})}
	case "claim-variance", "chase-claim":
		var out []reporting
		for _, status := range []string{"adjudicated", "denied", "closed", "paid"} {
			out = append(out, by("claim-recorded", with{"appointment": x.About, "status": status, "allowed": 100, "paid": 100}))
		}
		return out
	case "settle-balance":
		return []reporting{by("payment-received", with{"fee_set": x.About, "amount": 1, "method": "card", "key": "new", "confirmed": true})}
	case "settle-insurer":
		return []reporting{by("payment-received", with{"fee_set": "psychotherapy", "amount": 1, "method": "insurer", "key": "new", "confirmed": true})}
	case "settle-dispute":
		return []reporting{by("payment-corrected", with{"key": x.About, "reason": "ref:1", "dispute": "won"})}
	case "approve-refund":
		return []reporting{by("refund-approved", with{"fee_set": x.About, "amount": 1, "key": "new", "reason": "ref:1"})}
	case "pay-refund":
		return []reporting{by("refund-paid", with{"key": x.About})}
	case "second-approval":
		for _, r := range c.Account.Refunds {
			if r.Key == x.About {
				return []reporting{by("refund-approved", with{"fee_set": r.FeeSet, "amount": r.Amount, "key": r.Key, "reason": "ref:1"})}
			}
		}
	}
	return nil
}

// bookings book a visit at one of several times ahead, tentatively, as a coordinator does while gates are shut.
func bookings(by person.Role, kind string, now time.Time) []reporting {
	var out []reporting
	for days := 1; days < 60; days += 6 {
		out = append(out, reporting{by, "appointment-booked", with{"kind": kind, "start": stamp(denver.Clock(denver.AddDays(now, days), 10, 0)), "tentative": true}})
	}
	return out
}

// severalWays are the tasks that are done in one of several ways, and so have no form of their own.
var severalWays = []string{"settle-hold", "record-outcome", "answer-change-request", "single-or-upgrade", "settle-insurer", "renew-authorization"}

// lookAtForms holds that each form of an open task does what the task asks for and takes the value that is filled in, and that the task's
// role may send one of them now.
func (m *machine) lookAtForms(x care.Task) {
	forms := x.Forms()
	if several := slices.Contains(severalWays, x.Task); several == (len(forms) > 0) {
		m.Fatalf("the task %s has the forms %v; it is done in one of several ways: %t", x.ID(), forms, several)
	}
	by := person.Actor{ID: "another", Role: x.Role}
	offers, possible := m.chart.Offers(by, m.now), len(forms) == 0
	for _, f := range forms {
		kind, _ := care.KindNamed(f.Fact)
		if !slices.ContainsFunc(settling(m.chart, x, m.now), func(r reporting) bool { return r.name == f.Fact }) {
			m.Fatalf("%s does not do what the task %s asks for", f.Fact, x.ID())
		}
		if !slices.ContainsFunc(offers, func(o care.Offer) bool { return o.Fact == f.Fact && o.Now }) {
			continue
		}
		possible = true
		choices := m.chart.Choices(kind, f.Field, by, m.now)
		if f.Field != "" && !slices.ContainsFunc(choices, func(c care.Choice) bool { return c.Value == f.Value }) {
			m.Fatalf("the task %s fills in %s: %q, which the form does not offer: %v", x.ID(), f.Field, f.Value, choices)
		}
	}
	if !possible {
		m.Fatalf("the task %s of the %s leads to %v, none of which can be recorded now", x.ID(), x.Role, forms)
	}
}

// lookAtTasks holds that no task is open that the rules refuse to let anyone do, and that each leads to its form.
func (m *machine) lookAtTasks() {
	for _, x := range m.chart.Tasks(m.now) {
		if strings.Contains(x.Words, "first") {
			continue
		}
		m.lookAtForms(x)
		why := []string{}
		for _, f := range settling(m.chart, x, m.now) {
			err := m.chart.Check(f.name, report(f.by, "", f.with), m.now)
			if err == nil {
				why = nil
				break
			}
			why = append(why, f.name+": "+err.Error())
		}
		if why != nil {
			m.Fatalf("the task %s of the %s (%s) cannot be done in stage %s: %v", x.ID(), x.Role, x.Words, m.chart.Stage(), why)
		}
	}
}

// TestEveryOpenTaskCanBeDone plays random courses and, after each step, tries a fact that does what each open task asks for. A
// task that waits for something says in its words what comes first. The form to which a task leads is held to the same facts.
func TestEveryOpenTaskCanBeDone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for range rapid.IntRange(10, 30).Draw(t, "steps") {
			m.step()
			m.lookAtTasks()
		}
	})
}
