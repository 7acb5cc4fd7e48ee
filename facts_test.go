package kapflow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kapflow/care"
)

// factRooms are searched for names of facts. In care itself a name stands in its row of the vocabulary; bench, e2e and
// devstack play courses and report facts by name.
var factRooms = []string{"activities", "care/record", "console", "desk", "documents", "eligibility", "engine", "messaging", "practice", "recordexport", "starter", "store", "worker", "workflows"}

// mayName lists, for each package outside care, the facts that it names and why. It may only report them: what depends on
// the kind of a fact stands in care's vocabulary.
var mayName = map[string]map[string]string{
	"desk": {
		"message-status-reported": "a provider's report becomes this fact",
		"reply-received":          "a client's reply becomes this fact",
	},
	"console/page": {
		"appointment-confirmed":        "a form of the visit's page",
		"appointment-change-requested": "a form of the visit's page",
		"appointment-cancelled":        "a form of the visit's page",
		"messaging-consent-recorded":   "the form of the page about messages",
		"check-in-answered":            "the form of the check-in's page",
		"readiness-answered":           "the form of the page before an infusion",
	},
	"desk/intake": {
		"enrolled": "the state of a row of an intake file, which is no fact's name",
	},
	"starter": {
		"estimate-issued":  "starter estimate --issue reports it",
		"coverage-entered": "starter insurer --record reports it",
		"infusion-stopped": "the demo reports what was given after each that its courses have",
		"drug-given":       "the demo reports it",
		"payment-received": "the demo reports what the insurer paid",
	},
	"practice/coursefile": {
		"check-in-answered": "course files have a short form for it: check_in and answers",
		"reply-received":    "course files have a short form for it: reply",
	},
}

// TestNobodyOutsideCareDecidesByTheNameOfAFact fails on a string that is a fact's name, or holds it as SQL quotes it, and
// on a switch or assertion on a fact's type.
func TestNobodyOutsideCareDecidesByTheNameOfAFact(t *testing.T) {
	t.Parallel()
	types := map[string]bool{}
	for _, k := range care.Vocabulary() {
		types[reflect.TypeOf(k.New()).Elem().Name()] = true
	}
	named := map[string]map[string]bool{}
	for path, file := range roomFiles(t) {
		at := filepath.ToSlash(filepath.Dir(path))
		ast.Inspect(file.ast, func(n ast.Node) bool {
			where := file.fset.Position
			switch x := n.(type) {
			case *ast.BasicLit:
				for _, name := range factsNamedIn(x) {
					if mayName[at][name] == "" {
						t.Errorf("%s names the fact %s: what depends on it belongs into its row in care/fact_vocabulary.go", where(x.Pos()), name)
					}
					if named[at] == nil {
						named[at] = map[string]bool{}
					}
					named[at][name] = true
				}
			case *ast.TypeAssertExpr:
				if x.Type != nil && isFactType(x.Type, types) {
					t.Errorf("%s asserts a fact's type; ask its row, or record.FactsOf", where(x.Pos()))
				}
			case *ast.TypeSwitchStmt:
				for _, clause := range x.Body.List {
					if slices.ContainsFunc(clause.(*ast.CaseClause).List, func(e ast.Expr) bool { return isFactType(e, types) }) {
						t.Errorf("%s switches on a fact's type; ask its row, or record.FactsOf", where(clause.Pos()))
					}
				}
			}
			return true
		})
	}
	for at, facts := range mayName {
		for name := range facts {
			if !named[at][name] {
				t.Errorf("mayName lists %s for %s, which does not name it", name, at)
			}
		}
	}
}

type parsedFile struct {
	fset *token.FileSet
	ast  *ast.File
}

// roomFiles parses the code of factRooms without its tests.
func roomFiles(t *testing.T) map[string]parsedFile {
	t.Helper()
	files := map[string]parsedFile{}
	for _, room := range factRooms {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, 0)
			files[path] = parsedFile{fset, file}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 100 {
		t.Fatalf("found only %d files", len(files))
	}
	return files
}

// factsNamedIn gives the facts that a string names: it is the name, or it holds the name in quotes of SQL.
func factsNamedIn(lit *ast.BasicLit) (names []string) {
	if lit.Kind != token.STRING {
		return nil
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil
	}
	for _, k := range care.Vocabulary() {
		if text == k.Name || strings.Contains(text, "'"+k.Name+"'") {
			names = append(names, k.Name)
		}
	}
	return names
}

// isFactType says whether an expression is *care.X for a fact X.
func isFactType(e ast.Expr, types map[string]bool) bool {
	star, ok := e.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := sel.X.(*ast.Ident)
	return ok && from.Name == "care" && types[sel.Sel.Name]
}
