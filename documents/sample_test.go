package documents_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/documents"
	"kapflow/practice"
)

// directoryVariable names a directory into which the sample documents are written for inspection.
const directoryVariable = "KAPFLOW_DOCUMENTS_DIR"

var monday = time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)

// ledger plays facts into a chart and keeps the books as Postgres would.
type ledger struct {
	*testing.T
	chart        *care.Chart
	now          time.Time
	transactions []money.Transaction
}

func (l *ledger) record(by person.Role, fact string, with map[string]any) {
	l.Helper()
	body, err := json.Marshal(with)
	if err != nil {
		l.Fatal(err)
	}
	taken, err := l.chart.Record(fact, care.Report{By: person.Actor{ID: string(by) + "-1", Role: by}, With: body}, l.now)
	if err != nil {
		l.Fatalf("%s: %v", fact, err)
	}
	for _, p := range taken.Postings {
		day := l.chart.Zone.Local(p.On).Format(time.DateOnly)
		t := money.Transaction{Number: int64(len(l.transactions) + 1), ClientID: l.chart.ClientID, Key: p.Key, FeeSet: p.FeeSet, Day: day, Occurred: day, By: p.By, Memo: p.Memo, Lines: p.Lines}
		for _, before := range l.transactions {
			if before.Key == p.Reverses {
				t.Reverses = before.Number
			}
		}
		l.transactions = append(l.transactions, t)
	}
}

func (l *ledger) pay(set money.FeeSet, amount int, method, key string) {
	l.Helper()
	l.record(person.Coordinator, "payment-received", map[string]any{"fee_set": set, "amount": amount, "method": method, "key": key})
}

// hold adds a booked visit to the chart and completes it a week after the last one.
func (l *ledger) hold(id string, kind visit.Kind) {
	l.Helper()
	l.now = l.now.AddDate(0, 0, 7)
	v := care.Visit{ID: id, Kind: kind, Version: 1, Start: l.now.Add(-time.Hour), Minutes: 50, Place: "main", Status: visit.Booked, BookedAt: monday}
	if kind == visit.Infusion {
		v.Status, v.Day = visit.Arrived, &care.InfusionDay{StartedAt: l.now.Add(-50 * time.Minute)}
	}
	l.chart.Visits = append(l.chart.Visits, v)
	switch kind {
	case visit.Consult:
		l.record(person.Physician, "consult-decided", map[string]any{"appointment": id, "outcome": "cleared"})
	case visit.Infusion:
		l.record(person.Physician, "infusion-stopped", map[string]any{"appointment": id})
	default:
		l.record(person.Psychotherapist, "session-completed", map[string]any{"appointment": id})
	}
}

// sample is a client in mid-course: a package of six, two completed infusions, and sessions that a plan pays in part.
func sample(t *testing.T) documents.Subject {
	t.Helper()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	chart, _, err := care.Enroll(care.Enrollment{ClientID: "client-5k2m9qx7rt3wv8pz", Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: monday,
		Report: care.Report{By: person.Actor{ID: "c", Role: person.Coordinator}, With: json.RawMessage(`{"presenting":["depression"]}`)}})
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{T: t, chart: chart, now: monday.Add(time.Hour)}
	l.record(person.Psychotherapist, "screening-recorded", map[string]any{"criteria_met": true, "prefers_kap": true})
	l.record(person.Psychotherapist, "coverage-reviewed", map[string]any{"result": "pays", "copay": 3000, "deductible_total": 0, "payer": "Sample Plan"})
	l.record(person.Psychotherapist, "insurer-contacted", map[string]any{"reference": "ref:1", "representative": "ref:2", "answer": "ref:3"})
	l.record(person.Psychotherapist, "fees-discussed", map[string]any{"summary": "ref:3"})
	l.pay(money.Medical, 47500, "card", "consult")
	l.hold("evaluation-1", visit.Evaluation)
	l.pay(money.Psychotherapies, 3000, "card", "copay-1")
	l.hold("preparation-1", visit.Preparation)
	l.pay(money.Psychotherapies, 3000, "cash", "copay-2")
	l.hold("consult-1", visit.Consult)
	l.record(person.Coordinator, "package-chosen", map[string]any{"package": "six"})
	l.pay(money.Medical, 302500, "check", "package")
	for i := 2; i <= 4; i++ {
		l.hold(fmt.Sprintf("preparation-%d", i), visit.Preparation)
	}
	l.pay(money.Medical, 2500, "card", "twice")
	l.record(person.Coordinator, "payment-corrected", map[string]any{"key": "twice", "reason": "ref:4"})
	l.hold("infusion-1", visit.Infusion)
	l.hold("integration-1", visit.Integration)
	l.hold("infusion-2", visit.Infusion)
	return documents.Subject{Policy: prac.Policy, Chart: l.chart, Transactions: l.transactions, Today: l.now,
		Contact: person.Contact{PreferredName: "Robin", BirthDate: "1984-02-29"},
		Billing: care.Billing{LegalName: "Robin Q. Sample", Address: "7 Sample Lane\nApt 3\nSampletown, CO 80000", MemberID: "SAMPLE-000-1"}}
}

// papers are the four documents about a client.
func papers(t *testing.T, s documents.Subject) map[string]documents.Document {
	t.Helper()
	receipt, err := documents.Receipt(s, "")
	if err != nil {
		t.Fatal(err)
	}
	superbill, err := documents.Superbill(s, "preparation-2", documents.Coding{Diagnoses: []string{"F33.1"}, By: "psy-sample"})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]documents.Document{"estimate": documents.Estimate(s, s.Chart.DraftEstimate(s.Today), "GFE-1", nil), "statement": documents.Statement(s),
		"receipt": receipt, "superbill": superbill}
}

func TestWriteSampleDocumentsToLookAt(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(directoryVariable)
	if dir == "" {
		t.Skip("set " + directoryVariable + " to have them written")
	}
	for name, d := range papers(t, sample(t)) {
		html, err := d.HTML()
		if err != nil {
			t.Fatal(err)
		}
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		for file, body := range map[string][]byte{name + ".html": html, name + ".pdf": pdf} {
			if err := os.WriteFile(filepath.Join(dir, file), body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("%s: %s", name, d.Lacks())
	}
}
