package documents_test

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/documents"
)

// words gives the whole text of a document.
func words(d documents.Document) (all []string) {
	all = append(all, d.Title, d.Number, d.Date, d.From.Name, d.Intro, d.Lacks())
	all = append(append(all, d.From.Lines...), d.To...)
	facts := slices.Clone(d.Facts)
	for _, sec := range d.Sections {
		all = append(all, sec.Heading, sec.Sub)
		for _, c := range sec.Columns {
			all = append(all, c.Title)
		}
		for _, row := range sec.Rows {
			all = append(all, row...)
		}
		facts = append(facts, sec.Totals...)
	}
	if d.Total != nil {
		facts = append(facts, *d.Total)
	}
	for _, f := range facts {
		all = append(all, f.Label, f.Value)
	}
	for _, n := range d.Notes {
		all = append(all, n.Heading, n.Text)
	}
	return append(all, d.Signatures...)
}

var tag = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// solid removes all space, so that line breaks do not matter.
func solid(text string) string { return strings.Join(strings.Fields(text), "") }

func TestPageAndPDFSayTheSame(t *testing.T) {
	t.Parallel()
	s := sample(t)
	s.Billing.LegalName, s.Billing.Address = "Łukasz Nguyễn-Sample <b>", strings.Repeat("Averyveryverylongstreetname", 8)+"\nSampletown"
	for name, d := range papers(t, s) {
		page := render(t, d.HTML)
		plain := solid(html.UnescapeString(tag.ReplaceAllString(string(page), " ")))
		paper := solid(textOf(t, render(t, d.PDF)))
		for _, word := range words(d) {
			if !strings.Contains(plain, solid(word)) {
				t.Errorf("%s: the page does not say %q", name, word)
			}
			for _, line := range strings.Split(word, "\n") { // columns are side by side, so a cell's lines may be apart in the text
				for _, w := range strings.Fields(line) {
					if len(w) < 40 && !strings.Contains(paper, w) {
						t.Errorf("%s: the PDF does not say %q", name, w)
					}
				}
			}
		}
	}
}

func render(t *testing.T, set func() ([]byte, error)) []byte {
	t.Helper()
	body, err := set()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := set(); err != nil || !bytes.Equal(body, again) {
		t.Fatalf("the same document does not give the same bytes: %v", err)
	}
	return body
}

// textOf reads a PDF's text with poppler.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is not installed; tools/setup.sh installs it")
		}
		t.Skip("pdftotext (poppler-utils) is not installed, so nobody has read the PDF; see tools/setup.sh")
	}
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestLongStatementRepeatsItsHeadingsAndNumbersItsPages(t *testing.T) {
	t.Parallel()
	s := sample(t)
	for i := range 120 {
		s.Transactions = append(s.Transactions, money.Transaction{Number: int64(1000 + i), Key: fmt.Sprintf("pay:%d", i), FeeSet: money.Medical, Day: "2027-05-01", Occurred: "2027-05-01",
			Memo: "Payment by card", Lines: []money.Line{{Account: "medical:cash", Cents: 100}, {Account: "medical:receivable:client", Cents: -100}}})
	}
	pages := strings.Split(strings.TrimSuffix(textOf(t, render(t, documents.Statement(s).PDF)), "\f"), "\f")
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		if want := fmt.Sprintf("Page %d of %d", i+1, len(pages)); !strings.Contains(page, want) {
			t.Errorf("page %d does not say %q", i+1, want)
		}
		if strings.Contains(page, "Payment by card") && !strings.Contains(page, "Description") {
			t.Errorf("page %d goes on with a table without its headings", i+1)
		}
	}
}

