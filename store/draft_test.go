package store_test

import (
	"errors"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/store"
)

// TestADraftIsItsAuthorsUntilItsTimeIsOver: one for each person, client and form; the last words and the first time count.
func TestADraftIsItsAuthorsUntilItsTimeIsOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	keep := func(who, about, form, word string, at time.Time) {
		t.Helper()
		if err := b.KeepDraft(ctx, care.Draft{Person: who, About: about, Form: form, BegunAt: at, ExpiresAt: at.Add(time.Hour), Typed: map[string][]string{"reason": {word}}}, at); err != nil {
			t.Fatal(err)
		}
	}
	read := func(who, about, form string, at time.Time) (string, time.Time) {
		t.Helper()
		d, found, err := b.Draft(ctx, who, about, form, at)
		if err != nil || found != (len(d.Typed) > 0) {
			t.Fatal(found, err)
		}
		if !found {
			return "", d.BegunAt
		}
		return d.Typed["reason"][0], d.BegunAt
	}
	keep("dr-a", "client-a", "paused", "one", day)
	keep("dr-a", "client-a", "paused", "two", day.Add(30*time.Minute))
	keep("dr-a", "client-b", "paused", "three", day)
	keep("psy-a", "client-a", "paused", "four", day)
	if got, begun := read("dr-a", "client-a", "paused", day.Add(80*time.Minute)); got != "two" || !begun.Equal(day) {
		t.Errorf("%q, begun %s", got, begun)
	}
	for who, want := range map[string]string{"psy-a": "four", "nurse-a": ""} {
		if got, _ := read(who, "client-a", "paused", day); got != want {
			t.Errorf("%s reads %q", who, got)
		}
	}
	later := day.Add(2 * time.Hour)
	if got, _ := read("dr-a", "client-a", "paused", later); got != "" {
		t.Errorf("an expired one: %q", got)
	}
	keep("dr-a", "client-a", "paused", "five", later)
	if got, begun := read("dr-a", "client-a", "paused", later); got != "five" || !begun.Equal(later) {
		t.Errorf("after its end: %q, begun %s", got, begun)
	}
	if err := errors.Join(b.ForgetDrafts(ctx, later), b.EndDraft(ctx, "dr-a", "client-a", "none")); err != nil {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM draft`); n != 1 {
		t.Errorf("%d drafts are left", n)
	}
	if err := b.EndDraft(ctx, "dr-a", "client-a", "paused"); err != nil || b.count(`SELECT count(*) FROM draft`) != 0 {
		t.Errorf("it did not end: %v", err)
	}
}

// TestADraftOpensInItsRowOnly: not for another person, nor about another client.
func TestADraftOpensInItsRowOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, who := range []string{"dr-a", "psy-a"} {
		if err := b.KeepDraft(t.Context(), care.Draft{Person: who, About: "client-a", Form: "paused", BegunAt: day, ExpiresAt: day.Add(time.Hour)}, day); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(`UPDATE draft SET data = (SELECT data FROM draft WHERE person = 'dr-a')`)
	if _, _, err := b.Draft(t.Context(), "psy-a", "client-a", "paused", day); !errors.Is(err, store.ErrSealed) {
		t.Errorf("another's opens: %v", err)
	}
}

// TestALapsedSessionIsKnownForADay, and one that somebody ended is not.
func TestALapsedSessionIsKnownForADay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	for _, token := range []string{"idle", "ended"} {
		if err := b.SaveSession(ctx, token, sessionUntil(day)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.EndSession(ctx, "ended"); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		token string
		at    time.Time
		want  bool
	}{{"idle", day.Add(-time.Second), false}, {"idle", day, true}, {"idle", day.Add(23 * time.Hour), true}, {"idle", day.Add(24 * time.Hour), false}, {"ended", day.Add(time.Hour), false}, {"none", day, false}} {
		if _, found, err := b.LapsedSession(ctx, x.token, x.at); err != nil || found != x.want {
			t.Errorf("%s at %s: %t, %v", x.token, x.at, found, err)
		}
	}
	if _, err := b.EndSessions(ctx, "dr-a", day); err != nil {
		t.Fatal(err)
	}
	if _, found, err := b.LapsedSession(ctx, "idle", day.Add(time.Hour)); err != nil || found {
		t.Errorf("after all were ended: %t, %v", found, err)
	}
}

func sessionUntil(end time.Time) person.SessionRow {
	return person.SessionRow{Person: "dr-a", ExpiresAt: end, Data: []byte("state")}
}
