package care_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

// farClock sends batches with a clock that is apart from the journey's, as a worker does.
type farClock struct {
	apart time.Duration
	sent  map[message.DeliveryKey]time.Time // by the journey's clock
}

// send decides each delivery of a batch at the worker's time, and finishes it.
func (f *farClock) send(t failer, c *care.Chart, b care.Batch, now time.Time) {
	theirs := now.Add(f.apart)
	var results []message.NotificationResult
	for _, due := range b.Due {
		n := due.Notification
		r := message.NotificationResult{Key: n.Key, Result: message.ResultDeferred}
		if due.Expired || theirs.Before(due.SendBefore) || !theirs.Before(n.Until) {
			for _, ch := range n.Channels {
				l := message.Delivery{ClientID: "client-x", Notification: n, Channel: ch, To: n.Receiver(), Now: due.NotBeforeItsEnd(theirs)}
				d := care.DecideSend(c, l, message.Known{})
				if d.State == message.StateNew {
					d.State = message.StateSent
					if _, twice := f.sent[l.Key()]; twice {
						t.Fatalf("%s leaves twice", l.Key())
					}
					f.sent[l.Key()] = now
				}
				r.Deliveries = append(r.Deliveries, message.DeliveryEnd{Channel: ch, State: d.State, Fault: d.Fault})
			}
			r.Result = message.ResultOf(r.Deliveries)
		}
		results = append(results, r)
	}
	c.Finish(b, results, false, theirs.Truncate(time.Second))
}

// TestAWorkersClockMayBeApart: however far a worker's clock is from the journey's, up to three hours either way, nothing leaves twice
// or in the client's night, and the journey does not ask again and again at one moment.
func TestAWorkersClockMayBeApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := &farClock{apart: time.Duration(rapid.IntRange(-180, 180).Draw(t, "minutes apart")) * time.Minute, sent: map[message.DeliveryKey]time.Time{}}
		k := cleared(t)
		k.do(person.Coordinator, "appointment-booked", with{"kind": "evaluation", "start": stamp(at(9, rapid.IntRange(8, 19).Draw(t, "hour"), 0))})
		now, asked := k.now, 0
		for now.Before(at(12, 0, 0)) {
			step := k.chart.Step(now)
			if step.Send != nil {
				if asked++; asked > 300 {
					t.Fatalf("it asks again and again, at %s for %s", denver.SayLong(now), step.Send.Summary)
				}
				f.send(t, k.chart, *step.Send, now)
				now = now.Add(time.Second)
				continue
			}
			if step.Wake.IsZero() {
				break
			}
			now = step.Wake
		}
		if len(f.sent) == 0 {
			t.Error("nothing was sent at all")
		}
		for key, at := range f.sent {
			if hour := denver.Local(at).Hour(); key.Channel == person.SMS && (hour < 8 || hour >= 21) {
				t.Errorf("%s leaves at %s", key, denver.SayLong(at))
			}
		}
	})
}
