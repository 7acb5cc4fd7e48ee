package browser_test

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/bench/stage"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/console"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/e2e/browser"
	"kapflow/keyring"
	"kapflow/starter/rehearsal"
)

// picturesVariable names a directory to which the pictures are written, for people to look at.
const picturesVariable = "KAPFLOW_PICTURES"

// office is a practice at work, with the real journey, and its pages on a web server.
type office struct {
	*stage.Environment
	t      *testing.T
	web    *httptest.Server
	client string
}

// servers are one Temporal and one Postgres for all tests of this package.
var servers *rehearsal.TestServers

func TestMain(m *testing.M) {
	os.Exit(func() int {
		// Four browsers side by side leave room for what they ask. -parallel asks for another number.
		err := flag.Set("test.parallel", "4")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if servers, err = rehearsal.StartTestServers(context.Background(), devstack.Options{Out: os.Stderr}, keyring.Ring{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = servers.Close() }()
		return m.Run()
	}())
}

// house opens a practice without clients and serves its pages.
func house(t *testing.T) *office {
	t.Helper()
	o := &office{t: t}
	var err error
	o.Environment, err = stage.Open(t.Context(), servers, stage.Options{})
	must(t, err)
	t.Cleanup(o.Close)
	o.web = httptest.NewTLSServer(console.Handler(o.ClientPages("")))
	t.Cleanup(o.web.Close)
	return o
}

func open(t *testing.T) *office {
	t.Helper()
	o := house(t)
	now := o.monday(10)
	o.Clock.Set(now)
	answer, err := o.Desk.Enroll(t.Context(), access.FromRehearsal(o.Practice.Policy, person.Actor{ID: "coordinator", Role: person.Coordinator}), desk.Enrollment{Reference: "sample", PreferredName: "Ana",
		Phone: "+13035550142", Email: "ana@example.org", BirthDate: "1990-01-31", Presenting: []string{"depression"}, Timezone: stage.Zone,
		Consent: map[person.Channel]string{person.SMS: message.DetailTime, person.Email: message.DetailMinimal}})
	must(t, err)
	o.client = answer.ClientID
	o.record(person.Psychotherapist, "screening-recorded", map[string]any{"criteria_met": true, "prefers_kap": true})
	o.record(person.Psychotherapist, "coverage-reviewed", map[string]any{"result": "pays", "copay": 3000})
	o.record(person.Psychotherapist, "insurer-contact-waived", map[string]any{"reason": "the plan answers in writing"})
	o.record(person.Psychotherapist, "fees-discussed", map[string]any{"summary": "both fee sets"})
	o.record(person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "minutes": 60, "start": o.Practice.Zone.AddDays(now, 9).Format(time.RFC3339)})
	must(t, stage.Drive(t.Context(), o.TemporalClient, o.client, now.Add(time.Minute)))
	return o
}

// monday is an hour of the next Monday, by the office's clock: whatever day it is, nothing waits for a weekend to pass.
func (o *office) monday(hour int) time.Time {
	z := o.Practice.Zone
	at := z.Clock(z.AddDays(time.Now().UTC(), 1), hour, 0)
	for z.Local(at).Weekday() != time.Monday {
		at = z.AddDays(at, 1)
	}
	return at
}

func (o *office) record(by person.Role, fact string, with map[string]any) {
	o.t.Helper()
	body, err := json.Marshal(with)
	must(o.t, err)
	_, err = o.Desk.Record(o.t.Context(), desk.Command{ClientID: o.client, Fact: fact, By: access.FromRehearsal(o.Practice.Policy, person.Actor{ID: cmp.Or(o.Practice.Policy.FirstHolding(by), string(by)), Role: by}), With: body})
	must(o.t, err)
}

var linkInText = regexp.MustCompile(`/([0-9A-Za-z]{43})\b`)

var codeInText = regexp.MustCompile(`\d{6}`)

// texted gives the newest message whose text fits, by whichever channel it went.
func (o *office) texted(fits string) (found string) {
	o.t.Helper()
	must(o.t, o.Store.EachMail(o.t.Context(), func(_, _, _, _, text string, _ time.Time) error {
		if strings.Contains(text, fits) {
			found = text
		}
		return nil
	}))
	if found == "" {
		o.t.Fatalf("no message says %q", fits)
	}
	return found
}

// page is the browser on the client's phone.
type page struct {
	*browser.Browser
	t *testing.T
}

// look measures the page as it stands, takes its picture, and reports everything that is wrong with it.
func (p page) look(name string) (text string) {
	p.t.Helper()
	if m := p.Do("measure", nil); m.Width > 360 || !m.Footer || len(m.Small)+len(m.Outside) > 0 {
		p.t.Errorf("%s: %d pixels wide, crisis text in sight %t, too small to tap: %v, sticking out: %q", name, m.Width, m.Footer, m.Small, m.Outside)
	}
	if found := p.Do("audit", nil).Violations; len(found) > 0 {
		p.t.Errorf("%s is not accessible:\n%s", name, strings.Join(found, "\n"))
	}
	if dir := os.Getenv(picturesVariable); dir != "" {
		p.Do("screenshot", browser.Args{"path": filepath.Join(dir, name+".png")})
		p.Do("screenshot", browser.Args{"path": filepath.Join(dir, name+"-full.png"), "full": true})
	}
	text = p.Do("text", nil).Text
	for _, k := range care.Vocabulary() {
		if strings.Contains(k.Name, "-") && strings.Contains(text, k.Name) {
			p.t.Errorf("%s shows the internal name %s", name, k.Name)
		}
	}
	if found := underscored.FindString(text); found != "" {
		p.t.Errorf("%s shows the internal name %s", name, found)
	}
	return text
}

