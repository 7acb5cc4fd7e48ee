package care_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// refusalCase is one refusal: how the course stands, and what is reported by whom.
type refusalCase struct {
	code   string
	course func(t failer) *course
	by     person.Role
	fact   string
	with   with
}

func refusedCases(t *testing.T, cases map[string]refusalCase) {
	t.Helper()
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x.course(t).refused(x.code, x.by, x.fact, x.with)
		})
	}
}

func fresh(t failer) *course       { t.Helper(); return enrolled(t, samplePolicy()) }
func cleared(t failer) *course     { t.Helper(); return accepted(t, samplePolicy()) }
func allReady(t failer) *course    { t.Helper(); return ready(t, samplePolicy(), "six") }
func oneInfusion(t failer) *course { t.Helper(); k := allReady(t); k.infuse(9); return k }

// bookedInfusion stands at 9:50 of the infusion's day.
func bookedInfusion(t failer) *course {
	t.Helper()
	k := allReady(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	return k.to(9, 9, 50)
}

// checkedIn is bookedInfusion with a sheet.
func checkedIn(change with) func(t failer) *course {
	return func(t failer) *course {
		t.Helper()
		k := bookedInfusion(t)
		k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1", change))
		return k.to(9, 10, 0)
	}
}

func bookedSession(t failer) *course {
	t.Helper()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(2, 10, 0))})
	return k
}

