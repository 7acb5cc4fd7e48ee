package store_test

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

func reminderLink(client string) message.Link {
	return message.LinkOf(message.Delivery{ClientID: client, Channel: person.SMS, Now: day, Notification: message.Notification{Key: key("x"), Template: message.TemplateReminder, About: "infusion-1", Version: 2}})
}

// TestSQLMintsNoLinkAndNoPass tries every way to something that opens a page for who can only write rows.
func TestSQLMintsNoLinkAndNoPass(t *testing.T) {
	t.Parallel()
	const token, pass = "0123456789012345678901234567890123456789abc", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	hash, passHash := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(pass))
	b := setup(t)
	for _, client := range []string{"client-a", "client-b"} {
		n := newClient(t, client)
		n.Contact.BirthDate = "1990-01-31"
		if _, _, err := b.NewClient(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	conn := b.asProgram()
	b.execOn(conn, `INSERT INTO link (token_hash, client_id, purpose, about, version, channel, letter, made_at, expires_at, uses_left, tries_left)
		VALUES ($1, 'client-a', 'visit', '', 0, 'sms', 'x', now(), now() + interval '1 year', 1000000, 1000000)`, hash[:])
	if _, err := conn.Exec(t.Context(), `INSERT INTO link_before VALUES ($1, 'client-a', 'visit', '', 0, now() + interval '1 year')`, hash[:]); err == nil {
		t.Error("a program writes links of earlier builds")
	}
	b.execOn(conn, `INSERT INTO link_pass (pass_hash, token_hash, until) VALUES ($1, $2, now() + interval '1 year')`, passHash[:], hash[:])
	if _, err := b.Link(t.Context(), token); !errors.Is(err, message.ErrNoLink) {
		t.Errorf("a link made by SQL: %v", err)
	}
	if _, err := b.UnlockLink(t.Context(), token, message.SecondFactor{BirthDate: "1990-01-31"}, day); !errors.Is(err, message.ErrNoLink) {
		t.Errorf("a link made by SQL unlocks: %v", err)
	}
	if open, err := b.LinkPass(t.Context(), token, pass, day); open || err != nil {
		t.Errorf("a pass made by SQL opens: %v, %v", open, err)
	}
	for name, change := range map[string]string{
		"AnotherClient": `UPDATE link SET client_id = 'client-b'`, "MoreTime": `UPDATE link SET expires_at = expires_at + interval '1 year'`,
		"AnotherPurpose": `UPDATE link SET purpose = 'forms'`, "AnotherVisit": `UPDATE link SET about = 'infusion-2'`, "AnotherVersion": `UPDATE link SET version = 9`,
		"NoProof": `UPDATE link SET proof_hash = NULL`,
	} {
		honest, err := b.NewLink(t.Context(), reminderLink("client-a"))
		if err != nil {
			t.Fatal(err)
		}
		b.execOn(conn, change)
		if l, err := b.Link(t.Context(), honest); !errors.Is(err, message.ErrNoLink) {
			t.Errorf("%s: it opens as %+v, %v", name, l, err)
		}
	}
}

// TestPassIsGoodForItsLinkAndTime changes the row of an honest pass by SQL.
func TestPassIsGoodForItsLinkAndTime(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"Untouched": `SELECT 1`, "MoreTime": `UPDATE link_pass SET until = until + interval '1 year'`, "NoProof": `UPDATE link_pass SET proof_hash = NULL`,
		"AnotherClient": `UPDATE link SET client_id = 'client-b'`,
		"AnotherLink":   `UPDATE link_pass SET token_hash = (SELECT token_hash FROM link WHERE client_id = 'client-b')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			tokens := map[string]string{}
			for _, client := range []string{"client-a", "client-b"} {
				n := newClient(t, client)
				n.Contact.BirthDate = "1990-01-31"
				_, _, err := b.NewClient(t.Context(), n)
				if err == nil {
					tokens[client], err = b.NewLink(t.Context(), reminderLink(client))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			pass, err := b.UnlockLink(t.Context(), tokens["client-a"], message.SecondFactor{BirthDate: "1990-01-31"}, day)
			if err != nil {
				t.Fatal(err)
			}
			b.execOn(b.asProgram(), change)
			for client, token := range tokens {
				open, err := b.LinkPass(t.Context(), token, pass, day.Add(time.Minute))
				if want := name == "Untouched" && client == "client-a"; open != want || err != nil {
					t.Errorf("it opens %s's link: %v, %v", client, open, err)
				}
			}
		})
	}
}

// TestLinksOfEarlierBuildsGoOnWorking: a link that was open at the migration opens, unlocks and ends as before.
func TestLinksOfEarlierBuildsGoOnWorking(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := newClient(t, "client-a")
	n.Contact.BirthDate = "1990-01-31"
	if _, _, err := b.NewClient(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	token, err := b.NewLink(t.Context(), reminderLink("client-a"))
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(token))
	b.exec(`UPDATE link SET token_hash = $1, proof_hash = NULL`, hash[:])
	if _, err := b.Link(t.Context(), token); !errors.Is(err, message.ErrNoLink) {
		t.Errorf("a link of the old kind that was not there at the migration: %v", err)
	}
	b.exec(`INSERT INTO link_before SELECT token_hash, client_id, purpose, about, version, expires_at FROM link`)
	pass, err := b.UnlockLink(t.Context(), token, message.SecondFactor{BirthDate: "1990-01-31"}, day)
	if err != nil {
		t.Fatal(err)
	}
	if open, err := b.LinkPass(t.Context(), token, pass, day.Add(time.Minute)); !open || err != nil {
		t.Errorf("its pass: %v, %v", open, err)
	}
	if err := b.EndLinkPasses(t.Context(), token, true); err != nil {
		t.Fatal(err)
	}
	if open, _ := b.LinkPass(t.Context(), token, pass, day.Add(2*time.Minute)); open {
		t.Error("a pass that was ended opens")
	}
	if l, err := b.Link(t.Context(), token); err != nil || l.UsesLeft != 0 {
		t.Errorf("after its end: %+v, %v", l, err)
	}
}
