package browser_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/e2e/browser"
)

// hand is a coordinator's hand with a mouse and a keyboard. It counts what it does by the keystroke-level model.
type hand struct {
	screen
	clicks, keys, decisions int
}

// The keystroke-level model's times, for somebody of average skill.
const (
	perKey      = 280 * time.Millisecond
	perPointing = 1100 * time.Millisecond
	perClick    = 200 * time.Millisecond
	perDecision = 1350 * time.Millisecond
)

// mostForAJob is how long an everyday job may take.
const mostForAJob = 60 * time.Second

// seconds is how long it took, by the model.
func (h *hand) seconds() time.Duration {
	return time.Duration(h.keys)*perKey + time.Duration(h.clicks)*(perPointing+perClick) + time.Duration(h.decisions)*perDecision
}

// click points at something and clicks. Somebody decides before it what to press.
func (h *hand) click(selector string) {
	h.t.Helper()
	h.clicks++
	h.decisions++
	h.press(selector)
}

// typeIn clicks into a field and types. A date and time take two keys for each part but the year, which has four, and one to go on.
func (h *hand) typeIn(name, value string) {
	h.t.Helper()
	h.clicks++
	h.decisions++
	h.keys += len(value)
	if _, err := time.Parse("2006-01-02T15:04", value); err == nil {
		h.keys = h.keys - len(value) + len("01022006") + 1 + len("0304PM")
	} else if _, err := time.Parse(time.DateOnly, value); err == nil {
		h.keys = h.keys - len(value) + len("01022006")
	}
	h.fill(map[string]string{name: value})
}

// pick clicks an answer.
func (h *hand) pick(name, value string) {
	h.t.Helper()
	h.click("label:has([name=" + name + "][value=" + value + "])")
}

// find searches a client.
func (h *hand) find(name string) {
	h.t.Helper()
	h.typeIn("for", name)
	h.keys++ // Enter
	h.press("form.find button")
}

// recorded sends a form by way of what will happen.
func (h *hand) recorded() {
	h.t.Helper()
	h.click(".buttons button[value=preview]")
	h.says("What will happen")
	h.click("button[value=record]:visible")
	h.says("Recorded")
}

// says holds that the page says something.
func (h *hand) says(words ...string) {
	h.t.Helper()
	text := h.Do("text", nil).Text
	for _, w := range words {
		if !strings.Contains(text, w) {
			h.t.Fatalf("the page lacks %q:\n%s", w, text)
		}
	}
}

// job is one of the everyday jobs, from Today.
type job struct {
	name string // as the guide has it
	do   func(o *office, h *hand)
}

// jobs are the ten everyday jobs of a coordinator, as docs/guide/coordinator.md numbers them.
var jobs = []job{
	{"Enroll a client", func(_ *office, h *hand) {
		h.click("a:text-is('Enroll a client')")
		h.pick("presenting", "depression")
		h.typeIn("preferred_name", "Robin")
		h.typeIn("phone", "3035550199")
		h.typeIn("email", "robin@example.org")
		h.typeIn("birth_date", "1985-05-02")
		h.pick("_consent_sms", "appointment-time")
		h.pick("_consent_email", "minimal")
		h.click("button:text-is('Enroll the client')")
		h.says("Robin", "Recorded")
	}},
	{"Enter the coverage", func(_ *office, h *hand) {
		h.find("Ana")
		h.click("a:text-is('Enter the insurance coverage')")
		h.pick("result", "pays")
		h.typeIn("deductible_total", "1000")
		h.typeIn("deductible_met", "400")
		h.typeIn("copay", "30")
		h.typeIn("payer", "Sample Health")
		h.recorded()
	}},
	{"Book a visit", func(o *office, h *hand) {
		h.find("Ana")
		h.click("a:text-is('Book a visit')")
		h.pick("kind", "preparation")
		h.typeIn("start", o.at(16, "09:00"))
		h.recorded()
	}},
	{"Move a visit", func(o *office, h *hand) {
		h.find("Ana")
		h.click(".side a:text-is('Evaluation 1')")
		h.typeIn("start", o.at(14, "11:00"))
		h.recorded()
	}},
	{"Cancel a visit", func(_ *office, h *hand) {
		h.find("Ana")
		h.click(".side a:text-is('Evaluation 1')")
		h.click("a:text-is('Cancel a visit')")
		h.pick("side", "client")
		h.recorded()
	}},
	{"Record a payment", func(_ *office, h *hand) {
		h.click("nav a:text-is('Money')")
		h.click("tr:has-text('Ana') a:text-is('Record a payment')")
		h.typeIn("amount", "100")
		h.pick("fee_set", "medical")
		h.pick("method", "card")
		h.recorded()
	}},
	{"See who is blocked, and why", func(_ *office, h *hand) {
		h.click("nav a:text-is('Board')")
		h.click("label:has([name=blocked])")
		h.click("button:text-is('Show')")
		h.says("Ana", "Evaluation not held", "since")
	}},
	{"See what was sent", func(_ *office, h *hand) {
		h.find("Ana")
		h.click("a:text-is('Messages')")
		h.says("Sent", "to the client by text", "Delivered")
	}},
	{"Read a reply that waits", func(_ *office, h *hand) {
		h.click("nav a:has-text('Inbox')")
		h.says("Can my sister drive me home?")
		h.click("a:text-is('Mark as read and answered')")
		h.typeIn("action", "called: yes, she can")
		h.recorded()
	}},
	{"Quote a refund", func(_ *office, h *hand) {
		h.find("Ana")
		h.click("nav a:text-is('Money'):below(h1)")
		h.says("Refund if the client stops today", "of the package, by the refund rule")
	}},
}

