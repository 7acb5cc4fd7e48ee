package staff_test

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/console/staff"
)

func TestADocumentComesAsItWasGiven(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	h.enroll("client-b", "Ana")
	kept, err := h.store.KeepIssuedDocument(t.Context(), care.IssuedDocument{ClientID: "client-a", Kind: "receipt", Number: "R-2027/1", HTML: []byte("<p>page</p>"), PDF: []byte("%PDF-1.7 as it was"), By: person.Actor{ID: "coordinator", Role: coord}})
	must(t, err)
	list := h.ask(h.of(coord), http.MethodGet, "/c/client-a/papers", nil)
	link := "/c/client-a/papers/" + kept.ID
	if !strings.Contains(list.body, link) || !strings.Contains(list.body, "R-2027/1") {
		t.Errorf("the list: %s", list.body)
	}
	if got := h.ask(h.of(coord), http.MethodGet, link, nil); got.body != "%PDF-1.7 as it was" || got.status != 200 || got.file != `attachment; filename="receipt-R-2027_1.pdf"` {
		t.Errorf("%d %q %q", got.status, got.file, got.body)
	}
	if got := h.ask(h.of(coord), http.MethodGet, "/c/client-b/papers/"+kept.ID, nil); got.status != http.StatusNotFound {
		t.Errorf("another client's document: %d", got.status)
	}
}

func TestAMatterIsTakenOffTheListOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	item := message.WorklistItem{Kind: message.WorklistReply, About: "event-1", Words: "+13035550177 wrote: who is this?", Since: h.now}
	must(t, h.store.KeepWorklist(t.Context(), item.Kind, h.now, []message.WorklistItem{item}))
	before := h.ask(h.of(coord), http.MethodGet, "/inbox", nil)
	if !strings.Contains(before.body, "who is this?") || !strings.Contains(before.body, "Inbox (1)") {
		t.Errorf("the inbox: %s", before.body)
	}
	if other := h.ask(h.of(phys), http.MethodGet, "/inbox", nil); strings.Contains(other.body, "who is this?") || strings.Contains(other.body, "Inbox (") {
		t.Error("the physician sees the coordinators' list")
	}
	form := url.Values{"item": {item.ID()}}
	if got := h.ask(h.of(coord), http.MethodPost, "/inbox", form); got.to != "/inbox?ended=1" {
		t.Errorf("%d, to %q", got.status, got.to)
	}
	if after := h.ask(h.of(coord), http.MethodGet, "/inbox?ended=1", nil); !strings.Contains(after.body, "Nothing waits") || strings.Contains(after.body, "Inbox (") {
		t.Error("it is still there")
	}
	if again := h.ask(h.of(coord), http.MethodPost, "/inbox", form); again.status != 200 || !strings.Contains(again.body, "This is off the list already") {
		t.Errorf("again: %d", again.status)
	}
}

// TestALongHistoryIsShownInParts: every line is on one part and on no other.
func TestALongHistoryIsShownInParts(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	for range 170 {
		h.ask(h.of(phys), http.MethodGet, "/c/client-a", nil)
	}
	path, rows, parts := "/c/client-a/access", 0, 0
	for path != "" && parts < 10 {
		got := h.ask(h.of(coord), http.MethodGet, path, nil)
		rows += strings.Count(got.body, `<th scope="row">`)
		parts++
		_, after, older := strings.Cut(got.body, `</span><a href="`)
		path = ""
		if older {
			path, _, _ = strings.Cut(after, `"`)
		}
	}
	if parts != 4 || rows < 170 || rows > 180 {
		t.Errorf("%d rows on %d parts", rows, parts)
	}
	for _, from := range []string{"-5", "x", "99999"} {
		if got := h.ask(h.of(coord), http.MethodGet, "/c/client-a/access?from="+from, nil); !strings.Contains(got.body, "1 to 50") {
			t.Errorf("from %s shows no beginning", from)
		}
	}
}

func TestHistoryAsksForATimeThatThereIs(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	for at, want := range map[string]string{"2027-03-14T02:30": "that there is", "soon": "that there is", "2027-02-01T09:00": "Nothing was recorded about this client by then", "2027-03-02T09:00": "How it stood on Tue Mar 2"} {
		if got := h.ask(h.of(nurse), http.MethodGet, "/c/client-a/history?at="+url.QueryEscape(at), nil); got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", at, got.status, got.body)
		}
	}
}

// TestWhoSeesNoMoneyReadsNoAmounts in sentences and lines of the history; everybody else reads them as they are.
func TestWhoSeesNoMoneyReadsNoAmounts(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, role := range person.StaffRoles() {
		who, err := access.FromSession(h.desk.Policy, access.Session{ID: h.of(role)})
		must(t, err)
		sees := who.Sees(access.Money, h.now)
		for _, sentence := range []string{"Collect $3,500.00 before infusion 1", "balance -$25.00 before, $0.00 after", "costs $5"} {
			if got := staff.PlainFor(who, h.now, sentence); (got == sentence) != sees || !sees && strings.ContainsAny(got, "$0123456789") && !strings.Contains(got, "infusion 1") {
				t.Errorf("%s reads %q", role.One(), got)
			}
		}
		for _, kind := range care.Vocabulary() {
			line := record.HistoryLine{Type: "fact", What: kind.Name}
			money := kind.Section == care.SectionMoney || kind.Section == care.SectionCoverage
			if got := staff.MayReadLine(who, h.now, line); got != (sees || !money) {
				t.Errorf("%s reads of %s: %t", role.One(), kind.Name, got)
			}
		}
		if staff.MayReadLine(who, h.now, record.HistoryLine{Type: "ledger"}) != sees {
			t.Errorf("%s and the ledger", role.One())
		}
	}
}