// underscored finds names of fields.
var underscored = regexp.MustCompile(`[a-z]+_[a-z_]+`)

func (p page) says(name string, wanted ...string) {
	p.t.Helper()
	text := p.look(name)
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s lacks %q:\n%s", name, w, text)
		}
	}
}

// TestClientsPagesOnAPhone goes the way of a client: from the text message through the second factor to every page and form,
// at 360 pixels and without JavaScript. What they do there is a fact that their journey took in.
func TestClientsPagesOnAPhone(t *testing.T) {
	t.Parallel()
	p := page{browser.Start(t), t}
	o := open(t)
	text := o.texted("you have a visit")
	link := o.web.URL + "/" + linkInText.FindStringSubmatch(text)[1]
	when := o.chart().WhenOf(o.chart().Visit("evaluation-1"), o.Clock.Now())
	if !strings.Contains(text, when) {
		t.Errorf("the text message %q does not say %s", text, when)
	}
	p.Do("open", nil)
	if status := p.Do("goto", browser.Args{"url": link}).Status; status != 200 {
		t.Fatalf("status %d", status)
	}
	p.says("1-door", "Your date of birth", "Email me a code", "988")
	p.Do("fill", browser.Args{"selector": "[name=month]", "value": "2"})
	p.Do("fill", browser.Args{"selector": "[name=day]", "value": "1"})
	p.Do("fill", browser.Args{"selector": "[name=year]", "value": "1990"})
	p.Do("click", browser.Args{"selector": "form button"})
	p.says("2-wrong", "does not match")
	p.Do("click", browser.Args{"selector": "text=Email me a code"})
	p.says("3-code", "We sent a code to your email address")
	code := codeInText.FindString(o.texted("our code is"))
	p.Do("fill", browser.Args{"selector": "[name=code]", "value": code})
	p.Do("click", browser.Args{"selector": "form:has([name=code]) button"})
	p.says("4-visit", when, "Evaluation 1, 60 minutes", "Main office", "Sample Psychotherapist", "Yes, I'll be there")
	if file := p.Do("download", browser.Args{"selector": "a[href$='visit.ics']"}); file.Name != "appointment.ics" || !strings.Contains(file.Text, "SUMMARY:Appointment") {
		t.Errorf("the calendar file %s: %s", file.Name, file.Text)
	}
	p.Do("click", browser.Args{"selector": "text=Yes, I'll be there"})
	p.says("5-confirmed", "See you on "+when)
	p.Do("click", browser.Args{"selector": "a.button"})
	p.Do("click", browser.Args{"selector": "summary:has-text('another time')"})
	p.Do("fill", browser.Args{"selector": "textarea", "value": "Mondays after four"})
	p.says("6-ask", "What times work for you?")
	p.Do("click", browser.Args{"selector": "button:has-text('Ask for another time')"})
	p.says("7-asked", "We have your request")
	p.Do("click", browser.Args{"selector": "a.button"})
	p.Do("click", browser.Args{"selector": "text=Message preferences"})
	p.says("8-messages", "Text messages", "Email", "None")
	p.Do("check", browser.Args{"selector": "[name=email][value=off]"})
	p.Do("click", browser.Args{"selector": "text=Save"})
	p.says("9-saved", "We will use your new preferences")
	p.Do("click", browser.Args{"selector": "nav a"}) // Back
	p.Do("click", browser.Args{"selector": "summary:has-text('Cancel')"})
	p.says("10-cancel", "I can't come")
	p.Do("check", browser.Args{"selector": "[name=sure]"})
	p.Do("click", browser.Args{"selector": "button.danger"})
	p.says("11-cancelled", "Your visit is canceled")
	p.Do("click", browser.Args{"selector": "a.button"})
	p.says("12-after", "This visit is canceled", "Remove from my calendar")
	p.Do("click", browser.Args{"selector": "text=Sign out"})
	p.says("13-closed", "signed out on this device")

	c := o.chart()
	if v := c.Visit("evaluation-1"); v.Status != visit.Cancelled || v.Side != "client" || !v.Confirmed {
		t.Errorf("the journey has the visit as %s, by %s", v.Status, v.Side)
	}
	if c.Consent(person.Email).Granted {
		t.Error("the journey still writes email")
	}
	for _, want := range []string{"appointment-confirmed", "appointment-change-requested", "messaging-consent-recorded", "appointment-cancelled"} {
		if !o.didByClient(want) {
			t.Errorf("the staff do not see %s", want)
		}
	}
	p.Do("goto", browser.Args{"url": o.web.URL + "/" + strings.Repeat("x", 43)})
	p.says("14-unknown", "This link is closed")
}

func (o *office) chart() *care.Chart {
	o.t.Helper()
	c, err := o.Store.Chart(o.t.Context(), o.client)
	must(o.t, err)
	return c
}

func (o *office) didByClient(fact string) bool {
	o.t.Helper()
	facts, err := o.Store.Facts(context.WithoutCancel(o.t.Context()), o.client)
	must(o.t, err)
	for _, f := range facts {
		if f.Fact == fact && f.By.Role == person.Client {
			return true
		}
	}
	return false
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Sprint(err))
	}
}
