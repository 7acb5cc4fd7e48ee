package desk

import (
	"context"
	"fmt"
	"slices"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

// EndWorklistItem takes something that was settled off the coordinator's list, by its id. It is no fact: no client's course
// depends on it.
func (d *Desk) EndWorklistItem(ctx context.Context, who access.Person, id string) error {
	ask := Ask{Action: access.EndWorklist, Subject: id, Detail: map[string]string{"fact": keepable(id)}}
	return d.Do(ctx, who, ask, func(by person.Actor) error {
		if item, found, err := d.worklistItem(ctx, id); err != nil {
			return err
		} else if found && item.Unassigned() {
			return care.Refuse("matter", care.CodeInvalid, "say whose words this text has: one of the clients who share the number, or nobody's, with a reason", "")
		}
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

// worklistItem finds what waits on the list by its id.
func (d *Desk) worklistItem(ctx context.Context, id string) (item message.WorklistItem, found bool, err error) {
	list, err := d.Store.Worklist(ctx)
	if err != nil {
		return item, false, fmt.Errorf("read worklist: %w", err)
	}
	i := slices.IndexFunc(list, func(m message.WorklistItem) bool { return m.ID() == id })
	if i < 0 {
		return item, false, nil
	}
	return list[i], true, nil
}

// worklistFor gives what waits on the list for somebody: texts whose author must be named are for those who may name them, and
// the rest is the coordinator's.
func (d *Desk) worklistFor(ctx context.Context, who access.Person) ([]message.WorklistItem, error) {
	list, err := d.Store.Worklist(ctx)
	if err != nil {
		return nil, fmt.Errorf("read worklist: %w", err)
	}
	return slices.DeleteFunc(list, func(m message.WorklistItem) bool { return !who.May(decidedBy(m), d.Now()) }), nil
}

// decidedBy is the action that takes an item off the list.
func decidedBy(m message.WorklistItem) access.Action {
	if m.Unassigned() {
		return access.AssignReply
	}
	return access.EndWorklist
}
