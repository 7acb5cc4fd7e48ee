package care_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// failer is what both *testing.T and *rapid.T offer.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func zone(name string) clock.Zone {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return clock.ZoneOf(loc, time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
}

var denver = zone("America/Denver")

// samplePolicy is a practice that opens with every shipped default.
func samplePolicy() policy.Policy {
	return policy.Policy{
		Version: "2027-01",
		Practice: policy.PracticeInfo{Name: "Cedar Practice", DisplayName: "Cedar Office", Phone: "555-010-0100", Timezone: "America/Denver",
			CrisisText: "Call 988, or 911 when in danger."},
		Clinicians: []policy.Clinician{{ID: "dr-stone", Role: person.Physician, Name: "P", Email: "stone@practice.example"}, {ID: "kim", Role: person.Psychotherapist, Name: "T", Email: "kim@practice.example"}, {ID: "noor", Role: person.Nurse, Name: "N", Email: "noor@practice.example"}},
		Places: []policy.Place{{ID: "main", Name: "Main office", Neutral: "our office", Outpatient: true},
			{ID: "video", Name: "Video", Neutral: "video", Telehealth: true}, {ID: "home", Name: "Home", Neutral: "your place"}},
		Preparation: policy.Preparation{MinimumSessions: 4, ConsentVersion: "v1", Education: "leaflet-1"},
		Visits:      policy.Visits{SessionMinutes: 50, LateCancelHours: 24, NoShowGrace: 15, OutcomeDueHours: 4},
		Labs:        policy.Labs{Panel: "basic", ValidDays: 90, PendingDays: 7, ReviewDueHours: 24},
		Infusions: policy.Infusions{FastingSolidsHours: 6, FastingLiquidHours: 2, CautionSystolic: 140, CautionDiastolic: 90,
			StopSystolic: 160, StopDiastolic: 100, ObservationMinutes: 30, RequireIntegration: true, RequireCheckIn: true},
		CheckIns: policy.CheckIns{AfterHours: []int{24, 72, 168}, AfterLastDays: 30, ChaseHours: 4, CallTaskHours: 24, IntegrationTarget: 72},
		Money:    policy.Money{PayBefore: "none", EvaluationPrice: 25000, SessionPrice: 18000, RefundRule: "rate_card"},
		Messages: policy.Messages{Window: clock.Window{Open: 9, Close: 20}, SundayWindow: clock.Window{Open: 12, Close: 20},
			Reminders: []policy.ReminderRule{{Name: "3d", Days: 3, Channels: []person.Channel{person.Email}}, {Name: "1d", Days: 1, Channels: []person.Channel{person.SMS, person.Email}},
				{Name: "2h", Hours: 2, Channels: []person.Channel{person.SMS}}}},
		Tasks:       policy.Tasks{DueDays: 2},
		MorningList: policy.MorningList{Hour: 7, Minute: 30, Weekdays: []string{"monday", "friday"}},
	}
}

func changed(change func(*policy.Policy)) policy.Policy {
	p := samplePolicy()
	change(&p)
	return p
}

// with is a fact's fields.
type with map[string]any

// course plays one client's course, step by step, on a chart.
type course struct {
	t        failer
	chart    *care.Chart
	now      time.Time
	postings []money.Posting
	changes  []care.Change
}

var roleIDs = map[person.Role]string{person.Physician: "dr-stone", person.Psychotherapist: "kim", person.Nurse: "noor", person.Coordinator: "desk", person.Client: "client-x", person.Provider: "twilio", person.System: "kapflow"}

// at is a time in the practice's zone, counted from Monday 1 March 2027.
func at(day, hour, minute int) time.Time {
	t, err := denver.At(2027, time.March, day, hour, minute)
	if err != nil {
		panic(err)
	}
	return t
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

func enrolled(t failer, p policy.Policy, presenting ...string) *course {
	t.Helper()
	if len(presenting) == 0 {
		presenting = []string{"depression"}
	}
	k := &course{t: t, now: at(1, 9, 0)}
	chart, _, err := care.Enroll(care.Enrollment{ClientID: "client-x", Policy: p, Zone: denver, ClientZone: denver, At: k.now,
		Report: report(person.Coordinator, "enrol-1", with{"presenting": presenting, "channels": []string{"sms", "email"}})})
	if err != nil {
		t.Fatalf("enrol: %v", err)
	}
	k.chart = chart
	k.publish()
	k.do(person.Coordinator, "messaging-consent-recorded", with{"channel": "sms", "detail": "appointment-time"})
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "email"})
	return k
}

