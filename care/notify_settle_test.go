package care_test

import (
	"slices"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// These tests say what follows each end of a delivery (message rules M4 and M5). Every client here may be written to both
// ways and has a visit on the 9th at 15:00; its last reminder, two hours before, goes by text alone.
const (
	early = "remind/evaluation-1/v1/1d"
	last  = "remind/evaluation-1/v1/2h"
)

func booked(t failer) *course {
	t.Helper()
	k := cleared(t)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
	return k
}

// ends has one notification performed now, with these ends.
func (k *course) ends(key string, ends ...message.DeliveryEnd) *course {
	k.t.Helper()
	d, owed := k.notification(key)
	if !owed || d.At.After(k.now) {
		k.t.Fatalf("%s is not due at %s: %v", key, denver.SayLong(k.now), k.chart.Notifications())
	}
	if act, _ := k.chart.Due(k.now); !slices.ContainsFunc(act, func(x message.Notification) bool { return x.Key == d.Key }) {
		k.t.Fatalf("%s would not be sent at %s", key, denver.SayLong(k.now))
	}
	k.chart.Begin(d.Key)
	k.chart.Settle(d, message.ResultOf(ends), ends, k.now)
	k.publish()
	return k
}

// reports has a provider report on a delivery.
func (k *course) reports(of string, ch person.Channel, status message.State, fault message.Fault) *course {
	k.t.Helper()
	k.do(person.Provider, "message-status-reported", with{"message": message.DeliveryKeyOf("client-x", key(of), ch).String(), "status": status, "fault": string(fault)})
	return k
}

func letterText(state message.State, fault message.Fault) message.DeliveryEnd {
	return message.DeliveryEnd{Channel: person.SMS, State: state, Fault: fault, Tracked: true}
}

func letterMail(state message.State, fault message.Fault) message.DeliveryEnd {
	return message.DeliveryEnd{Channel: person.Email, State: state, Fault: fault, Tracked: true}
}

// owes demands that a notification is due at a time by these channels, or with none that it is not owed.
func (k *course) owes(key string, due time.Time, channels ...person.Channel) {
	k.t.Helper()
	d, owed := k.notification(key)
	switch {
	case len(channels) == 0 && owed:
		k.t.Fatalf("%s is owed at %s by %v", key, denver.SayLong(d.At), d.Channels)
	case len(channels) > 0 && (!owed || !d.At.Equal(due) || !slices.Equal(d.Channels, channels)):
		k.t.Fatalf("%s is owed %v at %s by %v, want %s by %v", key, owed, denver.SayLong(d.At), d.Channels, denver.SayLong(due), channels)
	}
}

// asks demands that a person is asked, before a time.
func (k *course) asks(task string, before time.Time) {
	k.t.Helper()
	got, open := k.task(task)
	if !open || got.Role != person.Coordinator || !got.Due.After(k.now) || got.Due.After(before) {
		k.t.Fatalf("%s is asked for %v, of %s by %s, want by %s: %v", task, open, got.Role, denver.SayLong(got.Due), denver.SayLong(before), k.chart.Tasks(k.now))
	}
}

// TestTextWhoseEndNobodyKnows (field case 15): it is looked for after two minutes; after ten the other channel takes over,
// unless somebody knows by then. No second text is ever owed.
func TestTextWhoseEndNobodyKnows(t *testing.T) {
	t.Parallel()
	lost := func(t *testing.T) *course {
		k := booked(t).to(9, 13, 0).ends(last, letterText(message.StateUnknown, message.FaultAmbiguous))
		k.owes(last, k.now)
		k.owes(last+"/again", k.now)
		k.owes(last+"/look", at(9, 13, 2), person.SMS)
		k.owes(last+"/instead", at(9, 13, 10), person.Email)
		return k
	}
	t.Run("Found", func(t *testing.T) {
		t.Parallel()
		k := lost(t).to(9, 13, 2).ends(last+"/look", letterText(message.StateDelivered, ""))
		k.owes(last+"/instead", k.now)
	})
	t.Run("Reported", func(t *testing.T) {
		t.Parallel()
		k := lost(t).to(9, 13, 1).reports(last, person.SMS, message.StateDelivered, "")
		k.owes(last+"/look", k.now)
		k.owes(last+"/instead", k.now)
	})
	t.Run("NotFoundProvesNothing", func(t *testing.T) {
		t.Parallel()
		k := lost(t).to(9, 13, 2).ends(last+"/look", letterText(message.StateUnknown, ""))
		k.owes(last+"/instead", at(9, 13, 10), person.Email)
		k.to(9, 13, 10).ends(last+"/instead", letterMail(message.StateSent, ""))
		k.owes(last, k.now)
		k.owes(last+"/instead", k.now)
	})
	t.Run("ByBothWaysOneIsEnough", func(t *testing.T) {
		t.Parallel()
		k := booked(t).to(8, 15, 0).ends(early, letterText(message.StateUnknown, message.FaultAmbiguous), letterMail(message.StateSent, ""))
		k.owes(early+"/instead", k.now)
	})
}

// TestNumberThatIsNoneIsTriedOnce (field case 19): marked, told to the coordinator, and left alone until it changes.
func TestNumberThatIsNoneIsTriedOnce(t *testing.T) {
	t.Parallel()
	k := booked(t).to(9, 13, 0).ends(last, letterText(message.StateRejected, message.FaultAddress))
	k.owes(last, k.now)
	k.owes(last+"/again", k.now)
	k.owes(last+"/instead", k.now, person.Email)
	k.asks("address-bad:sms", at(9, 15, 0))
	k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(12, 15, 0))})
	for _, d := range k.chart.Notifications() {
		if slices.Contains(d.Channels, person.SMS) {
			t.Errorf("%s is owed by text", d.Key)
		}
	}
	k.do(person.Coordinator, "contact-changed", with{"phone": "ref:1"})
	if _, open := k.task("address-bad:sms"); open {
		t.Error("another number is asked for although there is one")
	}
	k.owes("remind/evaluation-1/v2/2h", at(12, 13, 0), person.SMS)
}

