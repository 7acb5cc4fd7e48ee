package staff_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestAMonthIsLookedAtAndClosedOnce: a month that is over is closed with its journals; it never changes again, and the running one stays open.
func TestAMonthIsLookedAtAndClosedOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	if got := h.ask(h.of(books), http.MethodGet, "/money/months", nil); !strings.Contains(got.body, "Nothing was posted yet") {
		t.Errorf("empty books: %d", got.status)
	}
	h.enroll("client-a", canary)
	h.record("client-a", "payment-received", coord, map[string]any{"fee_set": "medical", "amount": 12500, "method": "card", "key": "k-1"})
	march := "/money/months/2027-03"
	says := func(method, path string, words ...string) answer {
		t.Helper()
		got := h.ask(h.of(books), method, path, nil)
		for _, w := range words {
			if !strings.Contains(got.body, w) {
				t.Errorf("%s %s: status %d, lacks %q", method, path, got.status, w)
			}
		}
		return got
	}
	says(http.MethodGet, "/money/months", "March 2027", "Running")
	says(http.MethodGet, march, "$125.00", "This month is still running")
	if got := says(http.MethodPost, march, "This month is not over"); got.status == http.StatusSeeOther {
		t.Error("a running month was closed")
	}
	h.now = h.now.AddDate(0, 1, 0)
	says(http.MethodGet, "/money/months", "To close", "April 2027", "Running")
	says(http.MethodGet, march, "Close March 2027", "cannot be undone", "a draft")
	if got := h.ask(h.of(books), http.MethodPost, march, nil); got.to != march+"?closed=1" {
		t.Errorf("closing: %d, to %q", got.status, got.to)
	}
	says(http.MethodGet, march+"?closed=1", "March 2027 is closed", "Sample Accountant", "SHA-256")
	journal := says(http.MethodGet, march+"/medical", "$125.00")
	if journal.file != `attachment; filename="medical-2027-03.journal"` || strings.Contains(journal.body, "Canarybird") {
		t.Errorf("the journal %q: %s", journal.file, journal.body)
	}
	if again := h.ask(h.of(owner), http.MethodPost, march, nil); again.to != march+"?closed=1" {
		t.Errorf("closing again: %d", again.status)
	}
	if got := says(http.MethodGet, "/money/months/nonsense", "There is no such month"); got.status != http.StatusNotFound {
		t.Errorf("status %d", got.status)
	}
}
