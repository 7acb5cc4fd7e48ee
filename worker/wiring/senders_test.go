package wiring

import (
	"strings"
	"testing"

	"kapflow/activities"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/messaging"
	"kapflow/messaging/fake"
)

// The practice's own crisis text may take three text messages, by its delivery's key; every other text takes one. Nobody's
// text leaves with a word that gives something away.
func TestCrisisTextLeavesAsThePracticeWroteIt(t *testing.T) {
	t.Parallel()
	texts, err := fake.StartTwilio(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(texts.Close)
	mails, err := fake.StartSendGrid()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mails.Close)
	var s sender
	if s.providers.Twilio, err = messaging.NewTwilio(messaging.TwilioOptions{AccountSID: fake.TwilioAccount, KeySID: fake.TwilioKey, KeySecret: fake.TwilioSecret,
		MessagingService: fake.TwilioService, BaseURL: texts.URL(), StatusURL: "http://127.0.0.1/hooks/twilio/status"}); err != nil {
		t.Fatal(err)
	}
	if s.providers.SendGrid, err = messaging.NewSendGrid(messaging.SendGridOptions{Key: fake.SendGridKey, FromName: "Cedar Office", From: "office@visit.example", BaseURL: mails.URL()}); err != nil {
		t.Fatal(err)
	}
	own := "Cedar Office: " + strings.Repeat("Call 911 now, or call or text 988 at any hour. ", 6) // 296 septets
	const crisis, reminder = "client-a/crisis/alert-1/sms", "client-a/remind/infusion-1/v1/1d/sms"
	for name, c := range map[string]struct {
		key, text string
		channel   person.Channel
		state     message.State
	}{
		"CrisisByText":             {crisis, own, person.SMS, message.StateSent},
		"CrisisByMail":             {"client-a/crisis/alert-1/email", own, person.Email, message.StateSent},
		"CrisisTheOtherWay":        {"client-a/crisis/alert-1/instead/sms", own, person.SMS, message.StateSent},
		"ReminderOfThatLength":     {reminder, own, person.SMS, message.StateRejected},
		"CrisisOfFourTexts":        {crisis, own + own, person.SMS, message.StateRejected},
		"CrisisThatSaysTooMuch":    {crisis, "Cedar Office: your ketamine", person.SMS, message.StateRejected},
		"ReminderOfAnHonestLength": {reminder, "Cedar Office: see you. Reply STOP to opt out", person.SMS, message.StateSent},
	} {
		key, err := message.ParseDelivery(c.key)
		if err != nil {
			t.Fatal(err)
		}
		m := activities.OutboundMessage{Key: c.key, Template: map[message.Verb]message.Template{message.Crisis: message.TemplateCrisis, message.Remind: message.TemplateReminder}[key.Notification.Verb], Ref: "r-" + name, Channel: c.channel, To: "+13035550142", Text: c.text}
		if c.channel == person.Email {
			m.To, m.Subject = "sample@example.org", "A message from Cedar Office"
		}
		got, err := s.Send(t.Context(), m)
		if err != nil || got.State != c.state {
			t.Errorf("%s: %+v, %v; want %s", name, got, err, c.state)
		}
	}
	if n := len(texts.Sent()) + len(mails.Sent()); n != 4 {
		t.Errorf("%d messages left, want 4", n)
	}
	for _, f := range append(texts.Faults(), mails.Faults()...) {
		t.Error(f)
	}
}
