package care_test

import (
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// chairs are how far an infusion has come when a course ends, in order.
var chairs = []struct {
	name string
	next func(k *course) // on to this from the one before
}{
	{"here", func(k *course) { k.do(person.Nurse, "appointment-arrived", with{"appointment": "infusion-1"}) }},
	{"running", func(k *course) {
		k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
		k.to(9, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	}},
	{"stopped", func(k *course) {
		k.to(9, 10, 50).do(person.Nurse, "infusion-stopped", with{"appointment": "infusion-1"})
	}},
	{"home", func(k *course) {
		k.to(9, 11, 30).do(person.Nurse, "client-discharged", with{"appointment": "infusion-1", "released_to": "ref:1", "alert": true, "walking": true, "vitals_ok": true, "instructions_given": true})
	}},
	{"asked", func(k *course) {
		k.to(10, 12, 0).do(person.Client, "check-in-answered", with{"check_in": "check-in-1-24h", "mood": 6})
	}},
}

// However a course ends and however far an infusion has come: the client is seen home and asked how they are before the record
// ends, no visit but the one in the chair stays open, and none is completed.
func TestNobodyIsForgottenInTheChair(t *testing.T) {
	t.Parallel()
	for how, end := range endings {
		for at := range chairs {
			k := bookedInfusion(t)
			for _, c := range chairs[:at+1] {
				c.next(k)
			}
			name := how + ", " + chairs[at].name
			inChair := chairs[at].name == "running" || chairs[at].name == "stopped"
			switch {
			case how == "completed":
				if at < len(chairs)-1 {
					if err := k.chart.Check("course-completed", report(person.Psychotherapist, "", with{}), k.now); err == nil {
						t.Errorf("%s: the course is completed", name)
					}
				}
				continue
			case how == "moved-away" && inChair:
				k.refused(care.CodeWrongState, person.Coordinator, how, with{})
				continue
			}
			end(k)
			for i := range k.chart.Visits {
				if v := &k.chart.Visits[i]; v.Open() && !(chairs[at].name == "running" && v.Kind == visit.Infusion) {
					t.Errorf("%s: %s stays open", name, v.ID)
				}
			}
			if how == "moved-away" || how == "deceased" || chairs[at].name == "here" {
				continue
			}
			for _, c := range chairs[at+1:] {
				k.pay()
				if _, ends := k.chart.EndsAt(); ends {
					t.Errorf("%s: the record ends before the client is %s", name, c.name)
				}
				c.next(k)
			}
			k.pay()
			if _, ends := k.chart.EndsAt(); !ends {
				t.Errorf("%s: the record never ends: %v", name, k.chart.Tasks(k.now.Add(60*24*time.Hour)))
			}
		}
	}
}

// pay pays what the client owes and what the practice owes them.
func (k *course) pay() {
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		if owed := k.chart.Balance(set); owed > 0 {
			k.do(person.Coordinator, "payment-received", with{"fee_set": set, "amount": owed, "method": "check", "key": string(set) + k.now.String(), "confirmed": true})
		}
	}
}

// A visit that had begun when the course was closed is looked at by its clinician, who says whether it was held.
func TestVisitThatHadBegunAtTheEndIsLookedAt(t *testing.T) {
	t.Parallel()
	for how, end := range endings {
		if how == "completed" {
			continue // refused while a visit is open
		}
		k := booked(t)
		k.to(9, 15, 40)
		end(k)
		task, asked := k.task("check-outcome:evaluation-1")
		if !asked || task.Role != person.Psychotherapist {
			t.Errorf("%s: nobody says whether the session was held: %v", how, k.chart.Tasks(k.now))
		}
		k.to(9, 16, 0).do(person.Psychotherapist, "appointment-corrected", with{"appointment": "evaluation-1", "status": "fulfilled", "reason": "ref:1"})
		if _, asked := k.task("check-outcome:evaluation-1"); asked {
			t.Errorf("%s: still asked", how)
		}
		if k.chart.Balance(money.Psychotherapies) == 0 {
			t.Errorf("%s: the session costs nothing", how)
		}
	}
}

// What is owed after the end is somebody's task until it is paid.
func TestDebtOfAClosedCourseIsATask(t *testing.T) {
	t.Parallel()
	for how, end := range endings {
		if how == "completed" {
			continue
		}
		k := insured(t, with{"result": "pays", "copay": 3000, "allowed": 14000})
		k.session("preparation", 3)
		end(k)
		if task, asked := k.task("settle-balance:psychotherapy"); !asked || task.Role != person.Coordinator {
			t.Errorf("%s: nobody asks for the $30.00: %v", how, k.chart.Tasks(k.now))
		}
		if _, asked := k.task("settle-insurer"); !asked {
			t.Errorf("%s: nobody sends a claim in: %v", how, k.chart.Tasks(k.now))
		}
		k.do(person.Coordinator, "claim-recorded", with{"appointment": "preparation-1", "status": "submitted"})
		if _, asked := k.task("settle-insurer"); asked {
			t.Errorf("%s: asked while the insurer has the claim", how)
		}
		k.do(person.Coordinator, "claim-recorded", with{"appointment": "preparation-1", "status": "paid", "allowed": 14000, "paid": 11000, "patient_owes": 3000})
		k.do(person.Coordinator, "payment-received", with{"fee_set": "psychotherapy", "amount": 11000, "method": "insurer", "key": "eob"})
		k.pay()
		for _, task := range []string{"settle-balance:psychotherapy", "settle-insurer"} {
			if _, asked := k.task(task); asked {
				t.Errorf("%s: %s is still asked", how, task)
			}
		}
	}
}

// A denial alone bills nobody: a person says what comes of the insurer's part. Closing the claim takes it off the books, the
// client owes it only when the practice says so, and a late payment opens it again.
func TestDeniedClaimWithoutFiguresIsAPersonsTask(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then                       with
		owes, insurer, contractual money.Cents
		asked                      bool
	}{
		"denied":                       {nil, 3000, 11000, 6000, true},
		"denied again with figures":    {with{"status": "denied", "patient_owes": 14000}, 14000, 0, 6000, false},
		"closed, and nobody is billed": {with{"status": "closed"}, 3000, 0, 17000, false},
		"appealed, and paid after all": {with{"status": "paid", "allowed": 14000, "paid": 11000, "patient_owes": 3000}, 3000, 11000, 6000, false},
	} {
		k := accepted(t, changed(func(p *policy.Policy) { p.Money.SessionPrice, p.Money.ClaimVarianceOver = 20000, 50000 }))
		k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "pays", "copay": 3000, "allowed": 14000})
		k.session("preparation", 3)
		claim := func(fields with) {
			fields["appointment"] = "preparation-1"
			k.do(person.Coordinator, "claim-recorded", fields)
		}
		claim(with{"status": "submitted"})
		claim(with{"status": "denied"})
		if c.then != nil {
			claim(c.then)
		}
		books := net(k.postings)
		if k.chart.Balance(money.Psychotherapies) != c.owes || books["psychotherapy:receivable:insurer"] != c.insurer || books["psychotherapy:contra:contractual"] != c.contractual {
			t.Errorf("%s: the client owes %s, books %v", name, k.chart.Balance(money.Psychotherapies), books)
		}
		if _, asked := k.task("claim-variance:preparation-1"); asked != c.asked {
			t.Errorf("%s: asked %t", name, asked)
		}
		if c.then == nil {
			continue
		}
		claim(with{"status": "paid", "allowed": 14000, "paid": 11000, "patient_owes": 3000})
		if books := net(k.postings); books["psychotherapy:receivable:insurer"] != 11000 || k.chart.Balance(money.Psychotherapies) != 3000 {
			t.Errorf("%s, then paid: %v", name, books)
		}
	}
}
