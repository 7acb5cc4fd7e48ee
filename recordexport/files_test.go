package recordexport_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"kapflow/output"
	"kapflow/recordexport"
)

func filesOf(t *testing.T, s *tale) map[string]string {
	t.Helper()
	files, err := recordexport.Files(s.record())
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("KEEP_HANDOVER"); dir != "" && s.c.Facts > 1 {
		_ = os.RemoveAll(dir)
		if err := output.NewDirectory(dir, files); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Name] = string(f.Body)
	}
	return out
}

func TestPrintedRecordTellsWhatACarefulReaderAsks(t *testing.T) {
	t.Parallel()
	html := filesOf(t, treated(t))["record.html"]
	for _, want := range []string{
		"Robin Sample", "paper-1-estimate.pdf", "Legal name: Robin A. Sample", "Born 1990-01-31", "Sample Physician", "Sample Psychotherapist", "Ran 40 minutes", "Outside 45 to 60 minutes.", "the client asked to stop",
		"nausea", "water and a pause", "131/84", "10, moderate; item 9 above 0", "by phone", "a hard night", "the client&#39;s car",
		"the client was in the other room", "from missed to held", "seen by an eye doctor", "35", "<svg", "The client owes", "Package chosen: six<",
		"to meet what I avoid", "family", "what came up", // goals and note (R7, R21)
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the printed record does not say %q", want)
		}
	}
	if strings.Contains(html, "ref:") || strings.Contains(html, "ZgotmplZ") {
		t.Error("the printed record holds a reference or an escape that failed")
	}
}

func TestRecordOfAClientWhoOnlyEnrolledIsWholeToo(t *testing.T) {
	t.Parallel()
	files := filesOf(t, newTale(t))
	for _, name := range []string{"record.html", "record.json", "fhir.json", "visits.csv", "vitals.csv", "check-ins.csv", "measures.csv", "messages.csv", "ledger.csv", "history.csv"} {
		if files[name] == "" {
			t.Errorf("no %s", name)
		}
	}
	if files["paper-1-estimate.pdf"] != "%PDF-sample" {
		t.Error("a document that the client was given is not exported")
	}
	if _, drawn := files["measures.svg"]; drawn {
		t.Error("a drawing of nothing")
	}
}

// TestTablesKeepTextsFromBecomingFormulas checks that a spreadsheet does not run a note that begins with =, and that
// negative amounts stay numbers.
func TestTablesKeepTextsFromBecomingFormulas(t *testing.T) {
	t.Parallel()
	s := treated(t)
	s.on(20, "10:00", "client", "check-in-answered", `{"check_in":"latest","comment":"=HYPERLINK(1)"}`)
	files := filesOf(t, s)
	rows := map[string][][]string{}
	for name, body := range files {
		if !strings.HasSuffix(name, ".csv") {
			continue
		}
		all, err := csv.NewReader(strings.NewReader(body)).ReadAll() // refuses rows of unequal length
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rows[name] = all
	}
	last := rows["measures.csv"][len(rows["measures.csv"])-1]
	if got := last[len(last)-1]; got != "'=HYPERLINK(1)" {
		t.Errorf("a comment is written as %q", got)
	}
	credit := false
	for _, row := range rows["ledger.csv"][1:] {
		credit = credit || strings.HasPrefix(row[4], "-")
	}
	if !credit {
		t.Error("the ledger has no credit")
	}
}