func TestRefusalsOfVisits(t *testing.T) {
	t.Parallel()
	book := func(kind string, more with) with {
		w := with{"kind": kind, "start": stamp(at(9, 10, 0))}
		for k, v := range more {
			w[k] = v
		}
		return w
	}
	cases := map[string]refusalCase{
		"InfusionOf44Minutes":     {"infusion-minutes", allReady, person.Coordinator, "appointment-booked", book("infusion", with{"minutes": 44})},
		"InfusionOf61Minutes":     {"infusion-minutes", allReady, person.Coordinator, "appointment-booked", book("infusion", with{"minutes": 61})},
		"InfusionAtHome":          {"place-not-outpatient", allReady, person.Coordinator, "appointment-booked", book("infusion", with{"place": "home"})},
		"ConsultOf50Minutes":      {care.CodeInvalid, cleared, person.Coordinator, "appointment-booked", book("consult", with{"minutes": 50})},
		"StartInThePast":          {"start-in-past", cleared, person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(1, 8, 0))}},
		"UnknownPlace":            {care.CodeInvalid, cleared, person.Coordinator, "appointment-booked", book("evaluation", with{"place": "moon"})},
		"UnknownKind":             {care.CodeInvalid, cleared, person.Coordinator, "appointment-booked", book("party", nil)},
		"TellingId":               {care.CodeInvalid, cleared, person.Coordinator, "appointment-booked", book("evaluation", with{"appointment": "Ana's visit"})},
		"BeforeTheReview":         {"coverage-not-reviewed", fresh, person.Coordinator, "appointment-booked", book("evaluation", nil)},
		"BeforeTheContact":        {"insurer-contact-open", fresh, person.Coordinator, "appointment-booked", book("evaluation", nil)},
		"BeforeTheFeeTalk":        {"fees-not-discussed", fresh, person.Coordinator, "appointment-booked", book("evaluation", nil)},
		"BeforeAcceptance":        {care.GateAcceptance, fresh, person.Coordinator, "appointment-booked", book("preparation", nil)},
		"InfusionWithShutGates":   {care.CodeGatesShut, cleared, person.Coordinator, "appointment-booked", book("infusion", nil)},
		"WithoutEducation":        {"education-missing", cleared, person.Coordinator, "appointment-booked", book("infusion", nil)},
		"WithoutConsent":          {"consent-missing", cleared, person.Coordinator, "appointment-booked", book("infusion", nil)},
		"SameTimeTwice":           {care.CodeOverlap, bookedSession, person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(2, 10, 30))}},
		"IdTwice":                 {care.CodeWrongState, bookedSession, person.Coordinator, "appointment-booked", book("evaluation", with{"appointment": "evaluation-1"})},
		"MovedToThePast":          {"start-in-past", bookedSession, person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(1, 8, 0))}},
		"MovedUnknown":            {care.CodeUnknownAppointment, bookedSession, person.Coordinator, "appointment-moved", with{"appointment": "evaluation-9", "start": stamp(at(3, 8, 0))}},
		"CompletedBeforeStart":    {"not-started", bookedSession, person.Psychotherapist, "session-completed", with{"appointment": "evaluation-1"}},
		"MissedBeforeGrace":       {"not-started", bookedSession, person.Coordinator, "appointment-missed", with{"appointment": "evaluation-1"}},
		"ClarityOf6":              {care.CodeInvalid, bookedSession, person.Psychotherapist, "session-completed", with{"appointment": "evaluation-1", "clarity": 6}},
		"ArrivedOnAnotherDay":     {care.CodeWrongState, bookedSession, person.Nurse, "appointment-arrived", with{"appointment": "evaluation-1"}},
		"ClientCancelsForUs":      {care.CodeInvalid, bookedSession, person.Client, "appointment-cancelled", with{"appointment": "evaluation-1", "side": "practice"}},
		"CancelledWithoutSide":    {care.CodeInvalid, bookedSession, person.Coordinator, "appointment-cancelled", with{"appointment": "evaluation-1"}},
		"CorrectedWithoutReason":  {care.CodeInvalid, bookedSession, person.Coordinator, "appointment-corrected", with{"appointment": "evaluation-1", "status": "noshow"}},
		"CorrectedByTheOther":     {care.CodeNotYourRole, oneInfusion, person.Psychotherapist, "appointment-corrected", with{"appointment": "infusion-1", "status": "noshow", "reason": "ref:1"}},
		"UnknownClinicianIsAway":  {"unknown-clinician", cleared, person.Coordinator, "clinician-unavailable", with{"clinician": "x", "from": stamp(at(3, 0, 0)), "to": stamp(at(4, 0, 0))}},
		"AwayBackwards":           {care.CodeInvalid, cleared, person.Coordinator, "clinician-unavailable", with{"clinician": "kim", "from": stamp(at(4, 0, 0)), "to": stamp(at(3, 0, 0))}},
		"ConfirmAHeldVisit":       {"not-confirmable", oneInfusion, person.Client, "appointment-confirmed", with{"appointment": "infusion-1"}},
		"ConsultWithoutBooking":   {care.CodeUnknownAppointment, cleared, person.Physician, "consult-decided", with{"outcome": "cleared"}},
		"InfusionMadeUpLater":     {care.CodeWrongState, bookedInfusionMissed, person.Coordinator, "appointment-corrected", with{"appointment": "infusion-1", "status": "fulfilled", "reason": "ref:1"}},
		"ClaimForAnInfusion":      {"never-insured", oneInfusion, person.Coordinator, "claim-recorded", with{"appointment": "infusion-1", "status": "submitted"}},
		"CompletedTheConsultRoom": {care.CodeWrongState, oneInfusion, person.Psychotherapist, "session-completed", with{"appointment": "consult-1"}},
	}
	refusedCases(t, cases)
}

func bookedInfusionMissed(t failer) *course {
	t.Helper()
	k := bookedInfusion(t)
	k.to(9, 10, 20).do(person.Coordinator, "appointment-missed", with{"appointment": "infusion-1"})
	return k
}

var infusionOne = with{"appointment": "infusion-1"}

// infusionRunning is checkedIn half an hour into the infusion.
func infusionRunning(t failer) *course {
	t.Helper()
	k := checkedIn(nil)(t)
	k.do(person.Nurse, "infusion-started", infusionOne)
	return k.to(9, 10, 30)
}

// infusionStopped is infusionRunning ten minutes after the end of the infusion.
func infusionStopped(t failer) *course {
	t.Helper()
	k := infusionRunning(t)
	k.to(9, 10, 50).do(person.Nurse, "infusion-stopped", infusionOne)
	return k.to(9, 11, 0)
}

