package page_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
	"kapflow/practice"
)

// clientFacts gives the names of the facts that the client recorded, as staff see them.
func (o *office) clientFacts() (names []string) {
	o.t.Helper()
	lines, err := o.Journal(o.t.Context(), 0, 1000)
	must(o.t, err)
	for _, l := range lines {
		var fact struct {
			Fact string       `json:"fact"`
			By   person.Actor `json:"by"`
		}
		if l.Type == "fact" {
			must(o.t, json.Unmarshal(l.Body, &fact))
			if fact.By.Role == person.Client {
				names = append(names, fact.Fact)
			}
		}
	}
	return names
}

func (o *office) tasks() (ids []string) {
	o.t.Helper()
	for _, t := range o.chart().Tasks(o.now) {
		ids = append(ids, t.ID())
	}
	return ids
}

// TestClientsWordOnAVisit confirms, asks for another time and cancels. Each is one fact by the client that staff see,
// even if the form is sent twice (field case 10).
func TestClientsWordOnAVisit(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	p := o.phone()
	_, body := p.unlock(token)
	contains(t, body, "Yes, I'll be there", "Ask for another time", "Cancel this visit", "You can cancel here until Mon Mar 3, 10:00 AM MST")

	form := once(body)
	for range 2 {
		_, said := p.post(token+"/confirm", "once", form)
		contains(t, said, "See you on Tue Mar 4, 10:00 AM MST")
	}
	_, body = p.get(token)
	contains(t, body, "You're confirmed")
	lacks(t, body, "Yes, I'll be there")

	_, said := p.post(token+"/ask", "once", once(body), "wish", "Mondays after four")
	contains(t, said, "We have your request", "stays at the same time")
	if ids := o.tasks(); !slices.Contains(ids, "answer-change-request:evaluation-1") {
		t.Errorf("nobody is asked to answer: %v", ids)
	}
	_, body = p.get(token)
	contains(t, body, "You asked for another time")

	_, said = p.post(token+"/cancel", "once", once(body))
	contains(t, said, "Not canceled") // the box was not ticked
	_, said = p.post(token+"/cancel", "once", once(body), "sure", "yes")
	contains(t, said, "Your visit is canceled")
	v := o.chart().Visit("evaluation-1")
	if v.Status != visit.Cancelled || v.Side != "client" || v.Late {
		t.Errorf("the visit is %s, by the %s, late %t", v.Status, v.Side, v.Late)
	}
	_, body = p.get(token)
	contains(t, body, "This visit is canceled", "Remove from my calendar")
	lacks(t, body, "Yes, I'll be there", "Cancel this visit")
	if got := strings.Join(o.clientFacts(), " "); got != "appointment-confirmed appointment-change-requested appointment-cancelled" {
		t.Errorf("the staff see %s", got)
	}
}

// TestCancelTooLate checks that near the visit the page asks the client to call, also when the form was opened earlier.
func TestCancelTooLate(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	p := o.phone()
	p.unlock(token)
	o.now = time.Date(2031, time.March, 3, 17, 0, 0, 0, time.UTC) // exactly 24 hours before
	p.unlock(token)
	_, body := p.get(token)
	contains(t, body, "too late to cancel here", "555-010-0100")
	_, said := p.post(token+"/cancel", "sure", "yes")
	contains(t, said, "Please call us")
	if v := o.chart().Visit("evaluation-1"); v.Status != visit.Booked {
		t.Errorf("the visit is %s", v.Status)
	}
}

// TestRefusedActionIsNoDeadEnd checks that a refusal is explained to the client, with the number to call.
func TestRefusedActionIsNoDeadEnd(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	p := o.phone()
	_, body := p.unlock(token)
	o.record(person.Coordinator, "paused", map[string]any{"reason": "ref:x"})
	status, said := p.post(token+"/confirm", "once", once(body))
	if status != http.StatusConflict {
		t.Errorf("status %d", status)
	}
	contains(t, said, "Please call us", "555-010-0100")
	lacks(t, said, "paused")
	if status, _ := p.post(token + "/withdraw"); status != http.StatusNotFound {
		t.Errorf("an action that the page does not have gave %d", status)
	}
}

