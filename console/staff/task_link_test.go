package staff_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kapflow/care/person"
)

// TestATaskLeadsToWhereItIsDone: on a client's page and on Today, for those whose task it is. The form has what the task is about filled in.
func TestATaskLeadsToWhereItIsDone(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	const enter, screen = `<a href="/c/client-a/record/coverage-entered">Enter the insurance coverage</a>`, "Evaluate the acceptance criteria"
	for _, role := range []person.Role{coord, psych} {
		page := h.ask(h.of(role), http.MethodGet, "/c/client-a", nil).body
		if strings.Contains(page, enter) != (role == coord) {
			t.Errorf("the page of the %s leads to the coverage: %t", role, role != coord)
		}
		if linked := strings.Contains(page, `/record/screening-recorded">`+screen+"</a>"); !strings.Contains(page, screen) || linked != (role == psych) {
			t.Errorf("the page of the %s leads to the screening: %t", role, linked)
		}
	}
	week := h.now.AddDate(0, 0, 7).Format(time.DateOnly)
	if today := h.ask(h.of(coord), http.MethodGet, "/today?day="+week, nil).body; !strings.Contains(today, enter) {
		t.Error("Today does not lead to the coverage")
	}

	start := h.now.AddDate(0, 0, 9).Truncate(time.Hour)
	h.record("client-a", "screening-recorded", psych, map[string]any{"criteria_met": true, "prefers_kap": true})
	h.record("client-a", "coverage-reviewed", psych, map[string]any{"result": "does-not-pay"})
	h.record("client-a", "insurer-contact-waived", psych, map[string]any{"reason": "not insured"}, "reason")
	h.record("client-a", "fees-discussed", psych, map[string]any{"summary": "said"}, "summary")
	h.record("client-a", "appointment-booked", coord, map[string]any{"kind": "evaluation", "start": start.Format(time.RFC3339)})
	h.record("client-a", "appointment-change-requested", coord, map[string]any{"appointment": "evaluation-1"})
	page := h.ask(h.of(coord), http.MethodGet, "/c/client-a", nil).body
	if !strings.Contains(page, "Order the labs") || strings.Contains(page, "Order the labs</a>") {
		t.Error("the coordinator, who may order labs, is led to the physician's task")
	}
	for words, want := range map[string]string{"Book the consult": `value="consult" checked`, "The client asks for another time for Evaluation 1": "<h2>Move"} {
		to := regexp.MustCompile(`<a href="([^"]*)">` + words).FindStringSubmatch(page)
		if to == nil {
			t.Errorf("%q leads nowhere: %s", words, page)
			continue
		}
		if got := h.ask(h.of(coord), http.MethodGet, html.UnescapeString(to[1]), nil); got.status != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d, without %s: %s", to[1], got.status, want, got.body)
		}
	}
}
