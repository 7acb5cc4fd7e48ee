package words

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// notForPeople are functions whose literals nobody reads: patterns, layouts, names and what is looked for in a text.
var notForPeople = map[string]bool{
	"Format": true, "Parse": true, "ParseInLocation": true, "AppendFormat": true, "MustCompile": true, "Compile": true, "panic": true,
	"Contains": true, "ContainsAny": true, "HasPrefix": true, "HasSuffix": true, "Cut": true, "CutPrefix": true, "CutSuffix": true, "TrimPrefix": true,
	"TrimSuffix": true, "Split": true, "Fields": true, "Index": true, "Count": true, "NewReplacer": true, "ReplaceAll": true, "Replace": true,
	"Getenv": true, "LookupEnv": true, "Command": true, "CommandContext": true, "Exec": true, "Query": true, "QueryRow": true, "Queue": true,
	"Handle": true, "HandleFunc": true, "Set": true, "Header": true, "Get": true, "NewRequest": true, "NewRequestWithContext": true,
}

// forLogs are the functions that write a line to the log.
var forLogs = map[string]bool{"Debug": true, "Info": true, "Warn": true, "Error": true, "DebugContext": true, "InfoContext": true, "WarnContext": true, "ErrorContext": true}

// forErrors are the functions that make an error. Clients never see one.
var forErrors = map[string]bool{"New": true, "Errorf": true}

// sql finds statements, and parts of them, for Postgres.
var sql = regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|ORDER BY|VALUES|ON CONFLICT|RETURNING|GROUP BY|CREATE|ALTER|GRANT|REVOKE|LOCK TABLE|TRUNCATE|REFERENCES|SET search_path)\b|^\s*(AND|OR|JOIN|LIMIT) `)

// sourceSentences collects the sentences in the string literals of all Go files.
func sourceSentences(root string) ([]Sentence, error) {
	var all []Sentence
	err := eachFile(root, ".go", func(file, full string) error {
		if strings.HasSuffix(file, "_test.go") {
			return nil
		}
		where, ok := placeOf(file)
		if !ok {
			return fmt.Errorf("%s belongs to no place in starter/words/rooms.go: say there who reads its sentences", file)
		}
		if where.reader == "" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), full, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		c := collector{where: where, file: file}
		ast.Inspect(parsed, c.visit)
		all = append(all, c.found...)
		return nil
	})
	return all, err
}

// eachFile calls do for every file with an ending, in order, with its path in the repository and on disk.
func eachFile(root, ending string, do func(file, full string) error) error {
	return filepath.WalkDir(root, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file, err := filepath.Rel(root, full)
		if err != nil {
			return err
		}
		file = filepath.ToSlash(file)
		switch {
		case d.IsDir() && file != "." && (skipped(file) || nestedModule(full)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ending) || !strings.Contains(file, "/"):
			return nil
		}
		return do(file, full)
	})
}

// nestedModule reports whether a directory is the root of another module.
func nestedModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// collector walks one file.
type collector struct {
	where place
	file  string
	stack []ast.Node // from the file down to the current node's parent
	found []Sentence
}

// visit is called by ast.Inspect.
func (c *collector) visit(n ast.Node) bool {
	if n == nil {
		c.stack = c.stack[:len(c.stack)-1]
		return true
	}
	descend := true
	switch x := n.(type) {
	case *ast.ImportSpec:
		descend = false
	case *ast.Field:
		c.tag(x)
	case *ast.BasicLit, *ast.BinaryExpr:
		descend = c.text(x.(ast.Expr))
	}
	if descend {
		c.stack = append(c.stack, n)
	}
	return descend
}

// tag collects the help of commands and the descriptions of settings, which are struct tags.
func (c *collector) tag(f *ast.Field) {
	if f.Tag == nil {
		return
	}
	raw, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return
	}
	for _, key := range []string{"help", "about"} {
		if words := reflect.StructTag(raw).Get(key); words != "" {
			c.add(c.where, words)
		}
	}
	f.Tag = nil
}

// text collects a literal, or literals joined with +. It reports whether to look for more below the node.
func (c *collector) text(x ast.Expr) (descend bool) {
	if b, ok := x.(*ast.BinaryExpr); ok && b.Op != token.ADD {
		return b.Op != token.EQL && b.Op != token.NEQ
	}
	call, after := c.call(x)
	if call != nil && notForPeople[callee(call)] {
		return false
	}
	words, ok := flatten(x)
	if !ok {
		return true
	}
	where := c.where
	switch {
	case call == nil:
	case forLogs[callee(call)]:
		where = logLines
	case forErrors[callee(call)] && where.reader == Client:
		where = errorsOfPages
	}
	if c.isKey(x) {
		where.labels = false
	}
	c.add(where, fill(words, after))
	return false
}

// call gives the call that an expression is an argument of, and the arguments after it.
func (c *collector) call(x ast.Expr) (*ast.CallExpr, []ast.Expr) {
	if len(c.stack) == 0 {
		return nil, nil
	}
	call, ok := c.stack[len(c.stack)-1].(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	i := slices.Index(call.Args, x)
	if i < 0 {
		return call, nil
	}
	return call, call.Args[i+1:]
}

// isKey reports whether an expression is the key of an element, such as a name in a map for a template.
func (c *collector) isKey(x ast.Expr) bool {
	if len(c.stack) == 0 {
		return false
	}
	pair, ok := c.stack[len(c.stack)-1].(*ast.KeyValueExpr)
	return ok && pair.Key == x
}

// add keeps a text if it is one for people.
func (c *collector) add(where place, text string) {
	text = strings.TrimSpace(text)
	if forPeople(text) || where.labels && label.MatchString(text) {
		c.found = append(c.found, Sentence{Reader: where.reader, Heading: where.heading, Text: text, File: c.file})
	}
}

var (
	label       = regexp.MustCompile(`^[A-Z][a-z]+$`)
	placeholder = regexp.MustCompile(`\{[^{}]*\}`)
	word        = regexp.MustCompile(`[\pL][\pL'’-]*`)
	code        = regexp.MustCompile(`^[\w./:-]+$|://|^[-\w]+[:=][^ ]*$|^\w+=|[{};]$|^<|^[#.@]\w|\b(default-src|max-age|charset)\b`)
)

