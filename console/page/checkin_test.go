package page_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"kapflow/care/message"
	"kapflow/care/person"
)

// at sets the time to a wall clock time of the practice.
func (o *office) at(when string) *office {
	o.t.Helper()
	at, err := o.practice.Zone.ParseTime(when)
	must(o.t, err)
	o.now = at
	return o
}

// beforeInfusion brings the client to a booked infusion on Monday, March 10.
func (o *office) beforeInfusion() {
	o.t.Helper()
	psych, phys, coord, client := person.Psychotherapist, person.Physician, person.Coordinator, person.Client
	type f = map[string]any
	o.record(client, "package-chosen", f{"package": "six"})
	o.record(coord, "estimate-issued", f{"number": "estimate-1", "total": 350000})
	o.record(coord, "appointment-booked", f{"kind": "evaluation", "start": "2031-02-25 09:00", "minutes": 60})
	for n := range 4 {
		o.record(coord, "appointment-booked", f{"kind": "preparation", "start": "2031-02-25 1" + strconv.Itoa(n+1) + ":00", "minutes": 50})
	}
	o.record(coord, "appointment-booked", f{"kind": "consult", "start": "2031-02-26 10:00", "minutes": 60})
	o.at("2031-02-25 18:00")
	o.record(psych, "session-completed", f{"appointment": "evaluation-1"})
	for n := range 4 {
		o.record(psych, "session-completed", f{"appointment": "preparation-" + strconv.Itoa(n+1)})
	}
	o.at("2031-02-26 12:00")
	o.record(phys, "consult-decided", f{"appointment": "consult-1", "outcome": "cleared"})
	o.record(phys, "labs-ordered", nil)
	o.record(coord, "labs-resulted", f{"status": "final", "drawn_on": "2031-02-26"})
	o.record(phys, "labs-reviewed", f{"outcome": "cleared"})
	o.record(psych, "education-given", f{"material": "altered-state-1"})
	o.record(client, "consent-signed", f{"service": "medical", "document_version": "consent-1"})
	o.record(client, "consent-signed", f{"service": "psychotherapy", "document_version": "consent-1"})
	o.record(phys, "dose-ordered", f{"dose_mg": 35, "minutes": 50, "inputs": f{"psychological": true, "physical": true, "experience": true, "preferences": true, "intent": true}})
	o.at("2031-03-01 12:00")
	o.record(coord, "appointment-booked", f{"kind": "infusion", "start": "2031-03-10 13:00", "minutes": 60, "place": "main"})
}

// afterInfusion is a week after the infusion, when its check-ins are due.
func (o *office) afterInfusion() {
	o.t.Helper()
	type f = map[string]any
	o.beforeInfusion()
	o.at("2031-03-10 12:50")
	o.record(person.Nurse, "infusion-checked-in", f{"appointment": "infusion-1", "identity": true, "intention": true, "state_of_mind": true, "fasting_solids_h": 8, "fasting_liquids_h": 3,
		"escort": "a friend", "escort_phone": "555-010-0123", "no_alcohol": true, "nothing_new": true, "systolic": 118, "diastolic": 76, "pulse": 68, "spo2": 98,
		"psychotherapist_present": true, "physician_present": true, "emergency_ready": true})
	o.at("2031-03-10 13:00").record(person.Nurse, "infusion-started", f{"appointment": "infusion-1"})
	o.at("2031-03-10 13:50").record(person.Nurse, "infusion-stopped", f{"appointment": "infusion-1"})
	o.at("2031-03-10 14:30").record(person.Nurse, "client-discharged", f{"appointment": "infusion-1", "released_to": "a friend", "alert": true, "walking": true, "vitals_ok": true, "instructions_given": true})
	o.at("2031-03-17 09:30")
}

func (o *office) checkInLink(id string) string {
	o.t.Helper()
	token, err := o.NewLink(o.t.Context(), message.LinkOf(message.Delivery{ClientID: o.client, Channel: person.SMS, Now: o.now,
		Notification: message.Notification{Template: message.TemplateCheckIn, About: id}}))
	must(o.t, err)
	return token
}

// answersOf reads what was recorded for the answered check-ins.
func (o *office) answersOf(fact string) (out []map[string]any) {
	o.t.Helper()
	facts, err := o.Facts(o.t.Context(), o.client)
	must(o.t, err)
	for _, e := range facts {
		if e.Fact == fact {
			with := map[string]any{"by": string(e.By.Role)}
			must(o.t, json.Unmarshal(e.With, &with))
			out = append(out, with)
		}
	}
	return out
}

// fill makes the fields of a whole form. Every answer of both lists has one value and item 9 another.
func fill(once, value, item9 string) []string {
	pairs := []string{"once", once, "mood", "4", "effect", "sleep", "effect", "nausea", "comment", "it was a long week"}
	for n := 1; n <= 9; n++ {
		v := value
		if n == 9 {
			v = item9
		}
		pairs = append(pairs, "phq9-"+strconv.Itoa(n), v)
	}
	for n := 1; n <= 7; n++ {
		pairs = append(pairs, "gad7-"+strconv.Itoa(n), value)
	}
	return pairs
}

