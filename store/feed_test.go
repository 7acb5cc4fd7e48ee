package store_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"kapflow/care/person"
)

// TestSQLMintsNoCalendarFeed tries the ways to a feed for who can only write rows, and those who know a feed that ended.
func TestSQLMintsNoCalendarFeed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.NewFeed(t.Context(), "kim", day)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := b.NewFeed(t.Context(), "kim", day)
	if err != nil || secret == first || len(secret) != 43 {
		t.Fatalf("%q after %q: %v", secret, first, err)
	}
	if f, err := b.Feed(t.Context(), secret); err != nil || f.Person != "kim" || !f.MadeAt.Equal(day) || f.ReadOn != "" {
		t.Errorf("the feed is %+v: %v", f, err)
	}
	if err := b.FeedRead(t.Context(), "kim", "2027-03-01"); err != nil {
		t.Error(err)
	}
	if f, err := b.FeedOf(t.Context(), "kim"); err != nil || f.ReadOn != "2027-03-01" {
		t.Errorf("it was read: %+v: %v", f, err)
	}
	none := func(name, secret string) {
		t.Helper()
		if f, err := b.Feed(t.Context(), secret); !errors.Is(err, person.ErrNoFeed) {
			t.Errorf("%s: it opens as %+v, %v", name, f, err)
		}
	}
	none("the one before", first)
	none("none", "")
	conn := b.asProgram()
	plain := sha256.Sum256([]byte(strings.Repeat("a", 43)))
	b.execOn(conn, `INSERT INTO feed (person, token_hash, proof_hash, made_at) VALUES ('lee', $1, $1, now())`, plain[:])
	none("made by SQL", strings.Repeat("a", 43))
	b.execOn(conn, `DELETE FROM feed WHERE person = 'lee'`)
	b.execOn(conn, `UPDATE feed SET person = 'lee'`)
	none("given to another person", secret)
	if f, err := b.FeedOf(t.Context(), "lee"); !errors.Is(err, person.ErrNoFeed) {
		t.Errorf("it is another person's: %+v, %v", f, err)
	}
	b.execOn(conn, `UPDATE feed SET person = 'kim'`)
	if ended, err := b.EndFeed(t.Context(), "kim"); !ended || err != nil {
		t.Errorf("ended: %v, %v", ended, err)
	}
	none("ended", secret)
	if ended, err := b.EndFeed(t.Context(), "kim"); ended || err != nil {
		t.Errorf("ended again: %v, %v", ended, err)
	}
}

// TestAFeedOpensNoChart: what a calendar feed asks for, 30 days back, is beside the chart. A chart that cannot be read shows it.
func TestAFeedOpensNoChart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, _, err := b.NewClient(t.Context(), newClient(t, "client-a")); err != nil {
		t.Fatal(err)
	}
	b.exec(`ALTER TABLE client DISABLE TRIGGER USER`)
	b.exec(`UPDATE client SET chart = '\x00'`)
	if sheets, err := b.Sheets(t.Context(), []string{"client-a"}, day.AddDate(0, 0, -30)); err != nil || len(sheets) != 1 {
		t.Errorf("%d sheets: %v", len(sheets), err)
	}
	if _, err := b.Sheets(t.Context(), []string{"client-a"}, day.AddDate(0, 0, -60)); err == nil {
		t.Error("60 days back no chart is opened either")
	}
}
