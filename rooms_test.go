// Package kapflow_test holds the house rules that no single room can keep: who may import whom.
package kapflow_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport is the table of docs/adr/0001 and ARCHITECTURE.md: which of our rooms each room may import. A
// room that is not listed here does not exist. "*" may import anything: it only wires.
var mayImport = map[string][]string{
	"care":         {},
	"activities":   {"care"},
	"workflows":    {"care", "activities"},
	"store":        {"care", "keyring", "output"},
	"messaging":    {"care", "output"},
	"practice":     {"care"},
	"documents":    {"care"},
	"recordexport": {"care", "output"},
	"eligibility":  {"care"},
	"access":       {"care"},
	"desk":         {"access", "care", "workflows"},
	"console":      {"access", "care", "desk"},
	"keyring":      {},
	"output":       {},
	"engine":       {"keyring", "output"},
	"config":       {"keyring"},
	"devstack":     {},
	"worker":       {"*"},
	"starter":      {"*"},
	"bench":        {"*"},
	"e2e":          {"*"},
}

// mayImportInCare is the same table inside care: the leaves know nothing of the chart, and the read models know all of it.
var mayImportInCare = map[string][]string{
	"care":                {"care/clock", "care/message", "care/money", "care/person", "care/policy", "care/values", "care/visit", "care/wording"},
	"care/values":         {},
	"care/clock":          {},
	"care/wording":        {},
	"care/person":         {"care/wording"},
	"care/money":          {"care/clock", "care/person", "care/values"},
	"care/visit":          {"care/money"},
	"care/policy":         {"care/clock", "care/money", "care/person", "care/values", "care/visit", "care/wording"},
	"care/message":        {"care/clock", "care/person", "care/wording"},
	"care/message/states": {"care/message"}, // prints docs/message-states.md
	"care/form":           {"care", "care/clock", "care/money", "care/person", "care/values"},
	"care/record":         {"care", "care/clock", "care/message", "care/money", "care/person", "care/policy", "care/visit", "care/wording"},
}

type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	packages := goList(t)
	if len(packages) < 10 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		room := roomOf(p.ImportPath)
		if room == "" {
			continue
		}
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s: there is no room %q; add a room only for something that none of the others is, with an ADR", p.ImportPath, room)
			continue
		}
		for _, imported := range p.Imports {
			other := roomOf(imported)
			switch {
			case other == "" || other == room || slices.Contains(allowed, "*") || slices.Contains(allowed, other):
			default:
				t.Errorf("%s imports %s: %s may import only %v of ours", p.ImportPath, imported, room, allowed)
			}
			if room == "care" && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
				t.Errorf("%s imports %s: care imports the standard library only", p.ImportPath, imported)
			}
			if other == "devstack" && room != "devstack" && room != "starter" && room != "bench" && room != "e2e" {
				t.Errorf("%s imports %s: only the starter and tests may", p.ImportPath, imported)
			}
		}
	}
}

// TestPackagesOfCareImportOnlyWhatTheyMay holds the order inside the room: leaves, aggregate, read models.
func TestPackagesOfCareImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t) {
		if roomOf(p.ImportPath) != "care" {
			continue
		}
		name := strings.TrimPrefix(p.ImportPath, "kapflow/")
		allowed, known := mayImportInCare[name]
		if !known {
			t.Errorf("%s is not in the table; add it with an ADR", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, "kapflow/"); ours && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s: it may import only %v of ours", p.ImportPath, imported, allowed)
			}
		}
	}
}

// TestWorkflowCodeKeepsAwayFromTheMachine covers what workflowcheck misses: zone loading, locks, files and
// the network have no place in code that is replayed.
func TestWorkflowCodeKeepsAwayFromTheMachine(t *testing.T) {
	t.Parallel()
	forbidden := []string{"os", "net", "net/http", "sync", "sync/atomic", "math/rand", "math/rand/v2", "crypto/rand", "io/fs", "path/filepath"}
	for _, p := range goList(t) {
		if room := roomOf(p.ImportPath); room != "care" && p.ImportPath != "kapflow/workflows" {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(forbidden, imported) {
				t.Errorf("%s imports %s: workflow code is replayed and must not touch the machine; do it in an activity", p.ImportPath, imported)
			}
		}
	}
}

func roomOf(importPath string) string {
	rest, ours := strings.CutPrefix(importPath, "kapflow/")
	if !ours {
		return ""
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

func goList(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestMapsAreReadInOrder backs the one exception in tools/workflowcheck.yaml: a map's keys decide nothing
// before they are sorted.
func TestMapsAreReadInOrder(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"care/*.go", "care/*/*.go", "workflows/*.go"} {
		files, err := filepath.Glob(dir)
		if err != nil || len(files) == 0 {
			t.Fatalf("no Go files in %s: %v", dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if all, ordered := strings.Count(string(body), "maps.Keys("), strings.Count(string(body), "slices.Sorted(maps.Keys("); all != ordered {
				t.Errorf("%s reads the keys of a map unsorted; write slices.Sorted(maps.Keys(m))", file)
			}
		}
	}
}