// TestTherapyNotesAreClosedToNursesAndCoordinators who did not write them themselves: psychotherapists' own facts.
func TestTherapyNotesAreClosedToNursesAndCoordinators(t *testing.T) {
	t.Parallel()
	closed := 0
	for _, kind := range care.Vocabulary() {
		if kind.Section != care.SectionSessions && kind.Section != care.SectionPlan {
			continue
		}
		closed++
		if kind.Readable(nurse) || kind.Readable(coord) {
			t.Errorf("%s is open to nurses or coordinators", kind.Name)
		}
	}
	if closed < 3 {
		t.Errorf("%d kinds", closed)
	}
}

func TestTimeLeftIsSaidShortly(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	for minutes, want := range map[int]string{20: "20 min left", 65: "1 h 5 min left", 120: "2 h left", 60 * 10: "10 h left", 0: "0 min late", -5: "5 min late", -60 * 24 * 3: "3 days late", 60 * 30: "30 h left"} {
		if got := staff.Left(now.Add(time.Duration(minutes)*time.Minute), now); got != want {
			t.Errorf("%d minutes: %q", minutes, got)
		}
	}
}

// record takes a fact into a client's chart and saves it, as a journey does. The texts named private are hidden first.
func (h *house) record(id, fact string, by person.Role, with map[string]any, private ...string) {
	h.t.Helper()
	for _, field := range private {
		ref, err := h.store.Hide(h.t.Context(), id, field, with[field].(string))
		must(h.t, err)
		with[field] = ref
	}
	body, err := json.Marshal(with)
	must(h.t, err)
	chart, err := h.store.Chart(h.t.Context(), id)
	must(h.t, err)
	taken, err := chart.Record(fact, care.Report{ID: fact + h.now.Format(time.RFC3339), By: person.Actor{ID: h.of(by), Role: by}, With: body}, h.now)
	must(h.t, err)
	must(h.t, h.store.SaveChart(h.t.Context(), care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(h.now), Postings: taken.Postings}))
}

// TestEachRoleSeesItsPartsOnly: every page as every role that may open it, of a client with a name, a score, a payment and a
// clinician's private words. Each stands on some page for the roles that see it, and on none for the others.
func TestEachRoleSeesItsPartsOnly(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	h.record("client-a", "screening-recorded", psych, map[string]any{"criteria_met": true, "prefers_kap": true})
	h.record("client-a", "coverage-reviewed", psych, map[string]any{"result": "pays", "copay": 3000})
	h.record("client-a", "insurer-contact-waived", psych, map[string]any{"reason": "the plan answers in writing"}, "reason")
	h.record("client-a", "fees-discussed", psych, map[string]any{"summary": "both fee sets"}, "summary")
	h.record("client-a", "appointment-booked", coord, map[string]any{"kind": "evaluation", "minutes": 60, "start": h.desk.Zone.AddDays(h.now, 9).Format(time.RFC3339)})
	h.record("client-a", "check-in-answered", coord, map[string]any{"check_in": "baseline", "phq9": []int{2, 2, 3, 2, 2, 2, 1, 1, 0}})
	h.record("client-a", "payment-received", coord, map[string]any{"fee_set": "medical", "amount": 350000, "method": "card", "key": "p-1"})
	h.record("client-a", "hold-placed", psych, map[string]any{"reason": "words of a clinician"}, "reason")
	sees := map[string]map[person.Role]bool{
		canary:                 {coord: true, psych: true, phys: true, nurse: true},
		"15 <span class=":      {psych: true, phys: true, nurse: true}, // the total of the answers above
		"$3,500.00":            {coord: true, psych: true, phys: true, books: true, owner: true},
		"words of a clinician": {psych: true, phys: true},
	}
	for text, roles := range sees {
		for _, role := range person.StaffRoles() {
			var on []string
			for _, pattern := range staff.Patterns() {
				row := matrix[pattern]
				if method, _, _ := strings.Cut(pattern, " "); method != http.MethodGet {
					continue
				}
				if got := h.ask(h.of(role), http.MethodGet, row.path, nil); strings.Contains(got.body, text) {
					on = append(on, pattern)
				}
			}
			if roles[role] != (len(on) > 0) {
				t.Errorf("%q stands for %s on %v", text, role.One(), on)
			}
		}
	}
}

