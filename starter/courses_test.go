package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/devstack"
	"kapflow/devstack/published"
	"kapflow/keyring"
	"kapflow/messaging/fake"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
)

// servers are shared by all tests of this package.
var servers *rehearsal.TestServers

func TestMain(m *testing.M) {
	os.Exit(func() int {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
		defer cancel()
		// Courses wait for the servers: more of them fit side by side than there are cores. -parallel asks for another number.
		err := flag.Set("test.parallel", "4")
		if err != nil {
			panic(err)
		}
		if servers, err = rehearsal.StartTestServers(ctx, devstack.Options{Out: os.Stderr}, keyring.Ring{}); err != nil {
			panic(err)
		}
		defer func() { _ = servers.Close() }()
		return m.Run()
	}())
}

// long is set for the drills, which play every course and case on the servers.
func long() bool { return os.Getenv("KAPFLOW_DRILL") != "" }

// alwaysOnServers are courses that every run of the tests plays on the servers: the longest one, and those in which people share a time, a
// clinician or an infusion day.
var alwaysOnServers = []string{"standard-six", "infusion-day", "two-clients-collide", "psychotherapist-unavailable"}

// leaveToMemory skips a course that TestEveryCourseGoesAsItsFileSays of worker/dryrun plays in memory, with the same rules, messages and
// money; the drills play it here too. What needs providers is played here only.
func leaveToMemory(t *testing.T, file string) {
	t.Helper()
	if long() || slices.Contains(alwaysOnServers, strings.TrimSuffix(filepath.Base(file), ".yaml")) {
		return
	}
	course, _, err := readCourse(file, "")
	if err != nil {
		t.Fatal(err)
	}
	if !course.NeedsProviders() {
		t.Skip("played in memory by worker/dryrun; `make drills` plays it on the servers")
	}
}

// TestEveryShippedCourse plays courses of the sample practice through the real journey, as rehearse does.
func TestEveryShippedCourse(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(practice.Courses(), "*.yaml")
	if err != nil || len(files) < 12 {
		t.Fatalf("found %d courses: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".yaml"), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("..", "practice", "courses", file)
			leaveToMemory(t, file)
			var out bytes.Buffer
			err := rehearseCommand{JSON: true}.play(terminal{ctx: t.Context(), out: &out, err: &bytes.Buffer{}}, servers, file)
			if err != nil {
				t.Fatalf("%v\n%s", err, lastLines(out.String(), 8))
			}
			checkFormat(t, out.String())
		})
	}
}

// TestCoursesHoldTextsToTwiliosDescription: the fake that courses are played with has Twilio's own.
func TestCoursesHoldTextsToTwiliosDescription(t *testing.T) {
	t.Parallel()
	if schema, err := fake.OptionalSchema(published.File(t, published.TwilioAPI)); err != nil || schema == nil {
		t.Errorf("%v %v", schema, err)
	}
}

// fieldsOf is the output format of docs/courses.md: the fields of each type of line, after at, client and type.
var fieldsOf = map[string]string{
	"recorded": "fact by stage",
	"refused":  "fact by code reason must_act",
	"message":  "message channel template to local about version text outcome why",
	"task":     "task role due state about",
	"alert":    "alert role state about",
	"gate":     "gate state reason must_act",
	"ledger":   "key fee_set lines memo",
	"stage":    "from stage",
	"end":      "stage history_events activities timers balance",
}

var keyPattern = regexp.MustCompile(`"([a-z_]+)":`)

