package recordexport_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/recordexport"
)

// withEveryPrivateField adds a fact for every private field of the vocabulary to a record. It gives each text with the kind
// that it belongs to.
func withEveryPrivateField(t *testing.T, s *tale) (record.HealthRecord, map[string]care.Kind) {
	t.Helper()
	texts := map[string]care.Kind{}
	for _, kind := range care.Vocabulary() {
		for _, f := range kind.Fields() {
			if !f.Private {
				continue
			}
			words := fmt.Sprintf("words of %s %s", kind.Name, f.Name)
			ref := fmt.Sprintf("%s%d", care.PrivateRefPrefix, 1000+len(texts))
			texts[words], s.texts[ref] = kind, words
			with, err := json.Marshal(map[string]string{f.Name: ref})
			if err != nil {
				t.Fatal(err)
			}
			s.line(start, "fact", care.Entry{Seq: 1000 + len(texts), Fact: kind.Name, At: start, Now: start, By: people["psych"], With: with, Effect: care.Effect{To: "done"}})
		}
	}
	return s.record(), texts
}

// TestEveryPrivateFieldIsOpenInAnExportToThoseWhoMayReadIt holds every format of an export to the table that the history
// asks: every role, every private field, every file.
func TestEveryPrivateFieldIsOpenInAnExportToThoseWhoMayReadIt(t *testing.T) {
	t.Parallel()
	whole, texts := withEveryPrivateField(t, treated(t))
	if len(texts) < 50 {
		t.Fatalf("only %d private fields", len(texts))
	}
	for _, role := range person.Roles() {
		r := whole
		r.Texts = whole.ReadableTexts(role)
		files, err := recordexport.Files(r)
		if err != nil {
			t.Fatal(err)
		}
		for words, kind := range texts {
			shown := ""
			for _, f := range files {
				if strings.Contains(string(f.Body), words) {
					shown += f.Name + " "
				}
			}
			if !kind.Readable(role) && shown != "" {
				t.Errorf("an export for a %s shows %q in %s", role, words, shown)
			}
			if kind.Readable(role) && !strings.Contains(shown, "record.json") {
				t.Errorf("an export for a %s leaves out %q", role, words)
			}
		}
		if closed := len(whole.Texts) - len(r.Texts); closed != r.ClosedTexts() {
			t.Errorf("%d texts are closed to a %s, the manifest says %d", closed, role, r.ClosedTexts())
		}
		for _, f := range files {
			if strings.Contains(string(f.Body), care.PrivateRefPrefix) {
				t.Errorf("%s of a %s holds a reference", f.Name, role)
			}
		}
	}
}
