package recordexport_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
)

// tale plays facts on a chart and keeps the record that Postgres would hold.
type tale struct {
	t     testing.TB
	c     *care.Chart
	lines []care.JournalLine
	texts map[string]string
	seen  int

	leaveOut func() bool // of a random course: facts are left out, and what is refused then is not told
}

func samplePolicy() policy.Policy {
	p := policy.Policy{Version: "test-1",
		Practice: policy.PracticeInfo{Name: "Sample Practice", DisplayName: "Cedar Office", Phone: "555-010-0100", Timezone: "America/Denver"},
		Clinicians: []policy.Clinician{{ID: "dr-a", Role: person.Physician, Name: "Sample Physician"}, {ID: "psy-a", Role: person.Psychotherapist, Name: "Sample Psychotherapist"},
			{ID: "nurse-a", Role: person.Nurse, Name: "Sample Nurse"}},
		Places: []policy.Place{{ID: "main", Name: "Main office", Neutral: "our office", Outpatient: true}, {ID: "online", Name: "Online", Neutral: "online", Telehealth: true}},
	}
	p.Preparation.MinimumSessions = 4
	p.Visits.SessionMinutes, p.Visits.NoShowGrace, p.Visits.OutcomeDueHours = 50, 15, 20
	p.Labs.Panel, p.Labs.ValidDays = "basic", 90
	p.Infusions.CautionSystolic, p.Infusions.CautionDiastolic, p.Infusions.StopSystolic, p.Infusions.StopDiastolic, p.Infusions.ObservationMinutes = 140, 90, 160, 100, 30
	p.CheckIns.AfterHours, p.CheckIns.CallTaskHours = []int{24, 72}, 8
	p.Messages.Window = clock.Window{Open: 9, Close: 20}
	p.Messages.SundayWindow = p.Messages.Window
	p.Money.PayBefore, p.Money.SessionPrice, p.Money.EvaluationPrice = "none", 18000, 25000
	return p
}

func newTale(t testing.TB) *tale {
	t.Helper()
	return newTaleOf(t, samplePolicy(), `["depression","anxiety"]`)
}

func newTaleOf(t testing.TB, p policy.Policy, presenting string) *tale {
	t.Helper()
	with := json.RawMessage(`{"presenting":` + presenting + `,"physician":"dr-a","psychotherapist":"psy-a","channels":["sms","email"]}`)
	c, taken, err := care.Enroll(care.Enrollment{ClientID: "client-sample", Policy: p, Zone: denver, ClientZone: denver, At: start,
		Report: care.Report{ID: "enrol", By: person.Actor{ID: "coord-1", Role: person.Coordinator}, With: with}})
	if err != nil {
		t.Fatal(err)
	}
	s := &tale{t: t, c: c, texts: map[string]string{}}
	s.keep(taken, start)
	return s
}

func (s *tale) keep(taken care.Taken, at time.Time) {
	s.line(at, "fact", taken.Entry)
	for _, p := range taken.Postings {
		s.line(at, "ledger", p)
	}
	for _, ch := range s.c.DiffAndPublish(at) {
		s.line(at, "change", ch)
	}
}

func (s *tale) line(at time.Time, kind string, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.seen++
	s.lines = append(s.lines, care.JournalLine{Seq: int64(s.seen), ClientID: s.c.ClientID, At: at, Type: kind, Body: b})
}

var people = map[string]person.Actor{
	"coord": {ID: "coord-1", Role: person.Coordinator}, "psych": {ID: "psy-a", Role: person.Psychotherapist}, "phys": {ID: "dr-a", Role: person.Physician},
	"nurse": {ID: "nurse-a", Role: person.Nurse}, "client": {ID: "client-sample", Role: person.Client},
}

