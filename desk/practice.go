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
