package messaging

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/sendgrid/sendgrid-go/helpers/eventwebhook"
	twilio "github.com/twilio/twilio-go/client"
)

// TwilioSignature checks that a request came from Twilio. During a rotation two tokens are valid.
type TwilioSignature struct{ validators []twilio.RequestValidator }

// NewTwilioSignature takes the valid auth tokens. Empty ones are ignored.
func NewTwilioSignature(tokens ...string) *TwilioSignature {
	s := &TwilioSignature{}
	for _, t := range tokens {
		if t != "" {
			s.validators = append(s.validators, twilio.NewRequestValidator(t))
		}
	}
	return s
}

// Valid checks a POST. Address is the public one, as set at Twilio, with the query; body is the form as received.
//
// HAZARD: the validator signs only the first value of a key, so a form with a repeated key is refused.
func (s *TwilioSignature) Valid(address string, body []byte, signature string) bool {
	form, err := url.ParseQuery(string(body))
	if err != nil || signature == "" {
		return false
	}
	for _, values := range form {
		if len(values) > 1 {
			return false
		}
	}
	valid := false
	for i := range s.validators {
		valid = s.validators[i].ValidateBody(address, body, signature) || valid
	}
	return valid
}

// eventsAge is the greatest age of a signed batch of events. SendGrid retries for a day.
const eventsAge = 25 * time.Hour

// SendGridSignature checks that a request came from SendGrid. During a rotation two keys are valid.
type SendGridSignature struct{ keys []*ecdsa.PublicKey }

// NewSendGridSignature takes the verification keys in base64, as SendGrid shows them. Empty ones are ignored.
func NewSendGridSignature(keys ...string) (*SendGridSignature, error) {
	s := &SendGridSignature{}
	for _, text := range keys {
		if text == "" {
			continue
		}
		key, err := parseVerificationKey(text)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, key)
	}
	return s, nil
}

// parseVerificationKey reads one key. It returns an error where the SDK panics, on a key of another kind.
func parseVerificationKey(text string) (key *ecdsa.PublicKey, err error) {
	defer func() {
		if recover() != nil {
			key, err = nil, errors.New("is not an ECDSA key; copy the one that SendGrid shows under Signed Event Webhook")
		}
	}()
	if key, err = eventwebhook.ConvertPublicKeyBase64ToECDSA(text); err != nil {
		return nil, fmt.Errorf("is not a verification key; copy all of it from SendGrid's Signed Event Webhook: %w", err)
	}
	return key, nil
}

// Valid checks the signature of a batch of events over its exact bytes, and that it is not older than eventsAge.
func (s *SendGridSignature) Valid(body []byte, signature, timestamp string, now time.Time) bool {
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return false
	}
	if age := now.Sub(time.Unix(at, 0)); age > eventsAge || age < -eventsAge {
		return false
	}
	return s.signed(body, signature, timestamp)
}

func (s *SendGridSignature) signed(body []byte, signature, timestamp string) bool {
	valid := false
	for _, key := range s.keys {
		ok, err := eventwebhook.VerifySignature(key, body, signature, timestamp)
		valid = valid || err == nil && ok
	}
	return valid
}
