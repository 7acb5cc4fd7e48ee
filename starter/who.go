package main

import (
	"errors"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// who are the flags of every command that does or shows something: who asks.
type who struct {
	As string `help:"Who you are: your id in the practice file, such as dr-sample. Default: the only person that this user of the machine may be." placeholder:"ID"`
	By string `help:"With a running demo only: the role to act in, ROLE or ROLE/ID." placeholder:"ROLE"`
}

// check refuses flags that cannot be used, before connecting.
func (w who) check() error {
	if w.As != "" && w.By != "" {
		return usageError{errors.New("give --as or --by, not both")}
	}
	if w.By == "" {
		return nil
	}
	return checkRole(w.By)
}

// person finds out who asks. On the command line of a practice it is the person that the operating-system user may be; in a
// demo it is anybody.
func (w who) person(c connection) (access.Person, error) {
	staff := c.app.Practice.Policy
	if c.demo {
		as := person.Actor{ID: w.As}
		if w.As == "" {
			by := w.By
			if by == "" {
				by = string(person.Coordinator)
			}
			var err error
			if as, err = actorNamed(by, staff); err != nil {
				return access.Person{}, err
			}
		}
		return access.FromRehearsal(staff, as), nil
	}
	if w.By != "" {
		return access.Stranger(), usageError{errors.New("--by works with a running demo only. Say who you are with --as ID, such as --as dr-sample; the role follows from the practice file")}
	}
	operators, err := access.ReadOperators(c.operators)
	if err != nil {
		return access.Stranger(), usageError{err}
	}
	p, err := access.FromOperator(staff, operators, w.As)
	if err != nil {
		return p, usageError{err}
	}
	return p, nil
}

// withPerson connects, finds out who asks, does something, and disconnects. What is done goes through the desk, which holds the
// person against the rules and writes the audit log.
func withPerson(t terminal, w who, do func(*wiring.App, access.Person) error) error {
	if err := w.check(); err != nil {
		return err
	}
	c, closeAll, err := connect(t)
	if err != nil {
		return err
	}
	defer closeAll()
	p, err := w.person(c)
	if err != nil {
		return errors.Join(err, c.app.Desk.NoteStranger(t.ctx, p, w.As+w.By))
	}
	return do(c.app, p)
}

// look is withPerson for what the desk has no method for: do gets the store once the desk let the person in.
func look(t terminal, w who, ask desk.Ask, do func(*wiring.App, *store.Store, person.Actor) error) error {
	return withPerson(t, w, func(app *wiring.App, p access.Person) error { return lookAs(t, app, p, ask, do) })
}

// lookAs is look for a person who is known already.
func lookAs(t terminal, app *wiring.App, p access.Person, ask desk.Ask, do func(*wiring.App, *store.Store, person.Actor) error) error {
	return app.Desk.Do(t.ctx, p, ask, func(by person.Actor) error { return do(app, app.Store, by) })
}
