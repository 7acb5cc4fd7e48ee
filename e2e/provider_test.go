package e2e_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/console"
	"kapflow/messaging/fake"
)

// twilioHouse is a house that sends texts through a Twilio, with its console on a real web server. onPost sees every
// request to send after Twilio took it and before its answer; true says that the answer is to be lost.
func twilioHouse(t *testing.T, onPost func() (lost bool)) (*house, *fake.Twilio) {
	t.Helper()
	twilio, err := fake.StartTwilio(nil)
	must(t, err)
	t.Cleanup(twilio.Close)
	address, err := url.Parse(twilio.URL())
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(address)
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		if r.Method == http.MethodPost && onPost != nil && onPost() {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
			return
		}
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(between.Close)
	var handler atomic.Value
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.Load().(http.Handler).ServeHTTP(w, r) }))
	t.Cleanup(web.Close)
	h := shared.newHouse(t, func(w *wires) { w.Twilio, w.Public = between.URL, web.URL })
	handler.Store(console.Handler(h.Console(h.wires.settings())...))
	twilio.InboundURL, twilio.Now = web.URL+console.TwilioInboundPath, h.now
	return h, twilio
}

// TestWorkerKilledBetweenSendingAndRecordingSendsOneText is field case 15: the worker dies after Twilio took the text and
// before the answer was read. The next one does not send again: it writes down that nobody knows, and Twilio's report, which
// carries our own id of the text, brings the end.
func TestWorkerKilledBetweenSendingAndRecordingSendsOneText(t *testing.T) {
	t.Parallel()
	var first atomic.Pointer[process]
	killed := make(chan struct{})
	h, twilio := twilioHouse(t, func() bool {
		p := first.Swap(nil)
		if p == nil {
			return false
		}
		_ = p.kill()
		close(killed)
		return true
	})
	p := h.hire(t)
	monday := h.nextMonday()
	id := h.accepted(t, "killed-while-sending", monday)
	first.Store(p)
	visit := h.book(t, id, monday, 4, 10)
	notice := "booked/" + visit + "/v1"
	select {
	case <-killed:
	case <-time.After(time.Minute):
		t.Fatal("no text was sent")
	}
	if state := h.deliveries(t, id)[notice].State; state != message.StateSending || len(twilio.Sent()) != 1 {
		t.Fatalf("when the worker died the letter was %s, and Twilio had %d texts", state, len(twilio.Sent()))
	}
	h.hire(t)
	await(t, "the letter to be unknown", 2*time.Minute, func() bool { return h.deliveries(t, id)[notice].State == message.StateUnknown })
	must(t, twilio.Report(t.Context()))
	await(t, "Twilio's report to bring the end", time.Minute, func() bool { return h.deliveries(t, id)[notice].State == message.StateDelivered })
	must(t, h.drive(t.Context(), id, monday.Add(2*time.Hour)))
	if sent := twilio.Sent(); len(sent) != 1 || twilio.Calls() != 1 {
		t.Errorf("Twilio was asked %d times and took %d texts: %+v", twilio.Calls(), len(sent), sent)
	}
	for _, task := range h.chart(t, id).Tasks(monday.Add(2 * time.Hour)) {
		if strings.HasPrefix(task.Task, "message-") {
			t.Errorf("a person is asked about a text that arrived: %s", task.ID())
		}
	}
	if faults := twilio.Faults(); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestTextFromAClientIsOneFactHoweverOftenItComes is field case 50, from the web server to the journey: three deliveries at
// once and a late one are one fact; a forged one is none.
func TestTextFromAClientIsOneFactHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	h, twilio := twilioHouse(t, nil)
	h.work(t)
	id := h.accepted(t, "texts-thrice", h.nextMonday())
	deliver := func() error {
		_, err := twilio.InboundAs(context.WithoutCancel(t.Context()), "SM-thrice", "+13035550142", "Can I come with my sister?")
		return err
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := deliver(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	must(t, h.Desk.Relay(t.Context()))
	must(t, deliver())
	form := url.Values{"MessageSid": {"SM-forged"}, "From": {"+13035550142"}, "Body": {"STOP"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, twilio.InboundURL, strings.NewReader(form.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", fake.SignTwilio("forged", twilio.InboundURL, form))
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a forged text was answered with %s", res.Status)
	}
	facts, err := h.Store.Facts(t.Context(), id)
	must(t, err)
	replies := 0
	for _, f := range facts {
		if f.Fact == "reply-received" {
			replies++
		}
	}
	if n := h.query(t, `SELECT event_id FROM provider_event`); replies != 1 || len(n) != 1 {
		t.Errorf("%d facts of %d events", replies, len(n))
	}
	if c := h.chart(t, id).Consent(person.SMS); !c.Granted {
		t.Error("a forged STOP ended the texts")
	}
}
