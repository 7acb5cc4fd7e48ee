package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/message"
	summary "kapflow/care/record"
	"kapflow/care/visit"
)

// TestListsKnowAgainWhatWasLeftBehind: rows of an earlier build, time that passed and results of messages each have a client summed
// up once, and what is stored is what the chart gives.
func TestListsKnowAgainWhatWasLeftBehind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.save(saveVisit(chart, "infusion-1", visit.Infusion, day.Add(48*time.Hour), 60))
	now := day
	refreshes := func(what string, want int) {
		t.Helper()
		for _, n := range []int{want, 0} {
			if got, err := b.RefreshSummaries(t.Context(), now, 10); err != nil || got != n {
				t.Fatalf("%s: %d summed up, want %d: %v", what, got, n, err)
			}
		}
		rows, err := b.Charts(t.Context(), []string{"client-a"})
		if err != nil {
			t.Fatal(err)
		}
		whole := summary.SummaryOf(rows[0].Chart, now)
		lines, _, err := b.BoardPageWhole(t.Context(), summary.BoardFilter{}, summary.BoardPlace{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asJSON(t, whole.Line), asJSON(t, lines[0])); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
		if lines, _, err = b.BoardPage(t.Context(), summary.BoardFilter{}, summary.BoardPlace{}, 10); err != nil {
			t.Fatal(err)
		}
		if len(whole.Line.Blocked) < 2 {
			t.Fatal("the client has less than two shut gates")
		}
		whole.Line.Blocked = whole.Line.Blocked[:1]
		if diff := cmp.Diff(asJSON(t, whole.Line), asJSON(t, lines[0])); diff != "" {
			t.Errorf("%s, on a page: %s", what, diff)
		}
		if n := b.count(`SELECT count(*) FROM client_entry`); n != len(whole.Entries) {
			t.Errorf("%s: %d entries are stored, want %d", what, n, len(whole.Entries))
		}
	}
	refreshes("a chart just saved", 0)
	b.exec(`UPDATE client SET line_form = 0, line = NULL`)
	b.exec(`DELETE FROM client_entry`)
	refreshes("a chart of a build before", 1)
	b.exec(`UPDATE client SET line_version = -1`)
	refreshes("a chart that an older worker saved", 1)
	if err := b.KeepSendRecord(t.Context(), "client-a", care.SendRecord{No: 1, At: day, Due: []message.DueNotification{}, Results: []message.NotificationResult{}}); err != nil {
		t.Fatal(err)
	}
	refreshes("results of messages", 1)
	now = day.AddDate(0, 1, 0)
	if n, err := b.RefreshSummaries(t.Context(), now, 10); err != nil || n != 1 {
		t.Errorf("after a month: %d, %v", n, err)
	}
}

// TestListsAskByIndex: with a thousand clients no list walks along all of them.
func TestListsAskByIndex(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	b.worksOut()
	b.exec(`INSERT INTO client (id, identity, chart, chart_version, stage, next_due, enrolled_at, saved_at, line, line_version, line_form, outcome_version, outcome_form)
		SELECT 'client-' || n, int4send(n), chart, chart_version, stage, next_due + n * interval '1 minute', enrolled_at, saved_at, line, line_version, line_form, outcome_version, outcome_form
		FROM client, generate_series(1, 1000) n WHERE id = 'client-a'`)
	b.exec(`INSERT INTO client_entry (client_id, kind, who, due, no, until)
		SELECT 'client-' || n, e.kind, e.who, e.due + n * interval '1 minute', e.no, e.until FROM client_entry e, generate_series(1, 1000) n WHERE e.client_id = 'client-a'`)
	b.exec(`ANALYZE`)
	for name, sql := range map[string]string{
		"board":        `SELECT id FROM client ORDER BY NOT attention, coalesce(next_due, 'infinity'::timestamptz), id LIMIT 51`,
		"next page":    `SELECT id FROM client WHERE (NOT attention, coalesce(next_due, 'infinity'::timestamptz), id) > (true, '2027-03-02', 'client-5') ORDER BY NOT attention, coalesce(next_due, 'infinity'::timestamptz), id LIMIT 51`,
		"stage":        `SELECT id FROM client WHERE stage = 'paused' ORDER BY NOT attention, coalesce(next_due, 'infinity'::timestamptz), id LIMIT 51`,
		"day":          `SELECT client_id FROM client_entry WHERE kind = 'visit' AND who = '' AND due >= '2027-03-02' AND due < '2027-03-03' GROUP BY client_id ORDER BY min(due), client_id LIMIT 400`,
		"inbox":        `SELECT client_id FROM client_entry WHERE kind = 'inbox' AND who = ANY('{coordinator,nurse}') GROUP BY client_id ORDER BY min(due), client_id LIMIT 100`,
		"owed":         `SELECT client_id FROM client_entry WHERE kind = 'owed' AND who = 'both' ORDER BY cents DESC, client_id LIMIT 200`,
		"changed":      `SELECT client_id FROM client_entry WHERE kind = 'change' AND who = '' AND due <= '2027-03-01'`,
		"left behind":  `SELECT id FROM client WHERE left_behind`,
		"outcomes":     fmt.Sprintf(`SELECT id FROM client WHERE outcome_behind UNION SELECT id FROM client WHERE outcome_form < %[1]d OR outcome_form > %[1]d`, summary.OutcomeForm),
		"other form":   fmt.Sprintf(`SELECT id FROM client WHERE line_form < %[1]d OR line_form > %[1]d`, summary.SummaryForm),
		"at work":      `SELECT id FROM client WHERE cardinality(blocked_by) > 0 AND erased_at IS NULL`,
		"names":        `SELECT client_id FROM contact WHERE name_behind`,
		"send records": `SELECT client_id FROM send_record WHERE NOT listed`,
	} {
		var plan strings.Builder
		rows, err := b.psql().Query(t.Context(), `EXPLAIN `+sql)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(line + "\n")
		}
		if strings.Contains(plan.String(), "Seq Scan on client") {
			t.Errorf("%s:\n%s", name, plan.String())
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
