package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kapflow/care"
)

// TestNoPrivateFieldOfAnyFactStandsOnACommandLine goes through every private field of the vocabulary, in any spelling that the
// decoder takes, and through every way to give it.
func TestNoPrivateFieldOfAnyFactStandsOnACommandLine(t *testing.T) {
	t.Parallel()
	private := 0
	for _, kind := range care.Vocabulary() {
		for _, f := range kind.Fields() {
			if strings.Contains(f.Name, ".") {
				continue
			}
			for _, name := range []string{f.Name, strings.ToUpper(f.Name)} {
				body, err := json.Marshal(map[string]string{name: "a word of the client"})
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), "fields.json")
				if err := os.WriteFile(path, body, 0o600); err != nil {
					t.Fatal(err)
				}
				inline, err := readWith(string(body))
				if err != nil {
					t.Fatal(err)
				}
				file, err := readWith("@" + path)
				if err != nil {
					t.Fatal(err)
				}
				refused := inline.noPrivateInline(kind.Name, false)
				if (refused != nil) != f.Private {
					t.Errorf("%s.%s (private: %t) inline: %v", kind.Name, name, f.Private, refused)
				}
				if refused != nil && (strings.Contains(refused.Error(), "a word") || !strings.Contains(refused.Error(), "--with @FILE, or --with -")) {
					t.Errorf("%s.%s: %v", kind.Name, name, refused)
				}
				if err := inline.noPrivateInline(kind.Name, true); err != nil {
					t.Errorf("%s.%s in a demo: %v", kind.Name, name, err)
				}
				if err := file.noPrivateInline(kind.Name, false); err != nil {
					t.Errorf("%s.%s by file: %v", kind.Name, name, err)
				}
			}
			if f.Private {
				private++
			}
		}
	}
	if private < 20 {
		t.Errorf("only %d private fields were tried", private)
	}
}
