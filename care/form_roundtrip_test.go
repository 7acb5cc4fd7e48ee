package care_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/form"
	"kapflow/care/person"
)

// TestReportsSurviveTheirForms: what a form shows of a report is read as the same report, in any zone.
func TestReportsSurviveTheirForms(t *testing.T) {
	t.Parallel()
	k := formChart(t)
	rapid.Check(t, func(t *rapid.T) {
		d := dice{T: t, chart: k.chart, now: k.now}
		kind := care.Vocabulary()[d.n(0, len(care.Vocabulary())-1)]
		fields := with{}
		if d.chance(2) {
			fields = d.fields(kind.Name)
		} else {
			for _, name := range slices.Sorted(maps.Keys(fullReports[kind.Name])) {
				if d.chance(2) {
					fields[name] = fullReports[kind.Name][name]
				}
			}
		}
		for _, f := range kind.Fields() {
			if f.Input == care.InputNone {
				delete(fields, f.Name)
			}
		}
		if answers, ok := fields["phq9"].([]int); ok && len(answers) == 1 {
			t.Skip("a questionnaire that is not whole is refused")
		}
		if share, ok := fields["coinsurance_bp"].(int); ok && share > 10000 {
			t.Skip("a share of more than the whole is refused")
		}
		body, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := kind.DecodeReport(body, denver, k.now)
		if err != nil {
			t.Skip("not a report")
		}
		z := zone(pick(d, "America/Denver", "Pacific/Honolulu", "Europe/Berlin"))
		first := formed(t, kind, body)
		if got, _, err := kind.DecodeReport(first, denver, k.now); err != nil || !cmp.Equal(got, want) {
			t.Fatalf("%s: of %s became %s: %v\n%s", kind.Name, body, first, err, cmp.Diff(want, got))
		}
		if second := formed(t, kind, first); string(second) != string(first) {
			t.Fatalf("%s: of %s became %s", kind.Name, first, second)
		}
		shown, err := form.Show(kind, first, z)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := form.Read(kind, shown, z, person.Physician)
		if got, _, err := kind.DecodeReport(elsewhere.With, denver, k.now); err != nil || len(elsewhere.Faults) > 0 || !cmp.Equal(got, want) {
			t.Fatalf("%s in %s: of %s became %s: %v %v", kind.Name, z.Name, first, elsewhere.With, err, elsewhere.Faults)
		}
	})
}

// formed shows a report in its form and reads the form.
func formed(t *rapid.T, kind care.Kind, body json.RawMessage) json.RawMessage {
	shown, err := form.Show(kind, body, denver)
	if err != nil {
		t.Fatalf("%s %s: %v", kind.Name, body, err)
	}
	read := form.Read(kind, shown, denver, person.Physician)
	if len(read.Faults) > 0 {
		t.Fatalf("%s %s is shown as %v: %+v", kind.Name, body, shown, read.Faults)
	}
	return read.With
}

// TestEveryFieldCanBeSaid: each field of a whole report has a label and words, and a choice is said by its label.
func TestEveryFieldCanBeSaid(t *testing.T) {
	t.Parallel()
	for _, kind := range care.Vocabulary() {
		report := maps.Clone(fullReports[kind.Name])
		given := 0
		for _, f := range kind.Fields() {
			if f.Input == care.InputNone {
				delete(report, f.Name)
			} else if _, is := report[f.Name]; is && f.Input != care.InputAnswers { // the answers to a questionnaire are no field of a sheet
				given++
			}
		}
		body, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		said, err := form.Say(kind, body, denver)
		if err != nil || len(said) < given {
			t.Errorf("%s: %d of %d fields are said, %v", kind.Name, len(said), given, err)
		}
		for _, s := range said {
			if s.Label == "" || s.Words == "" || strings.Contains(s.Words, "false") || strings.Contains(s.Words, "does-not-pay") || strings.Contains(s.Words, "iv-drip") {
				t.Errorf("%s: %q is said as %q", kind.Name, s.Label, s.Words)
			}
		}
	}
}
