package recordexport

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/record"
)

// File is one file of a hand-over.
type File struct {
	Name string
	Body []byte
}

// ManifestName is the file that lists the others with their SHA-256.
const ManifestName = "manifest.json"

// Manifest says what a hand-over holds, so that whoever gets it can tell whether it is whole and unchanged.
type Manifest struct {
	Client   string          `json:"client"`
	Practice string          `json:"practice"`
	AsOf     time.Time       `json:"as_of"` // the last moment that the record knows of
	Facts    int             `json:"facts"`
	Closed   int             `json:"closed_texts,omitempty"` // private notes left out, because the exporter may not read them
	Files    []ManifestEntry `json:"files"`
}

// ManifestEntry is one file of a hand-over.
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
	"measures.svg":  "measures over time, as a drawing",
	"visits.csv":    "visits",
	"infusions.csv": "infusion days",
	"vitals.csv":    "vital signs",
	"check-ins.csv": "check-ins, due and answered",
	"measures.csv":  "measures: mood, PHQ-9, GAD-7, side effects",
	"messages.csv":  "messages, sent and not sent",
	"ledger.csv":    "both ledgers, in cents, debits above 0",
	"history.csv":   "who did what when, and why",
}

// paperName is the file of a document that the client was handed: paper-2-statement.pdf.
func paperName(i int, p care.IssuedDocument) string {
	return fmt.Sprintf("%s%d-%s.pdf", paperPrefix, i+1, p.Kind)
}

const paperPrefix = "paper-"

func whatIs(name string) string {
	if strings.HasPrefix(name, paperPrefix) {
		return "a document that the client was handed, as it was"
	}
	return whatFilesAre[name]
}

// Files writes everything of a record, and the manifest last.
func Files(r record.HealthRecord) ([]File, error) {
	d, err := newDocument(r)
	if err != nil {
		return nil, err
	}
	var out []File
	add := func(name string, body []byte, err error) error {
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if body != nil {
			out = append(out, File{Name: name, Body: body})
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
	return append(out, File{Name: ManifestName, Body: append(body, '\n')}), err
}

// ErrNotEmpty says that the place for a hand-over has something in it already.
var ErrNotEmpty = errors.New("is there already and not empty; a hand-over gets a directory of its own")

// MayWrite says whether a hand-over can be written to a directory: it is not there, or empty.
func MayWrite(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && len(entries) > 0:
		return fmt.Errorf("%s %w", dir, ErrNotEmpty)
	default:
		return err
	}
}

// WriteFile writes a file that only its owner can read.
func WriteFile(path string, body []byte) error {
	if err := os.WriteFile(path, body, 0o600); err != nil {
		return err
	}
	return os.Chmod(path, 0o600) // it may have been there before, open to others
}

// Write puts files into a directory of their own that only its owner can read. It appears whole or not at all.
func Write(dir string, files []File) (err error) {
	dir = filepath.Clean(dir)
	if err := MayWrite(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(dir), ".export-*") // 0700
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(draft))
		}
	}()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(draft, f.Name), f.Body, 0o600); err != nil {
			return err
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one, whose mode may be wider
		return err
	}
	return os.Rename(draft, dir)
}
