package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
)

// terminal is what a command runs with. Tests pass their own.
type terminal struct {
	ctx      context.Context
	out, err io.Writer // for people: control characters in what others wrote are escaped
	file     io.Writer // standard output as it is, for a command that writes a file there
	asOwner  bool      // the database is opened as the owner of its tables
}

// actorNamed reads ROLE or ROLE/ID. A role alone is the practice's first person with that role, or the role itself.
func actorNamed(by string, policy policy.Policy) (person.Actor, error) {
	name, id, _ := strings.Cut(by, "/")
	role, ok := person.RoleNamed(name)
	if !ok {
		return person.Actor{}, usageError{fmt.Errorf("--by %s: this is not a role%s; the roles are %s", name, wording.DidYouMean(name, person.Roles()), person.JoinRoles(person.Roles()))}
	}
	if id == "" {
		id = policy.FirstHolding(role)
	}
	if id == "" {
		id = string(role)
	}
	return person.Actor{ID: id, Role: role}, nil
}

// checkRole refuses a role that does not exist.
func checkRole(by string) error {
	_, err := actorNamed(by, policy.Policy{})
	return err
}

// writeJSON writes one line of JSON.
func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// chartNow returns the time at which to look at a chart: now, or the chart's own time if that is ahead, as in the virtual
// time of a demo.
func chartNow(c *care.Chart) time.Time {
	if now := time.Now().UTC(); now.After(c.Published.At) {
		return now
	}
	return c.Published.At
}
