package kapflow_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/person"
)

// shownOnly are stored fields that no rule reads. Each says who does, or where it is held to something.
var shownOnly = map[string]string{
	"kapflow/care.Done.Ref":                      "saved charts of earlier builds have it",
	"kapflow/care.Charge.Waived":                 "saved charts of earlier builds have it",
	"kapflow/care.Chart.Schema":                  "tells builds apart when a saved chart is looked at",
	"kapflow/care.Chart.Goals":                   "says on the chart that the record has goals; people read their words there (R7)",
	"kapflow/care.Service.Code":                  "the insurer's name of a service: people read it in the record, and no rule may choose by a code",
	"kapflow/care.Move.To":                       "people read in the record where a visit was moved to",
	"kapflow/care.Drug.DrawnMG":                  "people read it in the record; the report was held to dose and waste",
	"kapflow/care.InfusionDay.Noted":             "says on the chart that the record has the note; people read its words there (R21)",
	"kapflow/care.Readiness.Name":                "a reference to words that people read in the record",
	"kapflow/care.Readiness.Phone":               "a reference to words that people read in the record",
	"kapflow/care.CheckInReply.Concern":          "kept beside the answer; the alert is raised in the same step",
	"kapflow/care.Hold.About":                    "kept beside the hold; the alert about it names it too",
	"kapflow/care.Enrolled.Timezone":             "the desk adds the data of the zone that it names",
	"kapflow/care.ContactChanged.Timezone":       "the desk adds the data of the zone that it names",
	"kapflow/care.ClinicianAssigned.Zone":        "comes with the policy that the desk adds, and is not taken: a client keeps the zone of their practice",
	"kapflow/care.CoverageFields.Network":        "taken by its address into the coverage, where the costs read it",
	"kapflow/care.CoverageFields.Source":         "taken by its address into the coverage, where the costs read it",
	"kapflow/care.EstimateLine.Item":             "the words of a line, which the client reads on the document",
	"kapflow/care.EstimateLine.Service":          "the words of a line, which the client reads on the document",
	"kapflow/care.EstimateLine.Description":      "the words of a line, which the client reads on the document",
	"kapflow/care.ConsultDecided.WeightKG":       "the physician reads it in the record",
	"kapflow/care.ConsultDecided.PregnancyTest":  "the physician reads it in the record",
	"kapflow/care.InfusionCheckedIn.WeightKG":    "the physician reads it in the record",
	"kapflow/care.DoseOrdered.Route":             "its check takes the one route only (R12)",
	"kapflow/care.DoseOrdered.OutsideRange":      "its check asks for it beyond the physician's range",
	"kapflow/care.DrugGiven.Confirmed":           "its check asks for it beyond the physician's range",
	"kapflow/care.PaymentReceived.Confirmed":     "its check asks for it where a payment looks like a repetition",
	"kapflow/care.ClientDischarged.Alert":        "its check holds the discharge to it",
	"kapflow/care.ClientDischarged.Walking":      "its check holds the discharge to it",
	"kapflow/care.ClientDischarged.VitalsOK":     "its check holds the discharge to it",
	"kapflow/care.ClientDischarged.ReleasedTo":   "its check holds the discharge to it",
	"kapflow/care.ClientDischarged.Instructions": "its check holds the discharge to it",
	"kapflow/care.RefundPaid.FeeSet":             "its check holds it to what was approved",
	"kapflow/care.RefundPaid.Amount":             "its check holds it to what was approved",
}

// TestEveryFieldThatIsStoredHasAReader walks the fields of every fact and of the chart. A field that is only checked and kept
// promises a rule that is not there: it fails unless a rule reads it or it is a private text, which people read in the record.
func TestEveryFieldThatIsStoredHasAReader(t *testing.T) {
	t.Parallel()
	read := fieldsRead(t)
	fact := false // the walk is in a fact: being checked on the way in is not enough there
	walked := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(s reflect.Type) {
		for s.Kind() == reflect.Pointer || s.Kind() == reflect.Slice || s.Kind() == reflect.Map {
			s = s.Elem()
		}
		if s.Kind() != reflect.Struct || walked[s] || !strings.HasPrefix(s.PkgPath(), "kapflow/care") {
			return
		}
		walked[s] = true
		for i := range s.NumField() {
			f := s.Field(i)
			name := s.PkgPath() + "." + s.Name() + "." + f.Name
			private := f.Type == reflect.TypeFor[care.Private]() || f.Type == reflect.PointerTo(reflect.TypeFor[care.Private]())
			_, excused := shownOnly[name]
			switch {
			case f.Anonymous || !f.IsExported() || private:
			case f.Type == reflect.TypeFor[person.Actor]() || f.Name == "At": // who and when, kept beside what was done
			case !read[name].used && (fact || !read[name].checked) && !excused:
				t.Errorf("nobody reads %s", name)
			case read[name].used && excused:
				t.Errorf("%s has a reader; take it out of shownOnly", name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[care.Chart]())
	fact = true
	for _, k := range care.Vocabulary() {
		walk(reflect.TypeOf(k.New()))
	}
	if len(walked) < 80 {
		t.Errorf("only %d types were walked", len(walked))
	}
}

// reading says how code reads a field.
type reading struct {
	used    bool
	checked bool // in a check of what comes in
}

// fieldsRead gives every field of a struct of care that code reads, as package, type and field. Writing it is not reading, and
// neither is checking it on the way in.
func fieldsRead(t *testing.T) map[string]reading {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}\t{{.Dir}}\t{{join .GoFiles \",\"}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	export := map[string]string{}
	var ours [][]string
	for line := range strings.Lines(string(list)) {
		p := strings.Split(strings.TrimSpace(line), "\t")
		export[p[0]] = p[1]
		if strings.HasPrefix(p[0], "kapflow/") && len(p) == 4 {
			ours = append(ours, p)
		}
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(export[path]) })
	read := map[string]reading{}
	for _, p := range ours {
		var files []*ast.File
		for name := range strings.SplitSeq(p[3], ",") {
			f, err := parser.ParseFile(fset, filepath.Join(p[2], name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		info := &types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}}
		if _, err := (&types.Config{Importer: imports}).Check(p[0], fset, files, info); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			readsOf(f, info, read)
		}
	}
	return read
}

// readsOf notes the fields that a file reads.
func readsOf(f *ast.File, info *types.Info, read map[string]reading) {
	written, checks := map[ast.Expr]bool{}, false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			checks = takes(n, "inspection", "faults")
		case *ast.UnaryExpr: // the address of a field is taken to write it
			written[n.X] = n.Op == token.AND
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				written[left] = n.Tok == token.ASSIGN
			}
		case *ast.SelectorExpr:
			if s := info.Selections[n]; s != nil && s.Kind() == types.FieldVal && !written[n] {
				name := ownerOf(s) + "." + n.Sel.Name
				r := read[name]
				read[name] = reading{r.used || !checks, r.checked || checks}
			}
		}
		return true
	})
}

// takes says whether a function has a parameter that points to one of the named types.
func takes(f *ast.FuncDecl, names ...string) bool {
	for _, p := range f.Type.Params.List {
		if star, ok := p.Type.(*ast.StarExpr); ok {
			if id, ok := star.X.(*ast.Ident); ok && slices.Contains(names, id.Name) {
				return true
			}
		}
	}
	return false
}

// ownerOf gives the package and name of the type that a selected field belongs to, which may be embedded.
func ownerOf(s *types.Selection) string {
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		t = structOf(t).Field(i).Type()
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	return named.Obj().Pkg().Path() + "." + named.Obj().Name()
}

func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return t.Underlying().(*types.Struct)
}
