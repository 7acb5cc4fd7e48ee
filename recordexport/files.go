package recordexport

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/record"
	"kapflow/output"
)

// ManifestName is the file that lists the others with their SHA-256.
const ManifestName = "manifest.json"

// Manifest says what a export holds, so that whoever gets it can tell whether it is whole and unchanged.
type Manifest struct {
	Client   string          `json:"client"`
	Practice string          `json:"practice"`
	AsOf     time.Time       `json:"as_of"` // the latest time in the record
	Facts    int             `json:"facts"`
	Closed   int             `json:"closed_texts,omitempty"` // private notes left out, because the exporter may not read them
	Files    []ManifestEntry `json:"files"`
}

// ManifestEntry is one file of a record export.
type ManifestEntry struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

var whatFilesAre = map[string]string{
	"record.html":   "the whole record to read or print",
	"record.json":   "the whole record for machines",
	"fhir.json":     "FHIR R4 Bundle of type collection",
	"measures.svg":  "chart of the measures over time",
	"visits.csv":    "visits",
	"infusions.csv": "infusion days",
	"vitals.csv":    "vital signs",
	"check-ins.csv": "check-ins, due and answered",
	"measures.csv":  "measures: mood, PHQ-9, GAD-7, side effects",
	"messages.csv":  "messages, sent and not sent",
	"ledger.csv":    "both ledgers, in cents, debits above 0",
	"history.csv":   "who did what, when and why",
}

// paperName is the file name of an issued document, such as paper-2-statement.pdf.
func paperName(i int, p care.IssuedDocument) string {
	return fmt.Sprintf("%s%d-%s.pdf", paperPrefix, i+1, p.Kind)
}

const paperPrefix = "paper-"

func whatIs(name string) string {
	if strings.HasPrefix(name, paperPrefix) {
		return "a document as the client was given it"
	}
	return whatFilesAre[name]
}

// Files writes everything of a record, and the manifest last.
func Files(r record.HealthRecord) ([]output.File, error) {
	d, err := newDocument(r)
	if err != nil {
		return nil, err
	}
	var out []output.File
	add := func(name string, body []byte, err error) error {
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if body != nil {
			out = append(out, output.File{Name: name, Body: body})
		}
		return nil
	}
	html, err := d.html()
	errs := []error{add("record.html", html, err)}
	whole, err := d.json()
	errs = append(errs, add("record.json", whole, err))
	fhir, err := Bundle(r)
	errs = append(errs, add("fhir.json", fhir, err), add("measures.svg", d.chart, nil))
	for _, t := range tables(d) {
		body, err := t.csv()
		errs = append(errs, add(t.name+".csv", body, err))
	}
	for i, p := range r.Documents {
		errs = append(errs, add(paperName(i, p), p.PDF, nil))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	manifest := Manifest{Client: r.Chart.ClientID, Practice: r.Chart.Policy.Practice.Name, AsOf: asOf(r), Facts: len(r.Facts), Closed: r.ClosedTexts()}
	for _, f := range out {
		sum := sha256.Sum256(f.Body)
		manifest.Files = append(manifest.Files, ManifestEntry{Name: f.Name, What: whatIs(f.Name), Bytes: len(f.Body), SHA256: hex.EncodeToString(sum[:])})
	}
	body, err := json.MarshalIndent(manifest, "", "  ")
	return append(out, output.File{Name: ManifestName, Body: append(body, '\n')}), err
}
