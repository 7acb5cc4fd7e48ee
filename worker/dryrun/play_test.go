package dryrun_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/worker/dryrun"
)

// now is a Sunday: every course begins on the Monday after it.
var now = time.Date(2027, time.January, 10, 16, 0, 0, 0, time.UTC)

// read reads a course file of the repository with its practice.
func read(t *testing.T, file string) (*coursefile.Course, practice.Practice) {
	t.Helper()
	dir, name := filepath.Split(file)
	path, _, err := coursefile.PracticePath(os.DirFS(dir), name)
	must(t, err)
	prac, err := practice.Sample(now)
	if path != "" {
		prac, err = practice.Load(filepath.Join(dir, path), now)
	}
	must(t, err)
	body, err := os.ReadFile(file)
	must(t, err)
	course, err := coursefile.Parse(name, body, prac.Zone, prac.Policy, now)
	must(t, err)
	return course, prac
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryCourseGoesAsItsFileSays plays all courses and field cases, with everything that they expect: stages, messages, gates, money,
// visits and tasks. Those that need servers say so.
func TestEveryCourseGoesAsItsFileSays(t *testing.T) {
	t.Parallel()
	played := 0
	for _, dir := range []string{"courses", "cases"} {
		files, err := filepath.Glob("../../practice/" + dir + "/*.yaml")
		must(t, err)
		for _, file := range files {
			if strings.HasPrefix(filepath.Base(file), "practice-") {
				continue // a practice file
			}
			course, prac := read(t, file)
			if !course.NeedsProviders() {
				played++
			}
			t.Run(dir+"/"+strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
				t.Parallel()
				err := dryrun.Play(t.Context(), course, prac, coursefile.Silent{})
				fault := new(coursefile.FileError)
				if course.NeedsProviders() && (!errors.As(err, &fault) || fault.Line == 0) || !course.NeedsProviders() && err != nil {
					t.Error(err)
				}
			})
		}
	}
	if played < 50 {
		t.Errorf("only %d courses can be played", played)
	}
}

// TestACourseEndsWithItsTime: one whose time is over, and one with more moments than there may be.
func TestACourseEndsWithItsTime(t *testing.T) {
	t.Parallel()
	course, prac := read(t, "../../practice/courses/standard-six.yaml")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := dryrun.Play(ctx, course, prac, coursefile.Silent{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a course without time: %v", err)
	}
	last := course.Steps[len(course.Steps)-1]
	for range dryrun.MostMoments {
		course.Steps = append(course.Steps, last)
	}
	course.Expect = coursefile.Expectations{}
	for i := range course.Steps {
		course.Steps[i].Refused = "" // the same report again and again; whatever comes first ends it
	}
	began := time.Now()
	if err := dryrun.Play(t.Context(), course, prac, coursefile.Silent{}); err == nil || time.Since(began) > time.Minute {
		t.Errorf("a course of %d steps: %v", len(course.Steps), err)
	}
}
