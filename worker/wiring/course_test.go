package wiring

import (
	"context"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/desk"
	"kapflow/practice"
)

// TestASampleCourseIsToldWithItsMessagesAndMoney plays every sample that the page offers, and looks at one of them.
func TestASampleCourseIsToldWithItsMessagesAndMoney(t *testing.T) {
	t.Parallel()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	app := &App{Practice: prac} // it has no store and no Temporal: playing a course asks for neither
	samples := sampleCourses()
	if len(samples) < 15 {
		t.Fatalf("%d samples", len(samples))
	}
	stories := map[string]desk.CourseStory{}
	for _, s := range samples {
		story, err := app.playCourse(t.Context(), []byte(s.Text), monday)
		if err != nil || story.Fault != "" || !story.Played || story.Name != s.Name || story.Cut > 0 || s.Name == "" {
			t.Errorf("%s: %v, line %d: %s", s.File, err, story.Line, story.Fault)
		}
		stories[s.File] = story
	}
	six := stories["standard-six"]
	kinds := map[string]int{}
	for i, l := range six.Lines {
		kinds[l.Kind]++
		if l.Words == "" || i > 0 && l.At.Before(six.Lines[i-1].At) || strings.Contains(l.Text, strings.Repeat("x", 43)) {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	for _, kind := range []string{"recorded", "message", "stage", "gate", "task", "ledger"} {
		if kinds[kind] == 0 {
			t.Errorf("nothing of the kind %s is told", kind)
		}
	}
	if len(six.Ends) != 1 || six.Ends[0].Stage != string(care.StageCompleted) || six.Ends[0].Messages != kinds["message"]-skipped(six) || six.Ends[0].Medical != 0 {
		t.Errorf("it ends %+v, with %d lines of messages", six.Ends, kinds["message"])
	}
}

// skipped counts the lines of messages that reached no client: those to staff, and those that were not sent.
func skipped(s desk.CourseStory) (n int) {
	for _, l := range s.Lines {
		if l.Kind == "message" && (l.Text == "" || !strings.Contains(l.Words, " to the client ")) {
			n++
		}
	}
	return n
}

// TestAFaultOfACourseNamesItsLine for a file that cannot be read, one that does not go as it says, and one that needs servers.
func TestAFaultOfACourseNamesItsLine(t *testing.T) {
	t.Parallel()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	app := &App{Practice: prac}
	const head = "name: A course\nclients:\n  - {id: ana, presenting: [anxiety]}\nsteps:\n"
	const screened = "  - {at: d1 10:00, by: psychotherapist, record: screening-recorded, with: {criteria_met: true, prefers_kap: true}}\n"
	for name, c := range map[string]struct {
		text, fault string
		line        int
		played      bool
	}{
		"no YAML":          {"name: [", "not YAML", 1, false},
		"an unknown fact":  {head + "  - {at: d1 10:00, record: labs-lost}\n", "no fact called", 5, false},
		"a step too early": {head + screened + "  - {at: d1 09:00, by: coordinator, record: paused, with: {reason: travels}}\n", "before the step above", 6, false},
		"a provider":       {head + screened + "  - {at: d1 12:00, provider: sms, behave: ok}\n", "on servers only", 6, false},
		"a practice":       {"practice: strict.yaml\n" + head + screened, "under the practice file in force", 1, false},
		"a refusal":        {head + "  - {at: d1 10:00, by: nurse, record: screening-recorded, with: {criteria_met: true}}\n", "was refused", 5, true},
		"an expectation":   {head + screened + "expect:\n  stage: {ana: completed}\n", "ends in stage", 7, true},
		"no end":           {head + screened + "until: d3660\n", "", 0, true},
	} {
		story, err := app.playCourse(t.Context(), []byte(c.text), monday)
		if err != nil || story.Line != c.line || story.Played != c.played || !strings.Contains(story.Fault, c.fault) || c.fault == "" && story.Fault != "" {
			t.Errorf("%s: %v; line %d, played %v: %s", name, err, story.Line, story.Played, story.Fault)
		}
	}
}

// TestACourseEndsWithItsTime and says that time was short, not that the file is wrong.
func TestACourseEndsWithItsTime(t *testing.T) {
	t.Parallel()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	story, err := (&App{Practice: prac}).playCourse(over, []byte(sampleCourses()[0].Text), monday)
	if err != nil || story.Line != 0 || !strings.Contains(story.Fault, "no time to play the course") {
		t.Errorf("%v: line %d: %s", err, story.Line, story.Fault)
	}
}

// TestOneCourseIsPlayedAtATime, so that pages cannot keep the worker busy.
func TestOneCourseIsPlayedAtATime(t *testing.T) {
	t.Parallel()
	app := &App{}
	app.playing.Lock()
	if story, err := app.playCourse(t.Context(), []byte("name: x"), monday); err != nil || story.Played || !strings.Contains(story.Fault, "Another course") {
		t.Errorf("%v: %+v", err, story)
	}
}
