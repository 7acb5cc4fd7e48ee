package staff_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

// complete enrolls a client whose course is completed, with two PHQ-9 sums.
func (h *house) complete(id string, first, last int) {
	h.t.Helper()
	h.enroll(id, canary)
	chart, err := h.store.Chart(h.t.Context(), id)
	must(h.t, err)
	for n, total := range []int{first, last} {
		answers := make([]int, 9)
		for i := range answers {
			answers[i] = min(3, total)
			total -= answers[i]
		}
		with, err := json.Marshal(map[string]any{"check_in": fmt.Sprintf("check-in-1-%dh", 24*(n+1)), "phq9": answers})
		must(h.t, err)
		at := h.now.Add(time.Duration(n) * time.Hour)
		chart.Version, chart.Facts = chart.Version+1, chart.Facts+1
		must(h.t, h.store.SaveChart(h.t.Context(), care.Save{Chart: chart, Entry: &care.Entry{Seq: chart.Facts, ID: fmt.Sprint("answer-", n), Fact: "check-in-answered",
			By: person.Actor{ID: id, Role: person.Client}, At: at, Now: at, With: with}}))
	}
	chart.Version++
	chart.Closing = &care.Closing{How: care.EndCompleted, At: h.now.AddDate(0, 0, 7)}
	must(h.t, h.store.SaveChart(h.t.Context(), care.Save{Chart: chart}))
}

// TestReportsShowScoresWithCodesToThoseWhoMaySeeThem, means to everybody who may open the page, and names to nobody.
func TestReportsShowScoresWithCodesToThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	h := open(t)
	means := func(role person.Role) string {
		_, after, _ := strings.Cut(h.ask(h.of(role), http.MethodGet, "/reports", nil).body, "Before and after a completed course")
		table, _, _ := strings.Cut(after, "</table>")
		return table
	}
	for n := range 4 {
		h.complete(fmt.Sprint("client-", n), 20, 8+n)
	}
	if few := means(owner); !strings.Contains(few, "fewer than 5") || strings.Contains(few, "20.0") {
		t.Errorf("four courses are summed up: %s", few)
	}
	h.complete("client-4", 15, 1)
	for _, role := range []person.Role{coord, owner, psych, phys} {
		got := h.ask(h.of(role), http.MethodGet, "/reports", nil)
		if table := means(role); !strings.Contains(table, "19.0") || !strings.Contains(table, "7.8") || !strings.Contains(table, "-11.2") {
			t.Errorf("the %s reads %d: %s", role, got.status, table)
		}
		codes := strings.Contains(got.body, "client-4") || strings.Contains(got.body, "15 to 1")
		if may := role == psych || role == phys; codes != may {
			t.Errorf("the %s sees the scores of each course: %v", role, codes)
		}
		if strings.Contains(got.body, "Canarybird") {
			t.Errorf("the %s sees a name", role)
		}
	}
}
