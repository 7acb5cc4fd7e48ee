package coursefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// parser turns the YAML nodes of one file into a course. Every fault names its line.
type parser struct {
	course *Course
	policy policy.Policy
	now    time.Time
	dates  dates
	values int // read so far
}

// mostValues is how many values a course file may have, those that an alias repeats too: an alias can repeat a file without end. The
// longest shipped course has a twentieth of it.
const mostValues = 50_000

func (p *parser) fail(n *yaml.Node, format string, args ...any) error {
	return &FileError{File: p.course.File, Line: n.Line, Reason: fmt.Sprintf(format, args...)}
}

// entries visits the entries of a mapping. Unknown and repeated keys are faults.
func (p *parser) entries(n *yaml.Node, known []string, visit func(key string, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return p.fail(n, "expected a group of %s", strings.Join(known, ", "))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if known != nil && !slices.Contains(known, key.Value) {
			return p.fail(key, "unknown key %q; known here: %s", key.Value, strings.Join(known, ", "))
		}
		if seen[key.Value] {
			return p.fail(key, "%q is given twice", key.Value)
		}
		seen[key.Value] = true
		if err := visit(key.Value, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) document(n *yaml.Node, body string) error {
	c := p.course
	parts := map[string]*yaml.Node{}
	if err := p.entries(n, []string{"name", "practice", "start", "until", "clients", "steps", "expect"}, func(k string, v *yaml.Node) error {
		parts[k] = v
		return nil
	}); err != nil {
		return err
	}
	if v := parts["name"]; v != nil {
		c.Name = v.Value
	}
	if v := parts["practice"]; v != nil {
		c.Practice, c.PracticeLine = v.Value, v.Line
	}
	var err error
	start, startNode := "monday", n
	if v := parts["start"]; v != nil {
		start, startNode = v.Value, v
	}
	if c.Start, err = startTime(start, c.Zone, p.now); err != nil {
		return p.fail(startNode, "start: %v", err)
	}
	p.dates = dates{zone: c.Zone, first: c.Start, fromZero: zeroBased(body)}
	if parts["clients"] == nil {
		return p.fail(n, "clients are missing")
	}
	if err := p.clients(parts["clients"]); err != nil {
		return err
	}
	if v := parts["steps"]; v != nil {
		if err := p.steps(v); err != nil {
			return err
		}
	}
	c.Until = c.Start
	if len(c.Steps) > 0 {
		c.Until = c.Steps[len(c.Steps)-1].At
	}
	if v := parts["until"]; v != nil {
		until, err := p.dates.parse(v.Value, c.Until)
		if err != nil {
			return p.fail(v, "until: %v", err)
		}
		if until.Before(c.Until) {
			return p.fail(v, "until is before the last step; leave it out, or give a later time")
		}
		c.Until = until
	}
	if v := parts["expect"]; v != nil {
		return p.expect(v)
	}
	return nil
}

func (p *parser) clients(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return p.fail(n, "clients is a list with at least one client")
	}
	for _, item := range n.Content {
		cl := Client{Line: item.Line}
		known := []string{"id", "presenting", "timezone", "phone", "email", "preferred_name", "birth_date", "physician", "psychotherapist", "consent"}
		if err := p.entries(item, known, func(string, *yaml.Node) error { return nil }); err != nil {
			return err
		}
		if err := p.into(item, &cl); err != nil {
			return err
		}
		if cl.ID == "" {
			return p.fail(item, "a client needs an id")
		}
		if slices.ContainsFunc(p.course.Clients, func(o Client) bool { return o.ID == cl.ID }) {
			return p.fail(item, "two clients are called %q", cl.ID)
		}
		p.course.Clients = append(p.course.Clients, cl)
	}
	return nil
}

// into decodes a node through JSON, after resolving the dates in it.
func (p *parser) into(n *yaml.Node, target any) error {
	v, err := p.value(n)
	if err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return p.fail(n, "%v", err)
	}
	if err := json.Unmarshal(b, target); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return p.fail(n, "%s has the wrong type: a %s is not expected there", wrong.Field, wrong.Value)
		}
		return p.fail(n, "%v", err)
	}
	return nil
}

// value turns a node into JSON values. A date counted from the course's first day becomes an absolute one. A date that YAML
// would read as a timestamp stays text.
func (p *parser) value(n *yaml.Node) (any, error) {
	if p.values++; p.values > mostValues {
		return nil, p.fail(n, "the file has too many values; at most %d are read", mostValues)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return p.value(n.Alias)
	case yaml.MappingNode:
		m := map[string]any{}
		err := p.entries(n, nil, func(k string, v *yaml.Node) error {
			x, err := p.value(v)
			m[k] = x
			return err
		})
		return m, err
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			x, err := p.value(item)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		return list, nil
	}
	switch n.Tag {
	case "!!int", "!!float":
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return json.Number(n.Value), nil
		}
		return n.Value, nil
	case "!!bool":
		return strconv.ParseBool(strings.ToLower(n.Value))
	case "!!null":
		return nil, nil
	}
	if p.dates.relative(n.Value) {
		t, err := p.dates.absolute(n.Value)
		if err != nil {
			return nil, p.fail(n, "%v", err)
		}
		return t, nil
	}
	return n.Value, nil
}

var stepKeys = []string{"at", "client", "by", "record", "with", "id", "refused", "provider", "behave", "reply", "check_in", "answers"}

