package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Settings are all settings of one process of Kapflow. The tags hold everything about a variable: name, default,
// purpose, and whether it is secret or required in production.
type Settings struct {
	DatabaseURL             Secret        `env:"DATABASE_URL" about:"Address of Postgres: postgres://user:password@host:5432/kapflow?sslmode=verify-full" secret:"true" required:"true"`
	Practice                string        `env:"KAPFLOW_PRACTICE" about:"Path of the practice file, practice.yaml. Empty: the sample practice"`
	Operators               string        `env:"KAPFLOW_OPERATORS" envDefault:"/etc/kapflow/operators.yaml" about:"File that says for which people of the practice each user of this machine may act on the command line. Only root may be able to write it"`
	TaskQueue               string        `env:"KAPFLOW_TASK_QUEUE" envDefault:"kapflow" about:"Temporal task queue that the worker polls and the starter starts on"`
	BuildID                 string        `env:"KAPFLOW_BUILD_ID" about:"Build that running journeys are pinned to. Every program needs its own: a second program with the same id is refused. Empty: the version compiled in, else one made from the program itself"`
	PayloadKeys             Keys          `env:"KAPFLOW_PAYLOAD_KEYS" about:"Keys that encrypt everything that Temporal stores: id:base64,id2:base64, 32 bytes each, the current one first. Keep old keys until the retention of their histories has passed" secret:"true" required:"true"`
	FieldKeys               Keys          `env:"KAPFLOW_FIELD_KEYS" about:"Keys that encrypt contact data and free text in Postgres, in the same format. Keep old keys as long as the data" secret:"true" required:"true"`
	IndexKey                Key           `env:"KAPFLOW_INDEX_KEY" about:"Key of the blind index that finds a client by phone number, 32 bytes in base64. After a change the index must be rebuilt" secret:"true" required:"true"`
	PrivateHosts            PrivateHosts  `env:"KAPFLOW_PRIVATE_HOSTS" about:"Hosts and networks that no other machine can reach, so that connections to them need no TLS, such as postgres,temporal,10.8.0.0/16. Empty: only this machine"`
	Listen                  string        `env:"KAPFLOW_LISTEN" envDefault:":8233" about:"Address of the worker's public web server, for the practice's proxy: clients' pages, providers' reports, liveness"`
	PrivateListen           string        `env:"KAPFLOW_PRIVATE_LISTEN" envDefault:"127.0.0.1:8235" about:"Address of the worker's private web server, which no proxy forwards: payload decoding, readiness, metrics"`
	UIOrigin                string        `env:"KAPFLOW_UI_ORIGIN" about:"Exact origin of the Temporal UI, such as http://127.0.0.1:8080, which may decode payloads. Empty: no browser may"`
	DecodeToken             Secret        `env:"KAPFLOW_DECODE_TOKEN" about:"Bearer token for decoding, at least 32 characters. Empty: nothing is decoded" secret:"true"`
	ConsoleListen           string        `env:"KAPFLOW_CONSOLE_LISTEN" about:"Address of the staff console's own web server, such as 127.0.0.1:8234. Empty: there is no staff console"`
	ConsoleURL              string        `env:"KAPFLOW_CONSOLE_URL" about:"Address of the staff console in the browser, such as https://desk.kapflow.example, without a path. Passkeys belong to it: after a change everybody needs a new one. It must begin with https://, except http://localhost on this machine"`
	SessionIdle             time.Duration `env:"KAPFLOW_SESSION_IDLE" envDefault:"15m" about:"A session of the staff console ends after this time without a page"`
	SessionLongest          time.Duration `env:"KAPFLOW_SESSION_LONGEST" envDefault:"12h" about:"A session of the staff console ends at the latest after this time"`
	SessionFresh            time.Duration `env:"KAPFLOW_SESSION_FRESH" envDefault:"5m" about:"How long after a sign-in grave acts are allowed, such as the order of a dose"`
	DraftsKept              time.Duration `env:"KAPFLOW_DRAFTS_KEPT" envDefault:"168h" about:"How long the staff console keeps a form that was begun and not recorded, after the last change"`
	OIDCIssuer              string        `env:"KAPFLOW_OIDC_ISSUER" about:"Issuer of the practice's own accounts, such as https://accounts.google.com. Empty, with the others of OIDC: staff sign in with passkeys only"`
	OIDCClientID            string        `env:"KAPFLOW_OIDC_CLIENT_ID" about:"Client id of Kapflow there"`
	OIDCClientSecret        Secret        `env:"KAPFLOW_OIDC_CLIENT_SECRET" about:"Client secret of Kapflow there" secret:"true"`
	OIDCRedirect            string        `env:"KAPFLOW_OIDC_REDIRECT" about:"Address to which the issuer sends staff back, as registered there. Empty: /sign-in/oidc/back of KAPFLOW_CONSOLE_URL"`
	PublicURL               string        `env:"KAPFLOW_PUBLIC_URL" about:"Public address of the console for clients and providers, such as https://kapflow.example. Links in messages use it. Empty: no links"`
	AddressHeader           string        `env:"KAPFLOW_ADDRESS_HEADER" about:"Header with the browser's address from the practice's own proxy, such as X-Real-IP. Request limits use it. Empty: there is no proxy, and the connection's address is used"`
	TwilioAccount           string        `env:"TWILIO_ACCOUNT_SID" about:"Twilio account that sends texts, AC and 32 characters. Empty, with the others of Twilio: texts go to the mailbox"`
	TwilioKey               string        `env:"TWILIO_API_KEY" about:"SID of the Twilio API key for sending, SK and 32 characters"`
	TwilioSecret            Secret        `env:"TWILIO_API_SECRET" about:"Secret of that API key" secret:"true"`
	TwilioService           string        `env:"TWILIO_MESSAGING_SERVICE_SID" about:"Twilio messaging service that sends texts, MG and 32 characters. Registration, opt-out and replies belong to it"`
	TwilioToken             Secret        `env:"TWILIO_AUTH_TOKEN" about:"Auth token of the Twilio account. It verifies Twilio's reports and clients' texts" secret:"true"`
	TwilioOtherToken        Secret        `env:"TWILIO_AUTH_TOKEN_SECONDARY" about:"Second auth token that is valid too, during a rotation" secret:"true"`
	TwilioBaseURL           string        `env:"TWILIO_BASE_URL" about:"Address of Twilio's API. Empty: Twilio's own"`
	SendGridKey             Secret        `env:"SENDGRID_API_KEY" about:"API key of the SendGrid account that sends email. Empty, with the others of SendGrid: email goes to the mailbox" secret:"true"`
	SendGridFrom            string        `env:"SENDGRID_FROM" about:"Sender address of email. Its domain must not reveal the treatment"`
	SendGridReplyTo         string        `env:"SENDGRID_REPLY_TO" about:"The practice's own mailbox for replies to email. Empty: SENDGRID_FROM"`
	SendGridWebhookKey      string        `env:"SENDGRID_WEBHOOK_KEY" about:"Verification key that SendGrid shows under Signed Event Webhook. It verifies SendGrid's reports"`
	SendGridOtherWebhookKey string        `env:"SENDGRID_WEBHOOK_KEY_SECONDARY" about:"Second verification key that is valid too, during a rotation"`
	SendGridBaseURL         string        `env:"SENDGRID_BASE_URL" about:"Address of SendGrid's API, such as https://api.eu.sendgrid.com. Empty: SendGrid's own"`
	EligibilityURL          string        `env:"KAPFLOW_ELIGIBILITY_URL" about:"Address of the clearing house for questions to insurers, such as https://healthcare.us.stedi.com. Empty, with the key: staff ask by phone"`
	EligibilityKey          Secret        `env:"KAPFLOW_ELIGIBILITY_KEY" about:"API key of the account at the clearing house" secret:"true"`
	AuditDir                string        `env:"KAPFLOW_AUDIT_DIR" about:"Directory that gets one small file with the end of the audit log each day, for a storage that nobody can delete from. Empty: it is only mailed, to the owners in the practice file"`
	MessagesPerSecond       float64       `env:"KAPFLOW_MESSAGES_PER_SECOND" envDefault:"20" about:"Most messages a second for all workers together, as many as the provider's account may send"`
	LogLevel                slog.Level    `env:"KAPFLOW_LOG_LEVEL" envDefault:"info" about:"Lowest level of log lines to write: debug, info, warn or error"`
}

