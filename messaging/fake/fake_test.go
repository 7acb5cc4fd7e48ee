package fake_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"kapflow/care/message"
	"kapflow/devstack/published"
	"kapflow/messaging"
	"kapflow/messaging/fake"
)

// description is Twilio's own description. It is read once, because that takes a while.
var description = sync.OnceValues(func() (*fake.Schema, error) { return fake.LoadSchema(published.Path(published.TwilioAPI)) })

// twilio starts a fake that checks requests against Twilio's published description, and a real twilio-go that sends to
// it.
func twilio(t *testing.T, service string) (*fake.Twilio, *messaging.Twilio) {
	t.Helper()
	published.File(t, published.TwilioAPI)
	schema, err := description()
	if err != nil {
		t.Fatal(err)
	}
	server, err := fake.StartTwilio(schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	sender, err := messaging.NewTwilio(messaging.TwilioOptions{AccountSID: fake.TwilioAccount, KeySID: fake.TwilioKey, KeySecret: fake.TwilioSecret,
		MessagingService: service, BaseURL: server.URL(), StatusURL: "http://127.0.0.1/hooks/twilio/status"})
	if err != nil {
		t.Fatal(err)
	}
	return server, sender
}

// TestFakeHoldsTextsToTwiliosDescription checks that the fake accepts what we send, refuses what Twilio would refuse,
// and fails the test or course for a request that does not match Twilio's description.
func TestFakeHoldsTextsToTwiliosDescription(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		service, to, text string
		state             message.State
		fault             message.Fault
		noted             bool
	}{
		"OurRequest":        {service: fake.TwilioService, to: "+13035550142", text: "Hello", state: message.StateSent},
		"ShortService":      {service: "MG123", to: "+13035550142", text: "Hello", state: message.StateRejected, fault: message.FaultUnrecognised, noted: true},
		"BadNumber":         {service: fake.TwilioService, to: "3035550142", text: "Hello", state: message.StateRejected, fault: message.FaultAddress},
		"NoText":            {service: fake.TwilioService, to: "+13035550142", text: "", state: message.StateRejected, fault: message.FaultContent},
		"MagicLandline":     {service: fake.TwilioService, to: "+15005550009", text: "Hello", state: message.StateRejected, fault: message.FaultAddress},
		"MagicOptedOut":     {service: fake.TwilioService, to: "+15005550004", text: "Hello", state: message.StateRejected, fault: message.FaultOptedOut},
		"MagicOtherCountry": {service: fake.TwilioService, to: "+15005550003", text: "Hello", fault: message.FaultConfiguration},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, sender := twilio(t, c.service)
			out := sender.Send(t.Context(), messaging.Outgoing{Ref: "r", To: c.to, Text: c.text})
			if out.State != c.state || out.Fault != c.fault {
				t.Errorf("%+v", out)
			}
			if sent := len(server.Sent()); sent != map[bool]int{true: 1}[c.state == message.StateSent] || server.Calls() != 1 {
				t.Errorf("%d taken of %d", sent, server.Calls())
			}
			if noted := len(server.Faults()) > 0; noted != c.noted {
				t.Errorf("noted: %v", server.Faults())
			}
		})
	}
}

// TestFakeNoticesWhatIsNotOurs is field case 2: a request to schedule a message at the provider is a fault.
func TestFakeNoticesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*api.CreateMessageParams){
		"ScheduledAtTwilio":    func(p *api.CreateMessageParams) { p.SetScheduleType("fixed") },
		"FromANumber":          func(p *api.CreateMessageParams) { p.SetFrom("+15555550100") },
		"ReportWithoutTheRef":  func(p *api.CreateMessageParams) { p.SetStatusCallback("http://127.0.0.1/hooks/twilio/status") },
		"ValidForLongerThanIs": func(p *api.CreateMessageParams) { p.SetValidityPeriod(36001) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := twilio(t, fake.TwilioService)
			direct := &client.Client{Credentials: client.NewCredentials(fake.TwilioKey, fake.TwilioSecret), HTTPClient: &http.Client{Transport: to(server.URL())}}
			direct.SetAccountSid(fake.TwilioAccount)
			p := &api.CreateMessageParams{}
			p.SetTo("+13035550142").SetBody("Hello").SetMessagingServiceSid(fake.TwilioService)
			change(p)
			_, _ = api.NewApiService(client.NewRequestHandler(direct)).CreateMessage(p)
			if server.Calls() != 1 || len(server.Faults()) == 0 {
				t.Errorf("%d requests, noted %v", server.Calls(), server.Faults())
			}
		})
	}
}

