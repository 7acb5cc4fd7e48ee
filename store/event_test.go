package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

const reminder = "remind/consult-1/v1/1d"

// underWay is a delivery that its provider may report on; ref is what the provider knows it by.
func (b *bundle) underWay(l message.Delivery) (ref string) {
	b.t.Helper()
	claim := b.claim(l, letItGo)
	if !claim.Granted || claim.Ref == "" {
		b.t.Fatalf("the letter was not granted: %+v", claim)
	}
	return claim.Ref
}

func status(ref, id string, state message.State, fault message.Fault) message.ProviderEvent {
	return message.ProviderEvent{Provider: "twilio", ID: id, Kind: message.EventStatus, At: day, Ref: ref, ProviderID: "SM1", State: state, Fault: fault}
}

func (b *bundle) take(e message.ProviderEvent) (fresh bool) {
	b.t.Helper()
	fresh, err := b.TakeEvent(b.t.Context(), e)
	if err != nil {
		b.t.Fatal(err)
	}
	return fresh
}

func (b *bundle) deliveryState(of string) message.State {
	b.t.Helper()
	l, err := b.Sent(b.t.Context(), named(of))
	if err != nil {
		b.t.Fatal(err)
	}
	return l.State
}

// waiting are the ids of events that no journey has heard of.
func (b *bundle) waiting() (ids []string) {
	b.t.Helper()
	events, err := b.WaitingEvents(b.t.Context(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

// TestEventThatComesManyTimesAtOnceIsTakenOnce is the database's part of field case 50.
func TestEventThatComesManyTimesAtOnceIsTakenOnce(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	ref := b.underWay(delivery(reminder))
	for _, e := range []message.ProviderEvent{
		status(ref, "SM1/delivered", message.StateDelivered, ""),
		{Provider: "twilio", ID: "SM2", Kind: message.EventReply, At: day, From: "+13035550123", Text: "I am late", Class: wording.ReplyOther},
	} {
		var fresh atomic.Int64
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				first, err := b.TakeEvent(t.Context(), e)
				if err != nil {
					t.Error(err)
				}
				if first {
					fresh.Add(1)
				}
			})
		}
		all.Wait()
		if n := b.count(`SELECT count(*) FROM provider_event WHERE event_id = $1`, e.ID); fresh.Load() != 1 || n != 1 {
			t.Errorf("%s was new %d times and is kept %d times", e.ID, fresh.Load(), n)
		}
	}
	if got := b.waiting(); !slices.Equal(got, []string{"SM1/delivered", "SM2"}) {
		t.Errorf("for the journeys: %v", got)
	}
}

// TestReportsInAnyOrderNeverTakeADeliveryBack: Twilio delivers its callbacks as it likes, and the sender's own answer may be
// the last of all.
func TestReportsInAnyOrderNeverTakeADeliveryBack(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	words := map[message.State]int{message.StateSent: 2, message.StateDelivered: 3, message.StateRejected: 3, "answer": 2}
	for n, order := range permutations([]message.State{message.StateSent, message.StateDelivered, "answer"}, []message.State{message.StateSent, message.StateRejected, "answer"},
		[]message.State{message.StateDelivered, message.StateRejected, "answer"}) {
		l := delivery(fmt.Sprintf("%s-%d", reminder, n))
		ref, rank, end := b.underWay(l), 0, message.StateNew
		for _, word := range order {
			if word == "answer" {
				b.settle(message.DeliveryResult{Key: named(l.Key().String()), State: message.StateSent, Text: "the text", ProviderID: "SM1", At: day})
			} else {
				b.take(status(ref, fmt.Sprintf("SM%d/%s", n, word), word, ""))
			}
			if words[word] > rank { // the first end stays the end
				if rank, end = words[word], word; word == "answer" {
					end = message.StateSent
				}
			}
			if got := b.deliveryState(l.Key().String()); got != end {
				t.Errorf("%v: the letter is %s after %s, want %s", order, got, word, end)
			}
		}
		if sent, err := b.Sent(t.Context(), l.Key()); err != nil || sent.Text != "the text" {
			t.Errorf("%v: its text is %q, %v", order, sent.Text, err)
		}
	}
}

