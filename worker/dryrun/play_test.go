package dryrun_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
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

// counting counts what reached the client, each delivery once, and notes the visits that they were reminded of.
type counting struct {
	seen     map[string]bool
	sent     map[message.Template]int
	reminded map[any]bool
}

func (c *counting) Line(l coursefile.Line) error {
	key, reached := l.Reached()
	if template, ok := l.Get("template").(message.Template); ok && reached && !c.seen[key] {
		c.seen[key] = true
		c.sent[template]++
		if template == message.TemplateReminder {
			c.reminded[l.Get("about")] = true
		}
	}
	return nil
}

// TestStandardCourseWritesToTheClientNoMoreThanTheyWouldWant counts what a client gets in the standard course of thirteen weeks, by
// kind, and holds that what must be known is there.
func TestStandardCourseWritesToTheClientNoMoreThanTheyWouldWant(t *testing.T) {
	t.Parallel()
	course, prac := read(t, "../../practice/courses/standard-six.yaml")
	got := &counting{map[string]bool{}, map[message.Template]int{}, map[any]bool{}}
	must(t, dryrun.Play(t.Context(), course, prac, got))
	all := 0
	for template, n := range got.sent {
		t.Logf("%s: %d", template, n)
		all += n
	}
	if all > 80 {
		t.Errorf("%d messages", all)
	}
	for template, want := range map[message.Template]int{message.TemplateInstructions: 6, message.TemplateAftercare: 6, message.TemplateCheckIn: 20, message.TemplateFees: 1, message.TemplateBooked: 18} {
		if got.sent[template] != want {
			t.Errorf("%d of %s, want %d", got.sent[template], template, want)
		}
	}
	for _, s := range course.Steps {
		if id := s.About(); id != "" && !got.reminded[id] {
			t.Errorf("nobody is reminded of %s", id)
		}
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
	course.Steps, course.Expect = slices.Repeat([]coursefile.Step{{At: course.Start, Client: "ana", Fact: "no-such-fact", Refused: care.CodeUnknownFact,
		By: person.Actor{ID: "coordinator", Role: person.Coordinator}}}, dryrun.MostMoments), coursefile.Expectations{}
	if err := dryrun.Play(t.Context(), course, prac, coursefile.Silent{}); !errors.Is(err, dryrun.ErrTooLong) {
		t.Errorf("a course of %d steps: %v", len(course.Steps), err)
	}
}
