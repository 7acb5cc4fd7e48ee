package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
)

// Settings are what one process of Kapflow runs with. The tags carry everything that is known of a variable: its name,
// its default, what it is for, whether it is a secret and whether production needs it.
type Settings struct {
	DatabaseURL             Secret     `env:"DATABASE_URL" about:"Where Postgres is: postgres://user:password@host:5432/kapflow?sslmode=verify-full" secret:"true" required:"true"`
	Practice                string     `env:"KAPFLOW_PRACTICE" about:"Path of the practice's policy file, practice.yaml. Empty: the sample practice"`
	TaskQueue               string     `env:"KAPFLOW_TASK_QUEUE" envDefault:"kapflow" about:"Temporal task queue that the worker polls and the starter starts on"`
	BuildID                 string     `env:"KAPFLOW_BUILD_ID" about:"Build that running journeys are pinned to. Every program needs its own: a second program under the same id is refused. Empty: the version compiled in, else one made from the program itself"`
	PayloadKeys             Keys       `env:"KAPFLOW_PAYLOAD_KEYS" about:"Keys that encrypt all that Temporal stores: id:base64,id2:base64, 32 bytes each, the current one first; keep old ones until their histories have passed retention" secret:"true" required:"true"`
	FieldKeys               Keys       `env:"KAPFLOW_FIELD_KEYS" about:"Keys that encrypt contact data and free text in Postgres, written the same way; keep old ones for as long as the data" secret:"true" required:"true"`
	IndexKey                Key        `env:"KAPFLOW_INDEX_KEY" about:"Key, 32 bytes in base64, of the blind index that finds a client by phone number; changing it means rebuilding the index" secret:"true" required:"true"`
	Listen                  string     `env:"KAPFLOW_LISTEN" envDefault:":8233" about:"Address of the worker's web server: console, payload decoding, health, metrics"`
	UIOrigin                string     `env:"KAPFLOW_UI_ORIGIN" about:"Exact origin of the Temporal UI, such as http://127.0.0.1:8080, which may ask for decoding. Empty: no browser may"`
	DecodeToken             Secret     `env:"KAPFLOW_DECODE_TOKEN" about:"Shared secret that decoding asks for as a bearer token, at least 32 characters. Empty: no token is asked for, so let only the practice's own machines reach the address" secret:"true"`
	PublicURL               string     `env:"KAPFLOW_PUBLIC_URL" about:"Address under which clients and providers reach the console, such as https://kapflow.example; it stands in links that are sent. Empty: no links"`
	AddressHeader           string     `env:"KAPFLOW_ADDRESS_HEADER" about:"Header in which the practice's own proxy writes a browser's address, such as X-Real-IP; limits on guesses count by it. Empty: there is no proxy, and the connection's address counts"`
	TwilioAccount           string     `env:"TWILIO_ACCOUNT_SID" about:"Twilio account that sends texts, AC and 32 characters. Empty, with the others of Twilio: texts go to the mailbox"`
	TwilioKey               string     `env:"TWILIO_API_KEY" about:"SID of the Twilio API key to send with, SK and 32 characters"`
	TwilioSecret            Secret     `env:"TWILIO_API_SECRET" about:"Secret of that API key" secret:"true"`
	TwilioService           string     `env:"TWILIO_MESSAGING_SERVICE_SID" about:"Twilio messaging service that texts leave by, MG and 32 characters: registration, opt-out and answers hang on it"`
	TwilioToken             Secret     `env:"TWILIO_AUTH_TOKEN" about:"Auth token of the Twilio account, by which its reports and clients' texts are known to be Twilio's" secret:"true"`
	TwilioOtherToken        Secret     `env:"TWILIO_AUTH_TOKEN_SECONDARY" about:"Second auth token that is good too, while one is exchanged for the other" secret:"true"`
	TwilioBaseURL           string     `env:"TWILIO_BASE_URL" about:"Where Twilio's API is. Empty: at Twilio"`
	SendGridKey             Secret     `env:"SENDGRID_API_KEY" about:"API key of the SendGrid account that sends e-mail. Empty, with the others of SendGrid: e-mail goes to the mailbox" secret:"true"`
	SendGridFrom            string     `env:"SENDGRID_FROM" about:"Address that e-mail comes from; its domain must give nothing away"`
	SendGridReplyTo         string     `env:"SENDGRID_REPLY_TO" about:"The practice's own mailbox, where answers to e-mail go. Empty: to SENDGRID_FROM"`
	SendGridWebhookKey      string     `env:"SENDGRID_WEBHOOK_KEY" about:"Verification key that SendGrid shows under Signed Event Webhook, by which its reports are known to be SendGrid's"`
	SendGridOtherWebhookKey string     `env:"SENDGRID_WEBHOOK_KEY_SECONDARY" about:"Second verification key that is good too, while one is exchanged for the other"`
	SendGridBaseURL         string     `env:"SENDGRID_BASE_URL" about:"Where SendGrid's API is, such as https://api.eu.sendgrid.com. Empty: at SendGrid"`
	EligibilityURL          string     `env:"KAPFLOW_ELIGIBILITY_URL" about:"Where insurers are asked about benefits, such as https://healthcare.us.stedi.com. Empty, with the key: they are asked by telephone"`
	EligibilityKey          Secret     `env:"KAPFLOW_ELIGIBILITY_KEY" about:"API key of the account at that clearing house" secret:"true"`
	MessagesPerSecond       float64    `env:"KAPFLOW_MESSAGES_PER_SECOND" envDefault:"20" about:"Most messages a second that all workers together hand to the providers, as many as the account may send"`
	LogLevel                slog.Level `env:"KAPFLOW_LOG_LEVEL" envDefault:"info" about:"Least serious log line that is written: debug, info, warn or error"`
}

