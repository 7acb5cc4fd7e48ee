package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/desk"
	"kapflow/eligibility"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
	"kapflow/worker/wiring"
)

// enrolledApp opens an app with running workers and one client, newly enrolled.
func enrolledApp(t *testing.T, billing care.Billing) (*wiring.App, string) {
	t.Helper()
	now := time.Now().UTC()
	prac, err := practice.Sample(now)
	if err != nil {
		t.Fatal(err)
	}
	prac.Policy.Documents.Psychotherapy.NPI = "1999999984"
	app, err := servers.Open(t.Context(), rehearsal.EnvironmentOptions{Practice: prac})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	app.Clock.Set(now)
	if err := app.Work(); err != nil {
		t.Fatal(err)
	}
	answer, err := app.Desk.Enroll(t.Context(), as(app.App, frontDesk), desk.Enrollment{Reference: "insured", PreferredName: "Robin", Phone: "+13035550142",
		BirthDate: "1980-02-29", Billing: billing, Presenting: []string{"depression"}})
	if err != nil {
		t.Fatal(err)
	}
	return app.App, answer.ClientID
}

// An insurer's answer is a draft that counts for nothing until the psychotherapist signs; no answer leaves all as it was.
func TestInsurersAnswerIsADraftUntilItIsSigned(t *testing.T) {
	t.Parallel()
	app, client := enrolledApp(t, care.Billing{LegalName: "Robin Sample"})
	body, err := os.ReadFile("../eligibility/testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	asked, down := 0, true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		question, _ := io.ReadAll(r.Body)
		if strings.Contains(string(question), client) || strings.Contains(strings.ToLower(string(question)), "ketamine") {
			t.Errorf("the insurer is told %s", question)
		}
		if down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	biller := app.Practice.Policy.Documents.Psychotherapy
	ask := func() (string, error) {
		var out bytes.Buffer
		err := eligibilityCommand{Client: client, Payer: "SAMPLE1", Record: true}.on(terminal{ctx: t.Context(), out: &out, err: &out}, app, as(app, frontDesk),
			&eligibility.Checker{BaseURL: server.URL, Key: "test_key", Practice: biller.Name, NPI: biller.NPI})
		return out.String(), err
	}
	chart := func() *care.Chart {
		t.Helper()
		c, err := app.Store.Chart(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}

	if _, err := ask(); err == nil || !strings.Contains(err.Error(), "member id is missing") || asked != 0 {
		t.Fatalf("without a member id: %v, asked %d times", err, asked)
	}
	member := "M-555-0100"
	if err := app.Desk.ChangeBilling(t.Context(), as(app, frontDesk), client, care.BillingChange{MemberID: &member}); err != nil {
		t.Fatal(err)
	}
	before := chart()
	if _, err := ask(); err == nil || !strings.Contains(err.Error(), "Nothing was recorded. Call the insurer") {
		t.Fatalf("while the service is down: %v", err)
	}
	if after := chart(); after.Facts != before.Facts || !slices.Equal(tasksOf(before), tasksOf(after)) || asked != 1 {
		t.Errorf("an outage changed the chart: %v, %v", tasksOf(before), tasksOf(after))
	}
	down = false
	out, err := ask()
	if err != nil || !strings.Contains(out, "co-pay               $30.00") {
		t.Fatalf("%v\n%s", err, out)
	}
	drafted := chart()
	if d := drafted.CoverageDraft; drafted.Coverage != nil || d == nil || d.Source != "api" || d.Result != "pays" || d.Copay != 3000 || d.DeductibleMet != 114975 {
		t.Fatalf("signed %v, draft %+v", drafted.Coverage, d)
	}
	if cost := drafted.SessionCost(visit.Preparation); cost.Estimate {
		t.Errorf("a draft that nobody signed counts: %+v", cost)
	}
	if _, err := app.Desk.Record(t.Context(), desk.Command{ClientID: client, Fact: "coverage-reviewed", By: as(app, psychotherapist), With: json.RawMessage(`{"result":"partly"}`)}); err != nil {
		t.Fatal(err)
	}
	if cov := chart().Coverage; cov == nil || cov.Result != "partly" || cov.Source != "api" || cov.Copay != 3000 || cov.By.Role != person.Psychotherapist {
		t.Errorf("signed %+v", cov)
	}
	heard, err := app.Store.AuditOf(context.WithoutCancel(t.Context()), client)
	if err != nil || !slices.ContainsFunc(heard, func(e care.AuditEvent) bool { return e.Action == "ask-insurer" && e.By == frontDesk }) {
		t.Errorf("asking is not audited: %v", err)
	}
}

func tasksOf(c *care.Chart) (names []string) {
	for _, task := range c.Tasks(time.Now()) {
		names = append(names, task.Task)
	}
	return names
}
