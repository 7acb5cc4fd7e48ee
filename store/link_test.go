package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// TestLinkKeepsNoToken: who reads the database cannot open a page with what stands there.
func TestLinkKeepsNoToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	link := message.LinkOf(message.Delivery{ClientID: "client-a", Channel: person.SMS, Now: day, Notification: message.Notification{Key: key("x"), Template: message.TemplateReminder, About: "infusion-1", Version: 2}})
	token, err := b.NewLink(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.NewLink(t.Context(), link)
	if err != nil || token == other || len(token) != 43 {
		t.Fatalf("tokens %q and %q, %v", token, other, err)
	}
	if n := b.count(`SELECT count(*) FROM link WHERE token_hash = sha256($1::text::bytea)`, token); n != 0 {
		t.Errorf("%d rows under a hash that anybody can make", n)
	}
	if n := b.count(`SELECT count(*) FROM link l WHERE l::text LIKE '%' || $1 || '%'`, token); n != 0 {
		t.Error("the token itself is kept")
	}
	got, err := b.Link(t.Context(), token)
	if err != nil || got != link {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, link)
	}
	if _, err := b.Link(t.Context(), token+"x"); !errors.Is(err, message.ErrNoLink) {
		t.Errorf("an unknown token gave %v", err)
	}
}

// TestLinkTriesAreCounted: guesses made at the same moment are each counted.
func TestLinkTriesAreCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	token, err := b.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: "client-a", Channel: person.SMS, Now: day}))
	if err != nil {
		t.Fatal(err)
	}
	var wrong, revoked atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			pass, err := b.UnlockLink(t.Context(), token, message.SecondFactor{BirthDate: "1990-01-31"}, day) // none is kept: nothing fits
			switch {
			case pass != "":
				t.Error("a guess opened the link")
			case errors.Is(err, message.ErrNoLink):
				revoked.Add(1)
			case err == nil:
				wrong.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if wrong.Load() != message.LinkTries || revoked.Load() != 20-message.LinkTries {
		t.Errorf("%d tries were counted and %d refused", wrong.Load(), revoked.Load())
	}
}

// TestNobodyTurnsALinkToAnotherChannel: the channel decides where a code goes, so a link whose row names another one opens nothing.
func TestNobodyTurnsALinkToAnotherChannel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	for from, to := range map[person.Channel]person.Channel{person.SMS: person.Email, person.Email: person.SMS} {
		token, err := b.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: "client-a", Channel: from, Now: day}))
		if err != nil {
			t.Fatal(err)
		}
		link, err := b.Link(t.Context(), token)
		if err != nil || link.CodeChannel() != to {
			t.Errorf("a code for a link by %s goes by %q, %v", from, link.CodeChannel(), err)
		}
		b.exec(`UPDATE link SET channel = $1`, to)
		if _, err := b.Link(t.Context(), token); !errors.Is(err, message.ErrNoLink) {
			t.Errorf("a link turned from %s to %s opens: %v", from, to, err)
		}
		if _, err := b.NewLinkCode(t.Context(), token, day); !errors.Is(err, message.ErrNoLink) {
			t.Errorf("a code was made for it: %v", err)
		}
	}
}

// TestAPassDoesNotOutliveAClockThatGoesBack: one whose end is too far away is gone for good, and the code of a link opens nothing.
func TestAPassDoesNotOutliveAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	for back, want := range map[time.Duration]bool{20 * time.Second: true, 2 * time.Minute: false, time.Hour: false} {
		b := setup(t)
		b.enrolled("client-a")
		token, err := b.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: "client-a", Channel: person.SMS, Now: day}))
		if err != nil {
			t.Fatal(err)
		}
		code, err := b.NewLinkCode(t.Context(), token, day)
		if err != nil {
			t.Fatal(err)
		}
		if back == time.Hour {
			if pass, err := b.UnlockLink(t.Context(), token, message.SecondFactor{Code: code}, day.Add(-back)); pass != "" || err != nil {
				t.Errorf("the code opens the link before it was made, or %v", err)
			}
		}
		pass, err := b.UnlockLink(t.Context(), token, message.SecondFactor{Code: code}, day)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []time.Time{day.Add(-back), day} { // then it caught up
			if open, err := b.LinkPass(t.Context(), token, pass, at); err != nil || open != want {
				t.Errorf("%s back, at %s: open %v, %v", back, at.Format(time.TimeOnly), open, err)
			}
		}
	}
}