// TestCarriersOptOutEndsTexts (field case 20): once for all, whoever told the carrier. Email goes on, and a person hears of
// it.
func TestCarriersOptOutEndsTexts(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]func(*course) *course{
		"Refused": func(k *course) *course { return k.ends(last, letterText(message.StateRejected, message.FaultOptedOut)) },
		"Reported": func(k *course) *course {
			return k.ends(last, letterText(message.StateSent, "")).reports(last, person.SMS, message.StateRejected, message.FaultOptedOut)
		},
	} {
		k := told(booked(t).to(9, 13, 0))
		if c := k.chart.Consent(person.SMS); c.Granted || !c.Stopped {
			t.Errorf("%s: the consent is %+v", name, c)
		}
		k.owes(last+"/instead", k.now, person.Email)
		k.asks("channel-lost:sms", at(10, 20, 0))
		k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(12, 15, 0))})
		k.owes("moved/evaluation-1/v2", k.now, person.Email)
		k.owes("remind/evaluation-1/v2/2h", k.now)
	}
}

// TestPhoneThatWasOffIsTriedOnceMore (field case 51): once, in open hours and in time; then email. A landline is not tried
// again.
func TestPhoneThatWasOffIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	byText := func(t *testing.T) *course { // a practice that reminds by text alone
		p := samplePolicy()
		for i := range p.Messages.Reminders {
			p.Messages.Reminders[i].Channels = []person.Channel{person.SMS}
		}
		k := accepted(t, p)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
		return k.to(8, 15, 0).ends(early, letterText(message.StateSent, ""))
	}
	t.Run("Off", func(t *testing.T) {
		t.Parallel()
		k := byText(t).reports(early, person.SMS, message.StateRejected, message.FaultTransient)
		k.owes(early+"/again", at(8, 17, 0), person.SMS)
		k.to(8, 17, 0).ends(early+"/again", letterText(message.StateSent, "")).reports(early+"/again", person.SMS, message.StateRejected, message.FaultTransient)
		k.owes(early+"/again", k.now)
		k.owes(early+"/again/again", k.now)
		k.owes(early+"/instead", k.now, person.Email)
	})
	t.Run("OffWithNoTimeLeft", func(t *testing.T) {
		t.Parallel()
		k := booked(t).to(9, 13, 0).ends(last, letterText(message.StateSent, "")).reports(last, person.SMS, message.StateRejected, message.FaultTransient)
		k.owes(last+"/again", k.now)
		k.owes(last+"/instead", k.now, person.Email)
	})
	t.Run("Landline", func(t *testing.T) {
		t.Parallel()
		k := byText(t).reports(early, person.SMS, message.StateRejected, message.FaultAddress)
		k.owes(early+"/again", k.now)
		k.owes(early+"/instead", k.now, person.Email)
	})
}

