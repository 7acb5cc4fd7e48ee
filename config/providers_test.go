package config

import (
	"slices"
	"strings"
	"testing"
)

// twilioAndSendGrid sets both providers completely.
func twilioAndSendGrid() map[string]string {
	id := strings.Repeat("0a", 16)
	return map[string]string{
		"KAPFLOW_PUBLIC_URL": "https://kapflow.example", "KAPFLOW_ADDRESS_HEADER": "X-Real-IP", "TWILIO_ACCOUNT_SID": "AC" + id, "TWILIO_API_KEY": "SK" + id, "TWILIO_API_SECRET": "hunter2",
		"TWILIO_MESSAGING_SERVICE_SID": "MG" + id, "TWILIO_AUTH_TOKEN": "hunter2",
		"SENDGRID_API_KEY": "SG.hunter2", "SENDGRID_FROM": "office@visit.example", "SENDGRID_WEBHOOK_KEY": "MFkw",
	}
}

// environ gives variables as a process gets them. Change sets some of them; an empty text removes one.
func environ(of map[string]string, change ...string) []string {
	out := complete()
	for i := 0; i < len(change); i += 2 {
		of[change[i]] = change[i+1]
	}
	for name, value := range of {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// TestProvidersAreSetWholeOrNotAtAll checks that a partly set provider is refused.
func TestProvidersAreSetWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	var rows []struct{ change, want []string }
	for _, name := range []string{"TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_MESSAGING_SERVICE_SID", "TWILIO_AUTH_TOKEN", "SENDGRID_API_KEY", "SENDGRID_FROM"} {
		rows = append(rows, struct{ change, want []string }{[]string{name, ""}, []string{name + " is missing, while other variables of"}})
	}
	rows = append(rows, []struct{ change, want []string }{
		// Without it SendGrid's reports could be forged, so production does not start.
		{[]string{"SENDGRID_WEBHOOK_KEY", ""}, []string{"SENDGRID_WEBHOOK_KEY is missing, while other variables of SendGrid are set"}},
		{[]string{"SENDGRID_API_KEY", "", "SENDGRID_FROM", ""}, []string{"SENDGRID_API_KEY is missing", "SENDGRID_FROM is missing"}},
		{[]string{"KAPFLOW_PUBLIC_URL", ""}, []string{"KAPFLOW_PUBLIC_URL is missing; Twilio sends its delivery reports there"}},
		{[]string{"TWILIO_BASE_URL", "api.twilio.com"}, []string{`TWILIO_BASE_URL is "api.twilio.com", which is not a web address`}},
		{[]string{"TWILIO_BASE_URL", "https://api.twilio.com/2010-04-01"}, []string{"TWILIO_BASE_URL is"}},
		{[]string{"SENDGRID_BASE_URL", "ftp://api.sendgrid.com"}, []string{"SENDGRID_BASE_URL is"}},
		{[]string{"SENDGRID_BASE_URL", "https://%zz"}, []string{"SENDGRID_BASE_URL is"}},
		{[]string{"TWILIO_ACCOUNT_SID", "SK" + strings.Repeat("0a", 16)}, []string{"TWILIO_ACCOUNT_SID is not a valid SID; it must begin with AC"}},
		{[]string{"TWILIO_MESSAGING_SERVICE_SID", "MG123"}, []string{"TWILIO_MESSAGING_SERVICE_SID is not a valid SID; it must begin with MG"}},
		{[]string{"TWILIO_API_SECRET", "hunter2-"}, []string{"TWILIO_API_SECRET has a character that is not allowed"}},
		{[]string{"SENDGRID_FROM", "the office"}, []string{"SENDGRID_FROM is not an email address"}},
		{[]string{"SENDGRID_REPLY_TO", "the office"}, []string{"SENDGRID_REPLY_TO is not an email address"}},
		{[]string{"KAPFLOW_MESSAGES_PER_SECOND", "0"}, []string{"KAPFLOW_MESSAGES_PER_SECOND is not above 0"}},
	}...)
	for _, r := range rows {
		_, _, err := Load(environ(twilioAndSendGrid(), r.change...))
		if err == nil {
			t.Errorf("%v: taken", r.change)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		for _, want := range r.want {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, want) }) {
				t.Errorf("%v: %q is missing in:\n%v", r.change, want, err)
			}
		}
		if len(lines) != len(r.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: %v", r.change, err)
		}
	}
}

func TestProvidersThatMayBeSet(t *testing.T) {
	t.Parallel()
	both := twilioAndSendGrid()
	var noTwilio, noSendGrid []string
	for name := range both {
		switch {
		case strings.HasPrefix(name, "TWILIO"):
			noTwilio = append(noTwilio, name, "")
		case strings.HasPrefix(name, "SENDGRID"):
			noSendGrid = append(noSendGrid, name, "")
		}
	}
	for name, change := range map[string][]string{
		"Both": nil, "SendGridAlone": noTwilio, "TwilioAlone": noSendGrid, "NoneIsTheMailbox": slices.Concat(noTwilio, noSendGrid, []string{"KAPFLOW_PUBLIC_URL", ""}),
		"AnotherAddress": {"TWILIO_BASE_URL", "http://127.0.0.1:9090/", "SENDGRID_BASE_URL", "https://api.eu.sendgrid.com"},
		"SecondKeys":     {"TWILIO_AUTH_TOKEN_SECONDARY", "hunter3", "SENDGRID_WEBHOOK_KEY_SECONDARY", "MFkx", "SENDGRID_REPLY_TO", "desk@visit.example"},
	} {
		s, warnings, err := Load(environ(twilioAndSendGrid(), change...))
		if err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v %v", name, err, warnings)
		}
		if name == "NoneIsTheMailbox" && (s.TwilioAccount != "" || s.SendGridKey.Set()) {
			t.Error("none set, and yet one is there")
		}
	}
}