// on records a fact on a day of the course (1 is the first) at a clock time. Private texts are hidden first, as the
// desk does.
func (s *tale) on(day int, clock, by, fact, with string) {
	s.t.Helper()
	if s.leaveOut != nil && s.leaveOut() {
		return
	}
	at, err := denver.ParseTime(start.AddDate(0, 0, day-1).Format(time.DateOnly) + " " + clock)
	if err != nil {
		s.t.Fatal(err)
	}
	kind, _ := care.KindNamed(fact)
	hidden, err := kind.HidePrivate(json.RawMessage(with), func(_, text string) (string, error) {
		ref := fmt.Sprintf("ref:%d", len(s.texts)+1)
		s.texts[ref] = text
		return ref, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	taken, err := s.c.Record(fact, care.Report{ID: fmt.Sprintf("f%d", s.c.Facts+1), By: people[by], With: hidden}, at)
	if err != nil && s.leaveOut != nil {
		return
	}
	if err != nil {
		s.t.Fatalf("day %d %s %s: %v", day, clock, fact, err)
	}
	s.keep(taken, at)
}

func (s *tale) record() record.HealthRecord {
	s.t.Helper()
	messages := []care.Message{
		{Key: message.DeliveryKeyOf(s.c.ClientID, message.Key{Verb: message.Remind, Subject: "infusion-1"}, person.SMS), ClientID: s.c.ClientID, Channel: person.SMS, Template: "reminder", To: person.Client, About: "infusion-1", Version: 2, State: message.StateDelivered, Text: "Cedar Office: you have a visit", At: start},
		{Key: message.DeliveryKeyOf(s.c.ClientID, message.Key{Verb: message.Remind, Subject: "infusion-2"}, person.Email), ClientID: s.c.ClientID, Channel: person.Email, Template: "reminder", To: person.Client, About: "infusion-1", State: message.StateSuppressed, Why: "no consent on this channel", At: start},
		{Key: message.DeliveryKeyOf(s.c.ClientID, message.Key{Verb: message.Remind, Subject: "infusion-3"}, person.Email), ClientID: s.c.ClientID, Channel: person.Email, Template: "risk", To: person.Physician, State: message.StateSent, Text: "please look", At: start}}
	contact := person.Contact{PreferredName: "Robin Sample", Pronouns: "they/them", Phone: "+13035550123", Email: "robin@example.org", BirthDate: "1990-01-31"}
	r, err := record.NewHealthRecord(s.c, contact, s.lines, messages, s.texts)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Billing = care.Billing{LegalName: "Robin A. Sample", Address: "1 Sample Street, Denver", MemberID: "S-1"}
	r.Documents = []care.IssuedDocument{{ID: "p", Kind: "estimate", Number: "estimate-1", PDF: []byte("%PDF-sample"), MadeAt: start}}
	return r
}

// treated plays a course up to the first infusion and what followed: a moved visit, a missed one that was corrected, an
// adverse event, a flag, an override and answers that raise concern.
func treated(t testing.TB) *tale {
	s := newTale(t)
	s.treat()
	return s
}

func (s *tale) treat() {
	s.on(1, "09:05", "psych", "screening-recorded", `{"criteria_met":true,"prefers_kap":true,"flags":["raised-eye-pressure"],"note":"=SUM(A1) is how the note begins"}`)
	s.on(1, "09:30", "phys", "flag-decided", `{"flag":"raised-eye-pressure","decision":"proceed","reason":"seen by an eye doctor"}`)
	s.on(1, "10:00", "psych", "coverage-reviewed", `{"result":"partly","deductible_total":100000,"deductible_met":100000,"copay":3000,"payer":"Sample Insurer"}`)
	s.on(1, "10:10", "psych", "insurer-contact-waived", `{"reason":"the plan is known"}`)
	s.on(1, "10:20", "psych", "fees-discussed", `{"summary":"both fee sets"}`)
	s.on(1, "10:30", "coord", "messaging-consent-recorded", `{"channel":"sms","granted":true,"detail":"appointment-time","wording":"intake form"}`)
	s.on(1, "10:31", "coord", "messaging-consent-recorded", `{"channel":"email","granted":false,"detail":"minimal"}`)
	s.on(1, "11:00", "client", "package-chosen", `{"package":"six"}`)
	s.on(1, "11:10", "coord", "estimate-issued", `{"number":"estimate-1","total":350000}`)
	s.on(1, "11:20", "coord", "payment-received", `{"fee_set":"medical","amount":350000,"method":"card","key":"package"}`)
	s.on(1, "11:30", "coord", "appointment-booked", `{"kind":"evaluation","start":"2027-03-02 10:00","minutes":60}`)
	s.on(2, "11:00", "psych", "session-completed", `{"appointment":"evaluation-1","note":"initial psychological evaluation"}`)
	for n, day := range []string{"2027-03-03", "2027-03-04", "2027-03-05", "2027-03-08"} {
		s.on(2, fmt.Sprintf("12:%02d", n), "coord", "appointment-booked", `{"kind":"preparation","start":"`+day+` 10:00","minutes":50}`)
	}
	s.on(2, "13:00", "coord", "appointment-booked", `{"kind":"consult","start":"2027-03-05 14:00","minutes":60}`)
	s.on(3, "11:00", "psych", "session-completed", `{"appointment":"preparation-1","flexibility":3,"acceptance":3,"clarity":4}`)
	s.on(4, "10:30", "coord", "appointment-missed", `{"appointment":"preparation-2"}`)
	s.on(4, "16:00", "psych", "appointment-corrected", `{"appointment":"preparation-2","status":"fulfilled","reason":"the client was in the other room"}`)
	s.on(5, "11:00", "psych", "session-completed", `{"appointment":"preparation-3"}`)
	s.on(5, "15:00", "phys", "consult-decided", `{"appointment":"consult-1","outcome":"cleared"}`)
	s.on(5, "15:10", "phys", "labs-ordered", `{}`)
	s.on(8, "11:00", "psych", "session-completed", `{"appointment":"preparation-4","note":"ready"}`)
	s.on(8, "12:00", "coord", "labs-resulted", `{"status":"final","drawn_on":"2027-03-06"}`)
	s.on(8, "12:10", "phys", "labs-reviewed", `{"outcome":"cleared"}`)
	s.on(8, "12:20", "psych", "goals-recorded", `{"intention":"to meet what I avoid","values":"family"}`)
	s.on(8, "12:30", "psych", "education-given", `{"material":"altered-state-1"}`)
	s.on(8, "12:40", "client", "consent-signed", `{"service":"medical","document_version":"consent-1"}`)
	s.on(8, "12:41", "client", "consent-signed", `{"service":"psychotherapy","document_version":"consent-1"}`)
	s.on(8, "12:50", "phys", "dose-ordered", `{"dose_mg":30,"minutes":50,"inputs":{"psychological":true,"physical":true,"experience":"none so far","preferences":true,"intent":true}}`)
	s.on(8, "12:55", "phys", "dose-ordered", `{"dose_mg":35,"minutes":50,"inputs":{"psychological":true,"physical":true,"experience":"none so far","preferences":true,"intent":true}}`)
	s.on(8, "13:00", "coord", "appointment-booked", `{"kind":"infusion","start":"2027-03-15 13:00","minutes":60}`)
	s.on(9, "09:00", "coord", "appointment-moved", `{"appointment":"infusion-1","start":"2027-03-16 13:00","reason":"the client's car"}`)
	s.infusion(16)
}

// infusion plays the first infusion, its problems, and the answers after it.
func (s *tale) infusion(day int) {
	s.on(day, "12:50", "nurse", "infusion-checked-in", `{"appointment":"infusion-1","identity":true,"intention":"to stay","state_of_mind":"calm","fasting_solids_h":8,
		"fasting_liquids_h":3,"escort":"a friend","no_alcohol":true,"systolic":118,"diastolic":76,"pulse":68,"spo2":98,"psychotherapist_present":true,"physician_present":true,"emergency_ready":true}`)
	s.on(day, "13:00", "nurse", "infusion-started", `{"appointment":"infusion-1"}`)
	s.on(day, "13:10", "nurse", "vitals-recorded", `{"appointment":"infusion-1","systolic":131,"diastolic":84,"pulse":74,"spo2":97}`)
	s.on(day, "13:20", "nurse", "adverse-event-recorded", `{"appointment":"infusion-1","severity":"mild","kind":"nausea","action":"water and a pause"}`)
	s.on(day, "13:40", "nurse", "infusion-stopped", `{"appointment":"infusion-1","reason":"the client asked to stop"}`)
	s.on(day, "13:45", "nurse", "drug-given", `{"appointment":"infusion-1","dose_mg":28.5,"drawn_mg":50,"lot":"AB-12","expires_on":"2027-12-31","waste_mg":21.5,"witness":"dr-a"}`)
	s.on(day, "13:50", "psych", "processing-noted", `{"appointment":"infusion-1","note":"what came up"}`)
	s.on(day, "14:30", "nurse", "client-discharged", `{"appointment":"infusion-1","released_to":"a friend","alert":true,"walking":true,"vitals_ok":true,"instructions_given":true}`)
	s.on(day+1, "10:00", "client", "check-in-answered", `{"check_in":"latest","mood":4,"phq9":[1,2,1,2,1,1,1,0,1],"gad7":[1,1,1,1,1,1,1],"side_effects":["nausea"],"comment":"a hard night"}`)
	s.on(day+1, "11:00", "psych", "risk-assessed", `{"instrument":"C-SSRS","outcome":"low","reason":"spoke on the telephone"}`)
	s.on(day+1, "11:10", "psych", "hold-released", `{"reason":"safe, with a plan"}`)
	s.on(day+3, "11:00", "coord", "check-in-answered", `{"check_in":"latest","mood":6,"phq9":[0,1,1,1,1,0,1,0,0]}`)
}