// TestTextThatNobodyReportsAsDelivered (field case 52): after half an hour email takes over, once.
func TestTextThatNobodyReportsAsDelivered(t *testing.T) {
	t.Parallel()
	k := booked(t).to(9, 13, 0).ends(last, letterText(message.StateSent, ""))
	k.owes(last+"/instead", at(9, 13, 30), person.Email)
	k.to(9, 13, 5).reports(last, person.SMS, message.StateSent, "") // "sent" is no delivery: it is waited for again
	k.owes(last+"/instead", at(9, 13, 35), person.Email)
	k.to(9, 13, 35).ends(last+"/instead", letterMail(message.StateSent, ""))
	k.reports(last, person.SMS, message.StateSent, "")
	k.owes(last+"/instead", k.now)
	k = booked(t).to(9, 13, 0).ends(last, letterText(message.StateSent, "")).to(9, 13, 1).reports(last, person.SMS, message.StateDelivered, "")
	k.owes(last+"/instead", k.now)
}

// TestWhatNoChannelBringsIsAPersons (field case 55): with a deadline ahead of the visit.
func TestWhatNoChannelBringsIsAPersons(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*course) *course{
		"BothRefused": func(k *course) *course {
			return k.to(8, 15, 0).ends(early, letterText(message.StateRejected, message.FaultContent), letterMail(message.StateRejected, message.FaultContent))
		},
		"BothReported": func(k *course) *course {
			k.to(8, 15, 0).ends(early, letterText(message.StateSent, ""), letterMail(message.StateSent, ""))
			return k.reports(early, person.SMS, message.StateRejected, message.FaultContent).reports(early, person.Email, message.StateRejected, message.FaultContent)
		},
		"OneRefusedOneReported": func(k *course) *course {
			k.to(8, 15, 0).ends(early, letterText(message.StateRejected, message.FaultContent), letterMail(message.StateSent, ""))
			return k.reports(early, person.Email, message.StateRejected, message.FaultContent)
		},
		"OffTwiceAndBlocked": func(k *course) *course {
			k.to(8, 15, 0).ends(early, letterText(message.StateSent, ""), letterMail(message.StateSent, ""))
			k.reports(early, person.Email, message.StateRejected, message.FaultContent).reports(early, person.SMS, message.StateRejected, message.FaultTransient)
			return k.to(8, 17, 0).ends(early+"/again", letterText(message.StateRejected, message.FaultTransient))
		},
		"OneAfterTheOther": func(k *course) *course {
			return k.to(9, 13, 0).ends(last, letterText(message.StateRejected, message.FaultContent)).ends(last+"/instead", letterMail(message.StateRejected, message.FaultAddress))
		},
		"KnownToSue": func(k *course) *course {
			return k.to(9, 13, 0).ends(last, letterText(message.StateRejected, message.FaultPerson))
		},
	} {
		k := end(booked(t))
		about := early
		if name == "OneAfterTheOther" || name == "KnownToSue" {
			about = last
		}
		k.asks("message-failed:"+about, at(9, 15, 0).Add(-30*time.Minute))
		for _, d := range k.chart.Notifications() {
			if d.Of != (message.Key{}) {
				t.Errorf("%s: %s is owed", name, d.Key)
			}
		}
	}
	k := booked(t)
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
	k.to(9, 13, 0).ends(last, letterText(message.StateUnknown, message.FaultAmbiguous))
	k.to(9, 13, 10).asks("message-unknown:"+last, at(9, 15, 0))
	k.reports(last, person.SMS, message.StateDelivered, "")
	if _, open := k.task("message-unknown:" + last); open {
		t.Error("a person is asked what is known by now")
	}
}

// TestOneOfTwoIsEnough: nobody is asked, and nothing is sent again, for a delivery whose other one may have arrived.
func TestOneOfTwoIsEnough(t *testing.T) {
	t.Parallel()
	both := func() *course {
		return booked(t).to(8, 15, 0).ends(early, letterText(message.StateSent, ""), letterMail(message.StateSent, ""))
	}
	for name, k := range map[string]*course{
		"TextLost":       both().reports(early, person.SMS, message.StateRejected, message.FaultContent),
		"MailLost":       both().reports(early, person.Email, message.StateRejected, message.FaultContent),
		"PhoneOffTwice":  both().reports(early, person.SMS, message.StateRejected, message.FaultTransient).to(8, 17, 0).ends(early+"/again", letterText(message.StateRejected, message.FaultTransient)),
		"LostAndFound":   both().reports(early, person.SMS, message.StateRejected, message.FaultContent).reports(early, person.SMS, message.StateDelivered, "").reports(early, person.Email, message.StateRejected, message.FaultContent),
		"UnknownAndSent": booked(t).to(8, 15, 0).ends(early, letterText(message.StateUnknown, message.FaultAmbiguous), letterMail(message.StateSent, "")).to(8, 15, 2).ends(early+"/look", letterText(message.StateUnknown, "")),
	} {
		if task, open := k.task("message-failed:" + early); open {
			t.Errorf("%s: %v", name, task)
		}
		for _, do := range []string{"/again", "/instead"} {
			k.owes(early+do, k.now)
		}
		k.do(person.Coordinator, "appointment-moved", with{"appointment": "evaluation-1", "start": stamp(at(12, 15, 0))})
		d, _ := k.notification("moved/evaluation-1/v2")
		k.chart.Settle(d, message.ResultSent, []message.DeliveryEnd{letterMail(message.StateSent, "")}, k.now)
		if len(k.chart.Lost) > 0 {
			t.Errorf("%s: the chart still knows %v", name, k.chart.Lost)
		}
	}
}

