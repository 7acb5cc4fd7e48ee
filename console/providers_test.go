package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/console"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/messaging"
	"kapflow/messaging/fake"
	"kapflow/practice"
	"kapflow/store"
)

var monday = time.Date(2031, time.February, 24, 16, 0, 0, 0, time.UTC) // 9:00 in Denver

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hooks are the providers' addresses on a real web server, with a real Postgres, one client and one delivery under way.
// The e2e tests show what follows in the journey.
type hooks struct {
	*store.Store
	t        *testing.T
	sendGrid *fake.SendGrid
	other    *fake.SendGrid // signs with the second key
	web      string
	public   string
	key, ref string // of the delivery
	away     atomic.Bool
}

// Receive stores an event as the desk does. It relays nothing.
func (h *hooks) Receive(ctx context.Context, e message.ProviderEvent) error {
	if h.away.Load() {
		return errors.New("no connection")
	}
	if e.Kind == message.EventReply {
		e.Class = wording.ClassifyReply(e.Text)
	}
	_, err := h.TakeEvent(ctx, e)
	return err
}

func open(t *testing.T) *hooks {
	t.Helper()
	h := &hooks{t: t, public: "https://kapflow.example"}
	var err error
	h.Store, err = store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: []byte(strings.Repeat("0123456789abcdef", 2)), MaxConns: 8, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(h.Close)
	for _, s := range []**fake.SendGrid{&h.sendGrid, &h.other} {
		*s, err = fake.StartSendGrid()
		must(t, err)
		t.Cleanup((*s).Close)
	}
	events, err := messaging.NewSendGridSignature(h.sendGrid.VerificationKey(), h.other.VerificationKey())
	must(t, err)
	verdict := func(o messaging.Outcome) console.Verdict {
		return console.Verdict{State: o.State, Fault: o.Fault, Why: o.Why}
	}
	web := httptest.NewServer(console.Handler(console.Providers{Desk: h, PublicURL: h.public + "/", Now: func() time.Time { return monday }, Log: slog.New(slog.DiscardHandler),
		TwilioSigned:   messaging.NewTwilioSignature(fake.TwilioAuthToken, "second").Valid,
		TwilioStatus:   func(s string, code int) console.Verdict { return verdict(messaging.TwilioStatus(s, code)) },
		SendGridSigned: events.Valid,
		SendGridEvent: func(event, kind, reason string) (console.Verdict, bool) {
			out, tells := messaging.SendGridEvent(event, kind, reason)
			return verdict(out), tells
		}}))
	t.Cleanup(web.Close)
	h.web = web.URL
	h.deliveryUnderWay()
	return h
}

// deliveryUnderWay enrolls a client and claims a delivery.
func (h *hooks) deliveryUnderWay() {
	h.t.Helper()
	prac, err := practice.Sample(monday)
	must(h.t, err)
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: "client-a", Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: monday,
		Report: care.Report{ID: "enrol", By: person.Actor{ID: "coordinator", Role: person.Coordinator}, With: json.RawMessage(`{"presenting":["depression"],"channels":["sms","email"]}`)}})
	must(h.t, err)
	_, _, err = h.NewClient(h.t.Context(), care.NewClient{Identity: "sample", Contact: person.Contact{PreferredName: "Ana", Phone: "+13035550142", Email: "ana@example.org"},
		Save: care.Save{Chart: chart, Entry: &taken.Entry}})
	must(h.t, err)
	h.key = "client-a/remind/evaluation-1/v1/1d/email"
	key, err := message.ParseDelivery(h.key)
	must(h.t, err)
	claim, err := h.Claim(h.t.Context(), message.Delivery{ClientID: "client-a", Channel: person.Email, To: person.Client, Now: monday,
		Notification: message.Notification{Key: key.Notification, Template: message.TemplateReminder}}, care.DecideByRegister)
	must(h.t, err)
	h.ref = claim.Ref
}

// post sends a body to an address of the console and gives the answer's status, content type and text.
func (h *hooks) post(path, kind, body string, header ...string) (status int, answered string) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.web+path, strings.NewReader(body))
	must(h.t, err)
	req.Header.Set("Content-Type", kind)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	must(h.t, err)
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, res.Header.Get("Content-Type")
}

// twilio posts a form as Twilio does, signed with a token.
func (h *hooks) twilio(token, path string, form url.Values) int {
	h.t.Helper()
	status, _ := h.post(path, "application/x-www-form-urlencoded", form.Encode(), "X-Twilio-Signature", fake.SignTwilio(token, h.public+path, form))
	return status
}

// events posts a batch as SendGrid does, signed at a given time.
func (h *hooks) events(by *fake.SendGrid, at time.Time, body string) int {
	h.t.Helper()
	stamp := strconv.FormatInt(at.Unix(), 10)
	signature, err := by.Sign([]byte(stamp + body))
	must(h.t, err)
	status, _ := h.post(console.SendGridEventsPath, "application/json", body,
		"X-Twilio-Email-Event-Webhook-Signature", signature, "X-Twilio-Email-Event-Webhook-Timestamp", stamp)
	return status
}