// everyday opens a practice in which each of the jobs has something to do, and its Today.
func everyday(t *testing.T) (o *office, today string) {
	t.Helper()
	o = open(t)
	o.record(person.Coordinator, "package-chosen", map[string]any{"package": "six"})
	o.record(person.Coordinator, "estimate-issued", map[string]any{"number": "estimate-1", "total": 350000})
	o.record(person.Coordinator, "payment-received", map[string]any{"fee_set": "medical", "amount": 340000, "method": "card"})
	o.record(person.Provider, "reply-received", map[string]any{"channel": "sms", "text_class": "other", "text": "Can my sister drive me home?"})
	o.arrived()
	return o, o.consoleOf(o.Practice.Policy.FirstHolding(person.Coordinator)) + "/today"
}

// arrived has a provider report that every message so far arrived.
func (o *office) arrived() {
	o.t.Helper()
	db, err := pgx.Connect(o.t.Context(), o.DatabaseURL)
	must(o.t, err)
	defer func() { _ = db.Close(o.t.Context()) }()
	rows, err := db.Query(o.t.Context(), `SELECT ref FROM letter`)
	must(o.t, err)
	refs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(o.t, err)
	for _, ref := range refs {
		must(o.t, o.Desk.Receive(o.t.Context(), message.ProviderEvent{Provider: "twilio", ID: ref, Kind: message.EventStatus, Ref: ref, ProviderID: "SM" + ref, State: message.StateDelivered}))
	}
}

// TestStaffDoEachEverydayJobWithinAMinute: a coordinator does each of the ten jobs from Today, and the guide says how many clicks and keys
// it takes.
func TestStaffDoEachEverydayJobWithinAMinute(t *testing.T) {
	t.Parallel()
	s := onScreen(t, screenKind{name: "jobs", width: 1280})
	said := countsInGuide(t)
	for i, j := range jobs {
		t.Run(strings.ReplaceAll(j.name, " ", ""), func(t *testing.T) {
			o, today := everyday(t)
			s.t = t
			h := &hand{screen: s}
			h.Do("open", browser.Args{"width": 1280, "height": 900})
			h.Do("goto", browser.Args{"url": today})
			j.do(o, h)
			took := h.seconds()
			t.Logf("| %d. %s | %d | %d | %.0f |", i+1, j.name, h.clicks, h.keys, took.Seconds())
			if took > mostForAJob {
				t.Errorf("it takes %s", took)
			}
			if got := fmt.Sprintf("%d clicks, %d keys, %.0f seconds", h.clicks, h.keys, took.Seconds()); got != said[i+1] {
				t.Errorf("it takes %s; the guide says %s", got, said[i+1])
			}
		})
	}
}

var countRow = regexp.MustCompile(`(?m)^\| (\d+)\. [^|]+ \| (\d+) \| (\d+) \| (\d+) \|$`)

// countsInGuide reads the coordinator's guide: what each job takes.
func countsInGuide(t *testing.T) map[int]string {
	t.Helper()
	body, err := os.ReadFile("../../docs/guide/coordinator.md")
	must(t, err)
	said := map[int]string{}
	for _, m := range countRow.FindAllStringSubmatch(string(body), -1) {
		n, err := strconv.Atoi(m[1])
		must(t, err)
		said[n] = fmt.Sprintf("%s clicks, %s keys, %s seconds", m[2], m[3], m[4])
	}
	if len(said) != len(jobs) {
		t.Errorf("the guide counts %d jobs", len(said))
	}
	return said
}

// TestStaffFindWhatTheyLookForInThreeClicks: from Today, for a client who has no visit on it.
func TestStaffFindWhatTheyLookForInThreeClicks(t *testing.T) {
	t.Parallel()
	_, today := everyday(t)
	s := onScreen(t, screenKind{name: "finds", width: 1280})
	s.Do("open", browser.Args{"width": 1280, "height": 900})
	for _, f := range []struct {
		question string
		clicks   []string
		answer   []string
	}{
		{"who is blocked and why", []string{"nav a:text-is('Board')"}, []string{"Ana", "Evaluation not held", "since"}},
		{"what was sent to whom, and whether it arrived", []string{"nav a:text-is('Board')", "a:text-is('Ana')", "a:text-is('Messages')"}, []string{"to the client by text", "Delivered"}},
		{"what a client owes", []string{"nav a:text-is('Money')"}, []string{"What clients owe", "Ana", "$"}},
		{"how to move a visit", []string{"nav a:text-is('Board')", "a:text-is('Ana')", ".side a:text-is('Evaluation 1')"}, []string{"Move a visit", "New start"}},
		{"who looked at a record", []string{"nav a:text-is('Board')", "a:text-is('Ana')", "a:text-is('Who looked')"}, []string{"Sample Coordinator"}},
	} {
		s.Do("goto", browser.Args{"url": today})
		if len(f.clicks) > 3 {
			t.Errorf("%s: %d clicks", f.question, len(f.clicks))
		}
		h := &hand{screen: s}
		for _, c := range f.clicks {
			h.click(c)
		}
		h.says(f.answer...)
	}
}