// minToken is the shortest token that guessing cannot reach.
const minToken = 32

// check finds faults that a variable's own type cannot: each error names the variable, what is wrong and what to do.
func (s Settings) check() []Fault {
	var faults []Fault
	fault := func(variable, format string, args ...any) {
		faults = append(faults, Fault{variable, fmt.Sprintf(format, args...)})
	}
	if s.DatabaseURL.Set() {
		if err := postgresURL(s.DatabaseURL.Reveal()); err != nil {
			fault("DATABASE_URL", "%v; write postgres://user:password@host:5432/database", err)
		}
	}
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		fault("KAPFLOW_LISTEN", "is %q, which is no address; write host:port or :port, such as :8233", s.Listen)
	}
	if s.UIOrigin != "" && !isOrigin(s.UIOrigin) {
		fault("KAPFLOW_UI_ORIGIN", "is %q, which is no origin; write scheme, host and port only, such as http://127.0.0.1:8080", s.UIOrigin)
	}
	if s.PublicURL != "" && !isOrigin(strings.TrimSuffix(s.PublicURL, "/")) {
		fault("KAPFLOW_PUBLIC_URL", "is %q, which is no web address; write such as https://kapflow.example", s.PublicURL)
	}
	if token := s.DecodeToken.Reveal(); token != "" && len(token) < minToken {
		fault("KAPFLOW_DECODE_TOKEN", "has %d characters, want at least %d; make one with `openssl rand -hex 32`", len(token), minToken)
	}
	if s.TaskQueue != strings.TrimSpace(s.TaskQueue) || s.TaskQueue == "" {
		fault("KAPFLOW_TASK_QUEUE", "is empty or has spaces around it; leave it out to use kapflow")
	}
	return append(faults, s.checkProviders()...)
}

// postgresURL checks the form of a connection string. Its errors do not quote it: it holds a password.
func postgresURL(text string) error {
	if strings.HasPrefix(text, "host=") || strings.Contains(text, " dbname=") {
		return nil // the keyword form, which the driver checks
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("is no web-style address (a special character in the password must be percent-encoded)")
	case parsed.Scheme != "postgres" && parsed.Scheme != "postgresql":
		return errors.New("does not begin with postgres://")
	}
	return nil
}

// isOrigin tells whether the text is an origin as browsers write it: scheme, host and port, and nothing after.
func isOrigin(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" && parsed.String() == parsed.Scheme+"://"+parsed.Host
}