// TestMessagesAreTheClientsChoice checks that consent is given and withdrawn with its wording, and that an opt-out
// closes the links sent on that channel.
func TestMessagesAreTheClientsChoice(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	p := o.phone()
	p.unlock(token)
	_, body := p.get(token + "/messages")
	contains(t, body, "Text messages", "Email", `name="sms" value="appointment-time" checked`, "reply STOP")
	_, said := p.post(token+"/messages", "once", once(body), "sms", "appointment-time", "email", "minimal")
	contains(t, said, "Saved")
	if c := o.chart().Consent(person.Email); !c.Granted || c.Detail != message.DetailMinimal || c.Wording != "client page 2" {
		t.Errorf("email: %+v", c)
	}
	if c := o.chart().Consent(person.SMS); c.Wording != "intake" {
		t.Errorf("text messages were recorded again: %+v", c)
	}
	_, body = p.get(token + "/messages")
	_, said = p.post(token+"/messages", "once", once(body), "sms", "off", "email", "minimal")
	contains(t, said, "Saved")
	if o.chart().Consent(person.SMS).Granted {
		t.Error("text messages go on")
	}
	if status, _ := p.get(token); status != http.StatusNotFound {
		t.Errorf("the link of a text message still opens: %d", status)
	}
}

// TestInstructionsAndAftercare checks that both are shown only after the second factor.
func TestInstructionsAndAftercare(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.book("2031-03-04 10:00")
	for template, words := range map[message.Template][]string{
		message.TemplateInstructions: {"6 hours", "2 hours", "An adult must take you home", "Tue Mar 4, 10:00 AM MST"},
		message.TemplateAftercare:    {"Do not drive", "chest pain"},
	} {
		token := o.link(template, "evaluation-1")
		_, body := o.phone().get(token)
		lacks(t, body, words...)
		_, body = o.phone().unlock(token)
		contains(t, body, words...)
	}
}

// TestEstimatePage checks that an amount is shown only after the second factor.
func TestEstimatePage(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.record(person.Coordinator, "estimate-issued", map[string]any{"number": "E-7", "total": 350000})
	token, err := o.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: o.client, Channel: person.Email, Now: o.now, Notification: message.Notification{Template: message.TemplateFees, About: "estimate"}}))
	must(t, err)
	_, body := o.phone().get(token)
	lacks(t, body, "3,500", "E-7", "stimate")
	_, body = o.phone().unlock(token)
	contains(t, body, "E-7", "3,500", "comes with your documents")
	lacks(t, body, "estimate.pdf")
}

// TestEstimatePageLeadsToTheIssuedDocument checks that the estimate is served as issued, only to its client, only after
// the second factor, and no other document with it.
func TestEstimatePageLeadsToTheIssuedDocument(t *testing.T) {
	t.Parallel()
	o := open(t)
	keep := func(kind, pdf string) care.IssuedDocument {
		kept, err := o.KeepIssuedDocument(t.Context(), care.IssuedDocument{ClientID: o.client, Kind: kind, Number: "E-8", HTML: []byte("page of " + pdf), PDF: []byte(pdf), By: person.Actor{ID: "c", Role: person.Coordinator}})
		must(t, err)
		return kept
	}
	keep("estimate", "%PDF an older one")
	kept := keep("estimate", "%PDF the one that counts")
	keep("superbill", "%PDF a superbill")
	o.record(person.Coordinator, "estimate-issued", map[string]any{"number": "E-8", "total": 350000, "hash": fmt.Sprintf("%x", kept.HTMLSHA256)})
	token, err := o.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: o.client, Channel: person.Email, Now: o.now, Notification: message.Notification{Template: message.TemplateFees, About: "estimate"}}))
	must(t, err)
	phone := o.phone()
	_, body := phone.get(token + "/estimate.pdf")
	lacks(t, body, "%PDF")
	_, body = phone.unlock(token)
	contains(t, body, "/estimate.pdf")
	if status, body := phone.get(token + "/estimate.pdf"); status != http.StatusOK || body != "%PDF the one that counts" {
		t.Errorf("HTTP %d: %q", status, body)
	}
	o.record(person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "start": "2031-03-08 10:00", "minutes": 60})
	visit := o.link(message.TemplateReminder, "evaluation-1")
	_, _ = phone.unlock(visit)
	_, body = phone.get(visit + "/estimate.pdf")
	lacks(t, body, "%PDF")
}

