package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// A client whose day and week are full gets no more reminders by text, and everything that the caps do not hold back.
func TestFullDayHoldsBackRemindersOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := newClient(t, "client-a")
	n.Save.Chart.Policy.Messages.TextsPerDay, n.Save.Chart.Policy.Messages.TextsPerWeek = 1, 3
	if _, _, err := b.NewClient(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	claim := func(of string, at time.Time, d message.Notification, ch person.Channel) message.SendDecision {
		t.Helper()
		d.Key = key(of)
		if d.Template == "" {
			d.Template = message.TemplateReminder
		}
		return b.claim(message.Delivery{ClientID: "client-a", Channel: ch, To: d.Receiver(), Now: at, Notification: d}, letItGo)
	}
	held := func(what string, c message.SendDecision, why string) {
		t.Helper()
		if c.Granted || c.State != message.StateSuppressed || c.Fault != message.FaultCapped || !strings.Contains(c.Why, why) || !strings.Contains(c.Why, "email") {
			t.Errorf("%s: %+v", what, c)
		}
	}
	for i := range 4 { // news is not counted
		if c := claim(fmt.Sprintf("booked/%d", i), day, message.Notification{Template: message.TemplateBooked}, person.SMS); !c.Granted {
			t.Errorf("news of a booking: %+v", c)
		}
	}
	if c := claim("one", day, message.Notification{}, person.SMS); !c.Granted {
		t.Errorf("the day's first: %+v", c)
	}
	held("the day's second", claim("two", day.Add(time.Hour), message.Notification{}, person.SMS), "day's")
	held("asked again", claim("two", day.Add(2*time.Hour), message.Notification{}, person.SMS), "day's")
	for what, c := range map[string]message.SendDecision{
		"the same by email":    claim("two", day.Add(time.Hour), message.Notification{}, person.Email),
		"a crisis text":        claim("crisis/alert-1", day.Add(time.Hour), message.Notification{Template: message.TemplateCrisis, Safety: true, Urgent: true}, person.SMS),
		"a safety check-in":    claim("ask/1", day.Add(time.Hour), message.Notification{Template: message.TemplateCheckIn, Safety: true}, person.SMS),
		"a cancelled visit":    claim("cancelled/1", day.Add(time.Hour), message.Notification{Template: message.TemplateCancelled}, person.SMS),
		"an alert to staff":    claim("alert/1", day.Add(time.Hour), message.Notification{Template: message.TemplateAlert, To: person.Physician, Urgent: true}, person.Email),
		"the next day's":       claim("three", day.Add(15*time.Hour+time.Minute), message.Notification{}, person.SMS), // after the client's midnight
		"the third day's":      claim("four", day.AddDate(0, 0, 2), message.Notification{}, person.SMS),
		"a look at a letter":   claim("one/look", day.Add(3*time.Hour), message.Notification{Look: true, Of: key("one"), Template: "x"}, person.SMS),
		"urgent whatever else": claim("urgent", day.Add(time.Hour), message.Notification{Urgent: true}, person.SMS),
	} {
		if !c.Granted {
			t.Errorf("%s was held back: %+v", what, c)
		}
	}
	held("the week's fourth", claim("five", day.AddDate(0, 0, 3), message.Notification{}, person.SMS), "week's")
	if c := claim("six", day.AddDate(0, 0, 8), message.Notification{}, person.SMS); !c.Granted {
		t.Errorf("eight days later: %+v", c)
	}
}
