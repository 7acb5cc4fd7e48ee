package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/desk"
)

type recordCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it; - for a fact about the practice."`
	Fact   string `arg:"" help:"What is recorded: starter facts lists them."`
	With   string `help:"The fact's fields as JSON, @FILE, or - for standard input." default:"{}"`
	By     string `help:"Who records it: ROLE or ROLE/ID, such as physician/dr-sample." default:"coordinator"`
	ID     string `name:"id" help:"An id for the report: the same id again changes nothing."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run records one fact and says where the client now stands.
func (c recordCommand) Run(t terminal) error {
	with, err := readWith(c.With)
	if err != nil {
		return err
	}
	if err := checkRole(c.By); err != nil {
		return err
	}
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	actor, err := actorNamed(c.By, house.Practice.Policy)
	if err != nil {
		return err
	}
	cmd := desk.Command{ClientID: c.Client, Fact: c.Fact, By: actor, ID: c.ID, With: with}
	answers, err := record(t, house.Desk, cmd)
	var refusal *care.Refusal
	if errors.As(err, &refusal) && c.JSON {
		if err := writeJSON(t.out, map[string]any{"refused": refusal}); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, answers)
	}
	for _, a := range answers {
		fmt.Fprintf(t.out, "Recorded %s for %s. Stage: %s.\n", c.Fact, a.ClientID, a.Stage)
		if a.Repeated {
			fmt.Fprintln(t.out, "It was recorded before; nothing changed.")
		}
		if a.Appointment != "" {
			fmt.Fprintln(t.out, "The visit is", a.Appointment+".")
		}
	}
	if len(answers) == 0 {
		fmt.Fprintln(t.out, "No client's visit is touched.")
	}
	return nil
}

// actorNamed reads who does something, ROLE or ROLE/ID. A role alone is its first clinician.
func actorNamed(by string, policy policy.Policy) (person.Actor, error) {
	name, id, _ := strings.Cut(by, "/")
	role, ok := person.RoleNamed(name)
	if !ok {
		return person.Actor{}, usageError{fmt.Errorf("--by %s: not a role; the roles are %v", name, person.Roles())}
	}
	if id == "" {
		id = policy.FirstClinician(role)
	}
	if id == "" {
		id = string(role)
	}
	return person.Actor{ID: id, Role: role}, nil
}

// checkRole refuses a role that is none before any server is asked.
func checkRole(by string) error {
	_, err := actorNamed(by, policy.Policy{})
	return err
}

func record(t terminal, d *desk.Desk, cmd desk.Command) ([]desk.Answer, error) {
	if kind, _ := care.KindNamed(cmd.Fact); kind.PracticeWide {
		if cmd.ClientID == "-" {
			cmd.ClientID = ""
		}
		return d.RecordWide(t.ctx, cmd)
	}
	answer, err := d.Record(t.ctx, cmd)
	return []desk.Answer{answer}, err
}

func readWith(text string) (json.RawMessage, error) {
	body := []byte(text)
	var err error
	switch {
	case text == "-":
		body, err = io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
	case strings.HasPrefix(text, "@"):
		body, err = os.ReadFile(text[1:])
	}
	if err != nil {
		return nil, usageError{err}
	}
	if !json.Valid(body) {
		return nil, usageError{errors.New(`--with is not JSON; write it as '{"outcome":"cleared"}'`)}
	}
	return body, nil
}

func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