func (h *hooks) state() (state message.State, why string) {
	h.t.Helper()
	messages, err := h.Messages(h.t.Context(), "client-a")
	must(h.t, err)
	return messages[0].State, messages[0].Why
}

// waiting gives the events that a journey must still take in.
func (h *hooks) waiting() []message.ProviderEvent {
	h.t.Helper()
	events, err := h.WaitingEvents(h.t.Context(), 100)
	must(h.t, err)
	return events
}

func statusOf(status, code string) url.Values {
	return url.Values{"MessageSid": {"SM1"}, "MessageStatus": {status}, "ErrorCode": {code}, "To": {"+13035550142"}}
}

func TestTwiliosWordIsTakenWhenTwilioSignedIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	path := console.TwilioStatusPath + "?i=" + h.ref
	signed := fake.SignTwilio(fake.TwilioAuthToken, h.public+path, statusOf("delivered", ""))
	for name, c := range map[string]struct {
		path, body, signature string
		want                  int
	}{
		"NotSigned":          {path, statusOf("delivered", "").Encode(), "", http.StatusForbidden},
		"SignedByAnother":    {path, statusOf("delivered", "").Encode(), fake.SignTwilio("another", h.public+path, statusOf("delivered", "")), http.StatusForbidden},
		"OtherForm":          {path, statusOf("failed", "").Encode(), signed, http.StatusForbidden},
		"OtherLetter":        {console.TwilioStatusPath + "?i=other", statusOf("delivered", "").Encode(), signed, http.StatusForbidden},
		"AKeyGivenTwice":     {path, statusOf("delivered", "").Encode() + "&MessageStatus=failed", signed, http.StatusForbidden},
		"TooLarge":           {path, "Body=" + strings.Repeat("x", 64<<10), signed, http.StatusRequestEntityTooLarge},
		"WithoutALetter":     {console.TwilioStatusPath, statusOf("sent", "").Encode(), fake.SignTwilio(fake.TwilioAuthToken, h.public+console.TwilioStatusPath, statusOf("sent", "")), http.StatusBadRequest},
		"SignedAsItsOwnHost": {path, statusOf("delivered", "").Encode(), fake.SignTwilio(fake.TwilioAuthToken, h.web+path, statusOf("delivered", "")), http.StatusForbidden},
	} {
		if got, _ := h.post(c.path, "application/x-www-form-urlencoded", c.body, "X-Twilio-Signature", c.signature, "X-Forwarded-Host", "kapflow.example"); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if state, _ := h.state(); state != message.StateSending || len(h.waiting()) > 0 {
		t.Fatalf("a refused request made the delivery %s, and %d events", state, len(h.waiting()))
	}
	for _, path := range []string{path, console.TwilioInboundPath, console.SendGridEventsPath} {
		res, err := http.Get(h.web + path)
		must(t, err)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", path, res.StatusCode)
		}
	}
	if got := h.twilio("second", path, statusOf("sent", "")); got != http.StatusNoContent {
		t.Errorf("signed with the second token: %d", got)
	}
	if state, _ := h.state(); state != message.StateSent {
		t.Errorf("the delivery is %s", state)
	}
}

// TestTwiliosReportsMayComeTwiceLateAndInDisorder checks that a delivery keeps its furthest state.
func TestTwiliosReportsMayComeTwiceLateAndInDisorder(t *testing.T) {
	t.Parallel()
	h := open(t)
	path := console.TwilioStatusPath + "?i=" + h.ref
	for _, status := range []string{"delivered", "sent", "queued", "delivered", "undelivered", "sending"} {
		code := map[string]string{"undelivered": "30003"}[status]
		if got := h.twilio(fake.TwilioAuthToken, path, statusOf(status, code)); got != http.StatusNoContent {
			t.Errorf("%s: %d", status, got)
		}
		if state, _ := h.state(); state != message.StateDelivered {
			t.Errorf("after %s the delivery is %s", status, state)
		}
	}
	if waiting := h.waiting(); len(waiting) != 1 || waiting[0].State != message.StateDelivered {
		t.Errorf("the journey is to hear %+v", waiting)
	}
	if got := h.twilio(fake.TwilioAuthToken, console.TwilioStatusPath+"?i=nobodys", statusOf("delivered", "")); got != http.StatusNoContent {
		t.Errorf("on an unknown delivery: %d", got)
	}
}