// TestChannelThatOpensLaterBroughtNothing: a text that went alone, because mail was not agreed to, is lost with nobody the
// wiser if a consent that came afterwards counts as if a mail had been sent.
func TestChannelThatOpensLaterBroughtNothing(t *testing.T) {
	t.Parallel()
	k := booked(t)
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
	k.to(8, 15, 0).ends(early, letterText(message.StateSent, ""))
	k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": true})
	k.reports(early, person.SMS, message.StateRejected, message.FaultContent)
	k.asks("message-failed:"+early, at(9, 15, 0))
}

// TestOnlyATextIsSentOnceMore: two deliveries of one notification that are refused for a while do not share one key.
func TestOnlyATextIsSentOnceMore(t *testing.T) {
	t.Parallel()
	k := booked(t).to(8, 15, 0).ends(early, letterText(message.StateRejected, message.FaultTransient), letterMail(message.StateRejected, message.FaultTransient))
	again := 0
	for _, d := range k.chart.Notifications() {
		if d.Key.Follow == message.FollowAgain {
			again++
		}
	}
	if again != 1 {
		t.Errorf("it is sent once more by %d notifications", again)
	}
	k.owes(early+"/again", at(8, 17, 0), person.SMS)
}

// TestTextThatIsHeldIsNotLost (field case 46): it is tried again ever more slowly, goes by email after some twenty minutes,
// leaves when the account is in order, and when its use ends before that, a person hears of it.
func TestTextThatIsHeldIsNotLost(t *testing.T) {
	t.Parallel()
	held := letterText(message.StatePlanned, message.FaultConfiguration)
	k := booked(t).to(9, 13, 0).ends(last, held)
	k.asks("channel-held:sms", at(9, 15, 0))
	for _, wait := range []time.Duration{1, 2, 4, 8} { // minutes
		k.owes(last+"/instead", k.now)
		due := k.now.Add(wait * time.Minute)
		k.owes(last, due, person.SMS)
		k.now = due
		k.ends(last, held)
	}
	k.owes(last+"/instead", k.now, person.Email)
	k.owes(last, k.now.Add(16*time.Minute), person.SMS)
	t.Run("PutRight", func(t *testing.T) {
		k := booked(t).to(9, 13, 0).ends(last, held)
		k.to(9, 13, 1).ends(last, letterText(message.StateSent, ""))
		if _, open := k.task("channel-held:sms"); open {
			t.Error("the account is still said to be refused")
		}
		k.owes(last, k.now)
	})
	t.Run("NotPutRight", func(t *testing.T) {
		k := booked(t)
		k.do(person.Client, "messaging-consent-recorded", with{"channel": "email", "granted": false})
		k.to(9, 13, 0)
		for range 40 {
			d, owed := k.notification(last)
			if !owed {
				break
			}
			if k.now = d.At; !k.now.Before(d.Until) {
				k.chart.Begin(d.Key)
				k.chart.Settle(d, message.ResultExpired, []message.DeliveryEnd{{Channel: person.SMS, State: message.StateExpired}}, k.now)
				k.publish()
				break
			}
			k.ends(last, held)
		}
		if _, open := k.task("message-failed:" + last); !open || k.now.After(at(9, 15, 0)) {
			t.Errorf("at %s nobody is asked: %v", denver.SayLong(k.now), k.chart.Tasks(k.now))
		}
	})
}

// TestTextThatWaitedTooLongAtTheProviderIsLetGo: it had lost its use, and nothing is made up for.
func TestTextThatWaitedTooLongAtTheProviderIsLetGo(t *testing.T) {
	t.Parallel()
	k := booked(t).to(9, 13, 0).ends(last, letterText(message.StateSent, "")).reports(last, person.SMS, message.StateRejected, message.FaultStale)
	for _, d := range k.chart.Notifications() {
		if d.Of != (message.Key{}) {
			t.Errorf("%s is owed", d.Key)
		}
	}
}
