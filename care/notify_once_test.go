package care_test

import (
	"slices"
	"testing"

	"kapflow/care/message"
	"kapflow/care/person"
)

// TestWhatWentTheOtherWayIsNotSentTwice: whatever a text waited for, and however email took over, it does not leave as a text
// afterwards too, nor twice by email.
func TestWhatWentTheOtherWayIsNotSentTwice(t *testing.T) {
	t.Parallel()
	mayStop := with{"channel": "sms", "text_class": "other", "also": []string{"stop"}, "text": "ref:1"}
	for _, fault := range []message.Fault{message.FaultConfiguration, message.FaultThrottle, message.FaultNotSent} {
		held := letterText(message.StatePlanned, fault)
		waiting := func() *course {
			k := booked(t).to(9, 13, 0)
			for range 5 {
				d, _ := k.notification(last)
				if d.At.After(k.now) {
					k.now = d.At
				}
				k.ends(last, held)
			}
			return k
		}
		for end, again := range map[message.State]bool{message.StateSent: false, message.StateDelivered: false, message.StateUnknown: false, message.StateRejected: true} {
			k := waiting().ends(last+"/instead", letterMail(end, ""))
			if _, owed := k.notification(last); owed != again {
				t.Errorf("%s, email %s: the text is owed: %t", fault, end, owed)
			}
		}
		k := waiting()
		k.do(person.Provider, "reply-received", mayStop)
		mails := 0
		for _, d := range k.chart.Notifications() {
			if d.Key.Origin() == key(last) && slices.Contains(d.Channels, person.Email) {
				mails++
			}
		}
		if mails != 1 {
			t.Errorf("%s: %d emails are owed while a reply waits", fault, mails)
		}
		k.to(9, 14, 0).ends(last, letterMail(message.StateSent, ""))
		k.do(person.Coordinator, "alert-acknowledged", with{"alert": "read-reply"})
		for _, d := range k.chart.Notifications() {
			if d.Key.Origin() == key(last) {
				t.Errorf("%s: %s is owed by %v although email has told it", fault, d.Key, d.Channels)
			}
		}
		k = waiting().to(9, 14, 0).ends(last, letterText(message.StateUnknown, ""))
		if d, owed := k.notification(last + "/instead"); owed && !d.At.After(k.now) {
			t.Errorf("%s: email goes out at once beside a text that has left", fault)
		}
	}
}
