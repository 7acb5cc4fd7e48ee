package eligibility_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/eligibility"
)

var sample = eligibility.Question{Payer: "SAMPLE1", LegalName: "Robin Lee Sample", BirthDate: "1980-02-29", MemberID: "M-555-0100"}

// house answers like the clearing house and keeps the question.
func house(t *testing.T, status int, body string) (*eligibility.Checker, *map[string]any) {
	t.Helper()
	asked := map[string]any{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/2026-06-01/eligibility-check" || r.Header.Get("Authorization") != "test_key" {
			t.Errorf("%s %s with %d headers", r.Method, r.URL.Path, len(r.Header))
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return &eligibility.Checker{BaseURL: server.URL + "/", Key: "test_key", Practice: "Sample Psychotherapy", NPI: "1999999984"}, &asked
}

func published(t *testing.T) string {
	t.Helper()
	body, err := os.ReadFile("testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAnswerBecomesASuggestion(t *testing.T) {
	t.Parallel()
	checker, asked := house(t, http.StatusOK, published(t))
	got, err := checker.Ask(t.Context(), sample)
	if err != nil {
		t.Fatal(err)
	}
	cents := func(c money.Cents) *money.Cents { return &c }
	share, auth := 2000, true
	want := care.CoverageFields{Result: "pays", Network: "unknown", Source: "api", Copay: cents(3000), CoinsuranceBP: &share,
		DeductibleTotal: cents(150000), DeductibleMet: cents(114975), OOPTotal: cents(600000), OOPMet: cents(120000), AuthorizationNeeded: &auth}
	if diff := cmp.Diff(want, got.Fields); diff != "" {
		t.Error(diff)
	}
	if got.Plan != "Sample Gold" || len(got.Notes) == 0 {
		t.Errorf("plan %q, notes %q", got.Plan, got.Notes)
	}
	wantAsked := map[string]any{"payerId": "SAMPLE1",
		"provider":   map[string]any{"name": map[string]any{"organization": "Sample Psychotherapy"}, "npi": "1999999984"},
		"subscriber": map[string]any{"name": map[string]any{"person": map[string]any{"firstName": "Robin Lee", "lastName": "Sample"}}, "dateOfBirth": "1980-02-29", "memberId": "M-555-0100"},
		"encounter":  map[string]any{"services": []any{map[string]any{"system": "STC", "value": "MH"}}}}
	if diff := cmp.Diff(wantAsked, *asked); diff != "" {
		t.Errorf("asked more or less than is needed: %s", diff)
	}
}

// TestUnknownIsNeverCovered checks that missing or contradictory answers never count as coverage.
func TestUnknownIsNeverCovered(t *testing.T) {
	t.Parallel()
	status := func(s, about string) string {
		return `{"status":"` + s + `","coverageLevel":"INDIVIDUAL","service":` + about + `}`
	}
	const mental, whole, eyes = `{"system":"STC","value":"MH"}`, `{"system":"STC","value":"30"}`, `{"system":"STC","value":"AL"}`
	plans := func(benefits ...string) string {
		return `{"plans":[{"benefits":{` + strings.Join(benefits, `}},{"benefits":{`) + `}}]}`
	}
	for name, x := range map[string]struct{ body, want string }{
		"NoPlan":                {`{}`, "unknown"},
		"ThePlanIsActive":       {plans(`"statuses":[` + status("ACTIVE_COVERAGE", whole) + `]`), "unknown"},
		"SomethingElseIsActive": {plans(`"statuses":[` + status("ACTIVE_COVERAGE", eyes) + `]`), "unknown"},
		"MentalHealthIsActive":  {plans(`"statuses":[` + status("ACTIVE_COVERAGE", mental) + `]`), "pays"},
		"StillLookedInto":       {plans(`"statuses":[` + status("ACTIVE_PENDING_INVESTIGATION", mental) + `]`), "unknown"},
		"AWordWeDoNotKnow":      {plans(`"statuses":[` + status("ACTIVE_SOMEHOW", mental) + `]`), "unknown"},
		"ActiveAndInactive":     {plans(`"statuses":[` + status("ACTIVE_COVERAGE", mental) + "," + status("INACTIVE", mental) + `]`), "unknown"},
		"ActiveAndNotCovered":   {plans(`"statuses":[` + status("ACTIVE_COVERAGE", mental) + `],"nonCovered":[{"service":` + mental + `}]`), "unknown"},
		"NotCovered":            {plans(`"statuses":[` + status("ACTIVE_COVERAGE", whole) + `],"nonCovered":[{"service":` + mental + `}]`), "does-not-pay"},
		"Inactive":              {plans(`"statuses":[` + status("INACTIVE", mental) + `]`), "does-not-pay"},
		"TheWholePlanIsOver":    {plans(`"statuses":[` + status("INACTIVE", whole) + `]`), "does-not-pay"},
		"TwoPlansWithCover":     {plans(`"statuses":[`+status("ACTIVE_COVERAGE", mental)+`]`, `"statuses":[`+status("ACTIVE_COVERAGE", mental)+`]`), "unknown"},
		"NotKnownToTheInsurer":  {`{"errors":[{"code":"75"}],"plans":[{"benefits":{"statuses":[` + status("ACTIVE_COVERAGE", mental) + `]}}]}`, "unknown"},
		"TwoCopays":             {plans(`"statuses":[` + status("ACTIVE_COVERAGE", mental) + `],"coPayment":[{"amount":"30","service":` + mental + `},{"amount":"90","service":` + mental + `}]`), "pays"},
		"AmountThatIsNone":      {plans(`"statuses":[` + status("ACTIVE_COVERAGE", mental) + `],"coPayment":[{"amount":"-30","service":` + mental + `},{"amount":"x","service":` + mental + `}]`), "pays"},
		"CopayOfSomethingElse":  {plans(`"statuses":[` + status("ACTIVE_COVERAGE", mental) + `],"coPayment":[{"amount":"30","service":` + eyes + `}],"coInsurance":[{"percent":"20","service":` + mental + `}]`), "pays"},
		"HalfADeductible":       {plans(`"statuses":[` + status("ACTIVE_COVERAGE", mental) + `],"deductible":[{"amount":"1500","coverageLevel":"INDIVIDUAL","timePeriod":"CALENDAR_YEAR"},{"amount":"9","coverageLevel":"FAMILY","timePeriod":"REMAINING"}]`), "pays"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checker, _ := house(t, http.StatusOK, x.body)
			got, err := checker.Ask(t.Context(), sample)
			if err != nil {
				t.Fatal(err)
			}
			want := care.CoverageFields{Result: care.CoverageResult(x.want), Network: "unknown", Source: "api"}
			if diff := cmp.Diff(want, got.Fields); diff != "" {
				t.Error(diff)
			}
			if len(got.Notes) == 0 {
				t.Error("nobody is told what is open")
			}
		})
	}
}

func TestWhatGoesWrongIsSaidWithoutTheClient(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		status int
		body   string
		away   bool
	}{
		"Down":             {http.StatusServiceUnavailable, "Robin Sample", true},
		"TooMany":          {http.StatusTooManyRequests, "", true},
		"KeyRefused":       {http.StatusForbidden, "test_key", true},
		"SentElsewhere":    {http.StatusTemporaryRedirect, "", true},
		"NotJSON":          {http.StatusOK, "<html>Robin Sample", true},
		"UnknownInsurer":   {http.StatusBadRequest, `{"message":"M-555-0100"}`, false},
		"NobodyAnyMore":    {http.StatusNotFound, "", false},
		"AnotherFormOfOne": {http.StatusOK, `[]`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checker, _ := house(t, x.status, x.body)
			_, err := checker.Ask(t.Context(), sample)
			if err == nil || errors.Is(err, eligibility.ErrAway) != x.away {
				t.Fatalf("%v", err)
			}
			for _, said := range []string{"Robin", "Sample", "555", "test_key", "127.0.0.1"} {
				if strings.Contains(err.Error(), said) {
					t.Errorf("%q says %q", err, said)
				}
			}
		})
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	if _, err := (&eligibility.Checker{BaseURL: gone.URL, Key: "k"}).Ask(t.Context(), sample); !errors.Is(err, eligibility.ErrAway) || strings.Contains(err.Error(), gone.URL) {
		t.Errorf("nobody listens: %v", err)
	}
	if _, err := (&eligibility.Checker{BaseURL: gone.URL}).Ask(t.Context(), eligibility.Question{Payer: "x", LegalName: "Robin Sample"}); err == nil ||
		!strings.Contains(err.Error(), "date of birth") || !strings.Contains(err.Error(), "member id") {
		t.Errorf("half a question: %v", err)
	}
}