func (p *phone) send(path string, pairs []string) (status int, body string) {
	p.o.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	status, body, _ = p.request(http.MethodPost, path, form)
	return status, body
}

func TestCheckInOfTheNextDayIsShort(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.afterInfusion()
	o.at("2031-03-11 10:00")
	p, token := o.phone(), o.checkInLink("check-in-1-24h")
	_, body := p.unlock(token)
	contains(t, body, "How do you feel now?", "about one minute", "call or text 988", "monitor answers around the clock")
	lacks(t, body, "Over the last 2 weeks", "PHQ-9", "hurting yourself")
	status, body := p.send(token+"/check-in", []string{"once", once(body), "mood", "6"})
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	contains(t, body, "Thank you", "call or text 988")
	if got := o.answersOf("check-in-answered"); len(got) != 1 || got[0]["by"] != "client" || got[0]["mood"] != 6.0 || got[0]["check_in"] != "check-in-1-24h" {
		t.Errorf("recorded: %v", got)
	}
	_, body = p.get(token)
	contains(t, body, "We have your answers")
}

func TestCheckInOfAWeekAsksBothListsAndKeepsTheCommentSealed(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.afterInfusion()
	p, token := o.phone(), o.checkInLink("check-in-1-168h")
	_, body := p.unlock(token)
	contains(t, body, "Over the last 2 weeks", "Little interest or pleasure in doing things", "Feeling afraid as if something awful might happen", "No permission is required")
	form := fill(once(body), "1", "0")
	for range 2 { // a form sent twice is one answer, and the client sees the same page both times
		status, body := p.send(token+"/check-in", form)
		if status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		contains(t, body, "Thank you", "A person will read them")
	}
	got := o.answersOf("check-in-answered")
	if len(got) != 1 || len(got[0]["phq9"].([]any)) != 9 || len(got[0]["gad7"].([]any)) != 7 || len(got[0]["side_effects"].([]any)) != 2 {
		t.Fatalf("recorded: %v", got)
	}
	if comment, _ := got[0]["comment"].(string); !strings.HasPrefix(comment, "ref:") {
		t.Errorf("the comment stands in the fact: %q", comment)
	}
	if n := len(o.chart().Alerts); n != 0 {
		t.Errorf("%d alerts", n)
	}
}

func TestWhatIsMissingIsNamedAndWhatWasTypedIsKept(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.afterInfusion()
	p, token := o.phone(), o.checkInLink("check-in-1-168h")
	_, body := p.unlock(token)
	status, body := p.send(token+"/check-in", []string{"once", once(body), "phq9-1", "2", "phq9-2", "3", "effect", "sleep", "comment", "the <b>car</b> & the rain"})
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", status)
	}
	contains(t, body, "choose a number from 0 to 10", "please answer question 3, 4, 5, 6, 7, 8, 9 too", `name="phq9-2" value="3" checked`, `value="sleep" checked`,
		"the &lt;b&gt;car&lt;/b&gt; &amp; the rain", `href="#phq9-3"`, "call or text 988")
	lacks(t, body, `name="gad7-1" value="0" checked`, "second part: please")
	if got := o.answersOf("check-in-answered"); len(got) != 0 {
		t.Errorf("half an answer was recorded: %v", got)
	}
	if again := once(body); again == "" || again == "A" {
		t.Error("the form has no id of its own")
	}
}

func TestItem9ShowsTheCrisisTextAtOnce(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ item9, comment string }{"Item9": {"1", "it was a long week"}, "Words": {"0", "I cannot go on"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.afterInfusion()
			p, token := o.phone(), o.checkInLink("check-in-1-168h")
			_, body := p.unlock(token)
			form := append(fill(once(body), "0", x.item9), "comment", x.comment)
			form[9] = x.comment
			status, body := p.send(token+"/check-in", form)
			if status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			contains(t, body, "Please read this now", `class="crisis" role="alert"`, "call or text 988", "tel:5550100100")
			lacks(t, body, "PHQ", "score", "suicid")
			if name == "Item9" && (len(o.chart().Holds) != 1 || len(o.chart().Alerts) != 1) {
				t.Errorf("holds %v, alerts %v", o.chart().Holds, o.chart().Alerts)
			}
		})
	}
}

