package care_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/person"
)

// updateReleased rewrites what the charts of released builds are expected to do next. Only a rule that was changed on purpose
// is a reason for it.
var updateReleased = flag.Bool("update-released", false, "rewrite testdata/charts/*/next.txt")

// TestReleasedChartsGoOn reads every chart that a released build has stored and takes its next step. Journeys run for months
// and carry their chart from one build to the next: fields are only ever added, and what each chart does next is written
// down beside it.
//
// IMPORTANT: charts are recorded with `make record-histories` on the code that is released, never on the branch under test,
// into a directory named after its commit. They are kept for ever.
func TestReleasedChartsGoOn(t *testing.T) {
	t.Parallel()
	builds, err := filepath.Glob("testdata/charts/*")
	if err != nil || len(builds) == 0 {
		t.Fatalf("%d builds: %v; make record-histories", len(builds), err)
	}
	for _, build := range builds {
		t.Run(filepath.Base(build), func(t *testing.T) {
			t.Parallel()
			files, err := filepath.Glob(filepath.Join(build, "*.json.gz"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%d charts: %v", len(files), err)
			}
			var next strings.Builder
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".json.gz")
				fmt.Fprintf(&next, "%s\n%s", name, nextOf(loadReleased(t, file)))
			}
			golden := filepath.Join(build, "next.txt")
			if *updateReleased {
				if err := os.WriteFile(golden, []byte(next.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), next.String()); diff != "" {
				t.Errorf("charts of this build go on otherwise (-was +is); if a rule was changed on purpose, -update-released: %s", diff)
			}
		})
	}
}

// loadReleased reads a chart as it was stored, and shows that nothing of it is lost and that it takes a fact.
func loadReleased(t *testing.T, file string) *care.Chart {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	chart := new(care.Chart)
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(chart); err != nil {
		t.Fatalf("%s: a field was renamed, removed or got another type: %v", file, err)
	}
	var before, after any
	again, err := json.Marshal(chart)
	if err := errors.Join(err, json.Unmarshal(body, &before), json.Unmarshal(again, &after)); err != nil {
		t.Fatal(err)
	}
	for _, lost := range missing("chart", before, after) {
		t.Errorf("%s: %s", file, lost)
	}
	if shared := sharedParts(reflect.ValueOf(*chart), reflect.ValueOf(*chart.Clone()), "chart"); len(shared) > 0 {
		t.Errorf("a clone shares %s", shared)
	}
	goesOn(t, chart.Clone())
	return chart
}

// nextOf is what a chart does in the hour after it was saved: a few lines of text.
func nextOf(c *care.Chart) string {
	var b strings.Builder
	now := c.Published.At.Add(time.Hour)
	step := c.Step(now)
	fmt.Fprintf(&b, "  stage %s, over %t, wakes in %s\n", c.Stage(), step.Over, step.Wake.Sub(now).Round(time.Second))
	for _, ch := range step.Changes {
		fmt.Fprintf(&b, "  change %s %s %s %s\n", ch.Type, ch.Subject, ch.About, ch.State)
	}
	if step.Send != nil {
		for _, d := range step.Send.Due {
			fmt.Fprintf(&b, "  due %s expired %t\n", d.Notification.Key, d.Expired)
		}
	}
	for _, n := range c.Notifications() {
		fmt.Fprintf(&b, "  owed %s at %s\n", n.Key, n.At.Format(time.RFC3339))
	}
	for _, task := range c.Tasks(now) {
		fmt.Fprintf(&b, "  task %s for the %s by %s\n", task.ID(), task.Role, task.Due.Format(time.RFC3339))
	}
	for _, g := range c.Shut(now) {
		fmt.Fprintf(&b, "  shut %s\n", g.Gate)
	}
	return b.String()
}

// missing lists what the first value holds and the second does not.
func missing(path string, before, after any) (lost []string) {
	switch b := before.(type) {
	case map[string]any:
		a, _ := after.(map[string]any)
		for key, value := range b {
			lost = append(lost, missing(path+"."+key, value, a[key])...)
		}
	case []any:
		a, _ := after.([]any)
		if len(a) != len(b) {
			return []string{fmt.Sprintf("%s had %d entries, now %d", path, len(b), len(a))}
		}
		for i, value := range b {
			lost = append(lost, missing(fmt.Sprintf("%s[%d]", path, i), value, a[i])...)
		}
	default:
		if before != after {
			lost = append(lost, fmt.Sprintf("%s was %v, now %v", path, before, after))
		}
	}
	return lost
}

// goesOn shows that everything can be derived from a chart and that it takes a fact.
func goesOn(t *testing.T, chart *care.Chart) {
	t.Helper()
	now := chart.Published.At.Add(time.Hour)
	chart.Notifications()
	chart.Tasks(now)
	chart.Gates(now)
	chart.NextMoment(now)
	facts := chart.Facts
	_, err := chart.Record("payment-received", report(person.Coordinator, "released-1", with{"fee_set": "medical", "amount": 100, "method": "card", "key": "released-1"}), now)
	if err != nil || chart.Facts != facts+1 {
		t.Errorf("the chart takes no fact any more: %v", err)
	}
	chart.DiffAndPublish(now)
}
