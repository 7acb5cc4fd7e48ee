package store_test

import (
	"errors"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/store"
)

// TestAnEndedSessionHoldsNothing: what it held is gone, and a request under way stores it no more.
func TestAnEndedSessionHoldsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	row := person.SessionRow{Person: "dr-a", ExpiresAt: day.Add(time.Hour), Data: []byte("canary")}
	for _, end := range []func() error{
		func() error { return b.EndSession(ctx, "s") },
		func() error { _, err := b.EndSessions(ctx, "dr-a", day); return err },
	} {
		b.exec(`TRUNCATE session, session_epoch`)
		if err := errors.Join(b.SaveSession(ctx, "s", row), end(), b.SaveSession(ctx, "s", row)); err != nil {
			t.Fatal(err)
		}
		if n := b.count(`SELECT count(*) FROM session WHERE ended AND data IS NULL`); n != 1 {
			t.Errorf("%d ended sessions without data", n)
		}
	}
}

// TestASessionIsOpenUntilItsEnd: one whose end is further away than a page moves it was extended before the clock went back. It ends there and then,
// and is not open when the clock is right again.
func TestASessionIsOpenUntilItsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	const idle = 15 * time.Minute
	for name, c := range map[string]struct {
		end                   time.Duration // after now
		open, lapsed, openYet bool          // openYet: a minute before its end
	}{
		"Open":          {end: time.Second, open: true, openYet: true},
		"AtItsEnd":      {lapsed: true, openYet: true},
		"JustOver":      {end: -time.Second, lapsed: true, openYet: true},
		"OverForADay":   {end: -24*time.Hour + time.Second, lapsed: true, openYet: true},
		"OverForMore":   {end: -24 * time.Hour, openYet: true},
		"AsLongAsAPage": {end: idle + time.Minute, open: true, openYet: true},
		"ClockWentBack": {end: idle + time.Minute + time.Second, lapsed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := b.SaveSession(ctx, name, person.SessionRow{Person: "dr-a", ExpiresAt: day.Add(c.end), Data: []byte("canary")}); err != nil {
				t.Fatal(err)
			}
			_, _, open, err := b.Session(ctx, name, day, idle)
			_, lapsed, err2 := b.LapsedSession(ctx, name, day)
			_, _, openYet, err3 := b.Session(ctx, name, day.Add(c.end-time.Minute), idle)
			if err := errors.Join(err, err2, err3); err != nil || open != c.open || lapsed != c.lapsed || openYet != c.openYet {
				t.Errorf("open %t, lapsed %t, a minute before its end open %t, %v", open, lapsed, openYet, err)
			}
		})
	}
}

// TestWhatIsSealedOfASignInOpensOnlyInItsRow: the state of one session is no other's, nor a passkey or a step of a sign-in.
func TestWhatIsSealedOfASignInOpensOnlyInItsRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	row := person.SessionRow{Person: "dr-a", ExpiresAt: day.Add(time.Hour), Data: []byte("canary")}
	key := person.Passkey{ID: []byte("k1"), Person: "dr-a", MadeAt: day, Data: []byte("canary")}
	other := key
	other.ID, other.Person = []byte("k2"), "psy-a"
	if err := errors.Join(b.SaveSession(ctx, "one", row), b.SaveSession(ctx, "two", row), b.AddPasskey(ctx, key, ""), b.AddPasskey(ctx, other, ""),
		b.NewCeremony(ctx, "c1", []byte("canary"), day, day.Add(time.Hour)), b.NewCeremony(ctx, "c2", []byte("canary"), day, day.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"session", "passkey", "ceremony"} {
		if n := b.count(`SELECT count(*) FROM ` + table + ` WHERE position('canary' IN encode(data, 'escape')) > 0`); n != 0 {
			t.Errorf("%s is readable", table)
		}
		b.exec(`UPDATE ` + table + ` SET data = (SELECT data FROM ` + table + ` ORDER BY ctid LIMIT 1)`)
	}
	opened := 0
	for _, token := range []string{"one", "two"} {
		_, _, found, err := b.Session(ctx, token, day, time.Hour)
		if found {
			opened++
		} else if !errors.Is(err, store.ErrSealed) {
			t.Errorf("session %s: %v", token, err)
		}
	}
	for _, id := range []string{"k1", "k2"} {
		_, found, err := b.Passkey(ctx, []byte(id))
		if found {
			opened++
		} else if !errors.Is(err, store.ErrSealed) {
			t.Errorf("passkey %s: %v", id, err)
		}
	}
	for _, id := range []string{"c1", "c2"} {
		_, found, err := b.TakeCeremony(ctx, id, day)
		if found {
			opened++
		} else if !errors.Is(err, store.ErrSealed) {
			t.Errorf("ceremony %s: %v", id, err)
		}
	}
	if opened != 3 {
		t.Errorf("%d opened, want each table's own one", opened)
	}
}

// writeSignIn writes all that sign-in stores, with words in it.
func (b *bundle) writeSignIn(words map[string]string) error {
	ctx := b.t.Context()
	_, ended := b.EndSessions(ctx, "psy-a", day)
	_, invited := b.NewInvite(ctx, person.Invite{Kind: person.InvitePasskey, Person: "dr-a", ExpiresAt: day.Add(time.Hour)})
	return errors.Join(ended, invited,
		b.KeepDraft(ctx, care.Draft{Person: "dr-a", About: "client-canary", Form: "paused", BegunAt: day, ExpiresAt: day.Add(time.Hour), Typed: map[string][]string{"reason": {words["reason"], words["name"]}}}, day),
		b.SaveSession(ctx, "a token of a session", person.SessionRow{Person: "dr-a", ExpiresAt: day.Add(time.Hour), Data: []byte(words["reason"])}),
		b.AddPasskey(ctx, person.Passkey{ID: []byte(words["detail"]), Person: "dr-a", MadeAt: day, Data: []byte(words["note"])}, ""),
		b.NewCeremony(ctx, "an id of a sign-in", []byte(words["note"]), day, day.Add(time.Hour)))
}