func TestClientSaysHowTheyComeToAnInfusion(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.beforeInfusion()
	o.at("2031-03-08 10:00")
	p, token := o.phone(), o.link(message.TemplateInstructions, "infusion-1")
	_, body := p.unlock(token)
	contains(t, body, "Please answer before you come", "Will an adult take you home?", "6 hours", "call or text 988")
	id := regexpOnce(body, "/readiness")
	status, body := p.send(token+"/readiness", []string{"once", id, "escort", "yes", "name", "Bo Sample", "fasting", "yes", "note", "I come by train"})
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", status)
	}
	contains(t, body, "Please answer: Alcohol", "Please give us their phone number", `value="Bo Sample"`, "I come by train", `value="yes" checked`)
	if got := o.answersOf("readiness-answered"); len(got) != 0 {
		t.Errorf("half an answer was recorded: %v", got)
	}
	whole := []string{"once", regexpOnce(body, "/readiness"), "escort", "yes", "name", "Bo Sample", "phone", "555 010 0123", "fasting", "yes", "no_alcohol", "yes", "nothing_new", "yes"}
	status, body = p.send(token+"/readiness", whole)
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	contains(t, body, "You are ready", "Mon Mar 10, 1:00 PM MDT")
	got := o.answersOf("readiness-answered")
	if len(got) != 1 || got[0]["by"] != "client" || got[0]["fasting"] != true || !strings.HasPrefix(got[0]["escort"].(string), "ref:") || !strings.HasPrefix(got[0]["escort_phone"].(string), "ref:") {
		t.Fatalf("recorded: %v", got)
	}
	_, body = p.get(token)
	contains(t, body, "You answered on Sat Mar 8, 10:00 AM MST")
	lacks(t, body, "Bo Sample")
	status, body = p.send(token+"/readiness", []string{"once", regexpOnce(body, "/readiness"), "escort", "no", "fasting", "yes", "no_alcohol", "yes", "nothing_new", "no"})
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	contains(t, body, "We will call you about it")
	tasks := ""
	for _, task := range o.chart().Tasks(o.now) {
		tasks += task.Words + "\n"
	}
	contains(t, tasks, "nobody takes them home and something new")
}

// regexpOnce reads the id of the form that goes to an action.
func regexpOnce(body, action string) string {
	if _, rest, found := strings.Cut(body, action+`"`); found {
		return once(rest)
	}
	return ""
}

// TestItem9ShowsTheCrisisTextAlthoughOthersAreBlank: a form that is not complete has no score, but danger is not waited for.
func TestItem9ShowsTheCrisisTextAlthoughOthersAreBlank(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.afterInfusion()
	p, token := o.phone(), o.checkInLink("check-in-1-168h")
	_, body := p.unlock(token)
	status, body := p.send(token+"/check-in", []string{"once", once(body), "phq9-9", "1"})
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	contains(t, body, "Please read this now", `class="crisis" role="alert"`, `href="tel:911"`, `href="tel:988"`, `href="sms:988"`)
	if len(o.chart().Holds) != 1 || len(o.chart().Alerts) != 1 {
		t.Errorf("holds %v, alerts %v", o.chart().Holds, o.chart().Alerts)
	}
	if got := o.answersOf("check-in-answered"); len(got) != 1 || got[0]["phq9"] != nil {
		t.Errorf("recorded: %v", got)
	}
}

// TestWordsOfDangerAreSeenOnEveryForm: whatever field of whatever form they stand in, and whether or not the form is whole, the
// client reads the crisis text and the clinicians are alerted.
func TestWordsOfDangerAreSeenOnEveryForm(t *testing.T) {
	t.Parallel()
	const words = "I want to die"
	long := words + strings.Repeat(" and more", 300)
	for name, form := range map[string][]string{
		"wish":         {"/ask", "wish", words},
		"long wish":    {"/ask", "wish", long},
		"note":         {"/readiness", "note", words},
		"escort":       {"/readiness", "escort", "yes", "name", words, "fasting", "yes"},
		"number":       {"/readiness", "escort", "yes", "name", "Bo", "phone", words + " 555-010-0123", "fasting", "yes", "no_alcohol", "yes", "nothing_new", "yes"},
		"long note":    {"/readiness", "note", long},
		"comment":      {"/check-in", "mood", "3", "comment", words},
		"bare comment": {"/check-in", "comment", words},
		"long comment": {"/check-in", "mood", "3", "comment", long},
		"not UTF-8":    {"/ask", "wish", "Zo\xeb here: " + words},
		"spoiled":      {"/check-in", "comment", "\ufffd\x00 " + words},
		"spoiled note": {"/readiness", "note", "Zo\xeb\x00: " + words},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			var token string
			switch form[0] {
			case "/ask":
				token = o.book("2031-03-04 10:00")
			case "/readiness":
				o.beforeInfusion()
				o.at("2031-03-08 10:00")
				token = o.link(message.TemplateInstructions, "infusion-1")
			default:
				o.afterInfusion()
				token = o.checkInLink("check-in-1-24h")
			}
			p := o.phone()
			_, body := p.unlock(token)
			_, body = p.send(token+form[0], append([]string{"once", regexpOnce(body, form[0])}, form[1:]...))
			contains(t, body, "Please read this now", `class="crisis" role="alert"`, `href="tel:988"`)
			if len(o.chart().Holds) != 1 || len(o.chart().Alerts) == 0 {
				t.Errorf("holds %v, alerts %v", o.chart().Holds, o.chart().Alerts)
			}
		})
	}
}
