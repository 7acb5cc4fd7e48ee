package staff_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/console"
	"kapflow/console/staff"
	"kapflow/desk"
	"kapflow/documents"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// canary is a name that must stand on pages and nowhere else.
const canary = "Quintessa Canarybird-Sample"

// audited is a store that also gives the audit rows of one request.
type audited struct {
	*store.Store
	mu   sync.Mutex
	rows []string
}

func (s *audited) Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error {
	s.mu.Lock()
	s.rows = append(s.rows, action)
	s.mu.Unlock()
	return s.Store.Audit(ctx, by, action, subject, detail)
}

// seat is whoever sits at the console; a test changes it between requests.
type seat struct{ id string }

func (s *seat) Session(*http.Request) (access.Session, bool, error) {
	return access.Session{ID: s.id, Fresh: true}, s.id != "", nil
}

// house is a console on a real Postgres, without Temporal: pages only read.
type house struct {
	t     *testing.T
	store *audited
	seat  seat
	web   *httptest.Server
	log   bytes.Buffer
	now   time.Time
	desk  *desk.Desk
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)}
	records, err := store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 2})
	must(t, err)
	t.Cleanup(records.Close)
	prac, err := practice.Sample(h.now)
	must(t, err)
	h.store = &audited{Store: records}
	h.desk = &desk.Desk{Store: h.store, Policy: prac.Policy, Zone: prac.Zone, Now: func() time.Time { return h.now },
		SampleCourses: func() []desk.SampleCourse { return nil }, MonthJournal: documents.MonthJournal}
	h.web = httptest.NewServer(console.Handler(&staff.Site{Desk: h.desk, Sessions: &h.seat, Log: slog.New(slog.NewTextHandler(&h.log, nil)), SignIn: "/sign-in"}))
	t.Cleanup(h.web.Close)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// enroll writes a client with a name.
func (h *house) enroll(id, name string) {
	h.t.Helper()
	by := person.Actor{ID: "coordinator", Role: person.Coordinator}
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: id, Policy: h.desk.Policy.Agreed(), Zone: h.desk.Zone, ClientZone: h.desk.Zone, At: h.now,
		Report: care.Report{ID: "enrol", By: by, With: json.RawMessage(`{"presenting":["depression"]}`)}})
	must(h.t, err)
	_, _, err = h.store.NewClient(h.t.Context(), care.NewClient{Identity: id, Contact: person.Contact{PreferredName: name, Phone: "+13035550142"},
		Save: care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(h.now)}})
	must(h.t, err)
}

// answer is what a page gave.
type answer struct {
	status int
	body   string
	to     string // where a redirect leads
	file   string // how a download is offered
	rows   []string
}