// TestEstimateHasEveryDataElementOrSaysWhatIsMissing checks the data elements of CMS-10791
// (docs/requirements.md#good-faith-estimate). Each is shown, or named as missing if its source is empty.
func TestEstimateHasEveryDataElementOrSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := sample(t)
	d := documents.Estimate(s, s.Chart.DraftEstimate(s.Today), "GFE-7", []string{"F33.1"})
	if len(d.Missing) > 0 {
		t.Errorf("missing: %v", d.Missing)
	}
	text := strings.Join(words(d), "\n")
	for _, element := range []string{"Robin Q. Sample", "02/29/1984", "Primary service\n6 infusions with psychotherapy", "First service", "F33.1", "GFE-7",
		"Sample Physician, MD", "NPI 0000000001", "EIN 00-0000001", "State CO", "100 Sample Street, Suite 1", "99204", "96365", "$3,600.00", "-$575.00", "$3,500.00",
		"Sample Psychotherapist, PsyD", "NPI 0000000002", "EIN 00-0000002", "100 Sample Street, Suite 2", "90791", "90834", "Total expected charges",
		"Only an estimate", "more services", "Scheduled separately", "dispute", "www.cms.gov/nosurprises", "will not affect the quality", "Not a contract", "Valid until", "do not bill insurance for infusions"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), element) {
			t.Errorf("it does not say %q:\n%s", element, text)
		}
	}
	if len(d.Sections) != 2 {
		t.Fatalf("%d providers", len(d.Sections))
	}
	s.Policy.Documents, s.Billing, s.Contact = policy.Documents{}, care.Billing{}, person.Contact{PreferredName: "Robin"}
	for i := range s.Policy.Clinicians {
		s.Policy.Clinicians[i].NPI = ""
	}
	d = documents.Estimate(s, s.Chart.DraftEstimate(s.Today), "GFE-8", nil)
	for _, what := range []string{"legal name", "the client's address", "date of birth", "EIN", "NPI of Sample Physician", "the practice's address", "state", "service code for infusion", "service code for evaluation"} {
		if !strings.Contains(d.Lacks(), what) {
			t.Errorf("it does not miss %q: %s", what, d.Lacks())
		}
	}
	for _, m := range d.Missing {
		if m.Remedy == "" {
			t.Errorf("no remedy for %s", m.What)
		}
	}
	if d.To[0] != "Robin" {
		t.Errorf("without a legal name it is for %v", d.To)
	}
}

func TestStatementKeepsTheFeeSetsApartAndAgreesWithTheChart(t *testing.T) {
	t.Parallel()
	s := sample(t)
	d := documents.Statement(s)
	for i, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		sec := d.Sections[i]
		if owed := sec.Totals[len(sec.Totals)-1]; owed.Label != "You owe" || owed.Value != s.Chart.Balance(set).String() {
			t.Errorf("%s: %v, the chart says %s", set, owed, s.Chart.Balance(set))
		}
		if last := sec.Rows[len(sec.Rows)-1]; last[4] != s.Chart.Balance(set).String() {
			t.Errorf("%s: the last balance is %s", set, last[4])
		}
	}
	if text := fmt.Sprint(d.Sections[0].Rows); strings.Contains(text, "Preparation") || !strings.Contains(text, "Reversed: Payment by card") || !strings.Contains(text, "Package of six\nUsed: Consult 1, Infusion 1, Infusion 2") {
		t.Errorf("medical: %s", text)
	}
	if text := fmt.Sprint(d.Sections[1].Rows); strings.Contains(text, "Infusion") || !strings.Contains(text, "Price $180.00; insurer $150.00 (estimate)") {
		t.Errorf("psychotherapy: %s", text)
	}
	if d.Total == nil || d.Total.Value != (s.Chart.Balance(money.Medical)+s.Chart.Balance(money.Psychotherapies)).String() || d.Notes[0].Heading != "How to pay" {
		t.Errorf("what is due does not stand out: %v, %v", d.Total, d.Notes[0])
	}
	if text := d.Text(); !strings.Contains(text, "You owe: $120.00") || !strings.Contains(text, "$3,500.00") {
		t.Errorf("for the terminal:\n%s", text)
	}
	s.Transactions = nil
	if d := documents.Statement(s); d.Sections[0].Empty == "" || len(d.Sections[0].Rows) != 0 {
		t.Errorf("without any transaction: %v", d.Sections[0])
	}
}

func TestReceiptIsForAPaymentThatStands(t *testing.T) {
	t.Parallel()
	s := sample(t)
	d, err := documents.Receipt(s, "copay-1")
	if err != nil || d.Sections[0].Totals[0].Value != "$30.00" || d.From.Name != "Sample Psychotherapy Practice, PLLC" || !strings.HasPrefix(d.Number, "P-") {
		t.Errorf("%v, %v", d, err)
	}
	if d, err := documents.Receipt(s, ""); err != nil || d.Sections[0].Totals[0].Value != "$3,025.00" {
		t.Errorf("the newest that stands: %v, %v", d.Sections, err)
	}
	for key, why := range map[string]string{"twice": "reversed", "never": "no payment"} {
		if _, err := documents.Receipt(s, key); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", key, err)
		}
	}
	s.Transactions = nil
	if _, err := documents.Receipt(s, ""); err == nil || !strings.Contains(err.Error(), "payment-received") {
		t.Errorf("without any payment: %v", err)
	}
}

