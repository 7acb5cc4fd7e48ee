package care_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// dangerPhrases are words that a client may write into any field.
var dangerPhrases = []string{"I want to die", "I can't go on", "feeling worse since Monday", "ich will sterben", "please end it all", "thinking of suicide."}

// heard are the reports that hold what a client wrote or said, with what else the report needs to be taken in, after a course
// that it fits.
var heard = map[string]struct {
	after func(t failer) *course
	with  with
}{
	"appointment-moved":            {booked, with{"appointment": "evaluation-1", "minutes": 60, "reason": "ref:1"}},
	"appointment-cancelled":        {booked, with{"appointment": "evaluation-1", "side": "client", "reason": "ref:1"}},
	"appointment-change-requested": {booked, with{"appointment": "evaluation-1", "wish": "ref:1"}},
	"readiness-answered":           {bookedInfusion, readyAnswer(with{"note": "ref:1"})},
	"check-in-answered":            {oneInfusion, with{"check_in": "check-in-1-24h", "comment": "ref:1"}},
	"paused":                       {cleared, with{"reason": "ref:1"}},
	"withdrawn":                    {cleared, with{"reason": "ref:1"}},
	"reply-received":               {cleared, with{"channel": "sms", "text_class": "other", "text": "ref:1"}},
}

// notWords are private fields in which a client chooses or is named, and writes no sentence.
var notWords = []string{"phone", "email", "preferred_name", "pronouns", "birth_date", "pin"}

// Every kind that a client may record is read for danger in every private text, and so is every other kind that has them.
func TestEveryTextOfAClientIsReadForDanger(t *testing.T) {
	t.Parallel()
	for _, k := range care.Vocabulary() {
		fields := slices.DeleteFunc(k.Fields(), func(f care.Field) bool { return !f.Private || slices.Contains(notWords, f.Name) })
		byClient := k.Allows(person.Client) || k.Allows(person.Provider)
		if _, tried := heard[k.Name]; len(fields) > 0 && (byClient || k.Concern) && !tried {
			t.Errorf("%s holds a client's words and is not tried", k.Name)
		}
		if _, tried := heard[k.Name]; !tried {
			continue
		}
		for _, f := range fields {
			for _, phrase := range dangerPhrases {
				for _, by := range k.By {
					body, err := json.Marshal(with{f.Name: phrase})
					if err != nil {
						t.Fatal(err)
					}
					judged := !k.ClientsOwn && (by == person.Psychotherapist || by == person.Physician)
					staffs := !k.ClientsOwn && by == person.Coordinator && f.Name != k.Words && !wording.ReportsDanger(phrase)
					if marked := strings.Contains(string(k.MarkConcern(body, by)), `"concern":true`); marked == (judged || staffs) {
						t.Errorf("%s.%s %q by a %s: marked %t", k.Name, f.Name, phrase, by, marked)
					}
					body, err = json.Marshal(with{f.Name: `the client called: "` + phrase + `"`})
					if err != nil {
						t.Fatal(err)
					}
					if marked := strings.Contains(string(k.MarkConcern(body, by)), `"concern":true`); marked == judged {
						t.Errorf("%s.%s quotes %q by a %s: marked %t", k.Name, f.Name, phrase, by, marked)
					}
				}
			}
		}
	}
}

// The coordinator's own words start no alarm, in any field of any report in which they are not the client's.
func TestOwnWordsOfTheDeskAreNoAlarm(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"a family emergency", "her mother died", "the trains are dead, a crisis", "they feel worse, a cold", "end it in March"} {
		for _, fact := range []string{"appointment-moved", "appointment-cancelled", "paused", "withdrawn"} {
			body, err := json.Marshal(with{"reason": words})
			if err != nil {
				t.Fatal(err)
			}
			if marked := string(kindNamed(t, fact).MarkConcern(body, person.Coordinator)); strings.Contains(marked, "concern") {
				t.Errorf("%s %q: %s", fact, words, marked)
			}
		}
	}
}

