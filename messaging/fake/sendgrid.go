package fake

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"strconv"
	"time"
)

// SendGridKey is the fake's API key.
const SendGridKey = "SG.sample"

// SendGrid is a fake of SendGrid that sends no mail.
type SendGrid struct {
	provider
	key *ecdsa.PrivateKey
	// EventsURL is the console's address for events, as set at SendGrid.
	EventsURL string
	// Now is the time in events. Nil means the wall clock.
	Now func() time.Time
}

// StartSendGrid starts a fake.
func StartSendGrid() (*SendGrid, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	s := &SendGrid{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/mail/send", s.send)
	return s, s.start(mux)
}

// VerificationKey is the public key of the events' signature, as SendGrid shows it.
func (s *SendGrid) VerificationKey() string {
	der, err := x509.MarshalPKIXPublicKey(&s.key.PublicKey)
	if err != nil {
		panic(err) // a P-256 key always marshals
	}
	return base64.StdEncoding.EncodeToString(der)
}

// delivery is the body of /v3/mail/send, with the documented fields that Kapflow uses. Other fields are a fault:
// SendGrid silently ignores unknown fields, so such a setting would not work.
type delivery struct {
	From             address           `json:"from"`
	ReplyTo          address           `json:"reply_to"`
	Subject          string            `json:"subject"`
	Personalizations []personalization `json:"personalizations"`
	Content          []content         `json:"content"`
	Categories       []string          `json:"categories,omitempty"`
	Tracking         tracking          `json:"tracking_settings"`
}

type address struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

type personalization struct {
	To         []address         `json:"to"`
	CustomArgs map[string]string `json:"custom_args,omitempty"`
}

type content struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type tracking struct {
	Click        *toggle `json:"click_tracking"`
	Open         *toggle `json:"open_tracking"`
	Subscription *toggle `json:"subscription_tracking"`
	Analytics    *toggle `json:"ganalytics"`
}

type toggle struct {
	Enable     *bool `json:"enable"`
	EnableText *bool `json:"enable_text,omitempty"`
}

func (s *SendGrid) send(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if r.Header.Get("Authorization") != "Bearer "+SendGridKey {
		wrong(w, http.StatusUnauthorized, "", "The provided authorization grant is invalid, expired, or revoked")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		wrong(w, http.StatusRequestEntityTooLarge, "", "too large")
		return
	}
	var m delivery
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		s.fault("the mail does not match SendGrid's documentation: %v", err)
		wrong(w, http.StatusBadRequest, "", "Bad Request")
		return
	}
	if field, err := m.check(); err != nil {
		if field == "" {
			s.fault("%v", err)
		}
		wrong(w, http.StatusBadRequest, field, err.Error())
		return
	}
	s.answer(w, m)
}

// check gives the field that SendGrid refuses. An error without a field is a rule of ours.
func (m delivery) check() (field string, err error) {
	switch {
	case len(m.Personalizations) != 1 || len(m.Personalizations[0].To) != 1:
		return "", errors.New("a mail must have exactly one recipient")
	case m.Subject == "":
		return "subject", errors.New("the subject is required")
	case len(m.Content) == 0 || m.Content[0].Type != "text/plain" || m.Content[0].Value == "":
		return "content", errors.New("the first content is text/plain and not empty")
	case len(m.Categories) > 10:
		return "categories", errors.New("there are more than ten categories")
	}
	if _, err := mail.ParseAddress(m.From.Email); err != nil {
		return "from.email", errors.New("the from address does not contain a valid address")
	}
	if _, err := mail.ParseAddress(m.Personalizations[0].To[0].Email); err != nil {
		return "personalizations.0.to.0.email", errors.New("does not contain a valid address")
	}
	for name, t := range map[string]*toggle{"click": m.Tracking.Click, "open": m.Tracking.Open, "subscription": m.Tracking.Subscription, "analytics": m.Tracking.Analytics} {
		if t == nil || t.Enable == nil || *t.Enable {
			return "", fmt.Errorf("%s tracking is not switched off", name)
		}
	}
	return "", nil
}

