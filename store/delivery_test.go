package store_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/store"
)

// key reads a notification's key, and named a delivery's.
func key(text string) message.Key {
	k, err := message.Parse(text)
	if err != nil {
		panic(err)
	}
	return k
}

func named(text string) message.DeliveryKey {
	k, err := message.ParseDelivery(text)
	if err != nil {
		panic(err)
	}
	return k
}

func delivery(of string) message.Delivery {
	return message.Delivery{ClientID: "client-a", Channel: person.SMS, To: person.Client, Now: day,
		Notification: message.Notification{Key: key(of), Template: message.TemplateReminder, About: "consult-1", Version: 2}}
}

// letItGo is a chart that has nothing against a delivery.
var letItGo = care.DecideByRegister

// agreed is a client who may be written to.
func agreed(t *testing.T) (*bundle, *care.Chart) {
	t.Helper()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.save(record(t, chart, day, told{person.Coordinator, "messaging-consent-recorded", "f-1", `{"channel":"sms","granted":true,"detail":"appointment-time"}`}))
	return b, chart
}

func (b *bundle) claim(l message.Delivery, decide care.Decide) message.SendDecision {
	b.t.Helper()
	claim, err := b.Claim(b.t.Context(), l, decide)
	if err != nil {
		b.t.Fatal(err)
	}
	return claim
}

// settle records how a delivery ended.
func (b *bundle) settle(r message.DeliveryResult) {
	b.t.Helper()
	if err := b.Settle(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
}

func TestOfManyWhoClaimOneDeliveryOneIsGrantedIt(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	var granted, again atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			claim, err := b.Claim(t.Context(), delivery("remind/consult-1/v2/1d"), letItGo)
			if err != nil {
				t.Error(err)
			}
			if claim.Granted {
				granted.Add(1)
			}
			if claim.Again {
				again.Add(1)
			}
		})
	}
	all.Wait()
	if granted.Load() != 1 || again.Load() != 19 {
		t.Errorf("granted %d times, told again %d times", granted.Load(), again.Load())
	}
}

func TestClaimGivesTheAddressesAndTheConsentAsTheyAreNow(t *testing.T) {
	t.Parallel()
	b, chart := agreed(t)
	ref, err := b.Hide(t.Context(), "client-a", "phone", "+13035550999")
	if err != nil {
		t.Fatal(err)
	}
	with, _ := json.Marshal(map[string]string{"phone": ref})
	b.save(record(t, chart, day, told{person.Coordinator, "contact-changed", "f-2", string(with)}))

	want := message.SendDecision{Granted: true, State: message.StateSending, Consent: chart.Consent(person.SMS),
		Contact: person.Contact{PreferredName: "Robin", Phone: "+13035550999", Email: "robin@example.org"}}
	got := b.claim(delivery("k"), letItGo)
	if want.Ref = got.Ref; len(want.Ref) != 32 {
		t.Errorf("the delivery's opaque id is %q", want.Ref)
	}
	if link, err := b.Link(t.Context(), got.Link); err != nil || link.Delivery != "client-a/k/sms" || link.About != "consult-1" {
		t.Errorf("its link opens %+v, %v", link, err)
	}
	want.Link = got.Link
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first: %s", diff)
	}
	want.Granted, want.Again = false, true
	got = b.claim(delivery("k"), letItGo)
	if got.Link == want.Link || got.Link == "" {
		t.Errorf("the second try has the link %q, after %q", got.Link, want.Link)
	}
	want.Link = got.Link
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("again: %s", diff)
	}
	if n := b.count(`SELECT attempt FROM letter`); n != 2 {
		t.Errorf("attempt %d", n)
	}
}

func TestClaimDecidesWithTheSavedChart(t *testing.T) {
	t.Parallel()
	b, chart := agreed(t)
	if err := b.KeepSendRecord(t.Context(), "client-a", sentRecord(1, "x")); err != nil {
		t.Fatal(err)
	}
	asked := 0
	refuse := func(c *care.Chart, l message.Delivery, _ message.Known) message.Decision {
		asked++
		if c.SavedVersion != chart.Version || c.Handled[key("x")] != "sent" || l.Key() != named("client-a/k/sms") {
			t.Errorf("asked about %s with chart %d, handled %v", l.Key(), c.Version, c.Handled)
		}
		return message.Decision{State: message.StateSuperseded, Why: "the visit was changed"}
	}
	want := message.SendDecision{State: message.StateSuperseded, Why: "the visit was changed"}
	for range 2 {
		if diff := cmp.Diff(want, b.claim(delivery("k"), refuse)); diff != "" {
			t.Error(diff)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times: the first word is the last", asked)
	}
	if _, err := b.Claim(t.Context(), message.Delivery{ClientID: "client-b"}, refuse); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("a letter to nobody: %v", err)
	}
}

// TestClaimWaitsForTheChartThatMadeTheDeliveryDue: a save that is slow must not turn the word of an older chart into the
// end of a delivery that only the newer one knows.
func TestClaimWaitsForTheChartThatMadeTheDeliveryDue(t *testing.T) {
	t.Parallel()
	b, chart := agreed(t)
	step := record(t, chart, day, told{person.Psychotherapist, "risk-assessed", "f-2", `{"outcome":"high"}`})
	notifications := step.Chart.Notifications()
	crisis := slices.IndexFunc(notifications, func(d message.Notification) bool { return d.Template == message.TemplateCrisis })
	if crisis < 0 {
		t.Fatalf("no crisis text is owed: %v", notifications)
	}
	l := message.Delivery{ClientID: "client-a", Channel: person.SMS, To: person.Client, Now: day, Notification: notifications[crisis], ChartVersion: step.Chart.Version}
	for range 2 {
		if _, err := b.Claim(t.Context(), l, care.DecideSend); !errors.Is(err, message.ErrUnsaved) {
			t.Fatalf("before the save: %v", err)
		}
	}
	if n := b.count(`SELECT count(*) FROM letter`); n != 0 {
		t.Errorf("%d letters were written down although nobody could be asked", n)
	}
	b.save(step)
	if claim := b.claim(l, care.DecideSend); !claim.Granted {
		t.Errorf("after the save: %+v", claim)
	}
}

func TestMessagesShowWhatBecameOfEachDelivery(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	b.claim(delivery("b"), letItGo)
	b.claim(delivery("a"), func(*care.Chart, message.Delivery, message.Known) message.Decision {
		return message.Decision{State: message.StateExpired, Why: "too late"}
	})
	b.settle(message.DeliveryResult{Key: named("client-a/b/sms"), State: message.StateSent, Text: "See you", ProviderID: "SM1", At: day.Add(time.Second)})

	got, err := b.Messages(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	base := care.Message{ClientID: "client-a", Channel: person.SMS, Template: message.TemplateReminder, To: person.Client, About: "consult-1", Version: 2}
	sent, expired := base, base
	sent.Key, sent.State, sent.Text, sent.At = named("client-a/b/sms"), message.StateSent, "See you", day.Add(time.Second)
	expired.Key, expired.State, expired.Why, expired.At = named("client-a/a/sms"), message.StateExpired, "too late", day
	if diff := cmp.Diff([]care.Message{sent, expired}, got); diff != "" {
		t.Error(diff)
	}
}

func TestStateOfADeliveryOnlyGoesForward(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		states []message.State
		want   message.State
	}{
		{"Delivered", []message.State{message.StateSent, message.StateDelivered}, message.StateDelivered},
		{"ReportBeforeTheSendersOwn", []message.State{message.StateDelivered, message.StateSent}, message.StateDelivered},
		{"UnknownIsResolved", []message.State{message.StateUnknown, message.StateSent}, message.StateSent},
		{"SentIsNotForgotten", []message.State{message.StateSent, message.StateUnknown, message.StateSending}, message.StateSent},
		{"CarrierRefuses", []message.State{message.StateSent, message.StateRejected}, message.StateRejected},
		{"AnEndIsAnEnd", []message.State{message.StateRejected, message.StateDelivered, message.StateSuppressed}, message.StateRejected},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, _ := agreed(t)
			b.claim(delivery("k"), letItGo)
			for i, state := range c.states {
				for range 2 { // a retry changes nothing
					b.settle(message.DeliveryResult{Key: named("client-a/k/sms"), State: state, Why: "because " + string(state), Text: "the text", ProviderID: "SM1", At: day.Add(time.Duration(i) * time.Minute)})
				}
			}
			got, err := b.Messages(t.Context(), "client-a")
			if err != nil {
				t.Fatal(err)
			}
			if m := got[0]; m.State != c.want || m.Why != "because "+string(c.want) || m.Text != "the text" {
				t.Errorf("it is %s, %q, with the text %q", m.State, m.Why, m.Text)
			}
			if claim := b.claim(delivery("k"), letItGo); claim.Granted || claim.Again || claim.State != c.want {
				t.Errorf("claimed once more: %+v", claim)
			}
		})
	}
}

func TestTextComesAfterAProvidersReport(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	b.claim(delivery("k"), letItGo)
	b.settle(message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateDelivered, ProviderID: "SM1", At: day})
	b.settle(message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateSent, Text: "See you", ProviderID: "SM1", At: day})
	got, err := b.Messages(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Text != "See you" || got[0].State != message.StateDelivered {
		t.Errorf("got %+v", got[0])
	}
}

func TestSettlingWhatWasNeverClaimedIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.Settle(t.Context(), message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateSent, At: day}); !errors.Is(err, store.ErrNoDelivery) {
		t.Errorf("got %v", err)
	}
	if err := b.Settle(t.Context(), message.DeliveryResult{Key: named("client-a/k/sms"), State: "lost", At: day}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a state that is none: %v", err)
	}
}

func TestDeliverySettledByManyIsJournalledOnce(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	b.claim(delivery("k"), letItGo)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := b.Settle(t.Context(), message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateSent, At: day}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := b.count(`SELECT count(*) FROM journal WHERE type = 'message'`); n != 1 {
		t.Errorf("the journal says %d times that it was sent", n)
	}
}