func TestSuperbillHasOnlyCodesThatPeopleGave(t *testing.T) {
	t.Parallel()
	s := sample(t)
	bill := func(visit string, c documents.Coding) documents.Document {
		t.Helper()
		d, err := documents.Superbill(s, visit, c)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	total := func(d documents.Document, label string) string {
		i := slices.IndexFunc(d.Sections[0].Totals, func(f documents.Fact) bool { return f.Label == label })
		if i < 0 {
			t.Fatalf("no %q in %v", label, d.Sections[0].Totals)
		}
		return d.Sections[0].Totals[i].Value
	}
	d := bill("preparation-1", documents.Coding{Services: []policy.ServiceCode{{Code: "90837", Modifier: "95"}}, Diagnoses: []string{"F33.1", "F41.1"}, Units: 2, By: "psy-sample"})
	if row := d.Sections[0].Rows[0]; row[0] != "90837" || row[1] != "95" || row[3] != "2" || row[4] != "$180.00" {
		t.Errorf("services %v", row)
	}
	if total(d, "Paid by the client") != "$30.00" || total(d, "Balance owed by the client") != "$0.00" || len(d.Missing) > 0 {
		t.Errorf("totals %v, missing %v", d.Sections[0].Totals, d.Missing)
	}
	if d := bill("preparation-4", documents.Coding{}); d.Sections[0].Rows[0][0] != "90834" || total(d, "Balance owed by the client") != "$30.00" || !strings.Contains(d.Lacks(), "diagnosis") {
		t.Errorf("by the settings: %v, %s", d.Sections, d.Lacks())
	}
	if d := bill("infusion-1", documents.Coding{}); total(d, "Paid with the package") != "$515.34" || total(d, "Balance") != "$0.00" || d.From.Name != "Sample Medical Practice, PLLC" {
		t.Errorf("out of the package: %v", d.Sections)
	}
	s.Policy.Documents.Codes = nil
	if d := bill("infusion-1", documents.Coding{}); d.Sections[0].Rows[0][0] != "–" || !strings.Contains(d.Lacks(), "the service code") {
		t.Errorf("without any code: %v, %s", d.Sections, d.Lacks())
	}
	for visit, why := range map[string]string{"infusion-9": "no visit", "consult-2": "no visit"} {
		if _, err := documents.Superbill(s, visit, documents.Coding{}); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", visit, err)
		}
	}
	for why, c := range map[string]documents.Coding{"ICD-10": {Diagnoses: []string{"depressed"}, By: "psy-sample"}, "come from": {Diagnoses: []string{"F33.1"}, By: "nurse-sample"}} {
		if _, err := documents.Superbill(s, "preparation-1", c); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	s.Chart.Visit("infusion-2").Status = visit.NoShow
	if _, err := documents.Superbill(s, "infusion-2", documents.Coding{}); err == nil || !strings.Contains(err.Error(), "not taken place") {
		t.Errorf("a missed visit: %v", err)
	}
}

// TestEstimateSaysWhatAPlanOutOfNetworkPaysBack: a plan without a contract changes no charge. What it is expected to pay back
// stands beside it, and is called unknown where a figure is missing.
func TestEstimateSaysWhatAPlanOutOfNetworkPaysBack(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		coverage map[string]any
		says     []string
	}{
		"Known": {map[string]any{"allowed": 15000, "coinsurance_bp": 4000, "deductible_total": 0, "services": []map[string]any{{"service": "evaluation", "allowed": 20000}}},
			[]string{"Your plan may pay you back about $", "it may pay you back about $", "March 1, 2027"}},
		"Unknown": {map[string]any{"coinsurance_bp": 4000}, []string{"What your plan pays back is unknown.", "Ask your plan for the amount that the plan allows and the deductible."}},
	} {
		s := sample(t)
		l := &ledger{T: t, chart: s.Chart, now: s.Today}
		before := s.Chart.SessionCost(visit.Preparation).List
		x.coverage["result"], x.coverage["network"], x.coverage["as_of"] = "pays", "out", "2027-03-01"
		l.record(person.Psychotherapist, "coverage-reviewed", x.coverage)
		e := s.Chart.DraftEstimate(s.Today)
		text := strings.ReplaceAll(strings.Join(words(documents.Estimate(s, e, "GFE-1", nil)), "\n"), "\u00a0", " ")
		for _, phrase := range x.says {
			if !strings.Contains(text, phrase) {
				t.Errorf("%s: it does not say %q:\n%s", name, phrase, text)
			}
		}
		if got := s.Chart.SessionCost(visit.Preparation).Client; got != before {
			t.Errorf("%s: the client owes %s, want the list price %s", name, got, before)
		}
		if strings.Contains(text, "pay you back about $0.00") {
			t.Errorf("%s: unknown became nothing:\n%s", name, text)
		}
	}
}
