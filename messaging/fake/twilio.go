package fake

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is HMAC-SHA1
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The fake's account. The formats are Twilio's.
const (
	TwilioAccount   = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	TwilioKey       = "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	TwilioSecret    = "samplesecretsamplesecretsamplese"
	TwilioService   = "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	TwilioAuthToken = "sampletokensampletokensampletoken"
	twilioNumber    = "+15555550100"
)

// magic numbers get the same answers as with Twilio's own test credentials.
var magic = map[string]int{"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614}

// Twilio is a fake of Twilio that sends no texts.
type Twilio struct {
	provider
	schema *Schema
	// InboundURL is the console's address for texts from clients, as set at Twilio.
	InboundURL string
	// Now is the time of accepted messages. Nil means the wall clock.
	Now func() time.Time
}

// StartTwilio starts a fake. With a nil schema it checks only the rules of the fake itself.
func StartTwilio(schema *Schema) (*Twilio, error) {
	t := &Twilio{schema: schema}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", t.create)
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages.json", t.list)
	return t, t.start(mux)
}

func (t *Twilio) now() time.Time {
	if t.Now != nil {
		return t.Now().UTC()
	}
	return time.Now().UTC()
}

// refuse answers with an error as Twilio does.
func refuse(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": message, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": status})
}

var (
	e164    = regexp.MustCompile(`^\+[1-9]\d{1,14}$`)
	service = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
)

// create is POST Messages.json.
func (t *Twilio) create(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	if user, password, ok := r.BasicAuth(); !ok || user != TwilioKey || password != TwilioSecret || r.PathValue("account") != TwilioAccount {
		refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
		return
	}
	if err := t.schema.check(r); err != nil {
		t.fault("%v", err)
		refuse(w, http.StatusBadRequest, 20001, "the request is not as the API describes it")
		return
	}
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, 20001, "no form")
		return
	}
	if code, message := t.inspect(r.PostForm); code != 0 {
		refuse(w, http.StatusBadRequest, code, message)
		return
	}
	t.answer(w, r.PostForm)
}

// inspect checks rules that the published schema lacks. Code 0 means valid.
func (t *Twilio) inspect(form url.Values) (code int, message string) {
	for key, values := range form {
		if len(values) > 1 {
			t.fault("%s is given twice", key)
		}
	}
	if !e164.MatchString(form.Get("To")) {
		return 21211, "Invalid 'To' Phone Number"
	}
	if form.Get("Body") == "" {
		return 21602, "Message body is required"
	}
	if len(form.Get("Body")) > 1600 {
		return 21617, "The concatenated message body exceeds the 1600 character limit"
	}
	if !service.MatchString(form.Get("MessagingServiceSid")) || form.Has("From") {
		t.fault("a text must be sent by the messaging service")
		return 21701, "The Messaging Service does not exist"
	}
	if form.Has("SendAt") || form.Has("ScheduleType") {
		t.fault("a message must not be scheduled at a provider")
	}
	if v := form.Get("ValidityPeriod"); v != "" {
		if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 36000 {
			t.fault("ValidityPeriod is %s", v)
		}
	}
	if back, err := url.Parse(form.Get("StatusCallback")); form.Has("StatusCallback") && (err != nil || back.Query().Get("i") == "") {
		t.fault("the status callback does not carry the delivery's id")
	}
	return magic[form.Get("To")], "the number is one of Twilio's test numbers"
}

// answer accepts or refuses a valid request, as the fake was told to behave.
func (t *Twilio) answer(w http.ResponseWriter, form url.Values) {
	code, _ := strconv.Atoi(t.behaviour.Code)
	switch t.behaviour.Kind {
	case Reject:
		if status, refused := refusals[code]; refused || code < 30000 {
			if !refused {
				status = http.StatusBadRequest
			}
			refuse(w, status, code, "refused as the course says")
			return
		}
		respond(w, t.take(form, code))
	case Throttle:
		if t.mustWait(form.Get("To")) {
			w.Header().Set("Retry-After", strconv.Itoa(t.behaviour.Seconds))
			refuse(w, http.StatusTooManyRequests, 20429, "Too Many Requests")
			return
		}
		respond(w, t.take(form, 0))
	case LostAnswer:
		t.take(form, 0)
		hangUp(w)
	case ErrorSent:
		t.take(form, 0)
		refuse(w, http.StatusInternalServerError, 20500, "Internal Server Error")
	case ErrorUnsent:
		refuse(w, http.StatusInternalServerError, 20500, "Internal Server Error")
	default:
		respond(w, t.take(form, 0))
	}
}

