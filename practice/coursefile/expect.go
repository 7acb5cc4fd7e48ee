package coursefile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
)

func (p *parser) expect(n *yaml.Node) error {
	if err := p.entries(n, []string{"stage", "messages", "gates", "balance", "visits", "tasks", "taken"}, func(string, *yaml.Node) error { return nil }); err != nil {
		return err
	}
	e := &p.course.Expect
	if err := p.into(n, e); err != nil {
		return err
	}
	e.lines = map[string]int{}
	var walk func(n *yaml.Node, path string) error
	walk = func(n *yaml.Node, path string) error {
		e.lines[path] = n.Line
		if n.Kind != yaml.MappingNode {
			return p.expectable(n, path)
		}
		known, ofClients := expectedOf[path[:max(0, strings.LastIndex(path, "."))]], strings.Count(path, ".") == 1
		if path == ".taken" { // by channel, over all clients
			known, ofClients = []string{string(person.SMS), string(person.Email)}, false
		}
		return p.entries(n, known, func(k string, v *yaml.Node) error {
			if ofClients && !slices.ContainsFunc(p.course.Clients, func(c Client) bool { return c.ID == k }) {
				return p.fail(v, "there is no client %q in this file", k)
			}
			return walk(v, path+"."+k)
		})
	}
	return walk(n, "")
}

// expectedOf lists the names that each part may hold for a client. A part that is not listed may hold any name.
var expectedOf = map[string][]string{
	".messages": {"count"},
	".gates":    care.GateCodes(),
	".balance":  {string(money.Medical), string(money.Psychotherapies)},
}

// expectable refuses a value that can never be true, so that a typing error is reported before the course is played.
func (p *parser) expectable(n *yaml.Node, path string) error {
	var known []string
	switch part, _, _ := strings.Cut(strings.TrimPrefix(path, "."), "."); part {
	case "stage":
		for _, s := range care.Stages() {
			known = append(known, string(s))
		}
	case "gates":
		known = []string{"open", "shut"}
	case "tasks":
		known = []string{"open", "none"}
	case "visits":
		known = []string{string(visit.Booked), string(visit.Arrived), string(visit.Fulfilled), string(visit.Cancelled), string(visit.NoShow), notBooked}
	default:
		return nil
	}
	if !slices.Contains(known, n.Value) {
		return p.fail(n, "%q is never so; write one of %s", n.Value, strings.Join(known, ", "))
	}
	return nil
}
