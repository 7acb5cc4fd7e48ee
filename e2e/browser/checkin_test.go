package browser_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"kapflow/access"
	"kapflow/bench/stage"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/e2e/browser"
)

// beforeAnInfusion is a course up to the eve of the first infusion; afterIt is what follows, up to the check-in of a week.
// The answers are given in the browser.
const beforeAnInfusion = `name: Up to the eve of an infusion
start: monday
until: d21 12:00
clients: [{id: ana, preferred_name: Ana, presenting: [depression], phone: "+13035550142", email: ana@example.org, consent: {sms: appointment-time, email: minimal}}]
steps:
  - {at: d1 09:05, by: psychotherapist, record: screening-recorded, with: {criteria_met: true, prefers_kap: true}}
  - {at: d1 10:00, by: psychotherapist, record: coverage-reviewed, with: {result: pays, copay: 3000}}
  - {at: d1 10:10, by: psychotherapist, record: insurer-contact-waived, with: {reason: the plan answers in writing}}
  - {at: d1 10:30, by: psychotherapist, record: fees-discussed, with: {summary: both fee sets}}
  - {at: d1 13:00, by: coordinator, record: appointment-booked, with: {kind: evaluation, start: d4 10:00, minutes: 60}}
  - {at: d2 11:00, by: client, record: package-chosen, with: {package: six}}
  - {at: d2 11:30, by: coordinator, record: estimate-issued, with: {number: estimate-1, total: 350000}}
  - {at: d2 14:10, by: coordinator, record: appointment-booked, with: {kind: preparation, start: d8 10:00}}
  - {at: d2 14:11, by: coordinator, record: appointment-booked, with: {kind: preparation, start: d9 10:00}}
  - {at: d2 14:12, by: coordinator, record: appointment-booked, with: {kind: preparation, start: d10 10:00}}
  - {at: d2 14:13, by: coordinator, record: appointment-booked, with: {kind: preparation, start: d11 10:00}}
  - {at: d2 14:20, by: coordinator, record: appointment-booked, with: {kind: consult, start: d9 14:00, minutes: 60}}
  - {at: d4 11:05, by: psychotherapist, record: session-completed, with: {appointment: evaluation-1}}
  - {at: d8 11:00, by: psychotherapist, record: session-completed, with: {appointment: preparation-1}}
  - {at: d9 11:00, by: psychotherapist, record: session-completed, with: {appointment: preparation-2}}
  - {at: d9 15:00, by: physician, record: consult-decided, with: {appointment: consult-1, outcome: cleared}}
  - {at: d9 15:10, by: physician, record: labs-ordered}
  - {at: d10 11:00, by: psychotherapist, record: session-completed, with: {appointment: preparation-3}}
  - {at: d11 11:00, by: psychotherapist, record: session-completed, with: {appointment: preparation-4}}
  - {at: d12 15:00, by: coordinator, record: labs-resulted, with: {status: final, drawn_on: d10}}
  - {at: d12 15:30, by: physician, record: labs-reviewed, with: {outcome: cleared}}
  - {at: d12 16:00, by: psychotherapist, record: education-given, with: {material: altered-state-1}}
  - {at: d12 16:10, by: client, record: consent-signed, with: {service: medical, document_version: consent-1}}
  - {at: d12 16:15, by: client, record: consent-signed, with: {service: psychotherapy, document_version: consent-1}}
  - {at: d12 16:20, by: physician, record: dose-ordered, with: {dose_mg: 35, minutes: 50, inputs: {psychological: true, physical: true, experience: true, preferences: true, intent: true}}}
  - {at: d12 17:00, by: coordinator, record: appointment-booked, with: {kind: infusion, start: d22 13:00, minutes: 60, place: main}}
`

// openBy reads the link in the newest text message that fits, and opens its page by the code that comes by email.
func (o *office) openBy(p page, fits string) {
	o.t.Helper()
	p.Do("open", nil)
	p.Do("goto", browser.Args{"url": o.web.URL + "/" + linkInText.FindStringSubmatch(o.texted(fits))[1]})
	p.Do("click", browser.Args{"selector": "button:has-text('me a code')"})
	p.Do("fill", browser.Args{"selector": "[name=code]", "value": codeInText.FindString(o.texted("our code is"))})
	p.Do("click", browser.Args{"selector": "form:has([name=code]) button"})
}

// play plays the first days of a journey and makes its client the office's.
func (o *office) play(course string) {
	o.t.Helper()
	c, err := stage.Course(fstest.MapFS{"course.yaml": {Data: []byte(course)}}, "course.yaml")
	must(o.t, err)
	ids, err := o.Play(o.t.Context(), c, "browser")
	must(o.t, err)
	o.client = ids["ana"]
}

// until lets time go on for the journey and the desk.
func (o *office) until(days, hour, minute int) {
	o.t.Helper()
	z := o.Practice.Zone
	o.goOn(z.Clock(z.AddDays(o.chart().EnrolledAt, days-1), hour, minute))
}

