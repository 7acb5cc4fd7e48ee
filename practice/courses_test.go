package practice_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/practice"
)

// TestCourses plays every shipped course on charts alone: no workflow, no database, no messages. It is the fast test of
// the rules; `starter rehearse` plays the same files on real servers.
func TestCourses(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(practice.Courses(), "*.yaml")
	if err != nil || len(names) < 12 {
		t.Fatalf("%d courses: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			t.Parallel()
			body, err := fs.ReadFile(practice.Courses(), name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(body), "provider: ") || strings.Contains(string(body), "reply: ") {
				t.Skip("it is about what providers do, which `starter rehearse` plays")
			}
			var file courseFile
			dec := yaml.NewDecoder(strings.NewReader(string(body)))
			dec.KnownFields(true)
			if err := dec.Decode(&file); err != nil {
				t.Fatal(err)
			}
			newStage(t, file).play()
		})
	}
}

// courseFile is the content of a course file (docs/courses.md).
type courseFile struct {
	Name, Start, Until, Practice string
	Clients                      []struct {
		ID, Timezone, Phone, Email string
		Physician, Psychotherapist string
		Presenting                 []string
		Consent                    map[string]string
	}
	Steps  []courseStep
	Expect struct {
		Stage   map[string]care.Stage
		Gates   map[string]map[string]string
		Balance map[string]map[money.FeeSet]money.Cents
		Visits  map[string]map[string]visit.Status
		Tasks   map[string]map[string]string
		// Messages are counted by `starter rehearse`: charts alone send none.
		Messages map[string]any
	}
}

type courseStep struct {
	At, Client, By, Record, Refused string
	With                            yaml.Node
	line                            int
}

// UnmarshalYAML keeps the line number for failures.
func (s *courseStep) UnmarshalYAML(n *yaml.Node) error {
	type plain courseStep
	s.line = n.Line
	return n.Decode((*plain)(s))
}

// stage holds a chart for each client of one course.
type stage struct {
	t      *testing.T
	file   courseFile
	sample practice.Practice
	start  time.Time
	charts map[string]*care.Chart

	deliveries map[message.Template][]message.DeliveryKey // what clients were sent
}