func wrong(w http.ResponseWriter, status int, field, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	row := map[string]any{"message": message, "field": nil, "help": nil}
	if field != "" {
		row["field"] = field
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{row}})
}

// answer accepts or refuses a valid mail. A code of three digits below 500 is an HTTP status. Other codes are what the
// recipient's mail server or SendGrid's own lists report later: 550, bounce, blocked, dropped, spamreport.
func (s *SendGrid) answer(w http.ResponseWriter, m delivery) {
	accept := func(code string) {
		w.Header().Set("X-Message-Id", s.take(m, code))
		w.WriteHeader(http.StatusAccepted)
	}
	switch s.behaviour.Kind {
	case Reject:
		switch status, err := strconv.Atoi(s.behaviour.Code); {
		case err == nil && status == http.StatusBadRequest:
			wrong(w, status, "personalizations.0.to.0.email", "Does not contain a valid address.")
		case err == nil && status > 400 && status < 500:
			wrong(w, status, "", "refused as the course says")
		default:
			accept(s.behaviour.Code)
		}
	case Throttle:
		if s.mustWait(m.Personalizations[0].To[0].Email) {
			w.Header().Set("Retry-After", strconv.Itoa(s.behaviour.Seconds))
			wrong(w, http.StatusTooManyRequests, "", "too many requests")
			return
		}
		accept("")
	case LostAnswer:
		s.take(m, "")
		hangUp(w)
	case ErrorSent:
		s.take(m, "")
		wrong(w, http.StatusInternalServerError, "", "internal server error")
	case ErrorUnsent:
		wrong(w, http.StatusInternalServerError, "", "internal server error")
	default:
		accept("")
	}
}

// take accepts a mail and adds its events.
func (s *SendGrid) take(m delivery, code string) string {
	to := m.Personalizations[0]
	sent := Sent{ID: fmt.Sprintf("sample-message-%d", ids.Add(1)), To: to.To[0].Email, Subject: m.Subject, Text: m.Content[0].Value, Ref: to.CustomArgs["i"],
		At: s.now(), Status: "delivered", Code: code}
	event := map[string]any{"event": "delivered"}
	switch code {
	case "":
	case "dropped":
		sent.Status, event = "dropped", map[string]any{"event": "dropped", "reason": "Bounced Address"}
	case "spamreport", "unsubscribe":
		sent.Status, event = code, map[string]any{"event": code}
	case "blocked":
		sent.Status, event = "bounce", map[string]any{"event": "bounce", "type": "blocked", "reason": "550 blocked"}
	default:
		sent.Status, event = "bounce", map[string]any{"event": "bounce", "type": "bounce", "reason": "550 5.1.1 no such user", "status": "5.1.1"}
	}
	s.sent = append(s.sent, sent)
	for i, e := range []map[string]any{{"event": "processed"}, event} {
		e["email"], e["i"], e["timestamp"] = sent.To, sent.Ref, sent.At.Unix()
		e["sg_message_id"], e["sg_event_id"] = sent.ID+".recv-0", fmt.Sprintf("%s-%d", sent.ID, i)
		s.owe(func(ctx context.Context) error { return s.Events(ctx, e) })
	}
	return sent.ID
}

func (s *SendGrid) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC()
	}
	return time.Now().UTC()
}

// Events posts events in one batch, signed now.
func (s *SendGrid) Events(ctx context.Context, events ...map[string]any) error {
	if s.EventsURL == "" {
		return nil
	}
	body, err := json.Marshal(events)
	if err != nil {
		return err
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	signature, err := s.Sign(append([]byte(timestamp), body...))
	if err != nil {
		return err
	}
	_, err = s.post(ctx, s.EventsURL, "application/json", body, http.Header{
		"X-Twilio-Email-Event-Webhook-Signature": {signature}, "X-Twilio-Email-Event-Webhook-Timestamp": {timestamp}})
	return err
}

// Sign signs bytes as SendGrid does.
func (s *SendGrid) Sign(payload []byte) (string, error) {
	digest := sha256.Sum256(payload)
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	return base64.StdEncoding.EncodeToString(signature), err
}
