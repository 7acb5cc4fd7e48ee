package staff_test

import (
	"net/http"
	"regexp"

	"kapflow/care/person"
)

// mostFirst is how many bytes the first page after a sign-in may have, with all that it loads.
const mostFirst = 100_000

var loaded = regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)

// firstPage counts the bytes of the page on which a role's work begins, and of what it loads.
func (h *house) firstPage(role person.Role) {
	h.t.Helper()
	path := h.ask(h.of(role), http.MethodGet, "/", nil).to
	page := h.ask(h.of(role), http.MethodGet, path, nil)
	bytes, parts := len(page.body), map[string]bool{}
	for _, part := range loaded.FindAllStringSubmatch(page.body, -1) {
		if !parts[part[1]] {
			parts[part[1]] = true
			bytes += len(h.ask(h.of(role), http.MethodGet, part[1], nil).body)
		}
	}
	if page.status != http.StatusOK || len(parts) < 2 || bytes > mostFirst {
		h.t.Errorf("%s begins on %s: %d, %d bytes with %d parts", role.One(), path, page.status, bytes, len(parts))
	}
}
