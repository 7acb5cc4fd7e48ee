package kapflow_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayMake lists who may make an access.Person in which way: the beginnings of paths. Everything that is not here makes none.
var mayMake = map[string][]string{
	"FromSession":   {"console/"},
	"FromOperator":  {"starter/who.go"},
	"Stranger":      {"starter/who.go"},
	"FromRehearsal": {"starter/who.go", "starter/demo.go", "starter/rehearsal/", "worker/dryrun/", "bench/", "e2e/"}, // who.go: with a demo only; worker/dryrun: on memory only
	"FromLink":      {"console/page/"},
	"FromFeed":      {"desk/feed.go"},
	"FromProvider":  {"desk/provider.go"},
	"FromSystem":    {"worker/"},
}

// sourceFile is one Go file that is no test.
type sourceFile struct {
	path string
	file *ast.File
}

// sources parses every Go file that is no test under some rooms.
func sources(t *testing.T, rooms ...string) (all []sourceFile) {
	t.Helper()
	for _, room := range rooms {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			all = append(all, sourceFile{filepath.ToSlash(path), file})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no files in %v", rooms)
	}
	return all
}

// begins says whether a path begins with one of several.
func begins(path string, with []string) bool {
	return slices.ContainsFunc(with, func(w string) bool { return strings.HasPrefix(path, w) })
}

// usesOf calls found for every name that a file uses of a package of ours.
func usesOf(s sourceFile, pkg string, found func(name string)) {
	local := ""
	for _, imported := range s.file.Imports {
		if imported.Path.Value == `"kapflow/`+pkg+`"` {
			local = pkg[strings.LastIndex(pkg, "/")+1:]
			if imported.Name != nil {
				local = imported.Name.Name
			}
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && local != "" {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				found(sel.Sel.Name)
			}
		}
		return true
	})
}

// TestAPersonIsMadeOnlyWhereSomebodyWasVerified finds whoever makes an access.Person in a way that is not theirs.
func TestAPersonIsMadeOnlyWhereSomebodyWasVerified(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, s := range sources(t, ".") {
		usesOf(s, "access", func(name string) {
			if where, makes := mayMake[name]; makes {
				used[name] = true
				if !begins(s.path, where) {
					t.Errorf("%s calls access.%s; only %v may", s.path, name, where)
				}
			}
		})
	}
	for name := range mayMake {
		if !used[name] {
			t.Errorf("nobody calls access.%s", name)
		}
	}
}

// TestAccessMakesNoPersonInAnotherWay: the table above has every exported function that gives a Person, and a Person has no field
// that others can set.
func TestAccessMakesNoPersonInAnotherWay(t *testing.T) {
	t.Parallel()
	made, checked := map[string]bool{}, false
	for _, s := range sources(t, "access") {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Name.IsExported() && f.Type.Results != nil {
				for _, result := range f.Type.Results.List {
					if strings.Contains(fmt.Sprint(typeName(result.Type)), "Person") {
						made[f.Name.Name] = true
					}
				}
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != "Person" {
				return true
			}
			fields, ok := spec.Type.(*ast.StructType)
			if !ok {
				t.Fatal("Person is no struct")
			}
			for _, field := range fields.Fields.List {
				for _, name := range field.Names {
					checked = true
					if name.IsExported() {
						t.Errorf("anybody can set Person.%s", name.Name)
					}
				}
			}
			return true
		})
	}
	for name := range made {
		if mayMake[name] == nil {
			t.Errorf("access.%s gives a Person; say in mayMake who may call it", name)
		}
	}
	if !checked || len(made) != len(mayMake) {
		t.Errorf("%d ways to make a Person, %d in the table", len(made), len(mayMake))
	}
}

// TestOnlyADemoSignsSomebodyInWithoutAPasskey: the constructor whose links do that is called by demos and tests.
func TestOnlyADemoSignsSomebodyInWithoutAPasskey(t *testing.T) {
	t.Parallel()
	may := []string{"starter/demo", "starter/rehearsal/", "bench/", "e2e/"}
	for _, s := range sources(t, ".") {
		usesOf(s, "console/signin", func(name string) {
			if name == "ForDemo" && !begins(s.path, may) {
				t.Errorf("%s calls signin.ForDemo; only %v may", s.path, may)
			}
		})
	}
}

// typeName gives the name at the end of a type.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ArrayType:
		return typeName(e.Elt)
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// aroundTheDesk lists who may reach the store without the desk, and why no person stands behind it.
var aroundTheDesk = map[string]string{
	"starter/connect.go":      "sets the options of the connection",
	"starter/who.go":          "hands the store to what the desk has let in",
	"starter/policy_check.go": "holds a file against the clinicians of open courses, and names no client",
	"starter/demo.go":         "sums up the demo's own sample clients",
	"starter/rehearsal/":      "plays sample courses: the journal's lines, addresses and zones of sample clients",
	"console/page/":           "acts for the client whose link was opened; each page writes its own row before it reads",
	"console/signin/":         "finds out who somebody is, before there is a person; whatever it changes passes the desk",
}

// storeNames are the fields through which a store is reached.
var storeNames = []string{"Store", "Records", "Links"}

// TestNobodyReachesTheStoreAroundTheDesk finds what in the programs for people reads or writes without a row in the audit log.
func TestNobodyReachesTheStoreAroundTheDesk(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, s := range sources(t, "starter", "console") {
		methods := map[*ast.SelectorExpr]bool{} // x.Store(…) is a method, such as an atomic's
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
					methods[sel] = true
				}
			}
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || methods[sel] || !slices.Contains(storeNames, sel.Sel.Name) {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "store" {
				return true // the type
			}
			for place := range aroundTheDesk {
				if strings.HasPrefix(s.path, place) {
					used[place] = true
					return true
				}
			}
			t.Errorf("%s reaches the store by .%s; use a method of the desk, or look", s.path, sel.Sel.Name)
			return true
		})
		connects(t, s)
	}
	for place := range aroundTheDesk {
		if !used[place] {
			t.Errorf("%s does not reach the store any more; take it off the list", place)
		}
	}
}

// connects finds who opens a practice besides those who name a person for it.
func connects(t *testing.T, s sourceFile) {
	t.Helper()
	usesOf(s, "worker/wiring", func(name string) {
		if name == "Open" && !begins(s.path, []string{"starter/connect.go", "starter/demo.go", "starter/rehearsal/"}) {
			t.Errorf("%s opens a practice; use withPerson or look", s.path)
		}
	})
	ast.Inspect(s.file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "connect" && s.path != "starter/who.go" {
				t.Errorf("%s connects without naming a person; use withPerson or look", s.path)
			}
		}
		return true
	})
}

// TestNobodyInventsAnActor: who did something comes from the desk. Only what reads a course or a demo's --by makes one up.
func TestNobodyInventsAnActor(t *testing.T) {
	t.Parallel()
	allowed := []string{"starter/who.go", "starter/terminal.go", "starter/demo.go", "starter/rehearsal/", "worker/dryrun/"}
	seen := 0
	for _, s := range sources(t, "starter", "console", "desk", "worker", "activities") {
		ast.Inspect(s.file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || typeName(literal.Type) != "Actor" || len(literal.Elts) == 0 {
				return true
			}
			seen++
			if !begins(s.path, allowed) {
				t.Errorf("%s makes up who did something", s.path)
			}
			return true
		})
	}
	if seen == 0 {
		t.Error("no actor was found; does this test still look for them?")
	}
}
