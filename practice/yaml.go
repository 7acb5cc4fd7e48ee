package practice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"kapflow/care/money"
	"kapflow/care/values"
)

// reader decodes one YAML document into Go values by their JSON names. The decoder of the YAML package is not enough:
// it ignores unknown keys or reports them without their path, does not know JSON names, and drops the line numbers that
// later faults need.
type reader struct {
	file   string
	lines  map[string]int // line of each setting, by path; "" is the document
	broken map[string]bool
	last   int // line of the document
	faults Faults
}

func newReader(file string) *reader {
	return &reader{file: file, lines: map[string]int{"": 1}, broken: map[string]bool{}, last: 1}
}

func (r *reader) fault(line int, path, format string, args ...any) {
	r.broken[path] = true
	line = max(1, min(line, r.last)) // the YAML package gives a line after the end for something missing
	r.faults = append(r.faults, Fault{File: r.file, Line: line, Path: path, Reason: fmt.Sprintf(format, args...)})
}

// line gives the line of a setting, or of its nearest parent in the file.
func (r *reader) line(path string) int {
	for {
		if n, ok := r.lines[path]; ok {
			return n
		}
		path = parent(path)
	}
}

// parent cuts the last step off a path: a.b[1].c → a.b[1] → a.b → a → "".
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// isBroken reports whether a setting, or a group that it is in, could not be read.
func (r *reader) isBroken(path string) bool {
	for ; ; path = parent(path) {
		if r.broken[path] {
			return true
		}
		if path == "" {
			return false
		}
	}
}

// read decodes a document into a struct. Settings that the document leaves out keep their value.
func (r *reader) read(text []byte, into any) {
	r.last = 1 + bytes.Count(text, []byte("\n"))
	if whole := bytes.ToValidUTF8(text, nil); len(whole) < len(text) { // the YAML package names no line
		at := 0
		for at < len(whole) && whole[at] == text[at] {
			at++
		}
		r.fault(1+bytes.Count(text[:at], []byte("\n")), "", "this line has letters that are not UTF-8; save the file as UTF-8")
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.fault(1, "", "the file is empty")
		return
	case err != nil:
		r.syntax(text, err)
		return
	}
	if err := dec.Decode(&more); err == nil {
		r.fault(more.Line, "", "a second document begins here. A practice file may hold only one")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(text, err)
	}
	if len(doc.Content) == 1 {
		r.value(doc.Content[0], reflect.ValueOf(into).Elem(), "")
	}
}

// syntax reports a document that is not YAML.
func (r *reader) syntax(text []byte, err error) {
	line, reason := SyntaxFault(text, err)
	r.fault(line, "", "is not YAML: %s", reason)
}

func (r *reader) value(n *yaml.Node, target reflect.Value, path string) {
	if _, ok := r.lines[path]; !ok {
		r.lines[path] = n.Line
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.fault(n.Line, path, "anchors and aliases (& and *) are not allowed. Write out the value")
		return
	}
	switch target.Kind() {
	case reflect.Struct:
		r.group(n, target, path)
	case reflect.Slice:
		r.list(n, target, path)
	default:
		r.scalar(n, target, path)
	}
}

func (r *reader) group(n *yaml.Node, target reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		r.fault(r.lines[path], path, "must be a group of settings (%s), not %s", strings.Join(names(target.Type()), ", "), said(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		at := join(path, key.Value)
		field, known := fieldNamed(target, key.Value)
		switch {
		case key.Kind != yaml.ScalarNode:
			r.fault(key.Line, path, "a setting's name must be a single word")
		case seen[key.Value] > 0:
			r.fault(key.Line, at, "is given twice. The first is on line %d", seen[key.Value])
		case !known:
			r.fault(key.Line, at, "is not a setting. Allowed here: %s", strings.Join(names(target.Type()), ", "))
		default:
			r.lines[at] = key.Line
			r.value(n.Content[i+1], field, at)
		}
		if key.Kind == yaml.ScalarNode && seen[key.Value] == 0 {
			seen[key.Value] = key.Line
		}
	}
}

func (r *reader) list(n *yaml.Node, target reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		r.fault(r.lines[path], path, "must be a list, not %s", said(n))
		return
	}
	out := reflect.MakeSlice(target.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		r.value(item, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	target.Set(out)
}

// plainNumber is a number as people write it. YAML knows others too: it would read 0500 as 320, because a zero ahead means base eight.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

func (r *reader) scalar(n *yaml.Node, target reflect.Value, path string) {
	bad := func(want string) { r.fault(n.Line, path, "must be %s, not %s", want, said(n)) }
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode {
		tag = ""
	}
	switch target.Kind() {
	case reflect.String:
		// A day (2027-01-31) is read as text, although YAML has a type for it.
		if tag != "!!str" && tag != "!!timestamp" {
			want := "text"
			if tag == "!!int" || tag == "!!float" || tag == "!!bool" {
				want = "text, in quotes"
			}
			bad(want)
			return
		}
		target.SetString(strings.TrimSpace(n.Value))
	case reflect.Int, reflect.Int64:
		var v int64
		if cents, isMoney := target.Addr().Interface().(*money.Cents); isMoney && tag == "!!str" {
			amount, err := values.Cents(n.Value)
			if err != nil {
				bad("an amount such as \"$100.00\", or a whole number of cents")
				return
			}
			*cents = money.Cents(amount)
			return
		}
		if tag != "!!int" || !plainNumber.MatchString(n.Value) || n.Decode(&v) != nil || target.OverflowInt(v) {
			bad(map[bool]string{true: "a whole number in plain digits", false: "a whole number"}[tag == "!!int"])
			return
		}
		target.SetInt(v)
	case reflect.Float64:
		var v float64
		if tag != "!!int" && tag != "!!float" || !plainNumber.MatchString(n.Value) || n.Decode(&v) != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			bad("a number")
			return
		}
		target.SetFloat(v)
	case reflect.Bool:
		var v bool
		if tag != "!!bool" || n.Decode(&v) != nil {
			bad("true or false")
			return
		}
		target.SetBool(v)
	default:
		panic("practice: no way to read a " + target.Type().String())
	}
}

// said describes a value as it is written in the file.
func said(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a group"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.ShortTag() == "!!null":
		return "nothing"
	}
	text := n.Value
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return strconv.Quote(text)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func fieldNamed(target reflect.Value, name string) (reflect.Value, bool) {
	for i := range target.NumField() {
		if jsonName(target.Type().Field(i)) == name {
			return target.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func names(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		out = append(out, jsonName(t.Field(i)))
	}
	return out
}