// permutations gives every order of each list.
func permutations(lists ...[]message.State) (out [][]message.State) {
	for _, list := range lists {
		if len(list) < 2 {
			out = append(out, list)
			continue
		}
		for i := range list {
			rest := slices.Delete(slices.Clone(list), i, i+1)
			for _, tail := range permutations(rest) {
				out = append(out, append([]message.State{list[i]}, tail...))
			}
		}
	}
	return out
}

// TestReportBringsTheEndOfADeliveryThatNobodyKnows is the exact way out of field case 15: the callback carries our own id.
func TestReportBringsTheEndOfADeliveryThatNobodyKnows(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	l := delivery(reminder)
	ref := b.underWay(l)
	b.settle(message.DeliveryResult{Key: named(l.Key().String()), State: message.StateUnknown, Why: "Twilio took the request and did not answer", At: day})
	b.take(status(ref, "SM1/sent", message.StateSent, ""))
	if got := b.deliveryState(l.Key().String()); got != message.StateSent {
		t.Errorf("it is %s", got)
	}
	if key, found, err := b.DeliveryByRef(t.Context(), ref); err != nil || key != l.Key() || !found {
		t.Errorf("found %s: %v, %v", key, found, err)
	}
	if again := b.claim(l, letItGo); again.Granted || again.Again {
		t.Errorf("it may leave a second time: %+v", again)
	}
}

// TestReportOnADeliveryThatNobodyKnowsDoesNoHarm: it is kept, so that it can be found, and nobody waits for it.
func TestReportOnADeliveryThatNobodyKnowsDoesNoHarm(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	if !b.take(status("no-such-letter", "SM9/delivered", message.StateDelivered, "")) || b.take(status("no-such-letter", "SM9/delivered", message.StateDelivered, "")) {
		t.Error("it was not taken once")
	}
	if n := b.count(`SELECT count(*) FROM provider_event WHERE event_id = 'SM9/delivered' AND relayed_at IS NOT NULL`); n != 1 {
		t.Errorf("%d rows say that it was dealt with", n)
	}
	if key, found, err := b.DeliveryByRef(t.Context(), "no-such-letter"); err != nil || found {
		t.Errorf("%s %v", key, err)
	}
	if got := b.waiting(); len(got) > 0 {
		t.Errorf("journeys wait for %v", got)
	}
}

// TestCarriersOptOutIsOurs is field case 20: what the carrier knows, the register knows, and no text leaves for that number
// again.
func TestCarriersOptOutIsOurs(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	ref := b.underWay(delivery(reminder))
	b.take(status(ref, "SM1/undelivered", message.StateRejected, message.FaultOptedOut))
	for _, key := range []string{"remind/consult-1/v1/2h", "booked/consult-1/v1"} {
		if claim := b.claim(delivery(key), letItGo); claim.Granted || claim.State != message.StateSuppressed || claim.Why != "this number has opted out" {
			t.Errorf("%s: %+v", key, claim)
		}
	}
	start := message.ProviderEvent{Provider: "twilio", ID: "SM3", Kind: message.EventReply, At: day.Add(time.Hour), From: "+13035550123", Text: "START", Class: wording.ReplyStart}
	b.take(start)
	if claim := b.claim(delivery("moved/consult-1/v2"), letItGo); !claim.Granted {
		t.Errorf("after START: %+v", claim)
	}
}

// TestStopIsAboutTheNumberAndAtOnce: whoever has the number gets no more texts, from the moment the word is in.
func TestStopIsAboutTheNumberAndAtOnce(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	b.take(message.ProviderEvent{Provider: "twilio", ID: "SM1", Kind: message.EventReply, At: day, From: "+1 303 555 0123", Text: "Stop. Thank you", Class: wording.ReplyStop})
	if claim := b.claim(delivery(reminder), letItGo); claim.Granted || claim.State != message.StateSuppressed {
		t.Errorf("%+v", claim)
	}
	mail := delivery(reminder)
	mail.Channel = person.Email
	if claim := b.claim(mail, letItGo); !claim.Granted {
		t.Errorf("email ended with the texts: %+v", claim)
	}
	if n := b.count(`SELECT count(*) FROM provider_event WHERE position('Thank'::bytea in body) > 0`); n != 0 {
		t.Error("the client's words are in the clear")
	}
}
