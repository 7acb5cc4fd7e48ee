package care_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

func readyAnswer(change ...with) with {
	w := with{"appointment": "infusion-1", "fasting": true, "escort": "ref:1", "escort_phone": "ref:2", "no_alcohol": true, "nothing_new": true}
	for _, c := range change {
		for k, v := range c {
			if v == nil {
				delete(w, k)
			} else {
				w[k] = v
			}
		}
	}
	return w
}

func TestClientWhoDoesNotComeReadyIsCalledInTime(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		change with
		says   string
	}{
		"AllWell":    {with{}, ""},
		"NoEscort":   {with{"escort": "none"}, "nobody takes them home"},
		"NotFasting": {with{"fasting": false}, "will not have fasted"},
		"Alcohol":    {with{"no_alcohol": false, "nothing_new": false}, "alcohol and something new about their health"},
		"ANote":      {with{"note": "ref:3"}, "a note to read"},
		"NoEscortAt": {with{"escort": nil}, "nobody takes them home"}, // unknown is never clear
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := bookedInfusion(t)
			k.to(9, 7, 30).do(person.Client, "readiness-answered", readyAnswer(x.change))
			task, asked := k.task("settle-readiness:infusion-1")
			if asked != (x.says != "") || !strings.Contains(task.Words, x.says) {
				t.Fatalf("asked %v: %q, want %q", asked, task.Words, x.says)
			}
			if asked && (task.Role != person.Coordinator || !task.Due.Equal(at(9, 9, 0))) {
				t.Errorf("the call is due %s, by the %s; the visit is at 10", denver.SayLong(task.Due), task.Role)
			}
			k.do(person.Coordinator, "readiness-answered", readyAnswer(x.change, with{"escort": "ref:4", "fasting": true, "no_alcohol": true, "nothing_new": true}))
			if _, still := k.task("settle-readiness:infusion-1"); still {
				t.Error("settled by telephone, the task stays")
			}
		})
	}
}

func TestReadinessOfAMovedVisitIsForgotten(t *testing.T) {
	t.Parallel()
	k := bookedInfusion(t)
	k.to(8, 12, 0).do(person.Client, "readiness-answered", readyAnswer(with{"escort": "none"}))
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "infusion-1", "start": stamp(at(11, 10, 0))})
	if _, still := k.task("settle-readiness:infusion-1"); still || k.chart.Visit("infusion-1").Readiness != nil {
		t.Error("what was said of the old time stands for the new one")
	}
}

func TestReadinessFillsInNothingOfTheSheet(t *testing.T) {
	t.Parallel()
	k := bookedInfusion(t)
	k.do(person.Client, "readiness-answered", readyAnswer())
	if k.chart.Visit("infusion-1").Day != nil {
		t.Error("the client's word began the check-in sheet")
	}
	k.refused(care.CodeWrongState, person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
}

func TestWorriedNoteAheadIsARisk(t *testing.T) {
	t.Parallel()
	fields, err := json.Marshal(with{"appointment": "infusion-1", "note": "I cannot go on"})
	if err != nil {
		t.Fatal(err)
	}
	if marked := string(kindNamed(t, "readiness-answered").MarkConcern(fields, person.Client)); !strings.Contains(marked, `"concern":true`) {
		t.Errorf("the note is not marked: %s", marked)
	}
	k := bookedInfusion(t)
	k.do(person.Client, "readiness-answered", readyAnswer(with{"note": "ref:3", "concern": true}))
	if g := k.gate(care.GateHold); g.Open || len(k.chart.Alerts) != 2 || k.chart.Alerts[0].Kind != care.AlertRisk || k.chart.Alerts[1].Kind != care.AlertOnHold {
		t.Errorf("nothing is held, alerts %v", k.chart.Alerts)
	}
}

func TestReadinessThatIsRefused(t *testing.T) {
	t.Parallel()
	k := bookedInfusion(t)
	k.refused(care.CodeInvalid, person.Client, "readiness-answered", readyAnswer(with{"fasting": nil}))
	k.refused(care.CodeUnknownAppointment, person.Client, "readiness-answered", readyAnswer(with{"appointment": "infusion-7"}))
	k.refused(care.CodeNotYourRole, person.Provider, "readiness-answered", readyAnswer())
	k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	k.do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.refused(care.CodeWrongState, person.Client, "readiness-answered", readyAnswer())
}

func TestMeasuresAreAskedFromAWeekOn(t *testing.T) {
	t.Parallel()
	k := oneInfusion(t)
	k.chart.Policy.CheckIns.MeasuresFromHours = 168
	for _, ci := range k.chart.CheckIns() {
		late := ci.Due.Sub(k.chart.Visit(ci.Infusion).Start) > 6*24*time.Hour
		if k.chart.AsksMeasures(ci) != late {
			t.Errorf("%s asks the two-week questions: %v", ci.ID, !late)
		}
	}
	k.chart.Policy.CheckIns.MeasuresFromHours = 0
	if !k.chart.AsksMeasures(k.chart.CheckIns()[0]) {
		t.Error("without the setting a check-in asks nothing")
	}
}