// What staff say in their own words about a client in danger starts the alarm, in any field of any report.
func TestDangerThatTheDeskTellsOfIsAnAlarm(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"she wants to die", "he said he would kill himself", "their sister fears suicide", "she doesn't want to live", "took an overdose last night", "may hurt themselves"} {
		for _, fact := range []string{"appointment-moved", "appointment-cancelled", "paused", "withdrawn"} {
			body, err := json.Marshal(with{"reason": words})
			if err != nil {
				t.Fatal(err)
			}
			if marked := string(kindNamed(t, fact).MarkConcern(body, person.Coordinator)); !strings.Contains(marked, `"concern":true`) {
				t.Errorf("%s %q starts no alarm", fact, words)
			}
		}
	}
}

// What the practice or a clinician did is told in words of their own.
func TestWhyThePracticeCancelsIsNoWordOfTheClient(t *testing.T) {
	t.Parallel()
	for fact, body := range map[string]string{
		"appointment-cancelled": `{"side":"practice","reason":"an emergency in the office"}`,
		"withdrawn":             `{"stopped_by":"clinician","reason":"getting worse"}`,
	} {
		if marked := string(kindNamed(t, fact).MarkConcern(json.RawMessage(body), person.Coordinator)); marked != body {
			t.Errorf("%s: %s", fact, marked)
		}
	}
}

// Words of danger in any report open the path of danger, whoever recorded it, and an open course goes on hold.
func TestDangerInAnyReportOpensThePathOfDanger(t *testing.T) {
	t.Parallel()
	for fact, x := range heard {
		for _, by := range kindNamed(t, fact).By {
			k := x.after(t)
			before := len(k.chart.OpenAlerts())
			fields := with{"concern": true}
			for name, v := range x.with {
				fields[name] = v
			}
			k.do(by, fact, fields)
			alerts := k.chart.OpenAlerts()
			if len(alerts) <= before || !slices.ContainsFunc(alerts, func(a care.Alert) bool { return a.Kind == care.AlertRisk && a.Crisis }) || !alertMail(k) {
				t.Errorf("%s by a %s: nobody is alerted: %+v", fact, by, alerts)
			}
			if !k.chart.Closed() && k.gate(care.GateHold).Open {
				t.Errorf("%s by a %s holds nothing", fact, by)
			}
			if k.chart.Step(k.now).Over {
				t.Errorf("%s by a %s ends the journey", fact, by)
			}
		}
	}
}

// Words of danger are taken in whatever became of the visit or the course, and change nothing else then.
func TestDangerIsTakenInAtAnyTime(t *testing.T) {
	t.Parallel()
	for name, reach := range map[string]func(k *course){
		"the visit has passed": func(k *course) { k.now = k.now.Add(30 * 24 * time.Hour) },
		"the visit is called off": func(k *course) {
			k.do(person.Coordinator, "appointment-cancelled", with{"appointment": "infusion-1", "side": "practice"})
		},
		"the client has stopped":   func(k *course) { k.do(person.Client, "withdrawn", with{}) },
		"the client has gone away": func(k *course) { k.do(person.Coordinator, "moved-away", with{}) },
	} {
		for fact, fields := range map[string]with{
			"appointment-change-requested": {"appointment": "infusion-1", "wish": "ref:1", "concern": true},
			"readiness-answered":           {"appointment": "infusion-1", "note": "ref:1", "concern": true},
		} {
			k := bookedInfusion(t)
			reach(k)
			k.now = k.now.Add(time.Hour)
			k.do(person.Client, fact, fields)
			if !slices.ContainsFunc(k.chart.OpenAlerts(), func(a care.Alert) bool { return a.Kind == care.AlertRisk }) {
				t.Errorf("%s, %s: nobody is alerted", name, fact)
			}
			if v := k.chart.Visit("infusion-1"); v.Readiness != nil || k.chart.Closed() && v.Asked() {
				t.Errorf("%s, %s: %+v", name, fact, v)
			}
		}
	}
}