func TestRefusalsOfMedicalFacts(t *testing.T) {
	t.Parallel()
	refusedCases(t, map[string]refusalCase{
		"ResultWithoutOrder":         {care.CodeWrongState, cleared, person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))}},
		"DrawnTomorrow":              {care.CodeInFuture, allReady, person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(9, 8, 0))}},
		"ReviewWithoutResult":        {care.CodeWrongState, cleared, person.Physician, "labs-reviewed", with{"outcome": "cleared"}},
		"ValidBeforeDrawn":           {care.CodeInvalid, allReady, person.Physician, "labs-reviewed", with{"outcome": "cleared", "valid_until": stamp(at(1, 8, 0))}},
		"DoseWithFourInputs":         {"dose-inputs-missing", cleared, person.Physician, "dose-ordered", with{"dose_mg": 40, "inputs": with{"psychological": true, "physical": true, "experience": true, "preferences": true, "intent": "no"}}},
		"DoseWithExperienceNotAsked": {"dose-inputs-missing", cleared, person.Physician, "dose-ordered", with{"dose_mg": 40, "inputs": with{"psychological": true, "physical": true, "experience": false, "preferences": true, "intent": true}}},
		"DoseByMouth":                {care.CodeInvalid, cleared, person.Physician, "dose-ordered", with{"dose_mg": 40, "route": "oral", "inputs": fiveInputs}},
		"DoseOver61Minutes":          {"infusion-minutes", cleared, person.Physician, "dose-ordered", with{"dose_mg": 40, "minutes": 61, "inputs": fiveInputs}},
		"NoDose":                     {care.CodeInvalid, cleared, person.Physician, "dose-ordered", with{"inputs": fiveInputs}},
		"PlanBelowWhatWasGiven":      {care.CodeInvalid, oneInfusion, person.Physician, "plan-set", with{"infusions": 0}},
		"WaivedWithoutInfusion":      {care.CodeUnknownAppointment, cleared, person.Psychotherapist, "integration-waived", with{"infusion": "infusion-1", "reason": "ref:1"}},
		"ScoresOf4":                  {care.CodeInvalid, oneInfusion, person.Client, "check-in-answered", with{"check_in": "latest", "phq9": []int{4, 0, 0, 0, 0, 0, 0, 0, 0}}},
		"AnswerBeforeTheAsking":      {care.CodeWrongState, oneInfusion, person.Client, "check-in-answered", with{"check_in": "latest"}},
		"SideEffectInWords":          {care.CodeInvalid, oneInfusion, person.Client, "check-in-answered", with{"check_in": "check-in-1-24h", "side_effects": []string{"slept badly"}}},
		"ReleaseWithoutHold":         {care.CodeWrongState, cleared, person.Physician, "hold-released", with{"reason": "ref:1"}},
		"UnknownFlag":                {care.CodeInvalid, cleared, person.Physician, "flag-decided", with{"flag": "x", "decision": "proceed", "reason": "ref:1"}},
	})
}