// to sends every request to one address.
type to string

// RoundTrip sends the request there.
func (a to) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(string(a), "http://")
	return http.DefaultTransport.RoundTrip(r)
}

// TestFakeHoldsMailsToWhatSendGridDocuments checks that a mail is a fault if it asks for a later time, tracks its
// reader or has two recipients.
func TestFakeHoldsMailsToWhatSendGridDocuments(t *testing.T) {
	t.Parallel()
	const off = `"tracking_settings":{"click_tracking":{"enable":false,"enable_text":false},"open_tracking":{"enable":false},"subscription_tracking":{"enable":false},"ganalytics":{"enable":false}}`
	const head = `"from":{"email":"office@visit.example"},"reply_to":{"email":"office@visit.example"},"subject":"A message","content":[{"type":"text/plain","value":"Hello"}]`
	const one = `"personalizations":[{"to":[{"email":"sam@example.org"}],"custom_args":{"i":"r"}}]`
	for name, c := range map[string]struct {
		body  string
		taken bool
	}{
		"Plain":             {"{" + head + "," + one + "," + off + "}", true},
		"SentLater":         {"{" + head + "," + one + "," + off + `,"send_at":1900000000}`, false},
		"InABatch":          {"{" + head + "," + one + "," + off + `,"batch_id":"x"}`, false},
		"TwoReceivers":      {"{" + head + `,"personalizations":[{"to":[{"email":"sam@example.org"},{"email":"ana@example.org"}]}],` + off + "}", false},
		"ClicksFollowed":    {"{" + head + "," + one + "," + strings.Replace(off, `"enable":false`, `"enable":true`, 1) + "}", false},
		"TrackingNotNamed":  {"{" + head + "," + one + "}", false},
		"SuppressionPassed": {"{" + head + "," + one + "," + off + `,"mail_settings":{"bypass_list_management":{"enable":true}}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := fake.StartSendGrid()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/v3/mail/send", strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+fake.SendGridKey)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			answer, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if taken := res.StatusCode == http.StatusAccepted; taken != c.taken || taken == (len(server.Faults()) > 0) || len(server.Sent()) != map[bool]int{true: 1}[c.taken] {
				t.Errorf("%s %s, noted %v", res.Status, answer, server.Faults())
			}
		})
	}
}

func TestWaysToBehaveAreWrittenAsInCourses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]fake.Behaviour{
		"ok": {Kind: fake.OK}, "reject:21211": {Kind: fake.Reject, Code: "21211"}, "throttle:7": {Kind: fake.Throttle, Seconds: 7}, "down": {Kind: fake.Down},
		"lost-answer": {Kind: fake.LostAnswer}, "error-sent": {Kind: fake.ErrorSent}, "error-unsent": {Kind: fake.ErrorUnsent},
		"ok:silent": {Kind: fake.OK, Silent: true}, "lost-answer:silent": {Kind: fake.LostAnswer, Silent: true}, "error-sent:silent": {Kind: fake.ErrorSent, Silent: true},
	} {
		if got, err := fake.ParseBehaviour(text); err != nil || got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "okay", "reject", "reject:", "throttle", "throttle:0", "down:silent", "ok:loud", "error-unsent:silent"} {
		if _, err := fake.ParseBehaviour(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