func (p *parser) steps(n *yaml.Node) error {
	if n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return p.fail(n, "steps is a list")
	}
	last := p.course.Start
	for _, item := range n.Content {
		step, err := p.step(item, last)
		if err != nil {
			return err
		}
		if step.At.Before(last) {
			return p.fail(item, "this step is at %s, before the step above it; time runs only forward", p.course.Zone.SayLong(step.At))
		}
		last = step.At
		p.course.Steps = append(p.course.Steps, step)
	}
	return nil
}

func (p *parser) step(n *yaml.Node, last time.Time) (Step, error) {
	s := Step{Line: n.Line, At: last}
	by, checkIn := "", ""
	var answers map[string]any
	err := p.entries(n, stepKeys, func(k string, v *yaml.Node) error {
		var err error
		switch k {
		case "at":
			if s.At, err = p.dates.parse(v.Value, last); err != nil {
				return p.fail(v, "at: %v", err)
			}
		case "client":
			s.Client = v.Value
		case "by":
			by = v.Value
		case "record":
			s.Fact = v.Value
		case "id":
			s.ID = v.Value
		case "refused":
			s.Refused = v.Value
		case "with":
			return p.into(v, &s.With)
		case "check_in":
			checkIn = v.Value
		case "answers":
			return p.into(v, &answers)
		case "provider":
			s.Channel = person.Channel(v.Value)
			if s.Channel != person.SMS && s.Channel != person.Email {
				return p.fail(v, "provider: %q is not a provider; write sms or email", v.Value)
			}
		case "behave":
			s.Behave = v.Value
		case "reply":
			s.Reply = &v.Value
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	switch {
	case checkIn == "" && answers != nil:
		return s, p.fail(n, "answers belong to a check-in: check_in: latest, answers: {mood: 6}")
	case checkIn != "" && (s.Fact != "" || s.With != nil):
		return s, p.fail(n, "a step has either record and with, or check_in and answers")
	case checkIn != "":
		s.Fact = "check-in-answered"
	}
	if s.Channel != "" || s.Behave != "" || s.Reply != nil {
		return s, p.outside(n, &s)
	}
	if checkIn != "" {
		if by == "" {
			by = string(person.Client)
		}
		if s.With, err = checkInFields(checkIn, answers); err != nil {
			return s, p.fail(n, "answers: %v", err)
		}
	}
	kind, known := care.KindNamed(s.Fact)
	if s.Fact == "" {
		return s, p.fail(n, "a step says what is recorded: record: appointment-booked")
	}
	if !known && s.Refused != care.CodeUnknownFact {
		return s, p.fail(n, "there is no fact called %q; `starter facts` lists them", s.Fact)
	}
	return s, p.whoAndWhom(n, &s, kind, by)
}

// outside checks a step that records no fact itself: a provider's behavior, or a text from a client.
func (p *parser) outside(n *yaml.Node, s *Step) error {
	switch {
	case s.Fact != "" || s.Refused != "" || s.With != nil:
		return p.fail(n, "provider and reply steps record nothing themselves; give the rest a step of its own")
	case s.Reply != nil && (s.Channel != "" || s.Behave != ""):
		return p.fail(n, "a step has a reply or a provider, not both")
	case s.Reply != nil:
		kind, _ := care.KindNamed("reply-received")
		s.Fact = kind.Name
		return p.whoAndWhom(n, s, kind, string(person.Provider))
	case s.Channel == "" || s.Behave == "":
		return p.fail(n, "provider and behave go together: provider: sms, behave: lost-answer")
	}
	return nil
}

// checkInFields returns the fields of the fact that a check_in step records.
func checkInFields(checkIn string, answers map[string]any) (json.RawMessage, error) {
	with := map[string]any{"check_in": checkIn}
	for k, v := range answers {
		with[k] = v
	}
	return json.Marshal(with)
}

// whoAndWhom sets the client and the actor. A file with one client may leave the client out. A role alone means the
// clinician whom the client was enrolled with; "role/id" names somebody else.
func (p *parser) whoAndWhom(n *yaml.Node, s *Step, kind care.Kind, by string) error {
	if s.Client == "" && len(p.course.Clients) == 1 && !kind.PracticeWide {
		s.Client = p.course.Clients[0].ID
	}
	i := slices.IndexFunc(p.course.Clients, func(c Client) bool { return c.ID == s.Client })
	if s.Client != "" && i < 0 && s.Refused != care.CodeUnknownClient {
		return p.fail(n, "there is no client %q in this file", s.Client)
	}
	if s.Client == "" && !kind.PracticeWide {
		return p.fail(n, "client is missing: this file has several")
	}
	name, id, _ := strings.Cut(by, "/")
	if by == "" {
		name = string(person.Coordinator)
		if len(kind.By) > 0 && !kind.Allows(person.Coordinator) {
			name = string(kind.By[0])
		}
	}
	role, ok := person.RoleNamed(name)
	if !ok {
		return p.fail(n, "by: %q is not a role; the roles are %v", name, person.Roles())
	}
	if id == "" {
		id = p.actorID(role, i)
	}
	s.By = person.Actor{ID: id, Role: role}
	return nil
}

func (p *parser) actorID(role person.Role, client int) string {
	if client >= 0 {
		c := p.course.Clients[client]
		switch {
		case role == person.Client:
			return c.ID
		case role == person.Physician && c.Physician != "":
			return c.Physician
		case role == person.Psychotherapist && c.Psychotherapist != "":
			return c.Psychotherapist
		}
	}
	if id := p.policy.FirstHolding(role); id != "" {
		return id
	}
	return string(role)
}
