package care_test

import (
	"testing"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// TestHeldBackAndOwedAnotherWayGoesOnce: a reminder is on its way by text when texts end, by the client's word or because another text of
// the same moment came back. It is owed by email then, once, and nothing else takes over from the text.
func TestHeldBackAndOwedAnotherWayGoesOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]message.DeliveryEnd{
		"opted out":  letterText(message.StateSuppressed, message.FaultOptedOut),
		"no consent": letterText(message.StateSuppressed, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := samplePolicy()
			p.Messages.Channels = policy.ChannelsPreferred
			k := accepted(t, p)
			k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, 15, 0))})
			k.to(8, 15, 0)
			k.owes(early, k.now, person.SMS)
			d, _ := k.notification(early)
			k.chart.Begin(d.Key)
			k.do(person.Client, "messaging-consent-recorded", with{"channel": "sms", "granted": false})
			k.chart.Settle(d, message.ResultSuppressed, []message.DeliveryEnd{end}, k.now)
			k.publish()
			k.owes(early, k.now, person.Email)
			d, _ = k.notification(early)
			k.chart.Begin(d.Key)
			k.owes(early+"/instead", k.now)
			k.chart.Settle(d, message.ResultSent, []message.DeliveryEnd{letterMail(message.StateSent, "")}, k.now)
			k.publish()
			k.to(8, 16, 0)
			k.owes(early, k.now)
			k.owes(early+"/instead", k.now)
		})
	}
}