// checkFormat holds the output to its format and to the order of time.
func checkFormat(t *testing.T, out string) {
	t.Helper()
	var last time.Time
	types := map[string]int{}
	for i, text := range strings.Split(strings.TrimSpace(out), "\n") {
		var line map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("line %d is not JSON: %v", i+1, err)
		}
		var at time.Time
		var kind string
		if json.Unmarshal(line["at"], &at) != nil || json.Unmarshal(line["type"], &kind) != nil {
			t.Fatalf("line %d has no time or type: %s", i+1, text)
		}
		if at.Before(last) {
			t.Errorf("line %d is at %s, before the line above it", i+1, at)
		}
		last = at
		types[kind]++
		want := strings.Fields("at client type " + fieldsOf[kind])
		if len(line) != len(want) {
			t.Errorf("line %d has %d fields, want %v: %s", i+1, len(line), want, text)
		}
		for _, f := range want {
			if _, ok := line[f]; !ok {
				t.Errorf("line %d has no %s: %s", i+1, f, text)
			}
		}
		if keys := keyPattern.FindAllStringSubmatch(text, 3); len(keys) < 3 || keys[0][1] != "at" || keys[1][1] != "client" || keys[2][1] != "type" {
			t.Errorf("line %d does not begin with at, client, type: %s", i+1, text)
		}
	}
	if types["end"] == 0 || types["recorded"] == 0 {
		t.Errorf("no end or nothing recorded: %v", types)
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// TestCoursesThatDoNotGoAsTheyExpect shows that a rehearsal can fail, and names the line.
func TestCoursesThatDoNotGoAsTheyExpect(t *testing.T) {
	t.Parallel()
	head := "name: x\nstart: monday\nclients:\n  - {id: ana, presenting: [depression]}\nsteps:\n"
	for name, c := range map[string]struct {
		body, want string
		code       int
	}{
		"TakenInAlthoughRefusalExpected": {head + "  - {at: d1 10:00, by: psychotherapist, record: screening-recorded, with: {criteria_met: true, prefers_kap: true}, refused: invalid}\n", ":6: screening-recorded was recorded; the file expects", exitRefused},
		"RefusedAlthoughNotExpected":     {head + "  - {at: d1 10:00, by: nurse, record: screening-recorded, with: {criteria_met: true, prefers_kap: true}}\n", ":6: screening-recorded was refused (not-your-role)", exitRefused},
		"RefusedWithAnotherCode":         {head + "  - {at: d1 10:00, by: nurse, record: screening-recorded, refused: labs}\n", "refused with not-your-role, not labs", exitRefused},
		"WrongStageAtTheEnd":             {head + "expect:\n  stage: {ana: completed}\n", ":7: ana ends in stage enrolled, not completed", exitRefused},
		"WrongNumberOfMessages":          {head + "expect:\n  messages: {ana: {count: 7}}\n", ":7: ana got 0 messages, not 7", exitRefused},
		"UnknownFact":                    {head + "  - {at: d1 10:00, record: screening}\n", ":6: there is no fact called", exitUsage},
		"UnknownKey":                     {head + "  - {at: d1 10:00, reccord: paused}\n", `:6: unknown key "reccord"`, exitUsage},
		"BackwardInTime":                 {head + "  - {at: d3 10:00, record: paused, with: {reason: x}}\n  - {at: d2 10:00, record: resumed}\n", ":7: this step is at", exitUsage},
		"StartInThePast":                 {"name: x\nstart: 2020-01-01 09:00\nclients: [{id: a, presenting: [anxiety]}]\n", ":2: start: Wed Jan 1, 2020, 9:00 AM MST has passed, and virtual time runs only forward from now; write start: monday", exitUsage},
		"UnknownClient":                  {head + "  - {at: d1 10:00, client: bob, record: paused}\n", `:6: there is no client "bob"`, exitUsage},
		"NoClients":                      {"name: x\n", ":1: clients are missing", exitUsage},
		"NotYAML":                        {"name: [x\n", "course.yaml:1: this is not YAML: ", exitUsage},
		"PracticeThatIsNone":             {"name: x\npractice: nowhere.yaml\n", "course.yaml:2: practice: there is no file ", exitUsage},
		"KeyGivenTwice":                  {"name: x\nname: y\n", `course.yaml:2: "name" is given twice`, exitUsage},
		"NoSuchExpectation":              {head + "expect:\n  messages: {ana: {total: 7}}\n", `:7: unknown key "total"; known here: count`, exitUsage},
		"NoSuchStage":                    {head + "expect:\n  stage: {ana: finished}\n", `:7: "finished" is never so; write one of enrolled, `, exitUsage},
		"NoSuchGate":                     {head + "expect:\n  gates: {ana: {lab: open}}\n", `:7: unknown key "lab"; known here: coverage, `, exitUsage},
		"NoSuchStateOfAVisit":            {head + "expect:\n  visits: {ana: {infusion-1: done}}\n", `:7: "done" is never so; write one of booked, `, exitUsage},
		"AnswersWithoutACheckIn":         {head + "  - {at: d1 10:00, record: paused, answers: {mood: 3}}\n", ":6: answers belong to a check-in", exitUsage},
		"CheckInBesideAnotherFact":       {head + "  - {at: d1 10:00, record: paused, check_in: latest}\n", ":6: a step has either record and with, or check_in and answers", exitUsage},
		"TimeThatIsNone":                 {head + "  - {at: 2031-13-01 09:00, record: paused}\n", `:6: at: "2031-13-01 09:00": write a time as 2027-03-04 10:00 (practice time)`, exitUsage},
		"HourThatIsNone":                 {head + "  - {at: d1 10:00, record: paused, with: {reason: x, until: d2 25:00}}\n", `:6: "d2 25:00" is not a time of day; write it as d4 10:00`, exitUsage},
		"RoleThatIsNone":                 {head + "  - {at: d1 10:00, by: janitor, record: paused}\n", `:6: by: "janitor" is not a role; the roles are [coordinator `, exitUsage},
		"EnrolledWithANonsenseField":     {"name: x\nstart: monday\nclients: [{id: ana, presenting: [anxiety]}]\nsteps:\n  - {at: d1 10:00, record: enrolled, with: {nonsense: 1}}\n", ":5: enrolled was refused (invalid): nonsense: is not a field of enrolled", exitRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "course.yaml")
			if err := os.WriteFile(file, []byte(c.body), 0o600); err != nil {
				t.Fatal(err)
			}
			err := rehearseCommand{}.play(terminal{ctx: t.Context(), out: &bytes.Buffer{}, err: &bytes.Buffer{}}, servers, file)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if got := exitCode(err); got != c.code {
				t.Errorf("exit code %d, want %d", got, c.code)
			}
		})
	}
}

// TestDatesOfACourse: d1 is the first day, a bare day is its 09:00, and offsets count from the step before.
func TestDatesOfACourse(t *testing.T) {
	t.Parallel()
	body := `
start: 2031-03-03 09:00
clients: [{id: ana, presenting: [depression]}]
steps:
  - {at: d1 10:00, record: paused, with: {reason: x, until: d10}}
  - {at: +3h, record: resumed}
  - {at: +2d, record: paused, with: {reason: x, until: d12 08:30}}
  - {at: 2031-03-20 09:00, record: resumed}
until: d30
`
	prac, err := practice.Sample(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	course := mustParse(t, body, prac)
	var got []string
	for _, s := range course.Steps {
		got = append(got, prac.Zone.Local(s.At).Format("01-02 15:04"))
	}
	got = append(got, prac.Zone.Local(course.Until).Format("01-02 15:04"), string(course.Steps[0].With), string(course.Steps[2].With))
	want := []string{"03-03 10:00", "03-03 13:00", "03-05 13:00", "03-20 09:00", "04-01 09:00", `{"reason":"x","until":"2031-03-12"}`, `{"reason":"x","until":"2031-03-14 08:30"}`}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: got %s, want %s", i, got[i], want[i])
		}
	}
}