func TestRefusalsOfTheInfusionDay(t *testing.T) {
	t.Parallel()
	unmet := func(code string, change with) refusalCase {
		return refusalCase{code, checkedIn(change), person.Nurse, "infusion-started", infusionOne}
	}
	home := with{"appointment": "infusion-1", "released_to": "ref:1", "alert": true, "walking": true, "vitals_ok": true, "instructions_given": true}
	refusedCases(t, map[string]refusalCase{
		"StartWithoutCheckIn":     {care.CodeWrongState, bookedInfusion, person.Nurse, "infusion-started", infusionOne},
		"StartOnTheNextDay":       {care.CodeWrongState, func(t failer) *course { return checkedIn(nil)(t).to(10, 9, 0) }, person.Nurse, "infusion-started", infusionOne},
		"StartBeforeItsCheckIn":   {care.CodeWrongState, checkedIn(nil), person.Nurse, "infusion-started", with{"appointment": "infusion-1", "at": stamp(at(9, 9, 40))}},
		"CheckInOnAnotherDay":     {care.CodeWrongState, bookedDayAhead, person.Nurse, "infusion-checked-in", sheet("infusion-1")},
		"TherapistAbsent":         unmet("psychotherapist-absent", with{"psychotherapist_present": false}),
		"PhysicianAbsent":         unmet("physician-absent", with{"physician_present": false}),
		"NoEscort":                unmet("escort-missing", with{"escort": "None"}),
		"NobodyIsNoEscort":        unmet("escort-missing", with{"escort": "nobody"}),
		"NoIdentity":              unmet("identity-unchecked", with{"identity": false}),
		"NoIntention":             unmet("intention-missing", with{"intention": ""}),
		"NoStateOfMind":           unmet("state-of-mind-unchecked", with{"state_of_mind": nil}),
		"AteTooLate":              unmet("not-fasted", with{"fasting_solids_h": 5.5}),
		"FastingNotAsked":         unmet("not-fasted", with{"fasting_liquids_h": nil}),
		"AlcoholNotAsked":         unmet("alcohol-unchecked", with{"no_alcohol": nil}),
		"NoEmergencyKit":          unmet("emergency-not-ready", with{"emergency_ready": false}),
		"NoOxygenReading":         unmet("vitals-missing", with{"spo2": 0}),
		"ConsentTakenBack":        unmet("consent-missing", with{"consent_reconfirmed": false}),
		"PressureInCautionRange":  unmet("blood-pressure-caution", with{"systolic": 140}),
		"PressureAtTheStopLimit":  unmet("blood-pressure-stop", with{"diastolic": 100, "physician_decision": true}),
		"StopLimitByTheNurse":     unmet("blood-pressure-stop", with{"diastolic": 100, "physician_decision": true, "physician_reason": "ref:1"}),
		"TherapistLeftBefore":     {"psychotherapist-absent", therapistLeft, person.Nurse, "infusion-started", infusionOne},
		"StartedTwice":            {care.CodeWrongState, infusionRunning, person.Nurse, "infusion-started", infusionOne},
		"VitalsBeforeTheStart":    {care.CodeWrongState, checkedIn(nil), person.Nurse, "vitals-recorded", with{"appointment": "infusion-1", "systolic": 120, "diastolic": 80, "pulse": 70, "spo2": 98}},
		"ImpossibleVitals":        {care.CodeInvalid, infusionRunning, person.Nurse, "vitals-recorded", with{"appointment": "infusion-1", "systolic": 12, "diastolic": 80, "pulse": 70, "spo2": 98}},
		"ReturnedWithoutLeaving":  {care.CodeWrongState, infusionRunning, person.Nurse, "psychotherapist-returned", infusionOne},
		"StoppedEarlyWithoutWhy":  {care.CodeInvalid, infusionRunning, person.Nurse, "infusion-stopped", infusionOne},
		"StoppedWithoutStart":     {care.CodeWrongState, checkedIn(nil), person.Nurse, "infusion-stopped", infusionOne},
		"HomeBeforeObservation":   {"observation-time", infusionStopped, person.Nurse, "client-discharged", home},
		"HomeAlone":               {care.CodeInvalid, infusionStopped, person.Nurse, "client-discharged", with{"appointment": "infusion-1", "alert": true}},
		"HomeWhileRunning":        {care.CodeWrongState, infusionRunning, person.Nurse, "client-discharged", home},
		"AdverseEventWithoutKind": {care.CodeInvalid, infusionRunning, person.Nurse, "adverse-event-recorded", with{"severity": "mild"}},
		"NotedWithoutNote":        {care.CodeInvalid, infusionRunning, person.Psychotherapist, "processing-noted", infusionOne},
	})
}

