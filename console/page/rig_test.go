package page_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/console"
	"kapflow/console/page"
	"kapflow/desk"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

// start is a Monday, 9:00 in Denver, two weeks before the clocks go forward.
var start = time.Date(2031, time.February, 24, 16, 0, 0, 0, time.UTC)

var indexKey = []byte(strings.Repeat("0123456789abcdef", 2))

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// office is one practice with one client, a real Postgres, and its pages on a real web server. It records facts without
// Temporal; e2e shows what a journey does with them.
type office struct {
	*store.Store
	t        *testing.T
	practice practice.Practice
	web      *httptest.Server
	now      time.Time
	client   string
	codes    []string
	seq      int
}

const born = "1990-01-31"

func open(t *testing.T) *office {
	t.Helper()
	var err error
	o := &office{t: t, now: start, client: "client-sample"}
	o.practice, err = practice.Sample(start)
	must(t, err)
	o.Store, err = store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: indexKey, MaxConns: 4, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(o.Close)
	site := &page.Site{Links: o.Store, Records: o.Store, Desk: o, Codes: o, Texts: o, Practice: o.practice.Policy, Now: func() time.Time { return o.now }, Log: slog.New(slog.DiscardHandler)}
	o.web = httptest.NewTLSServer(console.Handler(site))
	t.Cleanup(o.web.Close)
	o.enroll()
	return o
}

// enroll opens the record of a client who may have visits: accepted, with coverage and fees settled.
func (o *office) enroll() {
	o.t.Helper()
	coordinator := person.Actor{ID: "coordinator", Role: person.Coordinator}
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: o.client, Policy: o.practice.Policy, Zone: o.practice.Zone, ClientZone: o.practice.Zone, At: o.now,
		Report: care.Report{ID: "enrol", By: coordinator, With: json.RawMessage(`{"presenting":["depression"],"channels":["sms","email"]}`)}})
	must(o.t, err)
	_, _, err = o.NewClient(o.t.Context(), care.NewClient{Identity: "sample", Contact: person.Contact{PreferredName: "Ana", Phone: "+13035550142", Email: "ana@example.org", BirthDate: born},
		Save: care.Save{Chart: chart, Entry: &taken.Entry}})
	must(o.t, err)
	for _, ch := range []string{"sms", "email"} {
		o.record(person.Coordinator, "messaging-consent-recorded", map[string]any{"channel": ch, "granted": true, "detail": "appointment-time", "wording": "intake"})
	}
	o.record(person.Psychotherapist, "screening-recorded", map[string]any{"criteria_met": true, "prefers_kap": true})
	o.record(person.Psychotherapist, "coverage-reviewed", map[string]any{"result": "pays", "copay": 3000})
	o.record(person.Psychotherapist, "insurer-contact-waived", map[string]any{"reason": "ref:x"})
	o.record(person.Psychotherapist, "fees-discussed", map[string]any{"summary": "ref:x"})
}

func (o *office) record(by person.Role, fact string, with map[string]any) {
	o.t.Helper()
	body, err := json.Marshal(with)
	must(o.t, err)
	o.seq++
	_, err = o.Record(o.t.Context(), desk.Command{ClientID: o.client, Fact: fact, By: access.FromRehearsal(o.practice.Policy, person.Actor{ID: string(by), Role: by}), ID: fmt.Sprintf("fact-%d", o.seq), With: body})
	must(o.t, err)
}

// Record records a fact and saves the chart.
func (o *office) Record(ctx context.Context, cmd desk.Command) (desk.Answer, error) {
	chart, err := o.Chart(ctx, cmd.ClientID)
	if err != nil {
		return desk.Answer{}, err
	}
	kind, _ := care.KindNamed(cmd.Fact)
	with, err := kind.HidePrivate(cmd.With, func(field, text string) (string, error) { return o.Hide(ctx, cmd.ClientID, field, text) })
	if err != nil {
		return desk.Answer{}, err
	}
	taken, err := chart.Record(cmd.Fact, care.Report{ID: cmd.ID, By: cmd.By.Actor(), With: with}, o.now)
	if err != nil || taken.Repeated {
		return desk.Answer{Repeated: taken.Repeated}, err
	}
	changes := chart.DiffAndPublish(o.now)
	return desk.Answer{Seq: taken.Seq}, o.SaveChart(ctx, care.Save{Chart: chart, Entry: &taken.Entry, Changes: changes, Postings: taken.Postings})
}

// SendCode keeps the code and does not text it.
func (o *office) SendCode(ctx context.Context, token string, _ message.Link, now time.Time) error {
	code, err := o.NewLinkCode(ctx, token, now)
	if err != nil {
		return page.ErrNoCode
	}
	o.codes = append(o.codes, code)
	return nil
}

func (o *office) chart() *care.Chart {
	o.t.Helper()
	c, err := o.Chart(o.t.Context(), o.client)
	must(o.t, err)
	return c
}

// book books an evaluation and gives the token of the link in its text message.
func (o *office) book(when string) (token string) {
	o.t.Helper()
	o.record(person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "start": when, "minutes": 60})
	return o.link(message.TemplateBooked, "evaluation-1")
}

func (o *office) link(template message.Template, about string) (token string) {
	o.t.Helper()
	v := o.chart().Visit(about)
	token, err := o.NewLink(o.t.Context(), message.LinkOf(message.Delivery{ClientID: o.client, Channel: person.SMS, Now: o.now,
		Notification: message.Notification{Template: template, About: about, Version: v.Version, Start: v.Start}}))
	must(o.t, err)
	return token
}

// phone is a browser with its own cookies.
type phone struct {
	o    *office
	http *http.Client
}

func (o *office) phone() *phone {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	must(o.t, err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the test server's own certificate
	o.t.Cleanup(transport.CloseIdleConnections)
	return &phone{o: o, http: &http.Client{Jar: jar, Transport: transport}}
}

func (p *phone) do(req *http.Request) (status int, body string, header http.Header) {
	p.o.t.Helper()
	res, err := p.http.Do(req)
	must(p.o.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	must(p.o.t, err)
	return res.StatusCode, string(text), res.Header
}

func (p *phone) request(method, path string, form url.Values) (status int, body string, header http.Header) {
	p.o.t.Helper()
	req, err := http.NewRequestWithContext(p.o.t.Context(), method, p.o.web.URL+"/"+path, strings.NewReader(form.Encode()))
	must(p.o.t, err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.do(req)
}

func (p *phone) get(path string) (status int, body string) {
	p.o.t.Helper()
	status, body, _ = p.request(http.MethodGet, path, nil)
	return status, body
}

func (p *phone) post(path string, pairs ...string) (status int, body string) {
	p.o.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	status, body, _ = p.request(http.MethodPost, path, form)
	return status, body
}

// unlock gives the right date of birth.
func (p *phone) unlock(token string) (status int, body string) {
	p.o.t.Helper()
	return p.post(token, "month", "1", "day", "31", "year", "1990")
}

var onceField = regexp.MustCompile(`name="once" value="([A-Z2-7]+)"`)

// once reads the id of the first form on a page.
func once(body string) string {
	if m := onceField.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, body string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(body, w) {
			t.Errorf("the page lacks %q:\n%s", w, body)
		}
	}
}

func lacks(t *testing.T, body string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(body, w) {
			t.Errorf("the page says %q:\n%s", w, body)
		}
	}
}

// Page gives the practice's own text of a page.
func (o *office) Page(name string, vars map[string]string) (wording.PageText, error) {
	return o.practice.Texts.Page(name, vars)
}