// TestTextFromAClientThatComesManyTimesAtOnceIsOne is field case 50 at the console: three requests at once, then a
// forged one.
func TestTextFromAClientThatComesManyTimesAtOnceIsOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	form := url.Values{"MessageSid": {"SM7"}, "From": {"+13035550142"}, "Body": {"I may be late"}}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			status, kind := h.post(console.TwilioInboundPath, "application/x-www-form-urlencoded", form.Encode(),
				"X-Twilio-Signature", fake.SignTwilio(fake.TwilioAuthToken, h.public+console.TwilioInboundPath, form))
			if status != http.StatusOK || kind != "text/xml" {
				t.Errorf("%d %s", status, kind)
			}
		})
	}
	all.Wait()
	form.Set("MessageSid", "SM8")
	if got := h.twilio("forged", console.TwilioInboundPath, form); got != http.StatusForbidden {
		t.Errorf("forged: %d", got)
	}
	if waiting := h.waiting(); len(waiting) != 1 || waiting[0].ID != "SM7" || waiting[0].Class != wording.ReplyOther {
		t.Errorf("%+v", waiting)
	}
	for _, lacking := range []url.Values{{"From": {"+13035550142"}, "Body": {"x"}}, {"MessageSid": {"SM9"}, "Body": {"x"}}} {
		if got := h.twilio(fake.TwilioAuthToken, console.TwilioInboundPath, lacking); got != http.StatusBadRequest {
			t.Errorf("%v: %d", lacking, got)
		}
	}
}

func TestSendGridsWordIsTakenWhenSendGridSignedIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	body := fmt.Sprintf(`[{"event":"delivered","i":%q,"sg_event_id":"e-1","sg_message_id":"m-1.recv"}]`, h.ref)
	for name, c := range map[string]struct {
		by   *fake.SendGrid
		at   time.Time
		body string
		want int
	}{
		"TooOld":         {h.sendGrid, time.Now().Add(-25*time.Hour - time.Minute), body, http.StatusForbidden},
		"FromTheFuture":  {h.sendGrid, time.Now().Add(26 * time.Hour), body, http.StatusForbidden},
		"TooLarge":       {h.sendGrid, time.Now(), `["` + strings.Repeat("x", 64<<10) + `"]`, http.StatusRequestEntityTooLarge},
		"NoList":         {h.sendGrid, time.Now(), `{"event":"delivered"}`, http.StatusBadRequest},
		"NothingOfOurs":  {h.sendGrid, time.Now(), `[{"event":"open"},{"event":"delivered"},{}]`, http.StatusNoContent},
		"UnknownLetter":  {h.sendGrid, time.Now(), `[{"event":"delivered","i":"nobodys","sg_event_id":"e-0"}]`, http.StatusNoContent},
		"AnotherAccount": {accountOf(fake.StartSendGrid()), time.Now(), body, http.StatusForbidden},
	} {
		if got := h.events(c.by, c.at, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if got, _ := h.post(console.SendGridEventsPath, "application/json", body); got != http.StatusForbidden {
		t.Errorf("not signed: %d", got)
	}
	if state, _ := h.state(); state != message.StateSending {
		t.Fatalf("a refused request made the delivery %s", state)
	}
	if got := h.events(h.other, time.Now().Add(-24*time.Hour), body); got != http.StatusNoContent {
		t.Errorf("with the second key, after a day: %d", got)
	}
	if state, _ := h.state(); state != message.StateDelivered {
		t.Errorf("the delivery is %s", state)
	}
}

func accountOf(s *fake.SendGrid, err error) *fake.SendGrid {
	if err != nil {
		panic(err)
	}
	s.Close() // only its key is used
	return s
}

// TestBatchOfManyEventsIsTakenEventByEvent checks that events without meaning are skipped and known events are not
// taken again. What a mail server wrote is never stored: it may contain anything, and a browser would show it.
func TestBatchOfManyEventsIsTakenEventByEvent(t *testing.T) {
	t.Parallel()
	h := open(t)
	const hostile = `<script>alert(1)</script> ana@example.org`
	batch := fmt.Sprintf(`[{"event":"processed","i":%[1]q,"sg_event_id":"e-1"},{"event":"open","i":%[1]q,"sg_event_id":"e-2"},{"event":"click","i":%[1]q,"sg_event_id":"e-3"},
		{"event":"deferred","i":%[1]q,"sg_event_id":"e-4","reason":%[2]q},{"event":"bounce","type":"bounce","i":%[1]q,"sg_event_id":"e-5","reason":%[2]q},
		{"event":"bounce","type":"bounce","i":%[1]q,"sg_event_id":"e-5","reason":%[2]q},{"event":"delivered","sg_event_id":"e-6"},{"event":"no such event","i":%[1]q,"sg_event_id":"e-7"}]`, h.ref, hostile)
	h.away.Store(true)
	if got := h.events(h.sendGrid, time.Now(), batch); got != http.StatusServiceUnavailable {
		t.Errorf("while nothing can be kept: %d", got)
	}
	h.away.Store(false)
	for range 2 { // SendGrid sends the whole batch again
		if got := h.events(h.sendGrid, time.Now(), batch); got != http.StatusNoContent {
			t.Errorf("%d", got)
		}
	}
	state, why := h.state()
	if state != message.StateRejected || why != "the address does not accept mail" {
		t.Errorf("the delivery is %s: %q", state, why)
	}
	var ids []string
	for _, e := range h.waiting() {
		ids = append(ids, e.ID)
		if text := fmt.Sprintf("%+v", e); strings.Contains(text, "script") || strings.Contains(text, "ana@") {
			t.Errorf("kept: %s", text)
		}
	}
	if strings.Join(ids, " ") != "e-1 e-5" {
		t.Errorf("for the journey: %v", ids)
	}
}
