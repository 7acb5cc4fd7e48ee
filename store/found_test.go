package store_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	summary "kapflow/care/record"
)

// Looking at the first entries only finds whom all entries find, whoever is asked for and however many entries one client has.
func TestFoundIsTheSameAsFromAllEntries(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.exec(`INSERT INTO client (id, identity, chart, chart_version, stage, next_due, enrolled_at, saved_at, line, line_version, line_form)
		SELECT 'client-' || n, int4send(n), chart, chart_version, stage, next_due, enrolled_at, saved_at, line, line_version, line_form
		FROM client, generate_series(1, 40) n WHERE id = 'client-a'`)
	b.exec(`DELETE FROM client_entry`)
	// Client n has n entries of each kind for each role, the first of them at the same time as others'.
	b.exec(`INSERT INTO client_entry (client_id, kind, who, due, no)
		SELECT 'client-' || n, kind, who, timestamptz '2027-03-01' + (n * 7 % 5 + i * (n % 3)) * interval '1 hour', i
		FROM generate_series(1, 40) n, generate_series(1, 40) i, unnest('{task,inbox}'::text[]) kind, unnest('{coordinator,nurse,physician}'::text[]) who WHERE i <= n`)
	b.exec(`INSERT INTO client_entry (client_id, kind, who, due, no)
		SELECT 'client-' || n, 'treats', 'dr-sample', timestamptz '2027-03-01', 0 FROM generate_series(1, 40) n WHERE n % 7 = 0`)
	start := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		f := summary.EntrySearch{
			Kind: rapid.SampledFrom([]summary.EntryKind{summary.EntryTask, summary.EntryInbox}).Draw(t, "kind"),
			Who:  rapid.SliceOfN(rapid.SampledFrom([]string{"coordinator", "nurse", "physician"}), 1, 4).Draw(t, "who"),
		}
		if rapid.Bool().Draw(t, "until") {
			f.To = start.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "to")) * time.Hour)
		}
		if rapid.Bool().Draw(t, "treated") {
			f.TreatedBy = "dr-sample"
		}
		limit := rapid.IntRange(1, 45).Draw(t, "limit")
		all, err := b.Found(t.Context(), f, math.MaxInt32)
		if err != nil {
			t.Fatal(err)
		}
		some, err := b.Found(t.Context(), f, limit)
		if err != nil {
			t.Fatal(err)
		}
		if want := all[:min(limit, len(all))]; fmt.Sprint(some) != fmt.Sprint(want) {
			t.Errorf("%d of %+v: %v, want %v", limit, f, some, want)
		}
		count, err := b.CountFound(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		entries := 0
		for _, who := range slices.Compact(slices.Sorted(slices.Values(f.Who))) {
			one := f
			one.Who = []string{who}
			n, err := b.CountFound(t.Context(), one)
			if err != nil {
				t.Fatal(err)
			}
			if f.Kind == summary.EntryInbox {
				entries = n // one row, however many decide it
			} else {
				entries += n
			}
		}
		if count != entries {
			t.Errorf("%+v are %d entries, want %d", f, count, entries)
		}
	})
}
