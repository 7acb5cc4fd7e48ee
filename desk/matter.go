package desk

import (
	"context"
	"fmt"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
)

// EndWorklistItem takes something that was settled off the coordinator's list, by its id. It is no fact: no client's course
// depends on it.
func (d *Desk) EndWorklistItem(ctx context.Context, who access.Person, id string) error {
	ask := Ask{Action: access.EndWorklist, Subject: id, Detail: map[string]string{"fact": keepable(id)}}
	return d.Do(ctx, who, ask, func(by person.Actor) error {
		ended, err := d.Store.EndWorklistItem(ctx, id, by, d.Now().UTC())
		if err != nil {
			return fmt.Errorf("end worklist item: %w", err)
		}
		if !ended {
			return care.Refuse("matter", care.CodeWrongState, fmt.Sprintf("nothing on the list has the id %q; `starter board` shows what is there", id), "")
		}
		return nil
	})
}
