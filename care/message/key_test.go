package message_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
)

// TestKeysAreWrittenAsEver holds every shape of key to what stands in charts, registers and histories of every release.
func TestKeysAreWrittenAsEver(t *testing.T) {
	t.Parallel()
	for want, key := range map[string]message.Key{
		fmt.Sprintf("remind/%s/v%d/%s", "infusion-3", 2, "1d"):         {Verb: message.Remind, Subject: "infusion-3", Version: 2, Rule: "1d"},
		fmt.Sprintf("instruct/%s/v%d/2d", "infusion-3", 2):             {Verb: message.Instruct, Subject: "infusion-3", Version: 2, Rule: "2d"},
		fmt.Sprintf("%s/%s/v%d", "booked", "consult-1", 1):             {Verb: message.Booked, Subject: "consult-1", Version: 1},
		fmt.Sprintf("%s/%s/v%d", "moved", "consult-1", 12):             {Verb: message.Moved, Subject: "consult-1", Version: 12},
		fmt.Sprintf("%s/%s/v%d", "cancelled", "consult-1", 1):          {Verb: message.Cancelled, Subject: "consult-1", Version: 1},
		fmt.Sprintf("%s/%s/v%d", "missed", "preparation-4", 1):         {Verb: message.Missed, Subject: "preparation-4", Version: 1},
		fmt.Sprintf("%s/%s/v%d/%d", "held", "infusion-1", 1, 0):        {Verb: message.Held, Subject: "infusion-1", Version: 1, Rule: "0"},
		fmt.Sprintf("%s/%s/v%d/%d", "stands", "v2", 1, 3):              {Verb: message.Stands, Subject: "v2", Version: 1, Rule: "3"},
		"ask/" + "check-in-1-24h":                                      {Verb: message.Ask, Subject: "check-in-1-24h"},
		"chase/" + "check-in-1-24h":                                    {Verb: message.Chase, Subject: "check-in-1-24h"},
		"aftercare/" + "infusion-1":                                    {Verb: message.Aftercare, Subject: "infusion-1"},
		"fees/" + "estimate-1":                                         {Verb: message.Fees, Subject: "estimate-1"},
		"crisis/" + "alert-1":                                          {Verb: message.Crisis, Subject: "alert-1"},
		fmt.Sprintf("%s/%s/%s", "alert", "alert-1", "physician"):       {Verb: message.Alert, Subject: "alert-1", Rule: "physician"},
		fmt.Sprintf("%s/%s/%s", "alert-climbed", "alert-1", "on-call"): {Verb: message.AlertClimbed, Subject: "alert-1", Rule: message.OnCall},
		"remind/infusion-3/v2/1d" + "/" + "look":                       {Verb: message.Remind, Subject: "infusion-3", Version: 2, Rule: "1d", Follow: message.FollowLook},
		"remind/infusion-3/v2/1d" + "/" + "again":                      {Verb: message.Remind, Subject: "infusion-3", Version: 2, Rule: "1d", Follow: message.FollowAgain},
		"crisis/alert-1" + "/instead":                                  {Verb: message.Crisis, Subject: "alert-1", Follow: message.FollowInstead},
		"booked/consult-1/v1" + "/instead":                             {Verb: message.Booked, Subject: "consult-1", Version: 1, Follow: message.FollowInstead},
		"remind/infusion-3/v2/again":                                   {Verb: message.Remind, Subject: "infusion-3", Version: 2, Rule: "again"},
		"newer/subject/v3/of a later build/and more":                   {Verb: "newer", Subject: "subject", Version: 3, Rule: "of a later build/and more"},
		"": {},
	} {
		if got := key.String(); got != want {
			t.Errorf("%+v is written %q, want %q", key, got, want)
		}
		if got, err := message.Parse(want); err != nil || got != key {
			t.Errorf("%q is read as %+v, %v, want %+v", want, got, err, key)
		}
		if want == "" {
			continue
		}
		delivery := message.DeliveryKeyOf("client-a", key, person.SMS)
		if got := delivery.String(); got != "client-a"+"/"+want+"/"+"sms" {
			t.Errorf("the delivery is written %q", got)
		}
		if got, err := message.ParseDelivery("client-a/" + want + "/sms"); err != nil || got != delivery {
			t.Errorf("the delivery is read as %+v, %v", got, err)
		}
		if got := key.On(person.Email).String(); got != want+"/email" {
			t.Errorf("the channel is written %q", got)
		}
	}
	for _, text := range []string{"/x", "remind/", "remind//v1", "remind/infusion-1/v1/", "/"} {
		if got, err := message.Parse(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
	for _, text := range []string{"", "client-a", "/remind/x/sms"} {
		if got, err := message.ParseDelivery(text); err == nil {
			t.Errorf("%q is read as the delivery %+v", text, got)
		}
	}
}

// TestStaffKeysAreWrittenAsEver does the same for what is not a client's notification.
func TestStaffKeysAreWrittenAsEver(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 3, 2, 16, 0, 0, 0, time.UTC)
	told := []string{"a", "b"}
	for got, want := range map[string]string{
		message.TaskKey("client-a", "dr", "decide-flag:substance", at):                               "task/client-a/dr/decide-flag:substance/2027-03-02T16:00:00Z",
		message.WorklistItem{Kind: message.WorklistLate, About: "client-a/remind/x/v1/1d/sms"}.Key(): "matter/message-late/client-a/remind/x/v1/1d/sms",
		message.TaskMailKey("client-a", told):                                                        "client-a/task/7e18f737311b2dc3",
		message.WorklistMailKey(told):                                                                "matter/7e18f737311b2dc3",
		message.MorningListKey("", clock.ZoneOf(time.UTC, at), at):                                   "morning-list/2027-03-02",
		message.MorningListKey("dr", clock.ZoneOf(time.UTC, at), at):                                 "morning-list/dr/2027-03-02",
		message.CodeKey("client-a", at):                                                              "client-a/code/1804003200000000000",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func anyKey(t *rapid.T) message.Key {
	k := message.Key{
		Verb: rapid.SampledFrom([]message.Verb{message.Remind, message.Instruct, message.Booked, message.Moved, message.Cancelled, message.Missed, message.Held, message.Stands,
			message.Ask, message.Chase, message.Aftercare, message.Fees, message.Answer, message.Crisis, message.Alert, message.AlertClimbed}).Draw(t, "verb"),
		Subject: rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,39}`).Draw(t, "subject"),
		Follow:  rapid.SampledFrom([]message.Follow{"", "", message.FollowLook, message.FollowAgain, message.FollowInstead}).Draw(t, "follow"),
	}
	switch k.Verb {
	case message.Remind, message.Instruct, message.Held, message.Stands: // a practice names its reminders as it likes
		k.Version = rapid.IntRange(1, 1<<30).Draw(t, "version")
		k.Rule = rapid.OneOf(rapid.StringMatching(`[^/]+`), rapid.SampledFrom([]string{"look", "again", "instead", "v1", "sms"})).Draw(t, "rule")
	case message.Booked, message.Moved, message.Cancelled, message.Missed:
		k.Version = rapid.IntRange(1, 1<<30).Draw(t, "version")
	case message.Alert, message.AlertClimbed:
		k.Rule = rapid.SampledFrom([]string{"physician", "psychotherapist", "coordinator", message.OnCall}).Draw(t, "receiver")
	}
	return k
}

// TestKeysComeBackAsTheyWent: no key is taken for another one.
func TestKeysComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := anyKey(t)
		if back, err := message.Parse(key.String()); err != nil || back != key {
			t.Fatalf("%+v came back as %+v, %v", key, back, err)
		}
		delivery := message.DeliveryKeyOf(rapid.StringMatching(`[a-z0-9-]{1,40}`).Draw(t, "client"), key, rapid.SampledFrom([]person.Channel{person.SMS, person.Email}).Draw(t, "channel"))
		if back, err := message.ParseDelivery(delivery.String()); err != nil || back != delivery {
			t.Fatalf("%+v came back as %+v, %v", delivery, back, err)
		}
		held := map[message.Key]message.Result{key: message.ResultSent}
		text, err := json.Marshal(held)
		if err != nil {
			t.Fatal(err)
		}
		back := map[message.Key]message.Result{}
		if err := json.Unmarshal(text, &back); err != nil || back[key] != message.ResultSent {
			t.Fatalf("%s came back as %v, %v", text, back, err)
		}
	})
}

// TestAnyTextIsReadWholeOrNotAtAll: what is read is written back byte for byte.
func TestAnyTextIsReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z0-9v/]{0,30}(/look|/again|/instead)?`).Draw(t, "text")
		if key, err := message.Parse(text); err == nil && key.String() != text {
			t.Fatalf("%q is read as %+v and written as %q", text, key, key)
		}
	})
}
