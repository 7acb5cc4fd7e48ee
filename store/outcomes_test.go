package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care/person"
	summary "kapflow/care/record"
)

// outcomes are all that the store gives of what clients add to reports, a page of two at a time.
func (b *bundle) outcomes() (all []summary.ClientOutcome) {
	b.t.Helper()
	for after := ""; ; {
		page, next, err := b.Outcomes(b.t.Context(), after, 2)
		if err != nil {
			b.t.Fatal(err)
		}
		if all = append(all, page...); next == "" {
			return all
		}
		after = next
	}
}

// worksOut has outcomes worked out, two clients at a time, until none is left, and says of how many clients.
func (b *bundle) worksOut() (clients int) {
	b.t.Helper()
	for {
		n, err := b.RefreshOutcomes(b.t.Context(), 2)
		if err != nil {
			b.t.Fatal(err)
		}
		clients += n
		if n < 2 {
			return clients
		}
	}
}

// TestOutcomesKeepUpWithCharts: what a client adds to reports is worked out once after each save, and is what the record says.
func TestOutcomesKeepUpWithCharts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-0")
	for n := 1; n < 5; n++ {
		b.enrolled(fmt.Sprintf("client-%d", n))
	}
	if n := b.worksOut(); n != 5 {
		t.Errorf("five new clients: %d were worked out", n)
	}
	b.save(record(t, chart, day.Add(time.Hour), told{person.Physician, "adverse-event-recorded", "a-1", `{"severity":"moderate","kind":"nausea"}`}))
	for _, step := range []struct {
		what string
		do   func()
		want int
	}{
		{"a client's chart was saved", func() {}, 1},
		{"nothing was saved since", func() {}, 0},
		{"another build's function made one", func() { b.exec(`UPDATE client SET outcome_form = 99 WHERE id = 'client-3'`) }, 1},
		{"an older worker saved two, which knows of no outcomes", func() { b.exec(`UPDATE client SET outcome_version = -1 WHERE id IN ('client-1', 'client-2')`) }, 2},
	} {
		step.do()
		if n := b.worksOut(); n != step.want {
			t.Errorf("%s: %d were worked out, want %d", step.what, n, step.want)
		}
	}
	var want []summary.ClientOutcome
	for n := range 5 {
		r, err := b.HealthRecord(t.Context(), fmt.Sprintf("client-%d", n))
		if err != nil {
			t.Fatal(err)
		}
		one, err := summary.OutcomeOf(r)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, one)
	}
	if len(want[0].Adverse) != 1 {
		t.Fatalf("the client with an adverse event adds %+v", want[0])
	}
	if diff := cmp.Diff(asJSON(t, want), asJSON(t, b.outcomes())); diff != "" {
		t.Error(diff)
	}
	b.exec(`UPDATE client SET erased_at = now(), outcome = NULL WHERE id = 'client-4'`)
	if got := b.outcomes(); len(got) != 4 || b.worksOut() != 0 {
		t.Errorf("with an erased client: %d", len(got))
	}
	b.exec(`UPDATE client SET outcome = (SELECT outcome FROM client WHERE id = 'client-0') WHERE id = 'client-1'`)
	if _, _, err := b.Outcomes(t.Context(), "", 5); err == nil {
		t.Error("one client's outcome opens as another's")
	}
}
