// Package coursefile reads course files, which are examples of whole courses of treatment, and says what happens in one line by line. Two
// rooms play them: starter/rehearsal on real servers, worker/dryrun in memory.
package coursefile

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/practice"
)

// Course is one course file. Its dates are resolved.
type Course struct {
	File         string
	Name         string
	Practice     string // path of the practice file, relative to the course; empty is the sample practice
	PracticeLine int
	Start        time.Time
	Until        time.Time
	Clients      []Client
	Steps        []Step
	Expect       Expectations

	Zone clock.Zone // the practice's
}

// Client is one client of a course. The id is a name in this file only.
type Client struct {
	ID              string         `json:"id"`
	Presenting      []string       `json:"presenting"`
	Timezone        string         `json:"timezone"`
	Phone           string         `json:"phone"`
	Email           string         `json:"email"`
	PreferredName   string         `json:"preferred_name"`
	BirthDate       string         `json:"birth_date"`
	Physician       string         `json:"physician"`
	Psychotherapist string         `json:"psychotherapist"`
	Consent         map[string]any `json:"consent"` // channel → detail, or true for the minimal detail
	Line            int            `json:"-"`
}

// Consents are the details of the client's consents by their channels, as the desk takes them.
func (cl Client) Consents() map[person.Channel]string {
	consents := map[person.Channel]string{}
	for ch, word := range cl.Consent {
		switch word := word.(type) {
		case string:
			consents[person.Channel(ch)] = word
		case bool:
			if word {
				consents[person.Channel(ch)] = message.DetailMinimal
			}
		}
	}
	return consents
}

// Step is one thing that somebody does at one time.
type Step struct {
	Line    int
	At      time.Time
	Client  string
	By      person.Actor
	Fact    string
	ID      string
	With    json.RawMessage
	Refused string

	Channel person.Channel // of the provider whose behavior is set
	Behave  string         // from now on, as the file says it; starter/rehearsal knows what there is
	Reply   *string        // a text that the client sends
}

// NeedsProviders reports whether the course sets how a provider behaves or has a client send a text. It is then played
// through the providers' adapters instead of the mailbox.
func (c *Course) NeedsProviders() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Channel != "" || s.Reply != nil })
}

// Expectations are what must be true at the end. Every part is optional.
type Expectations struct {
	Stage    map[string]string            `json:"stage"`
	Messages map[string]MessageCount      `json:"messages"`
	Gates    map[string]map[string]string `json:"gates"`
	Balance  map[string]map[string]int64  `json:"balance"`
	Visits   map[string]map[string]string `json:"visits"`
	Tasks    map[string]map[string]string `json:"tasks"` // client → task → open or none
	Taken    map[string]int               `json:"taken"` // channel → messages that its provider accepted, delivered or not
	lines    map[string]int               // dotted path → line
}

// MessageCount is how many messages must reach the client, sent or delivered, on all channels together.
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

// Parse reads a course file. zone is the practice's; a relative start counts from now. The error is a *FileError.
func Parse(file string, body []byte, zone clock.Zone, policy policy.Policy, now time.Time) (*Course, error) {
	p := &parser{course: &Course{File: file, Zone: zone}, policy: policy, now: now}
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

// PracticePath reads only the practice setting, which must be known before Parse. A file with faults has an empty path;
// Parse reports the faults.
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

// Failed is a course that did not go as its file says.
type Failed struct {
	File   string
	Line   int
	Reason string
}

func (e *Failed) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }
