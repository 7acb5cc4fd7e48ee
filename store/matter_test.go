package store_test

import (
	"reflect"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
)

// lateOnes gives the keys of the deliveries that are late at a time.
func (b *bundle) lateOnes(at time.Time) (keys []string) {
	b.t.Helper()
	late, err := b.LateDeliveries(b.t.Context(), at.Add(-care.LateAfter))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, l := range late {
		keys = append(keys, l.Key.String()+" "+string(l.State))
	}
	return keys
}

func (b *bundle) worklist() (list []message.WorklistItem) {
	b.t.Helper()
	list, err := b.Worklist(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

// A delivery that waits is claimed again and again; its lateness counts from the first time.
func TestDeliveryIsLateFromItsFirstClaim(t *testing.T) {
	t.Parallel()
	b, _ := agreed(t)
	claimAt := func(key string, at time.Time) {
		l := delivery(key)
		l.Now = at
		b.claim(l, letItGo)
	}
	for minute := range 5 { // kept back for another try, each minute
		claimAt("waits", day.Add(time.Duration(minute)*time.Minute))
		b.settle(message.DeliveryResult{Key: named("client-a/waits/sms"), State: message.StatePlanned, Why: "not reached", At: day.Add(time.Duration(minute) * time.Minute)})
	}
	claimAt("unknown", day)
	b.settle(message.DeliveryResult{Key: named("client-a/unknown/sms"), State: message.StateUnknown, At: day})
	claimAt("sent", day)
	b.settle(message.DeliveryResult{Key: named("client-a/sent/sms"), State: message.StateSent, At: day})
	claimAt("crashed", day.Add(time.Minute))
	for _, c := range []struct {
		at   time.Duration
		want int
	}{{care.LateAfter - time.Second, 0}, {care.LateAfter, 2}, {care.LateAfter + time.Minute, 3}} {
		if got := b.lateOnes(day.Add(c.at)); len(got) != c.want {
			t.Errorf("after %s late are %v, want %d", c.at, got, c.want)
		}
	}
	unknown, err := b.NeverClaimed(t.Context(), []message.DeliveryKey{named("client-a/sent/sms"), named("client-a/lost/sms")})
	if err != nil || len(unknown) != 1 || unknown[0] != named("client-a/lost/sms") {
		t.Errorf("never claimed: %v, %v", unknown, err)
	}
}

// A worklist item is one row however often it is found; it goes when it is no longer so, and stays ended when a person ended it.
func TestWorklistItemIsOneRowUntilItSettlesOrAPersonEndsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := message.WorklistItem{Kind: message.WorklistLate, About: "client-a/one/sms", ClientID: "client-a", Words: "first", Since: day}, message.WorklistItem{Kind: message.WorklistLate, About: "client-a/two/sms", Words: "second", Since: day.Add(time.Minute)}
	keep := func(list ...message.WorklistItem) {
		t.Helper()
		if err := b.KeepWorklist(t.Context(), message.WorklistLate, day.Add(time.Hour), list); err != nil {
			t.Fatal(err)
		}
	}
	for range 48 {
		keep(one, two)
	}
	if got := b.worklist(); !reflect.DeepEqual(got, []message.WorklistItem{one, two}) {
		t.Fatalf("on the list: %+v", got)
	}
	for _, want := range []bool{true, false} {
		if ended, err := b.EndWorklistItem(t.Context(), one.ID(), coordinator, day); err != nil || ended != want {
			t.Errorf("ended %v, %v; want %v", ended, err, want)
		}
	}
	if keep(one, two); len(b.worklist()) != 1 {
		t.Error("what a person ended is back")
	}
	keep(two)
	if keep(one, two); len(b.worklist()) != 2 {
		t.Error("what was over and is so again is not listed")
	}
	keep()
	if len(b.worklist()) > 0 || b.count(`SELECT count(*) FROM matter`) != 0 {
		t.Error("what settled itself is still kept")
	}
}

// Of what staff were told only a keyed hash is kept: the name of a task can say something about a client.
func TestWhatStaffWereToldIsKeptAsAHash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const key = "task/client-a/dr/decide-flag:substance-dependence"
	for _, want := range []bool{false, true} {
		if told, err := b.StaffNotified(t.Context(), key); err != nil || told != want {
			t.Errorf("told %v, %v", told, err)
		}
		for range 2 {
			if err := b.NoteStaffNotified(t.Context(), day, key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := b.count(`SELECT count(*) FROM told`); n != 1 {
		t.Errorf("%d rows", n)
	}
	if n := b.count(`SELECT count(*) FROM told WHERE position('substance'::bytea IN key) > 0`); n != 0 {
		t.Error("the key stands in the clear")
	}
}