func TestRefusalsOfTheCourse(t *testing.T) {
	t.Parallel()
	refusedCases(t, map[string]refusalCase{
		"CompleteWithoutFollowUp":  {care.GateFollowUp, oneInfusion, person.Psychotherapist, "course-completed", with{}},
		"ResumedWithoutPause":      {care.CodeWrongState, cleared, person.Coordinator, "resumed", with{}},
		"AnotherPackageChosen":     {care.CodeWrongState, allReady, person.Coordinator, "package-chosen", with{"package": "ten"}},
		"InsurerWithoutReference":  {care.CodeInvalid, fresh, person.Coordinator, "insurer-contacted", with{"representative": "ref:1", "answer": "ref:1"}},
		"MetAboveTheDeductible":    {care.CodeInvalid, fresh, person.Psychotherapist, "coverage-reviewed", with{"result": "pays", "deductible_met": 1}},
		"LinesThatDoNotAddUp":      {care.CodeInvalid, fresh, person.Coordinator, "estimate-issued", with{"total": 5, "lines": []with{{"item": "x", "cents": 4}}}},
		"PolicyThatIsNotTheDesks":  {care.CodeInvalid, fresh, person.Coordinator, "policy-adopted", with{"version": "2"}},
		"PolicyWithALowerMinimum":  {care.CodeInvalid, fresh, person.Coordinator, "policy-adopted", with{"version": "2", "policy": changed(func(p *policy.Policy) { p.Version, p.Preparation.MinimumSessions = "2", 3 })}},
		"EnrolledTwice":            {care.CodeAlreadyEnrolled, fresh, person.Coordinator, "enrolled", with{"presenting": []string{"anxiety"}}},
		"FactThatIsNone":           {care.CodeUnknownFact, fresh, person.Coordinator, "tea-served", with{}},
		"HeldCourse":               {care.CodeOnHold, held, person.Coordinator, "appointment-booked", with{"kind": "integration", "start": stamp(at(20, 10, 0))}},
		"ReportedFromTheFuture":    {care.CodeInFuture, cleared, person.Psychotherapist, "education-given", with{"at": stamp(at(1, 9, 2))}},
		"PausedUntilThePast":       {care.CodeInvalid, cleared, person.Coordinator, "paused", with{"reason": "ref:1", "until": stamp(at(1, 8, 0))}},
		"CompletedTwice":           {care.CodeCourseClosed, withdrawnCourse, person.Psychotherapist, "course-completed", with{}},
		"ScreenedAfterWithdrawing": {care.CodeCourseClosed, withdrawnCourse, person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true}},
	})
}

func bookedDayAhead(t failer) *course { t.Helper(); return bookedInfusion(t).to(8, 10, 0) }

func therapistLeft(t failer) *course {
	t.Helper()
	k := checkedIn(nil)(t)
	k.do(person.Psychotherapist, "psychotherapist-left", with{"appointment": "infusion-1"})
	return k
}

func held(t failer) *course {
	t.Helper()
	k := oneInfusion(t)
	k.do(person.Nurse, "adverse-event-recorded", with{"severity": "severe", "kind": "x", "appointment": "infusion-1"})
	return k
}

func withdrawnCourse(t failer) *course {
	t.Helper()
	k := cleared(t)
	k.do(person.Client, "withdrawn", with{})
	return k
}

func TestEnrolmentIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		code string
		by   person.Role
		with with
	}{
		"NoPresentingProblem":    {"presenting-missing", person.Coordinator, with{}},
		"AnotherProblem":         {care.CodeInvalid, person.Coordinator, with{"presenting": []string{"boredom"}}},
		"UnknownPhysician":       {"unknown-clinician", person.Coordinator, with{"presenting": []string{"anxiety"}, "physician": "kim"}},
		"UnknownPsychotherapist": {"unknown-clinician", person.Coordinator, with{"presenting": []string{"anxiety"}, "psychotherapist": "x"}},
		"ByTheClient":            {care.CodeNotYourRole, person.Client, with{"presenting": 5}},
		"UnknownField":           {care.CodeInvalid, person.Coordinator, with{"presenting": []string{"anxiety"}, "age": 40}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := care.Enroll(care.Enrollment{ClientID: "c", Policy: samplePolicy(), Zone: denver, ClientZone: denver, At: time.Now(), Report: report(x.by, "1", x.with)})
			if r := refusal(t, err); r.Code != x.code {
				t.Errorf("%s: %s", r.Code, r.Message)
			}
		})
	}
}

