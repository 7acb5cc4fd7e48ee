package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kapflow/care"
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
	claim := func(key string, at time.Time, d care.Notification, ch person.Channel) care.SendDecision {
		t.Helper()
		d.Key = key
		if d.Template == "" {
			d.Template = care.TemplateReminder
		}
		return b.claim(care.Delivery{Key: care.DeliveryKey("client-a", key, ch), ClientID: "client-a", Channel: ch, To: d.Receiver(), Now: at, Notification: d}, letItGo)
	}
	held := func(what string, c care.SendDecision, why string) {
		t.Helper()
		if c.Granted || c.State != care.StateSuppressed || c.Fault != care.FaultCapped || !strings.Contains(c.Why, why) || !strings.Contains(c.Why, "e-mail") {
			t.Errorf("%s: %+v", what, c)
		}
	}
	for i := range 4 { // news is not counted
		if c := claim(fmt.Sprintf("booked/%d", i), day, care.Notification{Template: care.TemplateBooked}, person.SMS); !c.Granted {
			t.Errorf("news of a booking: %+v", c)
		}
	}
	if c := claim("one", day, care.Notification{}, person.SMS); !c.Granted {
		t.Errorf("the day's first: %+v", c)
	}
	held("the day's second", claim("two", day.Add(time.Hour), care.Notification{}, person.SMS), "day's")
	held("asked again", claim("two", day.Add(2*time.Hour), care.Notification{}, person.SMS), "day's")
	for what, c := range map[string]care.SendDecision{
		"the same by e-mail":   claim("two", day.Add(time.Hour), care.Notification{}, person.Email),
		"a crisis text":        claim("crisis/alert-1", day.Add(time.Hour), care.Notification{Template: care.TemplateCrisis, Safety: true, Urgent: true}, person.SMS),
		"a safety check-in":    claim("ask/1", day.Add(time.Hour), care.Notification{Template: care.TemplateCheckIn, Safety: true}, person.SMS),
		"a cancelled visit":    claim("cancelled/1", day.Add(time.Hour), care.Notification{Template: care.TemplateCancelled}, person.SMS),
		"an alert to staff":    claim("alert/1", day.Add(time.Hour), care.Notification{Template: care.TemplateAlert, To: person.Physician, Urgent: true}, person.Email),
		"the next day's":       claim("three", day.Add(15*time.Hour+time.Minute), care.Notification{}, person.SMS), // after the client's midnight
		"the third day's":      claim("four", day.AddDate(0, 0, 2), care.Notification{}, person.SMS),
		"a look at a letter":   claim("one/look", day.Add(3*time.Hour), care.Notification{Look: true, Of: "one", Template: "x"}, person.SMS),
		"urgent whatever else": claim("urgent", day.Add(time.Hour), care.Notification{Urgent: true}, person.SMS),
	} {
		if !c.Granted {
			t.Errorf("%s was held back: %+v", what, c)
		}
	}
	held("the week's fourth", claim("five", day.AddDate(0, 0, 3), care.Notification{}, person.SMS), "week's")
	if c := claim("six", day.AddDate(0, 0, 8), care.Notification{}, person.SMS); !c.Granted {
		t.Errorf("eight days later: %+v", c)
	}
}
