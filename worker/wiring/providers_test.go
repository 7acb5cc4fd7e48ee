package wiring_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/config"
	"kapflow/messaging/fake"
	"kapflow/worker/wiring"
)

// TestProvidersThatCannotBeOpened names the variable: a process that starts would send nothing, or believe anybody.
func TestProvidersThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	sendGrid, err := fake.StartSendGrid()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sendGrid.Close)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&other.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	anotherKind := base64.StdEncoding.EncodeToString(der)
	for name, c := range map[string]struct {
		change func(*config.Settings)
		want   string
	}{
		"InOrder":            {func(*config.Settings) {}, ""},
		"KeyOfAnotherKind":   {func(s *config.Settings) { s.SendGridWebhookKey = anotherKind }, "SENDGRID_WEBHOOK_KEY is not an ECDSA key"},
		"SecondOfAnother":    {func(s *config.Settings) { s.SendGridOtherWebhookKey = anotherKind }, "SENDGRID_WEBHOOK_KEY_SECONDARY is not an ECDSA key"},
		"KeyCutShort":        {func(s *config.Settings) { s.SendGridWebhookKey = s.SendGridWebhookKey[:20] }, "SENDGRID_WEBHOOK_KEY is not a verification key"},
		"AddressSaysTooMuch": {func(s *config.Settings) { s.SendGridFrom = "office@ketamine.example" }, "SENDGRID_FROM says"},
		"TwilioNowhere":      {func(s *config.Settings) { s.TwilioBaseURL = "://" }, "TWILIO_BASE_URL is not a web address"},
		"SendGridNowhere":    {func(s *config.Settings) { s.SendGridBaseURL = "://" }, "SENDGRID_BASE_URL is not a web address"},
	} {
		s := config.Settings{PublicURL: "https://kapflow.example", TwilioAccount: fake.TwilioAccount, SendGridKey: config.NewSecret(fake.SendGridKey),
			SendGridFrom: "office@visit.example", SendGridWebhookKey: sendGrid.VerificationKey()}
		c.change(&s)
		_, err := wiring.OpenProviders(s, policy.PracticeInfo{DisplayName: "Cedar Office"})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestWhatIsNotSetGoesToTheMailbox(t *testing.T) {
	t.Parallel()
	p, err := wiring.OpenProviders(config.Settings{}, policy.PracticeInfo{})
	if err != nil || p.Carrier(person.SMS) != "mailbox" || p.Carrier(person.Email) != "mailbox" {
		t.Errorf("%s, %s, %v", p.Carrier(person.SMS), p.Carrier(person.Email), err)
	}
}
