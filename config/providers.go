package config

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
)

var (
	twilioSIDs  = map[string]*regexp.Regexp{"AC": regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`), "SK": regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`), "MG": regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)}
	alphanumber = regexp.MustCompile(`^[0-9a-zA-Z]+$`)
)

// checkProviders refuses a provider that is only partly set: a message that cannot be sent would be noticed too late.
// If nothing is set, the mailbox is used.
func (s Settings) checkProviders() (faults []Fault) {
	whole := func(provider string, needed map[string]bool) bool {
		given := 0
		for _, set := range needed {
			if set {
				given++
			}
		}
		if given == 0 || given == len(needed) {
			return given > 0
		}
		for name, set := range needed {
			if !set {
				faults = append(faults, Fault{name, "is missing, while other variables of " + provider + " are set; set it, or none of them to use the mailbox"})
			}
		}
		return false
	}
	twilio := map[string]bool{"TWILIO_ACCOUNT_SID": s.TwilioAccount != "", "TWILIO_API_KEY": s.TwilioKey != "", "TWILIO_API_SECRET": s.TwilioSecret.Set(),
		"TWILIO_MESSAGING_SERVICE_SID": s.TwilioService != "", "TWILIO_AUTH_TOKEN": s.TwilioToken.Set()}
	sendGrid := map[string]bool{"SENDGRID_API_KEY": s.SendGridKey.Set(), "SENDGRID_FROM": s.SendGridFrom != "", "SENDGRID_WEBHOOK_KEY": s.SendGridWebhookKey != ""}
	if whole("Twilio", twilio) {
		faults = append(faults, s.checkTwilio()...)
	}
	if whole("SendGrid", sendGrid) {
		for name, text := range map[string]string{"SENDGRID_FROM": s.SendGridFrom, "SENDGRID_REPLY_TO": s.SendGridReplyTo} {
			if _, err := mail.ParseAddress(text); text != "" && err != nil {
				faults = append(faults, Fault{name, "is not an email address; use one such as office@visit.example"})
			}
		}
		if s.PublicURL == "" {
			faults = append(faults, Fault{"KAPFLOW_PUBLIC_URL", "is missing; SendGrid sends its delivery reports there"})
		}
	}
	for name, text := range map[string]string{"TWILIO_BASE_URL": s.TwilioBaseURL, "SENDGRID_BASE_URL": s.SendGridBaseURL} {
		if text != "" && !isOrigin(strings.TrimSuffix(text, "/")) {
			faults = append(faults, Fault{name, fmt.Sprintf("is %q, which is not a web address; leave it out to use the provider's own", text)})
		}
	}
	faults = append(faults, s.checkEligibility()...)
	if s.MessagesPerSecond <= 0 {
		faults = append(faults, Fault{"KAPFLOW_MESSAGES_PER_SECOND", "is not above 0; leave it out to use 20"})
	}
	return faults
}

// checkTwilio checks formats that Twilio's library would report with misleading errors at the first message.
func (s Settings) checkTwilio() (faults []Fault) {
	for _, v := range []struct{ name, text, kind string }{
		{"TWILIO_ACCOUNT_SID", s.TwilioAccount, "AC"}, {"TWILIO_API_KEY", s.TwilioKey, "SK"}, {"TWILIO_MESSAGING_SERVICE_SID", s.TwilioService, "MG"},
	} {
		if !twilioSIDs[v.kind].MatchString(v.text) {
			faults = append(faults, Fault{v.name, "is not a valid SID; it must begin with " + v.kind + " and have 32 more characters, 0-9 and a-f"})
		}
	}
	if !alphanumber.MatchString(s.TwilioSecret.Reveal()) {
		faults = append(faults, Fault{"TWILIO_API_SECRET", "has a character that is not allowed; copy it again"})
	}
	if s.PublicURL == "" {
		faults = append(faults, Fault{"KAPFLOW_PUBLIC_URL", "is missing; Twilio sends its delivery reports there"})
	}
	return faults
}

// checkEligibility refuses a clearing house that is only partly set.
func (s Settings) checkEligibility() (faults []Fault) {
	const both = "is missing, while the other one of KAPFLOW_ELIGIBILITY_URL and KAPFLOW_ELIGIBILITY_KEY is set; set both, or neither to ask insurers by phone"
	switch {
	case s.EligibilityURL == "" && s.EligibilityKey.Set():
		faults = append(faults, Fault{"KAPFLOW_ELIGIBILITY_URL", both})
	case s.EligibilityURL == "":
	case !isOrigin(strings.TrimSuffix(s.EligibilityURL, "/")):
		faults = append(faults, Fault{"KAPFLOW_ELIGIBILITY_URL", fmt.Sprintf("is %q, which is not a web address; use one such as https://healthcare.us.stedi.com", s.EligibilityURL)})
	}
	if s.EligibilityURL != "" && !s.EligibilityKey.Set() {
		faults = append(faults, Fault{"KAPFLOW_ELIGIBILITY_KEY", both})
	}
	return faults
}
