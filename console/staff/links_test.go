package staff_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/console/staff"
)

var hrefs = regexp.MustCompile(`(?:href|action)="(/[^"#]*)"`)

// Whoever may open a page reaches it by links from the page on which their work begins.
func TestEveryPageIsReachedFromTheLandingPage(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	h.record("client-a", "payment-received", coord, map[string]any{"fee_set": "medical", "amount": 10000, "method": "card", "key": "k-1"})
	h.record("client-a", "appointment-booked", coord, map[string]any{"kind": "infusion", "minutes": 50, "start": h.desk.Zone.AddDays(h.now, 2).Format(time.RFC3339), "tentative": true})
	_, err := h.store.KeepIssuedDocument(t.Context(), care.IssuedDocument{ClientID: "client-a", Kind: "receipt", Number: "R-2027/1", HTML: []byte("<p>page</p>"), PDF: []byte("%PDF-1.7"), By: person.Actor{ID: "coordinator", Role: coord}})
	must(t, err)
	for _, role := range person.StaffRoles() {
		t.Run(string(role), func(t *testing.T) {
			reached := h.walk(role)
			for _, pattern := range staff.Patterns() {
				row := matrix[pattern]
				get := strings.HasPrefix(pattern, "GET ") && pattern != "GET /live" && pattern != "GET /calendar" // no page, and only a way to one
				if get && slices.Contains(row.open, role) && !reached[pattern] {
					t.Errorf("no link leads %s to %s", role.One(), pattern)
				}
			}
			if !reached["/emergency"] {
				t.Error("no link leads to emergency access")
			}
		})
	}
}

// walk follows links from somebody's landing page, a few of each kind, and gives the patterns of the pages that it came to.
func (h *house) walk(role person.Role) map[string]bool {
	mux := http.NewServeMux()
	for _, p := range staff.Patterns() {
		mux.HandleFunc(p, func(http.ResponseWriter, *http.Request) {})
	}
	reached, asked := map[string]bool{}, map[string]int{}
	for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
		path, err := url.Parse(strings.ReplaceAll(todo[0], "&amp;", "&"))
		must(h.t, err)
		_, pattern := mux.Handler(&http.Request{Method: http.MethodGet, URL: path})
		if pattern == "" {
			reached[path.Path] = true
			continue
		}
		if asked[pattern]++; asked[pattern] > 4 {
			continue
		}
		got := h.ask(h.of(role), http.MethodGet, path.String(), nil)
		if got.status == http.StatusForbidden || got.status == http.StatusNotFound {
			h.t.Errorf("a link leads %s to %s: status %d", role.One(), path, got.status)
		}
		reached[pattern] = true
		if got.to != "" {
			todo = append(todo, got.to)
		}
		if strings.Contains(got.body, `name="looked"`) { // a form in which somebody types a client's code
			todo = append(todo, "/practice?looked=client-a")
		}
		for _, found := range hrefs.FindAllStringSubmatch(got.body, -1) {
			todo = append(todo, found[1])
		}
	}
	return reached
}