func TestRefusalNamesEverythingWrongAtTheFirstLevelThatFails(t *testing.T) {
	t.Parallel()
	k := fresh(t)
	try := func(by person.Role, w with) string {
		t.Helper()
		_, err := k.chart.Record("appointment-booked", report(by, "", w), k.now)
		var codes []string
		for _, p := range refusal(t, err).Problems {
			codes = append(codes, p.Code)
		}
		return strings.Join(codes, " ")
	}
	bad := with{"kind": 7, "start": "soon", "minutes": "x", "color": "red"}
	if got := try(person.Nurse, bad); got != "not-your-role" {
		t.Errorf("role comes first: %s", got)
	}
	if got := try(person.Coordinator, bad); got != "invalid invalid invalid invalid" {
		t.Errorf("then every field: %s", got)
	}
	if got := try(person.Coordinator, with{"kind": "infusion", "start": stamp(at(1, 8, 0)), "minutes": 44, "place": "home"}); got != "infusion-minutes place-not-outpatient start-in-past" {
		t.Errorf("then its own limits: %s", got)
	}
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(2, 10, 0)), "tentative": true})
	clash := with{"kind": "preparation", "start": stamp(at(2, 10, 0)), "appointment": "evaluation-1"}
	if got := try(person.Coordinator, clash); got != "wrong-state" {
		t.Errorf("then state: %s", got)
	}
	delete(clash, "appointment")
	if got := try(person.Coordinator, clash); got != "overlap" {
		t.Errorf("then overlap: %s", got)
	}
	if got := try(person.Coordinator, with{"kind": "preparation", "start": stamp(at(3, 10, 0))}); got != "coverage-not-reviewed insurer-contact-open fees-not-discussed acceptance" {
		t.Errorf("then gates: %s", got)
	}
	r := k.refused("coverage-not-reviewed", person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(3, 10, 0))})
	if r.Code != "coverage-not-reviewed" || r.MustAct != person.Psychotherapist {
		t.Errorf("the code is %s, the move the %s's", r.Code, r.MustAct)
	}
}

func TestClashThatTheDeskFoundIsAnOverlap(t *testing.T) {
	t.Parallel()
	k := cleared(t)
	r := report(person.Coordinator, "", with{"kind": "evaluation", "start": stamp(at(2, 10, 0))})
	r.Clash = "Kim has another visit then"
	_, err := k.chart.Record("appointment-booked", r, k.now)
	if got := refusal(t, err); got.Code != care.CodeOverlap || got.Message != r.Clash {
		t.Errorf("%s: %s", got.Code, got.Message)
	}
}

func TestShutGatesReadAsTheCoordinatorAsks(t *testing.T) {
	t.Parallel()
	k := accepted(t, samplePolicy())
	k.session("evaluation", 2)
	for day := 3; day <= 5; day++ {
		k.session("preparation", day)
	}
	k.do(person.Coordinator, "appointment-booked", with{"kind": "preparation", "start": stamp(at(9, 10, 0))})
	k.do(person.Physician, "labs-ordered", with{})
	k.do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(1, 8, 0))})
	r := k.refused(care.CodeGatesShut, person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(12, 10, 0))})
	for _, part := range []string{"Infusion 1 cannot be confirmed: ", "preparation 3 of 4, next Tue Mar 9 (psychotherapist)", "labs not reviewed (physician)", "consult not held (physician)"} {
		if !strings.Contains(r.Message, part) {
			t.Errorf("%q is missing in: %s", part, r.Message)
		}
	}
}

func TestDecodeFaultsNameTheField(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ fact, in, field string }{
		"UnknownField":   {"fees-discussed", `{"summry":"x"}`, "summry"},
		"WrongType":      {"plan-set", `{"infusions":"six"}`, "infusions"},
		"FractionOfCent": {"payment-received", `{"amount":1.5}`, "amount"},
		"ImpossibleDate": {"fees-discussed", `{"at":"2027-02-30"}`, "at"},
		"SkippedTime":    {"appointment-booked", `{"start":"2027-03-14 02:30"}`, "start"},
		"NestedUnknown":  {"dose-ordered", `{"inputs":{"mood":true}}`, "inputs"},
		"NumberAsAnswer": {"infusion-checked-in", `{"escort":5}`, "escort"},
		"NotAnObject":    {"paused", `[]`, "with"},
		"EmptyId":        {"paused", `{"id":""}`, "id"},
		"TooLarge":       {"plan-set", `{"infusions":99999999999999999999}`, "infusions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := kindNamed(t, x.fact).Decode(json.RawMessage(x.in), denver)
			if r := refusal(t, err); r.Code != care.CodeInvalid || r.Problems[0].Field != x.field || !strings.HasPrefix(r.Message, x.field+": ") {
				t.Errorf("%+v", r)
			}
		})
	}
}
