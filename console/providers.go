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

// Paths under the public address at which providers report. They stand in the providers' settings and in every message
// under way: they never change.
const (
	TwilioStatusPath   = "/hooks/twilio/status"
	TwilioInboundPath  = "/hooks/twilio/inbound"
	SendGridEventsPath = "/hooks/sendgrid/events"
)

// hookLimit bounds what a provider may send at once.
const hookLimit = 64 << 10

// Receiver takes in what a provider told us; desk.Desk is one.
type Receiver interface {
	Receive(ctx context.Context, e message.ProviderEvent) error
}

// Verdict is what a provider's words mean: the state and fault of a delivery.
type Verdict struct {
	State message.State
	Fault message.Fault
	Why   string
}

// Providers is the part to which the message providers report. Everything here checks, keeps and answers; what follows is
// decided in the client's journey. A function that is nil closes its address: its provider is not set up.
type Providers struct {
	Desk      Receiver
	PublicURL string // as the providers were given it: signatures cover it, and no header of a request is believed
	Now       func() time.Time
	Log       *slog.Logger

	TwilioSigned   func(address string, body []byte, signature string) bool
	TwilioStatus   func(status string, code int) Verdict
	SendGridSigned func(body []byte, signature, timestamp string, now time.Time) bool
	SendGridEvent  func(event, kind, reason string) (Verdict, bool)
}

// Mount adds the providers' addresses. GET is not among them: what stands in a query stays in logs.
func (p Providers) Mount(mux *http.ServeMux) {
	if p.TwilioSigned != nil {
		mux.HandleFunc("POST "+TwilioStatusPath, p.twilio(p.twilioStatus))
		mux.HandleFunc("POST "+TwilioInboundPath, p.twilio(p.twilioInbound))
	}
	if p.SendGridSigned != nil {
		mux.HandleFunc("POST "+SendGridEventsPath, p.sendGrid)
	}
}

// read takes the body whole; ok is false when it was answered already.
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

// twilio checks the signature over the configured address, the query as it came, and the form.
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
			p.Log.WarnContext(r.Context(), "a request that Twilio did not sign was refused; if it is Twilio's, KAPFLOW_PUBLIC_URL or TWILIO_AUTH_TOKEN is wrong", "path", r.URL.Path)
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
	code, _ := strconv.Atoi(form.Get("ErrorCode")) // none is 0
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

// twilioInbound keeps a client's text. It is answered without words: Twilio itself confirms STOP, START and HELP, and a
// second confirmation would be one text too many.
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
		p.Log.WarnContext(r.Context(), "a request that SendGrid did not sign was refused; if it is SendGrid's, SENDGRID_WEBHOOK_KEY is wrong")
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

// receive keeps an event. When it cannot, the provider is told to try again.
func (p Providers) receive(w http.ResponseWriter, r *http.Request, e message.ProviderEvent) bool {
	if err := p.Desk.Receive(r.Context(), e); err != nil {
		p.Log.ErrorContext(r.Context(), "a provider's word could not be kept; it will send it again", "provider", e.Provider, "error", err)
		http.Error(w, fmt.Sprintf("%s: try again", http.StatusText(http.StatusServiceUnavailable)), http.StatusServiceUnavailable)
		return false
	}
	return true
}