func report(by person.Role, id string, fields with) care.Report {
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return care.Report{ID: id, By: person.Actor{ID: roleIDs[by], Role: by}, With: body}
}

func (k *course) publish() { k.changes = append(k.changes, k.chart.DiffAndPublish(k.now)...) }

// do records a fact that must be taken in.
func (k *course) do(by person.Role, fact string, fields with) care.Taken {
	k.t.Helper()
	taken, err := k.chart.Record(fact, report(by, "", fields), k.now)
	if err != nil {
		k.t.Fatalf("%s %v at %s: %v", fact, fields, denver.SayLong(k.now), err)
	}
	k.postings = append(k.postings, taken.Postings...)
	k.publish()
	return taken
}

// refused records a fact that must be refused with a code.
func (k *course) refused(code string, by person.Role, fact string, fields with) *care.Refusal {
	k.t.Helper()
	_, err := k.chart.Record(fact, report(by, "", fields), k.now)
	r := refusal(k.t, err)
	if r.Code != code && !r.Has(code) {
		k.t.Fatalf("%s %v was refused as %s (%s), want %s", fact, fields, r.Code, r.Message, code)
	}
	return r
}

func refusal(t failer, err error) *care.Refusal {
	t.Helper()
	var r *care.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return r
}

func (k *course) to(day, hour, minute int) *course {
	k.now = at(day, hour, minute)
	k.publish()
	return k
}

func (k *course) gate(code string) care.Gate {
	k.t.Helper()
	gates := k.chart.Gates(k.now)
	i := slices.IndexFunc(gates, func(g care.Gate) bool { return g.Gate == code })
	if i < 0 {
		k.t.Fatalf("there is no gate %s", code)
	}
	return gates[i]
}

func (k *course) task(id string) (care.Task, bool) {
	for _, x := range k.chart.Tasks(k.now) {
		if x.ID() == id {
			return x, true
		}
	}
	return care.Task{}, false
}

func (k *course) notification(named string) (message.Notification, bool) {
	for _, d := range k.chart.Notifications() {
		if d.Key == key(named) {
			return d, true
		}
	}
	return message.Notification{}, false
}

// key reads a notification's key.
func key(text string) message.Key {
	k, err := message.Parse(text)
	if err != nil {
		panic(err)
	}
	return k
}

// decided asks whether a delivery may leave by a channel. Asking must change nothing.
func decided(c *care.Chart, d message.Notification, ch person.Channel, now time.Time) message.Decision {
	before, _ := json.Marshal(c)
	decision := care.DecideSend(c, message.Delivery{ClientID: c.ClientID, Notification: d, Channel: ch, Now: now}, message.Known{})
	if after, _ := json.Marshal(c); string(before) != string(after) {
		panic("asking changed the chart")
	}
	return decision
}

// manyClinicians is the sample policy of a practice with another clinician in each role.
func manyClinicians() policy.Policy {
	return changed(func(p *policy.Policy) {
		p.Clinicians = append(p.Clinicians, policy.Clinician{ID: "dr-reed", Role: person.Physician, Name: "P2"}, policy.Clinician{ID: "lee", Role: person.Psychotherapist, Name: "T2"})
	})
}

// accepted: screened, coverage and fees settled on day 1.
func accepted(t failer, p policy.Policy, presenting ...string) *course {
	t.Helper()
	k := enrolled(t, p, presenting...)
	k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true})
	k.do(person.Psychotherapist, "coverage-reviewed", with{"result": "does-not-pay"})
	k.do(person.Psychotherapist, "insurer-contact-waived", with{"reason": "the plan is known"})
	k.do(person.Psychotherapist, "fees-discussed", with{"summary": "ref:1"})
	return k
}