// goOn lets time go on to a moment.
func (o *office) goOn(at time.Time) {
	o.t.Helper()
	must(o.t, stage.Drive(o.t.Context(), o.TemporalClient, o.client, at))
	o.Clock.Set(at)
}

func (p page) tap(name, value string) {
	p.t.Helper()
	p.Do("click", browser.Args{"selector": fmt.Sprintf("label:has([name=%q][value=%q])", name, value)})
}

// TestClientAnswersAheadOfAnInfusionAndAfterIt goes the client's way at 360 pixels without JavaScript: from the text messages
// that the journey sent to the answers that it took in, and to the crisis text.
func TestClientAnswersAheadOfAnInfusionAndAfterIt(t *testing.T) {
	t.Parallel()
	p := page{browser.Start(t), t}
	o := house(t)
	o.play(beforeAnInfusion)
	send := browser.Args{"selector": "button:has-text('Send my answers')"}

	o.openBy(p, "read your instructions")
	p.says("20-prepare", "Please answer before you come", "Will an adult take you home?")
	p.tap("fasting", "yes")
	p.Do("click", send)
	p.says("21-prepare-missing", "Something is missing. Your answers are still here.", "Please answer: Will an adult take you home?")
	p.tap("escort", "yes")
	p.tap("no_alcohol", "yes")
	p.tap("nothing_new", "yes")
	p.Do("fill", browser.Args{"selector": "input[name=name]", "value": "Bo Sample"})
	p.Do("fill", browser.Args{"selector": "input[name=phone]", "value": "555-010-0123"})
	p.Do("click", send)
	p.says("22-prepared", "You are ready.")
	if r := o.chart().Visit("infusion-1").Readiness; r == nil || len(r.Missing()) != 0 || !strings.HasPrefix(r.Name, "ref:") {
		t.Fatalf("the journey has %+v", r)
	}

	o.until(22, 12, 50)
	o.record(person.Nurse, "infusion-checked-in", map[string]any{"appointment": "infusion-1", "identity": true, "intention": true, "state_of_mind": true, "fasting_solids_h": 8,
		"fasting_liquids_h": 3, "escort": "Bo Sample", "escort_phone": "555-010-0123", "no_alcohol": true, "nothing_new": true, "systolic": 118, "diastolic": 76, "pulse": 68,
		"spo2": 98, "psychotherapist_present": true, "physician_present": true, "emergency_ready": true})
	o.until(22, 13, 0)
	o.record(person.Nurse, "infusion-started", map[string]any{"appointment": "infusion-1"})
	o.until(22, 13, 50)
	o.record(person.Nurse, "infusion-stopped", map[string]any{"appointment": "infusion-1"})
	o.until(22, 14, 30)
	o.record(person.Nurse, "client-discharged", map[string]any{"appointment": "infusion-1", "released_to": "Bo Sample", "alert": true, "walking": true, "vitals_ok": true, "instructions_given": true})

	o.until(23, 9, 30)
	o.openBy(p, "how are you")
	p.says("23-next-day", "about one minute", "How do you feel now?")
	p.tap("mood", "6")
	p.Do("click", send)
	p.says("24-thanks", "We have your answers")

	o.until(29, 9, 30)
	o.openBy(p, "how are you")
	p.says("25-week", "about five minutes", "Little interest or pleasure in doing things")
	p.tap("phq9-1", "2")
	p.Do("fill", browser.Args{"selector": "textarea", "value": "it was a long week"})
	p.Do("click", send)
	p.says("26-week-missing", "Please choose a number from 0 to 10", "please answer question 2, 3, 4, 5, 6, 7, 8, 9 too")
	p.tap("mood", "3")
	for n := 2; n <= 9; n++ {
		p.tap(fmt.Sprintf("phq9-%d", n), "1")
	}
	for n := 1; n <= 7; n++ {
		p.tap(fmt.Sprintf("gad7-%d", n), "0")
	}
	p.Do("click", send)
	p.says("27-crisis", "Please read this now", o.Practice.Policy.Practice.CrisisText)
	c := o.chart()
	if last := c.Answers[len(c.Answers)-1]; len(c.Answers) != 2 || last.By.Role != person.Client || !last.Concern {
		t.Errorf("the journey has %+v", c.Answers)
	}
	if len(c.OpenAlerts()) != 1 {
		t.Errorf("%d alerts are open", len(c.OpenAlerts()))
	}
	rec, err := o.Desk.OpenRecord(t.Context(), access.FromRehearsal(o.Practice.Policy, person.Actor{ID: "psy-sample", Role: person.Psychotherapist}), o.client)
	must(t, err)
	trend, err := record.TrendOf(rec)
	must(t, err)
	if p := trend.PHQ9; p == nil || p.Last != 10 {
		t.Errorf("PHQ-9 is %+v; the answers add up to 10", p)
	}
	if facts := rec.Facts; rec.Fields(facts[len(facts)-1])["comment"] != "it was a long week" {
		t.Errorf("what was typed before the fault was lost: %v", rec.Fields(facts[len(facts)-1]))
	}
}