// minToken is the shortest token that cannot be guessed.
const minToken = 32

// check finds faults that a variable's type cannot. Each error names the variable, the fault and what to do.
func (s Settings) check(given map[string]string) []Fault {
	var faults []Fault
	fault := func(variable, format string, args ...any) {
		faults = append(faults, Fault{variable, fmt.Sprintf(format, args...)})
	}
	if s.DatabaseURL.Set() {
		if err := postgresURL(s.DatabaseURL.Reveal()); err != nil {
			fault("DATABASE_URL", "%v; use postgres://user:password@host:5432/database", err)
		}
	}
	if s.UIOrigin != "" && !isOrigin(s.UIOrigin) {
		fault("KAPFLOW_UI_ORIGIN", "is %q, which is not an origin; use only scheme, host and port, such as http://127.0.0.1:8080", s.UIOrigin)
	}
	if s.PublicURL != "" && !isOrigin(strings.TrimSuffix(s.PublicURL, "/")) {
		fault("KAPFLOW_PUBLIC_URL", "is %q, which is not a web address; use one such as https://kapflow.example", s.PublicURL)
	}
	if token := s.DecodeToken.Reveal(); token != "" && len(token) < minToken {
		fault("KAPFLOW_DECODE_TOKEN", "has %d characters, want at least %d; make one with `openssl rand -hex 32`", len(token), minToken)
	}
	if s.TaskQueue != strings.TrimSpace(s.TaskQueue) || s.TaskQueue == "" {
		fault("KAPFLOW_TASK_QUEUE", "is empty or has spaces around it; leave it out to use kapflow")
	}
	faults = append(faults, s.checkAddresses(given)...)
	faults = append(faults, s.checkKeysDiffer()...)
	return append(append(faults, s.checkConsole()...), s.checkProviders()...)
}

// postgresURL checks the form of a connection string. Its errors never quote the string, which contains a password.
func postgresURL(text string) error {
	if strings.HasPrefix(text, "host=") || strings.Contains(text, " dbname=") {
		return nil // the driver checks the keyword form
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("is not a URL (percent-encode special characters in the password)")
	case parsed.Scheme != "postgres" && parsed.Scheme != "postgresql":
		return errors.New("does not begin with postgres://")
	}
	return nil
}

// isOrigin reports whether the text is an origin as browsers write it: scheme, host and port only.
func isOrigin(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" && parsed.String() == parsed.Scheme+"://"+parsed.Host
}