// TestStandardCourseWritesToTheClientNoMoreThanTheyWouldWant counts what a client gets in the standard course of thirteen weeks, by
// kind, and holds that what must be known is there.
func TestStandardCourseWritesToTheClientNoMoreThanTheyWouldWant(t *testing.T) {
	t.Parallel()
	body, err := fs.ReadFile(practice.Courses(), "standard-six.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file courseFile
	if err := yaml.Unmarshal(body, &file); err != nil {
		t.Fatal(err)
	}
	s := newStage(t, file)
	s.play()
	all := 0
	for template, keys := range s.deliveries {
		t.Logf("%s: %d", template, len(keys))
		all += len(keys)
	}
	if all > 80 {
		t.Errorf("%d messages", all)
	}
	for template, want := range map[message.Template]int{message.TemplateInstructions: 6, message.TemplateAftercare: 6, message.TemplateCheckIn: 20, message.TemplateFees: 1, message.TemplateBooked: 18} {
		if got := len(s.deliveries[template]); got != want {
			t.Errorf("%d of %s, want %d", got, template, want)
		}
	}
	for _, v := range s.charts["ana"].Visits {
		if !slices.ContainsFunc(s.deliveries[message.TemplateReminder], func(k message.DeliveryKey) bool { return k.Notification.Subject == v.ID }) {
			t.Errorf("nobody is reminded of %s", v.ID)
		}
	}
}

func newStage(t *testing.T, file courseFile) *stage {
	t.Helper()
	s := &stage{t: t, file: file, sample: practiceOf(t, file.Practice), charts: map[string]*care.Chart{}, deliveries: map[message.Template][]message.DeliveryKey{}}
	s.start = time.Date(2027, time.January, 11, 16, 0, 0, 0, time.UTC) // a Monday, 9:00 in Denver
	if file.Start != "monday" {
		s.start = s.time(file.Start)
	}
	return s
}

// practiceOf is the practice that a course names, or the sample.
func practiceOf(t *testing.T, named string) practice.Practice {
	t.Helper()
	if named == "" {
		return sample(t)
	}
	p, err := practice.Load(filepath.Join("courses", named), time.Date(2027, time.January, 11, 16, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var dayPattern = regexp.MustCompile(`^d(\d+)( \d{2}:\d{2})?$`)

// date turns "d4 10:00" into "2027-01-14 10:00"; d1 is the course's first day. Other texts stay unchanged.
func (s *stage) date(text string) string {
	m := dayPattern.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	n, _ := strconv.Atoi(m[1])
	return s.sample.Zone.Local(s.sample.Zone.AddDays(s.start, n-1)).Format(time.DateOnly) + m[2]
}

func (s *stage) time(text string) time.Time {
	s.t.Helper()
	at, err := s.sample.Zone.ParseTime(s.date(text))
	if err != nil {
		s.t.Fatalf("%q: %v", text, err)
	}
	return at
}

// fields turns the fields of a step into JSON, as the command line would send them.
func (s *stage) fields(n *yaml.Node) any {
	switch {
	case n.Kind == yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			out[n.Content[i].Value] = s.fields(n.Content[i+1])
		}
		return out
	case n.Kind == yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			out = append(out, s.fields(item))
		}
		return out
	case n.ShortTag() == "!!int" || n.ShortTag() == "!!float" || n.ShortTag() == "!!bool":
		var v any
		_ = n.Decode(&v)
		return v
	default:
		return s.date(n.Value)
	}
}

func marshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func (s *stage) play() {
	s.t.Helper()
	s.enroll()
	last := s.start
	for _, step := range s.file.Steps {
		at := s.time(step.At)
		if at.Before(last) {
			s.t.Fatalf("line %d: %s is before the step above it", step.line, step.At)
		}
		s.pass(last, at)
		last = at
		s.step(step, at)
	}
	until := s.time(s.file.Until)
	if until.Before(last) {
		s.t.Errorf("until %s is before the last step", s.file.Until)
	}
	s.pass(last, until)
	for name, c := range s.charts {
		for _, ci := range c.CheckIns() {
			if !c.Closed() && c.Stage() == care.StageIntegration && ci.Due.After(until) {
				s.t.Errorf("%s is asked for %s only after the end", name, ci.ID)
			}
		}
	}
	s.expect(until)
}

// pass moves time on for every client: messages that are due count as sent, and alerts and tasks are raised on time.
func (s *stage) pass(from, to time.Time) {
	for _, c := range s.charts {
		for at := from; ; {
			step := c.Step(at)
			if step.Send != nil {
				s.count(c, *step.Send)
				c.Finish(*step.Send, sent(*step.Send), false, at)
				continue
			}
			if step.Wake.IsZero() || step.Wake.After(to) {
				break
			}
			at = step.Wake
		}
	}
}

// count notes the deliveries of a batch to the client.
func (s *stage) count(c *care.Chart, b care.Batch) {
	for _, d := range b.Due {
		for _, ch := range d.Notification.Channels {
			if n := d.Notification; n.To == "" && !d.Expired {
				s.deliveries[n.Template] = append(s.deliveries[n.Template], message.DeliveryKeyOf(c.ClientID, n.Key, ch))
			}
		}
	}
}

// sent takes every notification of a batch for sent.
func sent(b care.Batch) (out []message.NotificationResult) {
	for _, d := range b.Due {
		out = append(out, message.NotificationResult{Key: d.Notification.Key, Result: message.ResultSent})
	}
	return out
}

func (s *stage) enroll() {
	s.t.Helper()
	for _, cl := range s.file.Clients {
		zone, err := practice.LoadZone(cl.Timezone, now)
		if err != nil {
			s.t.Fatal(err)
		}
		coordinator := person.Actor{ID: "coordinator", Role: person.Coordinator}
		c, _, err := care.Enroll(care.Enrollment{ClientID: cl.ID, Policy: s.sample.Policy, Zone: s.sample.Zone, ClientZone: zone, At: s.start,
			Report: care.Report{By: coordinator, With: marshal(map[string]any{"presenting": cl.Presenting, "physician": cl.Physician,
				"psychotherapist": cl.Psychotherapist, "timezone": cl.Timezone, "phone": cl.Phone, "email": cl.Email})}})
		if err != nil {
			s.t.Fatalf("enrol %s: %v", cl.ID, err)
		}
		s.charts[cl.ID] = c
		for channel, detail := range cl.Consent {
			if _, err := c.Record("messaging-consent-recorded", care.Report{By: coordinator,
				With: marshal(map[string]any{"channel": channel, "granted": true, "detail": detail})}, s.start); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// step records one fact for every client it is about and compares the result with the file.
func (s *stage) step(step courseStep, at time.Time) {
	s.t.Helper()
	kind, ok := care.KindNamed(step.Record)
	if !ok {
		s.t.Fatalf("line %d: no fact %s", step.line, step.Record)
	}
	role, ok := person.RoleNamed(step.By)
	if !ok {
		s.t.Fatalf("line %d: no role %s", step.line, step.By)
	}
	var with json.RawMessage
	if step.With.Kind != 0 {
		with = kind.MarkConcern(marshal(s.fields(&step.With)), role)
	}
	names := []string{step.Client}
	if step.Client == "" {
		names = nil
		for _, cl := range s.file.Clients {
			names = append(names, cl.ID)
		}
		if len(names) > 1 && !kind.PracticeWide {
			s.t.Fatalf("line %d: which client?", step.line)
		}
	}
	for _, name := range names {
		c := s.charts[name]
		if c == nil {
			s.t.Fatalf("line %d: no client %s", step.line, name)
		}
		report := care.Report{By: person.Actor{ID: "sample-" + string(role), Role: role}, With: with, Clash: s.clash(c, kind, with)}
		c.DiffAndPublish(at) // raises the alerts for what was not done in time
		before := string(marshal(c))
		_, err := c.Record(step.Record, report, at)
		s.compare(step, err)
		if err != nil && string(marshal(c)) != before {
			s.t.Errorf("line %d: the refused %s changed the chart", step.line, step.Record)
		}
	}
}

// clash does what the desk does before an update: it asks whether the clinicians are free.
func (s *stage) clash(c *care.Chart, kind care.Kind, with json.RawMessage) string {
	fact, _, err := kind.Decode(with, c.Zone)
	if err != nil {
		return ""
	}
	slot, ok := c.WantedSlot(kind, fact)
	if !ok {
		return ""
	}
	for _, other := range s.charts {
		for _, taken := range other.Slots() {
			if other != c && taken.Start.Before(slot.End) && slot.Start.Before(taken.End) &&
				slices.ContainsFunc(slot.People, func(id string) bool { return slices.Contains(taken.People, id) }) {
				return "another client has this time"
			}
		}
	}
	return ""
}

// TestCoursesAreSamples checks that no course has an address or number that could belong to a person.
func TestCoursesAreSamples(t *testing.T) {
	t.Parallel()
	names, _ := fs.Glob(practice.Courses(), "*.yaml")
	phones := regexp.MustCompile(`\+\d+`)
	addresses := regexp.MustCompile(`\S+@\S+`)
	seen := map[string]string{}
	for _, name := range names {
		body, err := fs.ReadFile(practice.Courses(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range phones.FindAllString(string(body), -1) {
			if !regexp.MustCompile(`^\+1303555\d{4}$`).MatchString(p) || seen[p] != "" {
				t.Errorf("%s: phone %s (also in %q)", name, p, seen[p])
			}
			seen[p] = name
		}
		for _, a := range addresses.FindAllString(string(body), -1) {
			if !strings.HasSuffix(a, "@example.org") {
				t.Errorf("%s: address %s", name, a)
			}
		}
	}
	if len(seen) == 0 {
		t.Error(fmt.Errorf("no phone in %d courses", len(names)))
	}
}
