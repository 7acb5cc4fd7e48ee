package messaging_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/messaging"
	"kapflow/messaging/fake"
)

// answering is a provider with one answer, on a real connection. Calls counts the requests.
func answering(t *testing.T, answer http.HandlerFunc) (url string, calls *atomic.Int64) {
	t.Helper()
	calls = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// says answers with a status, a content type and a body.
func says(status int, kind, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// cut announces more than it sends, and closes the connection.
func cut(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+500))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

const (
	html = "text/html"
	json = "application/json"
)

func twilioAt(t *testing.T, url string, change ...func(*messaging.TwilioOptions)) *messaging.Twilio {
	t.Helper()
	o := messaging.TwilioOptions{AccountSID: fake.TwilioAccount, KeySID: fake.TwilioKey, KeySecret: fake.TwilioSecret,
		MessagingService: fake.TwilioService, BaseURL: url, StatusURL: "http://127.0.0.1/hooks/twilio/status"}
	for _, c := range change {
		c(&o)
	}
	twilio, err := messaging.NewTwilio(o)
	if err != nil {
		t.Fatal(err)
	}
	return twilio
}

func sendGridAt(t *testing.T, url string) *messaging.SendGrid {
	t.Helper()
	sender, err := messaging.NewSendGrid(messaging.SendGridOptions{Key: fake.SendGridKey, FromName: "Cedar Office", From: "office@visit.example", BaseURL: url})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

var (
	aText = messaging.Outgoing{Ref: "r", To: "+13035550142", Text: "Hello", UsefulFor: time.Hour}
	aMail = messaging.Outgoing{Ref: "r", To: "sam@example.org", Subject: "A message from Cedar Office", Text: "Hello", Categories: []string{"notice"}}
)

// TestEveryTrapOfTwiliosLibrary covers the traps of message rule M6 that an answer can cause (field case 17). Each
// answer gets one request: no trap leads to a second text.
func TestEveryTrapOfTwiliosLibrary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		state  message.State
		fault  message.Fault
		wait   time.Duration
	}{
		"503WithHTML":              {answer: says(503, html, "<h1>Service Unavailable</h1>"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"500WithAnEmptyObject":     {answer: says(500, json, "{}"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"500WithCode20500":         {answer: says(500, json, `{"code":20500,"status":500,"message":"x"}`), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"502OfAProxy":              {answer: says(502, html, "<h1>Bad Gateway</h1>"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"302":                      {answer: says(302, html, "", "Location", "/elsewhere"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"201CutShort":              {answer: cut(201, `{"sid":"SM00`), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"201WithoutSid":            {answer: says(201, json, `{"status":"accepted"}`), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"201WithHTML":              {answer: says(201, html, "<p>fine</p>"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"ClosedWithoutAnAnswer":    {answer: hangUp, state: message.StateUnknown, fault: message.FaultAmbiguous},
		"429WithRetryAfter":        {answer: says(429, json, `{"code":20429,"status":429,"message":"x"}`, "Retry-After", "7"), fault: message.FaultThrottle, wait: 7 * time.Second},
		"429WithoutRetryAfter":     {answer: says(429, json, `{"code":20429,"status":429,"message":"x"}`), fault: message.FaultThrottle},
		"429WithAnAbsurdOne":       {answer: says(429, html, "", "Retry-After", "999999"), fault: message.FaultThrottle, wait: 10 * time.Minute},
		"401":                      {answer: says(401, json, `{"code":20003,"status":401,"message":"x"}`), fault: message.FaultConfiguration},
		"401WithHTML":              {answer: says(401, html, "<h1>no</h1>"), fault: message.FaultConfiguration},
		"404":                      {answer: says(404, json, `{"code":20404,"status":404,"message":"x"}`), fault: message.FaultConfiguration},
		"400WithHTML":              {answer: says(400, html, "<h1>no</h1>"), state: message.StateRejected, fault: message.FaultUnrecognised},
		"400WithACodeNobodyKnows":  {answer: says(400, json, `{"code":29999,"status":400,"message":"x"}`), state: message.StateRejected, fault: message.FaultUnrecognised},
		"400WithAnUndecodableBody": {answer: cut(400, `{"code":21`), state: message.StateRejected, fault: message.FaultUnrecognised},
		"Accepted":                 {answer: says(201, json, `{"sid":"SM1"}`), state: message.StateSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, calls := answering(t, c.answer)
			out := twilioAt(t, url).Send(t.Context(), aText)
			if out.State != c.state || out.Fault != c.fault || out.RetryAfter != c.wait {
				t.Errorf("%+v", out)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
			if strings.Contains(out.Why, aText.To) || strings.Contains(out.Why, aText.Text) || out.State != message.StateSent && out.Why == "" {
				t.Errorf("said of it: %q", out.Why)
			}
		})
	}
}

// TestCodesOfTwilioFallIntoTheirClasses checks the class of every code of message rule M5, both as a refusal and as a
// later report.
func TestCodesOfTwilioFallIntoTheirClasses(t *testing.T) {
	t.Parallel()
	var code atomic.Int64
	url, _ := answering(t, func(w http.ResponseWriter, r *http.Request) {
		says(400, json, fmt.Sprintf(`{"code":%d,"status":400,"message":"x"}`, code.Load()))(w, r)
	})
	twilio := twilioAt(t, url)
	for fault, codes := range map[message.Fault][]int{
		message.FaultAddress:       {21211, 21614, 21612, 30005, 30006},
		message.FaultOptedOut:      {21610},
		message.FaultContent:       {30007, 30004, 21617, 30450},
		message.FaultConfiguration: {20003, 21606, 21408, 30002, 30034},
		message.FaultThrottle:      {20429, 21611, 30001},
		message.FaultQuiet:         {30610},
		message.FaultPerson:        {30640},
		message.FaultTransient:     {30003, 30008, 30500},
		message.FaultStale:         {30036},
		message.FaultAmbiguous:     {20500},
		message.FaultUnrecognised:  {29999, 31234},
	} {
		for _, c := range codes {
			code.Store(int64(c))
			state := message.StateRejected
			switch {
			case fault.Waits():
				state = ""
			case fault == message.FaultAmbiguous:
				state = message.StateUnknown
			}
			if out := twilio.Send(t.Context(), aText); out.Fault != fault || out.State != state || out.Code != strconv.Itoa(c) {
				t.Errorf("refused with %d: %+v", c, out)
			}
			if out := messaging.TwilioStatus("undelivered", c); out.Fault != fault || out.State != message.StateRejected {
				t.Errorf("reported with %d: %+v", c, out)
			}
		}
	}
}

// TestEveryTrapOfSendGridsLibrary covers the traps of message rule M7 that an answer can cause, and field case 17: 401,
// 413, 429 and 502 are failures, although the library gives no error. None is retried within the call.
func TestEveryTrapOfSendGridsLibrary(t *testing.T) {
	t.Parallel()
	field := func(name string) string { return `{"errors":[{"message":"x","field":"` + name + `","help":null}]}` }
	soon := strconv.FormatInt(time.Now().Add(9*time.Minute).Unix(), 10)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		state  message.State
		fault  message.Fault
		wait   time.Duration // at least
	}{
		"202":                   {answer: says(202, json, "", "X-Message-Id", "m-1"), state: message.StateSent},
		"200OfTheSandbox":       {answer: says(200, json, ""), state: message.StateSent},
		"204":                   {answer: says(204, json, ""), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"302":                   {answer: says(302, html, "", "Location", "/elsewhere"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"401":                   {answer: says(401, json, `{"errors":[{"message":"x","field":null}]}`), fault: message.FaultConfiguration},
		"403":                   {answer: says(403, json, field("from")), fault: message.FaultConfiguration},
		"413WithHTML":           {answer: says(413, html, "<h1>413</h1>"), state: message.StateRejected, fault: message.FaultContent},
		"429WithRetryAfter":     {answer: says(429, json, "{}", "Retry-After", "7"), fault: message.FaultThrottle, wait: 7 * time.Second},
		"429WithRateLimitReset": {answer: says(429, json, "{}", "X-RateLimit-Reset", soon), fault: message.FaultThrottle, wait: time.Minute},
		"500":                   {answer: says(500, json, "{}"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"502WithHTML":           {answer: says(502, html, "<h1>502</h1>"), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"503":                   {answer: says(503, html, ""), state: message.StateUnknown, fault: message.FaultAmbiguous},
		"400OfTheReceiver":      {answer: says(400, json, field("personalizations.0.to.0.email")), state: message.StateRejected, fault: message.FaultAddress},
		"400OfOurAddress":       {answer: says(400, json, field("from.email")), fault: message.FaultConfiguration},
		"400OfTheText":          {answer: says(400, json, field("content.0.value")), state: message.StateRejected, fault: message.FaultContent},
		"400WithHTML":           {answer: says(400, html, field("from.email")), state: message.StateRejected, fault: message.FaultUnrecognised},
		"400CutShort":           {answer: cut(400, `{"errors":[{"fie`), state: message.StateRejected, fault: message.FaultUnrecognised},
		"202CutShort":           {answer: cut(202, ""), state: message.StateSent}, // the status alone decides
		"ClosedWithoutAnAnswer": {answer: hangUp, state: message.StateUnknown, fault: message.FaultAmbiguous},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, calls := answering(t, c.answer)
			out := sendGridAt(t, url).Send(t.Context(), aMail)
			if out.State != c.state || out.Fault != c.fault || out.RetryAfter < c.wait || c.wait == 0 && out.RetryAfter != 0 {
				t.Errorf("%+v", out)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
			if strings.Contains(out.Why, aMail.To) || strings.Contains(out.Why, aMail.Text) || out.State != message.StateSent && out.Why == "" {
				t.Errorf("said of it: %q", out.Why)
			}
		})
	}
}

// hurried is an adapter whose time limit a test can shorten.
type hurried interface {
	Hurry(time.Duration)
	Send(context.Context, messaging.Outgoing) messaging.Outcome
}

// TestProviderThatHangs is field case 18. A call ends with its activity, and on its own well within the activity's
// time. A request written by then may have been sent.
func TestProviderThatHangs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sender func(url string) hurried
		itself bool
	}{
		"TwilioByTheActivity":   {sender: func(url string) hurried { return twilioAt(t, url) }},
		"SendGridByTheActivity": {sender: func(url string) hurried { return sendGridAt(t, url) }},
		"TwilioByItself":        {sender: func(url string) hurried { return twilioAt(t, url) }, itself: true},
		"SendGridByItself":      {sender: func(url string) hurried { return sendGridAt(t, url) }, itself: true},
	} {
		end, came := make(chan struct{}), make(chan struct{}, 1)
		url, _ := answering(t, func(http.ResponseWriter, *http.Request) { came <- struct{}{}; <-end })
		t.Cleanup(func() { close(end) })
		sender, msg := c.sender(url), aText
		if strings.HasPrefix(name, "SendGrid") {
			msg = aMail
		}
		ctx, endOfActivity := context.WithCancel(t.Context())
		if c.itself {
			sender.Hurry(200 * time.Millisecond)
		}
		done := make(chan messaging.Outcome, 1)
		go func() { done <- sender.Send(ctx, msg) }()
		if !c.itself {
			<-came
			endOfActivity()
		}
		select {
		case out := <-done:
			// On a busy machine a call may end before it was written: then it sent nothing.
			if out.State != message.StateUnknown && (!c.itself || out.State != "" || out.Fault != message.FaultNotSent) {
				t.Errorf("%s: %+v", name, out)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%s hangs with its provider", name)
		}
		endOfActivity()
	}
	if activity := 45 * time.Second; messaging.Patience > activity/2 {
		t.Errorf("a call takes up to %s of an activity's %s", messaging.Patience, activity)
	}
}

// TestCallThatWasGivenUpSendsNothing checks that no request is made once the activity is over.
func TestCallThatWasGivenUpSendsNothing(t *testing.T) {
	t.Parallel()
	url, calls := answering(t, says(201, json, `{"sid":"SM1"}`))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, out := range []messaging.Outcome{twilioAt(t, url).Send(over, aText), sendGridAt(t, url).Send(over, aMail)} {
		if out.State != "" || out.Fault != message.FaultNotSent {
			t.Errorf("%+v", out)
		}
	}
	if calls.Load() != 0 {
		t.Errorf("%d requests were made", calls.Load())
	}
}

// TestTwilioIsAskedWhereTheSettingsSay checks against two environment variables that the library would put into the
// host name.
func TestTwilioIsAskedWhereTheSettingsSay(t *testing.T) {
	t.Setenv("TWILIO_EDGE", "sydney")
	t.Setenv("TWILIO_REGION", "au1")
	var host atomic.Value
	url, _ := answering(t, func(w http.ResponseWriter, r *http.Request) {
		host.Store(r.Host)
		says(201, json, `{"sid":"SM1"}`)(w, r)
	})
	if out := twilioAt(t, url).Send(t.Context(), aText); out.State != message.StateSent || "http://"+host.Load().(string) != url {
		t.Errorf("%+v, asked of %v", out, host.Load())
	}
}

// TestSecretThatTwiliosLibraryRefuses covers a secret for which the library makes up code 21224 and sends nothing.
func TestSecretThatTwiliosLibraryRefuses(t *testing.T) {
	t.Parallel()
	url, calls := answering(t, says(201, json, `{"sid":"SM1"}`))
	out := twilioAt(t, url, func(o *messaging.TwilioOptions) { o.KeySecret = "with-a-dash" }).Send(t.Context(), aText)
	if out.State != "" || out.Fault != message.FaultConfiguration || calls.Load() != 0 {
		t.Errorf("%+v after %d requests", out, calls.Load())
	}
}

// TestLookUpGivesNoFraction covers the library's habit of removing ".digits" from every query.
func TestLookUpGivesNoFraction(t *testing.T) {
	t.Parallel()
	var query atomic.Value
	since := time.Date(2031, 3, 3, 15, 4, 5, 678900000, time.UTC)
	url, _ := answering(t, func(w http.ResponseWriter, r *http.Request) {
		query.Store(map[string][]string(r.URL.Query()))
		says(200, json, `{"messages":[{"sid":"SM0","body":"Hello","status":"delivered","date_created":"Mon, 03 Mar 2031 09:00:00 +0000"},
			{"sid":"SM1","body":"Hello ","status":"undelivered","error_code":30003,"date_created":"Mon, 03 Mar 2031 15:04:06 +0000"}]}`)(w, r)
	})
	out, found, err := twilioAt(t, url).Find(t.Context(), aText.To, aText.Text, since)
	if err != nil || !found || out.ProviderID != "SM1" || out.State != message.StateRejected || out.Fault != message.FaultTransient {
		t.Errorf("%+v %v %v", out, found, err)
	}
	for name, values := range query.Load().(map[string][]string) {
		if strings.Contains(values[0], ".") {
			t.Errorf("%s=%s", name, values[0])
		}
	}
}
