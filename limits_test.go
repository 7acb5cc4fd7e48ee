package kapflow_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The limits of a file and of a function.
const (
	mostLines      = 400 // of a file
	mostFunction   = 80  // lines of a function
	mostParameters = 5
)

// column is the reason of PutMail: store fulfills a port of messaging and may not import its Mail, so the port names the
// columns one by one.
const column = "a port between two rooms that may not import each other: one parameter for each column"

// beyond are the files and functions that go beyond a limit, and why.
var beyond = map[string]string{"messaging/mailbox_test.go: PutMail": column, "store/mailbox.go: PutMail": column}

// notOurs says whether a directory holds what others wrote, or what was built: bin has copies of modules after `make compose-test`.
func notOurs(path string, d fs.DirEntry) bool {
	return d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || path == "bin")
}

// TestFilesAndFunctionsKeepTheirLimits: no file over 400 lines, no function over 80, at most 5 parameters.
func TestFilesAndFunctionsKeepTheirLimits(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || notOurs(path, d) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := bytes.Count(body, []byte("\n")); n > mostLines && beyond[path] == "" {
			t.Errorf("%s has %d lines", path, n)
		} else if n > mostLines {
			found[path] = true
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, body, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines, name := fset.Position(f.End()).Line-fset.Position(f.Pos()).Line+1, path+": "+f.Name.Name
			if lines <= mostFunction && f.Type.Params.NumFields() <= mostParameters {
				continue
			}
			found[name] = true
			if beyond[name] == "" {
				t.Errorf("%s has %d lines and %d parameters", name, lines, f.Type.Params.NumFields())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range beyond {
		if !found[name] {
			t.Errorf("%s keeps the limits; take it out of the list", name)
		}
	}
}
