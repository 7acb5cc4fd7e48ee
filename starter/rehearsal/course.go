// Package rehearsal plays course files: examples of whole courses of treatment, through the real journey
// and the real activities, on a real Temporal server in its virtual time and a real Postgres.
package rehearsal

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/messaging/fake"
	"kapflow/practice"
)

// Course is one course file with its dates resolved.
type Course struct {
	File     string
	Name     string
	Practice string // path of the practice file, relative to the course; empty: the sample practice
	Start    time.Time
	Until    time.Time
	Clients  []CourseClient
	Steps    []Step
	Expect   Expectations

	zone clock.Zone
}

// CourseClient is one client of a course; the id is a name for this file only.
type CourseClient struct {
	ID              string         `json:"id"`
	Presenting      []string       `json:"presenting"`
	Timezone        string         `json:"timezone"`
	Phone           string         `json:"phone"`
	Email           string         `json:"email"`
	PreferredName   string         `json:"preferred_name"`
	BirthDate       string         `json:"birth_date"`
	Physician       string         `json:"physician"`
	Psychotherapist string         `json:"psychotherapist"`
	Consent         map[string]any `json:"consent"` // channel → detail, or true for the minimum
	Line            int            `json:"-"`
}

// Step is one thing that somebody does.
type Step struct {
	Line    int
	At      time.Time
	Client  string
	By      person.Actor
	Fact    string
	ID      string
	With    json.RawMessage
	Refused string

	Channel person.Channel // of the provider that is told how to behave
	Behave  fake.Behaviour // from now on
	Reply   *string        // a text that the client sends
}

// NeedsProviders says whether a course is played through the providers' adapters and not into the mailbox.
func (c *Course) NeedsProviders() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Channel != "" || s.Reply != nil })
}

// Expectations are what must hold at the end. Every part may be left out.
type Expectations struct {
	Stage    map[string]string            `json:"stage"`
	Messages map[string]MessageCount      `json:"messages"`
	Gates    map[string]map[string]string `json:"gates"`
	Balance  map[string]map[string]int64  `json:"balance"`
	Visits   map[string]map[string]string `json:"visits"`
	Tasks    map[string]map[string]string `json:"tasks"` // client → task → open or none
	Taken    map[string]int               `json:"taken"` // channel → messages that its provider took, whatever became of them
	lines    map[string]int               // dotted path → line
}

// MessageCount expects a number of messages that reached the client: sent or delivered, on every channel.
type MessageCount struct {
	Count *int `json:"count"`
}

// FileError is a course file that cannot be read or played, with its line.
type FileError struct {
	File   string
	Line   int
	Reason string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// Parse reads a course file. Dates are resolved against now (relative starts) in the practice's zone.
func Parse(file string, body []byte, zone clock.Zone, policy policy.Policy, now time.Time) (*Course, error) {
	p := &parser{course: &Course{File: file, zone: zone}, policy: policy, now: now}
	var doc yaml.Node
	if err := yaml.Unmarshal(body, &doc); err != nil {
		line, reason := practice.SyntaxFault(body, err)
		return nil, &FileError{File: file, Line: line, Reason: "this is not YAML: " + reason}
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, &FileError{File: file, Line: 1, Reason: "a course file is a group of name, start, clients, steps and expect"}
	}
	if err := p.document(doc.Content[0], string(body)); err != nil {
		return nil, err
	}
	return p.course, nil
}

// PracticePath reads only the practice setting, which must be known before dates can be resolved. What is wrong with the
// file is left for Parse to say.
func PracticePath(fsys fs.FS, file string) (path string, line int, err error) {
	body, err := fs.ReadFile(fsys, file)
	if err != nil {
		return "", 0, err
	}
	var doc yaml.Node
	if yaml.Unmarshal(body, &doc) != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return "", 0, nil
	}
	for keys := doc.Content[0].Content; len(keys) > 1; keys = keys[2:] {
		if keys[0].Value == "practice" {
			return keys[1].Value, keys[1].Line, nil
		}
	}
	return "", 0, nil
}