// refusals are codes that Twilio gives with their own HTTP status when asked to send.
var refusals = map[int]int{20003: http.StatusUnauthorized, 20404: http.StatusNotFound, 20429: http.StatusTooManyRequests, 20500: http.StatusInternalServerError, 30034: http.StatusBadRequest}

// take accepts a text and adds its reports. With a code it will not be delivered.
func (t *Twilio) take(form url.Values, code int) Sent {
	m := Sent{ID: fmt.Sprintf("SM%032x", ids.Add(1)), To: form.Get("To"), Text: form.Get("Body"), At: t.now(), Status: "delivered"}
	if back, err := url.Parse(form.Get("StatusCallback")); err == nil {
		m.Ref = back.Query().Get("i")
	}
	if code != 0 {
		m.Status, m.Code = "undelivered", strconv.Itoa(code)
	}
	t.sent = append(t.sent, m)
	if back := form.Get("StatusCallback"); back != "" {
		for _, status := range []string{"sent", m.Status} {
			t.owe(func(ctx context.Context) error { return t.Callback(ctx, back, m, status) })
		}
	}
	return m
}

// body is a message as Twilio writes it.
func (m Sent) body(status string) map[string]any {
	row := map[string]any{"sid": m.ID, "to": m.To, "body": m.Text, "status": status, "account_sid": TwilioAccount, "messaging_service_sid": TwilioService,
		"date_created": m.At.Format(time.RFC1123Z), "date_sent": m.At.Format(time.RFC1123Z), "direction": "outbound-api", "num_segments": "1", "error_code": nil}
	if code, err := strconv.Atoi(m.Code); err == nil {
		row["error_code"] = code
	}
	return row
}

func respond(w http.ResponseWriter, m Sent) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(m.body("accepted"))
}

// list is GET Messages.json, newest first.
func (t *Twilio) list(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if user, password, ok := r.BasicAuth(); !ok || user != TwilioKey || password != TwilioSecret {
		refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
		return
	}
	rows := []map[string]any{}
	for _, m := range slices.Backward(t.sent) {
		if to := r.URL.Query().Get("To"); to == "" || to == m.To {
			rows = append(rows, m.body(m.Status))
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"messages": rows, "page": 0, "page_size": 50, "next_page_uri": nil, "uri": r.URL.Path})
}

// Callback posts one status of a message, signed.
func (t *Twilio) Callback(ctx context.Context, address string, m Sent, status string) error {
	form := url.Values{"MessageSid": {m.ID}, "SmsSid": {m.ID}, "MessageStatus": {status}, "SmsStatus": {status}, "To": {m.To}, "From": {twilioNumber},
		"AccountSid": {TwilioAccount}, "MessagingServiceSid": {TwilioService}, "ApiVersion": {"2010-04-01"}}
	if m.Code != "" && status != "sent" {
		form.Set("ErrorCode", m.Code)
	}
	_, err := t.signed(ctx, address, form)
	return err
}

// Inbound posts a text from a client, signed, and gives the answer in TwiML.
func (t *Twilio) Inbound(ctx context.Context, from, text string) (string, error) {
	return t.InboundAs(ctx, fmt.Sprintf("SM%032x", ids.Add(1)), from, text)
}

// InboundAs posts a text under the caller's id, to repeat one.
func (t *Twilio) InboundAs(ctx context.Context, sid, from, text string) (string, error) {
	return t.signed(ctx, t.InboundURL, url.Values{"MessageSid": {sid}, "SmsSid": {sid}, "From": {from}, "To": {twilioNumber}, "Body": {text},
		"AccountSid": {TwilioAccount}, "MessagingServiceSid": {TwilioService}, "NumMedia": {"0"}, "NumSegments": {"1"}, "ApiVersion": {"2010-04-01"}})
}

func (t *Twilio) signed(ctx context.Context, address string, form url.Values) (string, error) {
	header := http.Header{"X-Twilio-Signature": {SignTwilio(TwilioAuthToken, address, form)}}
	return t.post(ctx, address, "application/x-www-form-urlencoded", []byte(form.Encode()), header)
}

// SignTwilio signs a form as Twilio does: the address, then every name and value sorted by name.
func SignTwilio(token, address string, form url.Values) string {
	var b strings.Builder
	b.WriteString(address)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		b.WriteString(name + form.Get(name))
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(b.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