// TestCalendarFile reads calendar files with an independent library: the time is as in messages on both sides of both
// clock changes (field case 13), the UID never changes, the sequence grows, and a cancellation removes the entry.
func TestCalendarFile(t *testing.T) {
	t.Parallel()
	o := open(t)
	denver, err := time.LoadLocation("America/Denver")
	must(t, err)
	uids := map[string]bool{}
	for n, day := range []string{"2031-03-08", "2031-03-10", "2031-11-01", "2031-11-03"} {
		o.record(person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "start": day + " 10:00", "minutes": 60})
		about := fmt.Sprintf("evaluation-%d", n+1)
		said := o.chart().When(message.Notification{Start: o.chart().Visit(about).Start, Place: "main"}) // as every message writes it, here in another year
		event, method := o.calendar(about)
		if method != "PUBLISH" {
			t.Errorf("method %s", method)
		}
		start, err := event.DateTimeStart(time.UTC)
		must(t, err)
		if got := start.In(denver).Format("Jan 2 2006, 3:04 PM MST"); got != said || !strings.Contains(said, "10:00 AM") {
			t.Errorf("%s: the calendar says %s, the messages %s", day, got, said)
		}
		end, err := event.DateTimeEnd(time.UTC)
		must(t, err)
		if end.Sub(start) != time.Hour {
			t.Errorf("it takes %s", end.Sub(start))
		}
		uids[prop(event, "UID")] = true
		if word := wording.BannedWord(prop(event, "SUMMARY") + prop(event, "DESCRIPTION") + prop(event, "LOCATION") + prop(event, "UID")); word != "" || prop(event, "SUMMARY") != "Appointment" {
			t.Errorf("the calendar says %q (%s)", prop(event, "SUMMARY"), word)
		}
	}
	if len(uids) != 4 {
		t.Errorf("four visits have %d entries", len(uids))
	}
	first, _ := o.calendar("evaluation-1")
	o.record(person.Coordinator, "appointment-moved", map[string]any{"appointment": "evaluation-1", "start": "2031-03-07 11:00"})
	moved, _ := o.calendar("evaluation-1")
	o.record(person.Coordinator, "appointment-cancelled", map[string]any{"appointment": "evaluation-1", "side": "practice"})
	gone, method := o.calendar("evaluation-1")
	if method != "CANCEL" || prop(gone, "STATUS") != "CANCELLED" {
		t.Errorf("a cancelled visit is %s, %s", method, prop(gone, "STATUS"))
	}
	for i, e := range []*ical.Event{first, moved, gone} {
		if prop(e, "UID") != prop(first, "UID") || prop(e, "SEQUENCE") != fmt.Sprint(i) {
			t.Errorf("change %d is sequence %s of %s", i, prop(e, "SEQUENCE"), prop(e, "UID"))
		}
	}
}

func prop(e *ical.Event, name string) string {
	if p := e.Props.Get(name); p != nil {
		return p.Value
	}
	return ""
}

// calendar fetches a visit's calendar file as the client does.
func (o *office) calendar(about string) (event *ical.Event, method string) {
	o.t.Helper()
	token := o.link(message.TemplateReminder, about)
	p := o.phone()
	p.unlock(token)
	status, body, header := p.request(http.MethodGet, token+"/visit.ics", nil)
	if status != http.StatusOK || header.Get("Content-Type") != "text/calendar; charset=utf-8" || header.Get("Content-Disposition") != `attachment; filename="appointment.ics"` {
		o.t.Fatalf("status %d, %v", status, header)
	}
	cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	must(o.t, err)
	events := cal.Events()
	if len(events) != 1 {
		o.t.Fatalf("%d events", len(events))
	}
	if m := cal.Props.Get("METHOD"); m != nil {
		method = m.Value
	}
	return &events[0], method
}

// TestPracticesOwnWordsStandOnThePages checks that clients read the practice's own texts, and that they are shown as
// text and never as markup.
func TestPracticesOwnWordsStandOnThePages(t *testing.T) {
	t.Parallel()
	o := open(t)
	dir := t.TempDir()
	sample, err := os.ReadFile("../../practice/practice.yaml")
	must(t, err)
	must(t, os.Mkdir(filepath.Join(dir, "texts"), 0o700))
	for name, text := range map[string]string{"practice.yaml": string(sample),
		"texts/prepare.page.txt":   "Come hungry\n\n- Nothing to eat for {{.Solids}} hours <b>at all</b>\n- Nothing to drink for {{.Liquids}} hours\n",
		"texts/aftercare.page.txt": "Tonight\n\nRest. Call {{.Phone}}, or 911 when it is serious.\n"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	own, err := practice.Load(filepath.Join(dir, "practice.yaml"), start)
	must(t, err)
	o.practice.Texts = own.Texts
	o.beforeInfusion()
	o.at("2031-03-08 10:00")
	_, body := o.phone().unlock(o.link(message.TemplateInstructions, "infusion-1"))
	contains(t, body, "<h2>Come hungry</h2>", "<li>Nothing to eat for 6 hours &lt;b&gt;at all&lt;/b&gt;</li>", "Nothing to drink for 2 hours")
	_, body = o.phone().unlock(o.link(message.TemplateAftercare, "infusion-1"))
	contains(t, body, "<h2>Tonight</h2>", "Rest. Call 555-010-0100, or 911 when it is serious.")
}
