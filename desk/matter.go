package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"kapflow/care"
	"kapflow/care/person"
)

// EndWorklistItem takes something that was settled off the coordinator's list, by its id. Who did it is audited first. It is
// no fact: no client's course depends on it.
func (d *Desk) EndWorklistItem(ctx context.Context, by person.Actor, id string) error {
	const about = "matter"
	if by.Role != person.Coordinator {
		return care.Refuse(about, care.CodeNotYourRole, fmt.Sprintf("a %s may not end what is on the coordinator's list", by.Role), person.Coordinator)
	}
	detail, err := json.Marshal(map[string]string{"fact": id})
	if err != nil {
		return err
	}
	if err := d.Store.Audit(ctx, by, "end-matter", id, detail); err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	ended, err := d.Store.EndWorklistItem(ctx, id, by, d.Now().UTC())
	if err != nil {
		return fmt.Errorf("end worklist item: %w", err)
	}
	if !ended {
		return care.Refuse(about, care.CodeWrongState, fmt.Sprintf("nothing on the list has the id %q; `starter board` shows what is there", id), "")
	}
	return nil
}