// forPeople tells a text for people from names, patterns, SQL and markup: it has a space and at least two words, or a word
// and a value.
func forPeople(text string) bool {
	bare := placeholder.ReplaceAllString(text, " ")
	words := 0
	for _, w := range word.FindAllString(bare, -1) {
		if len(w) > 1 || w == "a" || w == "A" || w == "I" {
			words++
		}
	}
	values := len(placeholder.FindAllString(text, -1))
	switch {
	case !strings.Contains(text, " "), words == 0, words+values < 2:
		return false
	case sql.MatchString(text), code.MatchString(strings.TrimSpace(placeholder.ReplaceAllString(text, "x"))) && !strings.Contains(text, ". "):
		return false
	}
	return strings.ContainsFunc(bare, unicode.IsLower)
}

// flatten gives the text of an expression of literals and values joined with +. ok is false if it has no literal.
func flatten(x ast.Expr) (text string, ok bool) {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return flatten(x.X)
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(x.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, inLeft := flatten(x.X)
		right, inRight := flatten(x.Y)
		if x.Op != token.ADD || !inLeft && !inRight {
			return "", false
		}
		if !inLeft {
			left = "{" + nameOf(x.X) + "}"
		}
		if !inRight {
			right = "{" + nameOf(x.Y) + "}"
		}
		return left + right, true
	case *ast.CallExpr:
		if callee(x) == "Sprintf" && len(x.Args) > 0 {
			if text, ok := flatten(x.Args[0]); ok {
				return fill(text, x.Args[1:]), true
			}
		}
	}
	return "", false
}

// verb is a verb of package fmt.
var verb = regexp.MustCompile(`%[-+# 0]*(?:\d+|\*)?(?:\.\d+)?([a-zA-Z%])`)

// fill replaces the verbs of a format by the names of the values.
func fill(format string, values []ast.Expr) string {
	i := 0
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		if strings.HasSuffix(v, "%") {
			return "%"
		}
		name := "value"
		if i < len(values) {
			name = nameOf(values[i])
		}
		i++
		return "{" + name + "}"
	})
}

// callee is the name of the function that a call calls.
func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// transparent functions change how a value is written and not what it is.
var transparent = map[string]bool{"string": true, "Join": true, "JoinWords": true, "Lower": true, "LowerFirst": true, "ToLower": true, "Title": true,
	"Sprint": true, "orElse": true, "Itoa": true, "String": true, "Quote": true, "Name": true, "TrimSpace": true, "Error": true}

// shortNames are the variables of one or few letters that the sources use for the same thing everywhere.
var shortNames = map[string]string{"v": "visit", "err": "error", "n": "number", "id": "id", "at": "time", "by": "by", "q": "question", "m": "value", "x": "value", "s": "value",
	"f": "value", "c": "value", "p": "value", "t": "value", "d": "value", "a": "value", "b": "value", "g": "gate", "e": "value", "l": "value", "k": "value", "r": "value", "w": "value", "i": "number"}

// nameOf names a value for a reader: {visit}, {legal name}.
func nameOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		if name, ok := shortNames[x.Name]; ok {
			return name
		}
		return spaced(x.Name)
	case *ast.SelectorExpr:
		if transparent[x.Sel.Name] || x.Sel.Name == "ID" {
			return nameOf(x.X)
		}
		return spaced(x.Sel.Name)
	case *ast.CallExpr:
		if transparent[callee(x)] {
			if len(x.Args) > 0 {
				return nameOf(x.Args[0])
			}
			return nameOf(x.Fun)
		}
		return spaced(callee(x))
	case *ast.ParenExpr:
		return nameOf(x.X)
	case *ast.StarExpr:
		return nameOf(x.X)
	case *ast.UnaryExpr:
		return nameOf(x.X)
	case *ast.IndexExpr:
		return nameOf(x.X)
	case *ast.BinaryExpr:
		return nameOf(x.X)
	}
	return "value"
}

// spaced writes a Go name in words: ClientID → client id.
func spaced(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	if b.Len() == 0 {
		return "value"
	}
	return b.String()
}
