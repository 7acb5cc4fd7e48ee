package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kapflow/care/message"
)

// Paths under the public address to which providers report. Never change them: they are in the providers' settings and
// in every message under way.
const (
	TwilioStatusPath   = "/hooks/twilio/status"
	TwilioInboundPath  = "/hooks/twilio/inbound"
	SendGridEventsPath = "/hooks/sendgrid/events"
)

// hookLimit is the largest request body from a provider, in bytes.
const hookLimit = 64 << 10

// Receiver records what a provider reports. It is implemented by desk.Desk.
type Receiver interface {
	Receive(ctx context.Context, e message.ProviderEvent) error
}

// Verdict is what a provider's report means: the state and fault of a delivery.
type Verdict struct {
	State message.State
	Fault message.Fault
	Why   string
}

// Providers is the part to which the message providers report. It checks and stores reports; the client's journey
// decides what follows. A nil function closes its address, because its provider is not set up.
type Providers struct {
	Desk      Receiver
	PublicURL string // as set at the providers: signatures cover it, and request headers are not trusted
	Now       func() time.Time
	Log       *slog.Logger

	TwilioSigned   func(address string, body []byte, signature string) bool
	TwilioStatus   func(status string, code int) Verdict
	SendGridSigned func(body []byte, signature, timestamp string, now time.Time) bool
	SendGridEvent  func(event, kind, reason string) (Verdict, bool)

	refused *refusals // set by Mount
}

// Mount adds the providers' addresses. They do not accept GET, because queries end up in logs.
func (p Providers) Mount(mux *http.ServeMux) {
	p.refused = &refusals{}
	if p.TwilioSigned != nil {
		mux.HandleFunc("POST "+TwilioStatusPath, p.twilio(p.twilioStatus))
		mux.HandleFunc("POST "+TwilioInboundPath, p.twilio(p.twilioInbound))
	}
	if p.SendGridSigned != nil {
		mux.HandleFunc("POST "+SendGridEventsPath, p.sendGrid)
	}
}

// read reads the whole body. It reports false if it already answered the request.
func (p Providers) read(w http.ResponseWriter, r *http.Request) (body []byte, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, hookLimit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	case err != nil:
		http.Error(w, "cut short", http.StatusBadRequest)
	default:
		return body, true
	}
	return nil, false
}

// twilio checks the signature over the configured address, the query as received, and the form.
func (p Providers) twilio(take func(w http.ResponseWriter, r *http.Request, form url.Values)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := p.read(w, r)
		if !ok {
			return
		}
		address := strings.TrimSuffix(p.PublicURL, "/") + r.URL.Path
		if r.URL.RawQuery != "" {
			address += "?" + r.URL.RawQuery
		}
		if !p.TwilioSigned(address, body, r.Header.Get("X-Twilio-Signature")) {
			if n := p.refused.count("twilio", p.Now()); n > 0 {
				p.Log.WarnContext(r.Context(), "refused requests without Twilio's signature; if they came from Twilio, KAPFLOW_PUBLIC_URL or TWILIO_AUTH_TOKEN is wrong", "requests", n)
			}
			http.Error(w, "not signed", http.StatusForbidden)
			return
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			http.Error(w, "no form", http.StatusBadRequest)
			return
		}
		take(w, r, form)
	}
}

func (p Providers) twilioStatus(w http.ResponseWriter, r *http.Request, form url.Values) {
	code, _ := strconv.Atoi(form.Get("ErrorCode")) // missing is 0
	verdict := p.TwilioStatus(form.Get("MessageStatus"), code)
	sid, ref := form.Get("MessageSid"), r.URL.Query().Get("i")
	if sid == "" || ref == "" {
		http.Error(w, "MessageSid and i are needed", http.StatusBadRequest)
		return
	}
	event := message.ProviderEvent{Provider: "twilio", ID: sid + "/" + form.Get("MessageStatus"), Kind: message.EventStatus, At: p.Now(),
		Ref: ref, ProviderID: sid, State: verdict.State, Fault: verdict.Fault, Why: verdict.Why}
	if p.receive(w, r, event) {
		w.WriteHeader(http.StatusNoContent)
	}
}

// twilioInbound stores a client's text. The answer is empty, because Twilio itself confirms STOP, START and HELP, and a
// second confirmation would be a text too many.
func (p Providers) twilioInbound(w http.ResponseWriter, r *http.Request, form url.Values) {
	sid := form.Get("MessageSid")
	if sid == "" || form.Get("From") == "" {
		http.Error(w, "MessageSid and From are needed", http.StatusBadRequest)
		return
	}
	event := message.ProviderEvent{Provider: "twilio", ID: sid, Kind: message.EventReply, At: p.Now(), From: form.Get("From"), Text: form.Get("Body")}
	if event.Text == "" && form.Get("NumMedia") != "" && form.Get("NumMedia") != "0" {
		event.Text = "(a picture)"
	}
	if p.receive(w, r, event) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`)
	}
}

func (p Providers) sendGrid(w http.ResponseWriter, r *http.Request) {
	body, ok := p.read(w, r)
	if !ok {
		return
	}
	h := r.Header
	if !p.SendGridSigned(body, h.Get("X-Twilio-Email-Event-Webhook-Signature"), h.Get("X-Twilio-Email-Event-Webhook-Timestamp"), time.Now()) {
		if n := p.refused.count("sendgrid", p.Now()); n > 0 {
			p.Log.WarnContext(r.Context(), "refused requests without SendGrid's signature; if they came from SendGrid, SENDGRID_WEBHOOK_KEY is wrong", "requests", n)
		}
		http.Error(w, "not signed", http.StatusForbidden)
		return
	}
	var events []struct {
		Event     string `json:"event"`
		Type      string `json:"type"`
		Reason    string `json:"reason"`
		EventID   string `json:"sg_event_id"`
		MessageID string `json:"sg_message_id"`
		Ref       string `json:"i"`
	}
	if err := json.Unmarshal(body, &events); err != nil {
		http.Error(w, "no list of events", http.StatusBadRequest)
		return
	}
	for _, e := range events {
		verdict, tells := p.SendGridEvent(e.Event, e.Type, e.Reason)
		if !tells || e.Ref == "" || e.EventID == "" {
			continue
		}
		messageID, _, _ := strings.Cut(e.MessageID, ".")
		event := message.ProviderEvent{Provider: "sendgrid", ID: e.EventID, Kind: message.EventStatus, At: p.Now(),
			Ref: e.Ref, ProviderID: messageID, State: verdict.State, Fault: verdict.Fault, Why: verdict.Why}
		if !p.receive(w, r, event) {
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// receive stores an event. If that fails, the provider is asked to try again.
func (p Providers) receive(w http.ResponseWriter, r *http.Request, e message.ProviderEvent) bool {
	if err := p.Desk.Receive(r.Context(), e); err != nil {
		p.Log.ErrorContext(r.Context(), "could not store a provider's report; the provider will send it again", "provider", e.Provider, "error", err)
		http.Error(w, fmt.Sprintf("%s: try again", http.StatusText(http.StatusServiceUnavailable)), http.StatusServiceUnavailable)
		return false
	}
	return true
}