// ask fetches a page, or posts a form, as somebody.
func (h *house) ask(id, method, path string, form url.Values) answer {
	h.t.Helper()
	h.seat.id, h.store.rows = id, nil
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.web.URL+path, strings.NewReader(form.Encode()))
	must(h.t, err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := *h.web.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	must(h.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	must(h.t, err)
	return answer{res.StatusCode, string(body), res.Header.Get("Location"), res.Header.Get("Content-Disposition"), h.store.rows}
}

// of is the first sample person of a role.
func (h *house) of(role person.Role) string {
	return cmp.Or(h.desk.Policy.FirstHolding(role), string(role))
}

const (
	coord = person.Coordinator
	psych = person.Psychotherapist
	phys  = person.Physician
	nurse = person.Nurse
	books = person.Accountant
	owner = person.Owner
)

// asked is one row of the matrix: who may see the page of a route, and which audit row the look leaves.
type asked struct {
	path  string
	form  url.Values
	open  []person.Role
	audit access.Action // empty: the page shows nothing of anybody
	codes []int         // statuses of those who may besides 200
}

// matrix is every route with the roles that it opens to. A route without a row fails the test.
var matrix = map[string]asked{
	"GET /{$}":                         {path: "/", open: person.StaffRoles(), codes: []int{303}},
	"GET /today":                       {path: "/today", open: []person.Role{coord, psych, phys, nurse}, audit: "read-day"},
	"GET /inbox":                       {path: "/inbox", open: []person.Role{coord, psych, phys, nurse}, audit: "read-inbox"},
	"POST /inbox":                      {path: "/inbox", form: url.Values{"item": {"m-none"}}, open: []person.Role{coord}, audit: "end-matter"},
	"POST /inbox/assign":               {path: "/inbox/assign", form: url.Values{"item": {"m-none"}, "client": {"client-a"}}, open: []person.Role{coord, psych, phys}, audit: "assign-reply", codes: []int{409}},
	"POST /find":                       {path: "/find", form: url.Values{"for": {"nobody"}}, open: []person.Role{coord, psych, phys, nurse}, audit: "find"},
	"GET /board":                       {path: "/board", open: []person.Role{coord, psych, phys, nurse}, audit: "read-board"},
	"GET /c/{client}":                  {path: "/c/client-a", open: []person.Role{coord, psych, phys, nurse}, audit: "read-record"},
	"GET /c/{client}/messages":         {path: "/c/client-a/messages", open: []person.Role{coord, psych, phys}, audit: "read-messages"},
	"GET /c/{client}/answers":          {path: "/c/client-a/answers", open: []person.Role{psych, phys, nurse}, audit: "read-measures"},
	"GET /c/{client}/history":          {path: "/c/client-a/history", open: []person.Role{coord, psych, phys, nurse}, audit: "read-record"},
	"GET /c/{client}/access":           {path: "/c/client-a/access", open: []person.Role{coord, psych, phys, owner}, audit: "read-audit"},
	"GET /c/{client}/money":            {path: "/c/client-a/money", open: []person.Role{coord, psych, phys, books}, audit: "read-billing"},
	"GET /c/{client}/papers":           {path: "/c/client-a/papers", open: []person.Role{coord, psych, phys}, audit: "give-document"},
	"GET /c/{client}/papers/{paper}":   {path: "/c/client-a/papers/none", open: []person.Role{coord, psych, phys}, audit: "give-document", codes: []int{404}},
	"GET /c/{client}/record":           {path: "/c/client-a/record", open: []person.Role{coord, psych, phys, nurse}, audit: "read-record"},
	"GET /c/{client}/record/{fact}":    {path: "/c/client-a/record/paused", open: []person.Role{coord, psych, phys, nurse}, audit: "read-record"},
	"POST /c/{client}/record/{fact}":   {path: "/c/client-a/record/paused", form: url.Values{"_do": {"preview"}}, open: []person.Role{coord, psych, phys, nurse}, audit: "read-record", codes: []int{422}},
	"GET /c/{client}/infusion/{visit}": {path: "/c/client-a/infusion/infusion-1", open: []person.Role{coord, psych, phys, nurse}, audit: "read-record", codes: []int{404}},
	"GET /c/{client}/visits/{visit}":   {path: "/c/client-a/visits/evaluation-1", open: []person.Role{coord, psych, phys, nurse}, audit: "read-record", codes: []int{404}},
	"GET /live":                        {path: "/live", open: person.StaffRoles()},
	"POST /draft":                      {path: "/draft", form: url.Values{"_about": {"client-a"}, "_form": {"paused"}, "reason": {"travels"}}, open: []person.Role{coord, psych, phys}, audit: "keep-draft", codes: []int{204}},
	"GET /practice/record/{fact}":      {path: "/practice/record/clinician-unavailable", open: []person.Role{coord}, audit: "preview"},
	"POST /practice/record/{fact}":     {path: "/practice/record/clinician-unavailable", form: url.Values{"_do": {"preview"}}, open: []person.Role{coord}, audit: "preview", codes: []int{422}},
	"GET /calendar":                    {path: "/calendar", open: person.StaffRoles(), codes: []int{303}},
	"GET /calendar/{week}":             {path: "/calendar/2027-W09", open: []person.Role{coord, psych, phys, nurse}, audit: "read-calendar"},
	"GET /money":                       {path: "/money", open: []person.Role{coord, owner, books}, audit: "read-money"},
	"GET /money/compare":               {path: "/money/compare", open: []person.Role{coord, psych, phys, owner, books}, audit: "read-prices"},
	"GET /money/months":                {path: "/money/months", open: []person.Role{coord, owner, books}, audit: "read-ledger"},
	"GET /money/months/{month}":        {path: "/money/months/2027-02", open: []person.Role{coord, owner, books}, audit: "read-ledger"},
	"POST /money/months/{month}":       {path: "/money/months/2027-03", open: []person.Role{coord, owner, books}, audit: "export-ledger", codes: []int{409, 422}},
	"GET /money/months/{month}/{set}":  {path: "/money/months/2027-02/medical", open: []person.Role{coord, owner, books}, audit: "export-ledger"},
	"GET /reports":                     {path: "/reports", open: []person.Role{coord, psych, phys, owner}, audit: "read-outcomes"},
	"GET /practice":                    {path: "/practice", open: person.StaffRoles(), audit: "read-practice"},
	"GET /practice/check":              {path: "/practice/check", open: []person.Role{coord, phys, owner}, audit: "check-practice"},
	"POST /practice/check":             {path: "/practice/check", open: []person.Role{coord, phys, owner}, audit: "check-practice", codes: []int{422}},
	"GET /practice/rehearse":           {path: "/practice/rehearse", open: []person.Role{coord, phys, owner}, audit: "rehearse-course"},
	"POST /practice/rehearse":          {path: "/practice/rehearse", open: []person.Role{coord, phys, owner}, audit: "rehearse-course", codes: []int{422}},
	"GET /me":                          {path: "/me", open: person.StaffRoles()},
	"POST /me/feed":                    {path: "/me/feed", form: url.Values{"do": {"make"}}, open: []person.Role{psych, phys, nurse}, audit: "make-feed"},
	"GET /enroll":                      {path: "/enroll", open: []person.Role{coord}, audit: "preview"},
	"POST /enroll":                     {path: "/enroll", open: []person.Role{coord}, audit: "preview", codes: []int{422}},
	"GET /enroll/csv":                  {path: "/enroll/csv", open: []person.Role{coord}, audit: "preview"},
	"POST /enroll/csv":                 {path: "/enroll/csv", open: []person.Role{coord}, audit: "preview", codes: []int{422}},
}

// TestEveryRouteIsOpenToItsRolesAndLeavesARow asks for every route as somebody of each role.
func TestEveryRouteIsOpenToItsRolesAndLeavesARow(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	for _, pattern := range staff.Patterns() {
		row, known := matrix[pattern]
		if !known {
			t.Errorf("%s has no row in the matrix", pattern)
			continue
		}
		method, _, _ := strings.Cut(pattern, " ")
		for _, role := range person.StaffRoles() {
			got := h.ask(h.of(role), method, row.path, row.form)
			may := slices.Contains(row.open, role)
			if may && got.status != 200 && !slices.Contains(row.codes, got.status) || !may && got.status != http.StatusForbidden {
				t.Errorf("%s for %s: status %d", pattern, role.One(), got.status)
			}
			want := string(row.audit)
			if !may {
				want += "-refused"
			}
			if row.audit != "" && !slices.Contains(got.rows, want) {
				t.Errorf("%s for %s left %v, want %s", pattern, role.One(), got.rows, want)
			}
			if !may && strings.Contains(got.body, canary) {
				t.Errorf("%s shows the client to %s", pattern, role.One())
			}
		}
	}
}

// TestLandingsLeadToPagesThatOpen for every role, or to the sign-in for nobody.
func TestLandingsLeadToPagesThatOpen(t *testing.T) {
	t.Parallel()
	h := open(t)
	for role, want := range map[person.Role]string{coord: "/today", psych: "/today", phys: "/inbox", nurse: "/today", books: "/money", owner: "/practice"} {
		got := h.ask(h.of(role), http.MethodGet, "/", nil)
		if got.to != want {
			t.Errorf("%s lands on %q", role.One(), got.to)
		}
		if page := h.ask(h.of(role), http.MethodGet, got.to, nil); page.status != 200 {
			t.Errorf("%s for %s: %d", got.to, role.One(), page.status)
		}
	}
	if got := h.ask("", http.MethodGet, "/inbox", nil); got.to != "/sign-in?next=%2Finbox" {
		t.Errorf("nobody is sent to %q", got.to)
	}
}

// TestNamesStandOnPagesOnly: not in a title, an address, a log or a header of any page.
func TestNamesStandOnPagesOnly(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	h.enroll("client-b", canary+" the Second")
	shown := 0
	for _, pattern := range staff.Patterns() {
		row := matrix[pattern]
		method, _, _ := strings.Cut(pattern, " ")
		got := h.ask(h.of(row.open[0]), method, row.path, row.form)
		title, _, _ := strings.Cut(got.body, "</title>")
		if strings.Contains(title, "Canarybird") || strings.Contains(got.to, "Canarybird") {
			t.Errorf("%s has the name in its title or address", pattern)
		}
		shown += strings.Count(got.body, "Canarybird")
	}
	found := h.ask(h.of(coord), http.MethodPost, "/find", url.Values{"for": {"canarybird"}})
	if !strings.Contains(found.body, canary) || strings.Contains(found.body, `value="canarybird"`) || found.to != "" {
		t.Errorf("the search says %d, to %q", found.status, found.to)
	}
	h.store.Store.Close() // everything fails from now on, which is logged
	if got := h.ask(h.of(coord), http.MethodPost, "/find", url.Values{"for": {"Canarybird"}}); got.status != http.StatusInternalServerError || h.log.Len() == 0 {
		t.Errorf("a search without a database: %d", got.status)
	}
	if shown == 0 || strings.Contains(h.log.String(), "Canarybird") {
		t.Errorf("shown %d times; the log: %s", shown, &h.log)
	}
}

// TestPagesHoldNobodyAndManyClients: no rows, and 200 with long names.
func TestPagesHoldNobodyAndManyClients(t *testing.T) {
	t.Parallel()
	h := open(t)
	for path, want := range map[string]string{"/today": "No visit is booked for this day", "/inbox": "Nothing waits for your decision", "/board": "No client is enrolled yet"} {
		if got := h.ask(h.of(coord), http.MethodGet, path, nil); got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s of an empty practice: %d", path, got.status)
		}
	}
	long := strings.Repeat("Long", 20)
	for n := range 200 {
		h.enroll(fmt.Sprintf("client-%d", n), fmt.Sprintf("%s Sample %d", long, n))
	}
	h.now = h.now.AddDate(0, 0, 14) // tasks are due
	for path, want := range map[string]string{"/today?who=all": "And 175 more", "/board": "Next page"} {
		if got := h.ask(h.of(psych), http.MethodGet, path, nil); got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s of 200 clients: %d", path, got.status)
		}
	}
	for _, role := range person.StaffRoles() {
		h.firstPage(role)
	}
	found := h.ask(h.of(coord), http.MethodPost, "/find", url.Values{"for": {"sample"}})
	if n := strings.Count(found.body, `<li class="row">`); n != desk.MostFound || !strings.Contains(found.body, "and 150 more") {
		t.Errorf("%d clients are shown of 200", n)
	}
	one := h.ask(h.of(coord), http.MethodPost, "/find", url.Values{"for": {"client-7"}})
	if one.to != "/c/client-7" {
		t.Errorf("a code leads to %q", one.to)
	}
	phone := h.ask(h.of(nurse), http.MethodPost, "/find", url.Values{"for": {"303-555-0142"}})
	if !strings.Contains(phone.body, "and 150 more") {
		t.Errorf("a phone number finds %d", phone.status)
	}
	if got := h.ask(h.of(coord), http.MethodPost, "/find", url.Values{"for": {"  "}}); !strings.Contains(got.body, "Type a name") {
		t.Errorf("an empty search: %d", got.status)
	}
}