// TestTheNightStandsOnToday until the next working day has closed.
func TestTheNightStandsOnToday(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	for days, want := range map[int]bool{0: true, 1: false} {
		day := h.now.AddDate(0, 0, days).Format(time.DateOnly)
		got := h.ask(h.of(coord), http.MethodGet, "/today?day="+day, nil)
		if strings.Contains(got.body, "Enrolled") != want || !strings.Contains(got.body, "Day after") {
			t.Errorf("on %s: %t", day, !want)
		}
	}
}

// TestATextFromASharedNumberIsAssignedInTheInbox: to nobody only with a reason, and by those who may.
func TestATextFromASharedNumberIsAssignedInTheInbox(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	h.enroll("client-b", "Ana")
	must(t, h.desk.Receive(t.Context(), message.ProviderEvent{Provider: "twilio", ID: "SM1", Kind: message.EventReply, At: h.now, From: "+13035550142", Text: "who is this?"}))
	list, err := h.store.Worklist(t.Context())
	must(t, err)
	page := h.ask(h.of(phys), http.MethodGet, "/inbox", nil)
	if !strings.Contains(page.body, "who is this?") || !strings.Contains(page.body, canary+" (client-a)") || !strings.Contains(page.body, "Inbox (1)") {
		t.Errorf("the inbox: %s", page.body)
	}
	if other := h.ask(h.of(nurse), http.MethodGet, "/inbox", nil); strings.Contains(other.body, "who is this?") {
		t.Error("the nurse reads it")
	}
	form := url.Values{"item": {list[0].ID()}, "client": {"nobody"}, "reason": {" "}}
	if got := h.ask(h.of(phys), http.MethodPost, "/inbox/assign", form); got.status != 200 || !strings.Contains(got.body, "say why") || !strings.Contains(got.body, "who is this?") {
		t.Errorf("without a reason: %d", got.status)
	}
	form.Set("reason", "a guest")
	if got := h.ask(h.of(phys), http.MethodPost, "/inbox/assign", form); got.to != "/inbox?ended=1" {
		t.Errorf("%d, to %q", got.status, got.to)
	}
	if after := h.ask(h.of(coord), http.MethodGet, "/inbox?ended=1", nil); strings.Contains(after.body, "who is this?") || !strings.Contains(after.body, "off the list") {
		t.Error("it is still there")
	}
	if got := h.ask(h.of(phys), http.MethodPost, "/inbox/assign", form); got.status != http.StatusConflict {
		t.Errorf("again: %d", got.status)
	}
}

// TestAPracticeFileIsCheckedBeforeItIsInForce: what is wrong with it, or what it would change, and nothing changes.
func TestAPracticeFileIsCheckedBeforeItIsInForce(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.desk.ReadPolicy = func(_ context.Context, text []byte) (policy.Policy, []string, error) {
		if strings.Contains(string(text), "session_minutes: 5") {
			return policy.Policy{}, []string{"practice file:12: visits.session_minutes must be at least 30"}, nil
		}
		p := h.desk.Policy
		p.Version, p.Visits.SessionMinutes = "2027-02", 60
		return p, nil, nil
	}
	send := func(name, text string) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		file, err := form.CreateFormFile(name, "practice.yaml")
		must(t, err)
		_, err = file.Write([]byte(text))
		must(t, err)
		must(t, form.Close())
		h.seat.id = h.of(owner)
		res, err := h.web.Client().Post(h.web.URL+"/practice/check", form.FormDataContentType(), &body)
		must(t, err)
		defer func() { _ = res.Body.Close() }()
		page, err := io.ReadAll(res.Body)
		must(t, err)
		return answer{status: res.StatusCode, body: string(page)}
	}
	for text, want := range map[string][]string{
		"session_minutes: 5":  {"would not start", "must be at least 30"},
		"session_minutes: 60": {"in order", "2027-02", "visits.session_minutes", "50", "60", "Nothing has changed yet"},
		"":                    {"Nothing was checked", "Choose a file first"},
	} {
		got := send("file", text)
		for _, words := range want {
			if !strings.Contains(got.body, words) {
				t.Errorf("%q: status %d, the page lacks %q", text, got.status, words)
			}
		}
	}
	if h.desk.Policy.Visits.SessionMinutes == 60 {
		t.Error("the file is in force")
	}
}

// TestEachFactIsOfferedOrSaidToBeNotYet: what a role records about a client is on the client's page, or on the page that says why not.
func TestEachFactIsOfferedOrSaidToBeNotYet(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enroll("client-a", canary)
	for _, role := range []person.Role{coord, psych, phys, nurse} {
		now, notYet := h.ask(h.of(role), http.MethodGet, "/c/client-a", nil).body, h.ask(h.of(role), http.MethodGet, "/c/client-a/record", nil).body
		for _, k := range care.Vocabulary() {
			if k.Opens || !k.Allows(role) {
				continue
			}
			offered, refused := strings.Contains(now, `href="/c/client-a/record/`+k.Name+`"`), strings.Contains(notYet, "<dt>"+html.EscapeString(k.Title())+"</dt>")
			if offered == refused {
				t.Errorf("%s, %s: offered %v, said to be not yet possible %v", role, k.Name, offered, refused)
			}
		}
	}
}