// session books and holds one psychotherapy session.
func (k *course) session(kind string, day int) string {
	k.t.Helper()
	k.to(day, 8, 0)
	k.do(person.Coordinator, "appointment-booked", with{"kind": kind, "start": stamp(at(day, 10, 0))})
	id := k.chart.Visits[len(k.chart.Visits)-1].ID
	k.to(day, 11, 0).do(person.Psychotherapist, "session-completed", with{"appointment": id})
	return id
}

func (k *course) consult(day int, outcome string) {
	k.t.Helper()
	k.to(day, 12, 0)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "consult", "start": stamp(at(day, 13, 0))})
	k.to(day, 14, 0).do(person.Physician, "consult-decided", with{"outcome": outcome, "reason": "ref:1"})
}

func (k *course) labs(day int) {
	k.t.Helper()
	k.to(day, 15, 0).do(person.Physician, "labs-ordered", with{})
	k.do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(k.now)})
	k.do(person.Physician, "labs-reviewed", with{"outcome": "cleared"})
}

var fiveInputs = with{"psychological": true, "physical": true, "experience": true, "preferences": true, "intent": true}

// documents: dose, education, consents, package and estimate.
func (k *course) papers(pkg string) {
	k.t.Helper()
	k.do(person.Physician, "dose-ordered", with{"dose_mg": 40, "minutes": 50, "inputs": fiveInputs})
	k.do(person.Psychotherapist, "education-given", with{"material": "leaflet-1"})
	k.do(person.Client, "consent-signed", with{"service": "medical"})
	k.do(person.Client, "consent-signed", with{"service": "psychotherapy"})
	k.do(person.Client, "package-chosen", with{"package": pkg})
	k.do(person.Coordinator, "estimate-issued", with{"number": "1"})
}

// ready is a course on day 8 whose every gate is open.
func ready(t failer, p policy.Policy, pkg string) *course {
	t.Helper()
	k := accepted(t, p)
	k.session("evaluation", 2)
	for day := 3; day <= 6; day++ {
		k.session("preparation", day)
	}
	k.consult(6, "cleared")
	k.labs(7)
	k.papers(pkg)
	k.to(8, 9, 0)
	return k
}

func sheet(id string, change ...with) with {
	w := with{"appointment": id, "identity": true, "intention": true, "state_of_mind": true, "fasting_solids_h": 8, "fasting_liquids_h": 3, "escort": "ref:2",
		"no_alcohol": true, "systolic": 120, "diastolic": 80, "pulse": 70, "spo2": 98, "psychotherapist_present": true, "physician_present": true, "emergency_ready": true}
	for _, c := range change {
		for key, value := range c {
			w[key] = value
		}
	}
	return w
}

// infuse books, gives and ends one infusion on a day.
func (k *course) infuse(day int) string {
	k.t.Helper()
	k.to(day, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(day, 10, 0))})
	id := k.chart.Visits[len(k.chart.Visits)-1].ID
	k.run(day, id)
	return id
}

// run gives an infusion that is booked for 10:00.
func (k *course) run(day int, id string) {
	k.t.Helper()
	k.to(day, 9, 50).do(person.Nurse, "infusion-checked-in", sheet(id))
	k.to(day, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": id})
	for minute := 10; minute < 50; minute += 10 {
		k.to(day, 10, minute).do(person.Nurse, "vitals-recorded", with{"appointment": id, "systolic": 125, "diastolic": 80, "pulse": 70, "spo2": 98})
	}
	k.to(day, 10, 50).do(person.Nurse, "infusion-stopped", with{"appointment": id})
	k.to(day, 11, 30).do(person.Nurse, "client-discharged", with{"appointment": id, "released_to": "ref:3", "alert": true, "walking": true, "vitals_ok": true, "instructions_given": true})
}

func ids(gates []care.Gate) []string {
	var out []string
	for _, g := range gates {
		out = append(out, g.Gate)
	}
	return out
}

func asJSON(t failer, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return string(b)
}

func fullCourse(t *testing.T, pkg string, infusions int) *course {
	t.Helper()
	k := ready(t, samplePolicy(), pkg)
	for n := range infusions {
		day := 9 + 7*n
		k.infuse(day)
		k.session("integration", day+2)
	}
	return k
}

// handled settles a notification of which no more is known than its outcome.
func handled(c *care.Chart, key message.Key, result message.Result, now time.Time) {
	c.Settle(message.Notification{Key: key}, result, nil, now)
}
