package kapflow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRuleNamesWhatHoldsItAndWhatShowsIt reads each table of rules that code cites. A row names, in code marks, the type,
// function, setting, table or gate that holds it, and the test, course or case that shows it. All of them exist.
func TestEveryRuleNamesWhatHoldsItAndWhatShowsIt(t *testing.T) {
	t.Parallel()
	named := declaredNames(t)
	for page, want := range map[string]int{"requirements.md": 47 + 13, "message-rules.md": 26, "security-rules.md": 20, "safety-rules.md": 3 + 18 + 1 + 10 + 5 + 5 + 6 + 6 + 11} {
		rows := ruleRows(t, page)
		if len(rows) < want {
			t.Errorf("%s has %d rules, and had %d", page, len(rows), want)
		}
		for _, row := range rows {
			if shown := row.cell("Shown by", "Test"); !testNamed.MatchString(shown) && !caseNamed.MatchString(shown) && !strings.Contains(shown, "course `") {
				t.Errorf("%s: nothing shows %s", page, row.id)
			} else {
				named.look(t, page+": "+row.id, shown)
			}
			if held, any := row.cells["Held by"]; any {
				if !strings.Contains(held, "`") && !strings.Contains(held, "[ADR") {
					t.Errorf("%s: nothing holds %s", page, row.id)
				}
				named.look(t, page+": "+row.id, held)
			}
		}
	}
}

var (
	caseNamed = regexp.MustCompile("cases? `([a-z0-9-]+)`")
	inMarks   = regexp.MustCompile("`([^`]+)`")
)

// ruleRow is one row of a table of rules: its first cell, and every cell by the heading of its column.
type ruleRow struct {
	id    string
	cells map[string]string
}

// cell gives the cell of the first of several headings that the table has.
func (r ruleRow) cell(headings ...string) string {
	for _, h := range headings {
		if c, ok := r.cells[h]; ok {
			return c
		}
	}
	return ""
}

// ruleRows reads the rows of all tables of a page that say what holds or shows their rules.
func ruleRows(t *testing.T, page string) (rows []ruleRow) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var headings []string
	for line := range strings.Lines(string(body)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			headings = nil
		case headings == nil:
			for _, c := range cells {
				headings = append(headings, strings.TrimSpace(c))
			}
		case strings.Trim(line, "|- \n") == "":
		default:
			row := ruleRow{strings.TrimSpace(cells[0]), map[string]string{}}
			for i, h := range headings {
				if i < len(cells) {
					row.cells[h] = strings.TrimSpace(cells[i])
				}
			}
			if row.cells["Shown by"]+row.cells["Held by"]+row.cells["Test"] != "" {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// existing is every name that a page may give: of Go, by "Name" and "Type.Name", and all other text of the repository in which a
// setting, a table or a code of ours is written.
type existing struct {
	declared map[string]bool
	text     string
}

// look fails for each name in code marks that does not exist.
func (x existing) look(t *testing.T, where, cell string) {
	t.Helper()
	cell = caseNamed.ReplaceAllStringFunc(cell, func(c string) string {
		if _, err := os.Stat("practice/cases/" + caseNamed.FindStringSubmatch(c)[1] + ".yaml"); err != nil {
			t.Errorf("%s names the %s, and there is none", where, c)
		}
		return ""
	})
	for _, m := range inMarks.FindAllStringSubmatch(cell, -1) {
		name := m[1]
		parts := strings.Split(name, ".")
		last := parts[len(parts)-1]
		if x.declared[name] || x.declared[last] && (len(parts) == 1 || x.declared[parts[0]] && !token.IsExported(parts[0])) { // Name, or package.Name
			continue
		}
		if len(parts) == 2 && token.IsExported(parts[0]) && x.declared[parts[0]] {
			t.Errorf("%s names %s, and %s has no such field or method", where, name, parts[0])
			continue
		}
		if _, err := os.Stat(name); err == nil {
			continue
		}
		if _, err := os.Stat(filepath.Join("practice", "courses", name+".yaml")); err == nil {
			continue
		}
		if !regexp.MustCompile(`(?m)["'.\s(]` + regexp.QuoteMeta(last) + `["':,\s({]`).MatchString(x.text) {
			t.Errorf("%s names %s, and there is no such thing", where, name)
		}
	}
}

// declaredNames reads every Go file, migration and practice file.
func declaredNames(t *testing.T) existing {
	t.Helper()
	x, text := existing{declared: map[string]bool{}}, new(strings.Builder)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && notOurs(path, d) {
				return filepath.SkipDir
			}
			return err
		}
		switch ext := filepath.Ext(path); {
		case ext == ".go":
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			x.declared[file.Name.Name] = true
			x.declare(file, text)
		case ext == ".sql" || path == filepath.Join("practice", "practice.yaml"):
			body, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text.Write(body)
		}
		return nil
	})
	if err != nil || len(x.declared) < 1000 {
		t.Fatalf("found %d names: %v", len(x.declared), err)
	}
	x.text = text.String()
	return x
}

// declare adds the names that a file declares, its fields and methods with their types; text gets its strings.
func (x existing) declare(file *ast.File, text *strings.Builder) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			x.declared[n.Name.Name] = true
			if n.Recv != nil {
				of := n.Recv.List[0].Type
				if star, ok := of.(*ast.StarExpr); ok {
					of = star.X
				}
				if id, ok := of.(*ast.Ident); ok {
					x.declared[id.Name+"."+n.Name.Name] = true
				}
			}
		case *ast.TypeSpec:
			x.declared[n.Name.Name] = true
			if s, ok := n.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						x.declared[n.Name.Name+"."+name.Name] = true
					}
				}
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				x.declared[name.Name] = true
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				text.WriteString(n.Value + "\n")
			}
		}
		return true
	})
}
