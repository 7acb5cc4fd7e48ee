package desk

import (
	"context"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// ReadPractice gives the practice file in force: its settings, and who works here. It holds nothing of any client.
func (d *Desk) ReadPractice(ctx context.Context, who access.Person) (p policy.Policy, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadPractice, Subject: Practice}, func(person.Actor) error {
		p = d.Policy
		return nil
	})
	return p, err
}

// PolicyCheck is what a practice file that is not in force says.
type PolicyCheck struct {
	Faults  []string        // what is wrong with it, in sentences; a file with faults says nothing else
	Policy  policy.Policy   // what it sets
	Changes []policy.Change // against the file in force
}

// CheckPractice reads a practice file, and says what is wrong with it, or what it would change. It changes nothing. The file takes
// effect when the worker starts with it. Without a text it says only whether somebody may ask.
func (d *Desk) CheckPractice(ctx context.Context, who access.Person, text []byte) (c PolicyCheck, err error) {
	err = d.Do(ctx, who, Ask{Action: access.CheckPractice, Subject: Practice}, func(person.Actor) error {
		if len(text) == 0 {
			return nil
		}
		if c.Policy, c.Faults, err = d.ReadPolicy(ctx, text); err != nil || len(c.Faults) > 0 {
			return err
		}
		c.Changes = policy.Changes(d.Policy, c.Policy)
		return nil
	})
	return c, err
}
