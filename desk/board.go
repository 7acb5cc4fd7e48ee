package desk

import (
	"context"
	"fmt"
	"slices"

	"kapflow/access"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Board is what the practice sees of all clients.
type Board struct {
	Clients  []record.BoardLine
	Names    map[string]string // client's id → preferred name
	Worklist []message.WorklistItem
}

// ReadBoard gives every client's line, their names, and the coordinator's worklist. It is audited as one look.
func (d *Desk) ReadBoard(ctx context.Context, who access.Person) (b Board, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadBoard, Subject: "board"}, func(person.Actor) error {
		rows, err := d.Store.Board(ctx)
		if err != nil {
			return fmt.Errorf("read board: %w", err)
		}
		b.Clients = record.BoardOf(rows, d.Now())
		if b.Names, err = d.Store.Names(ctx); err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		if b.Worklist, err = d.Store.Worklist(ctx); err != nil {
			return fmt.Errorf("read worklist: %w", err)
		}
		b.Worklist = slices.DeleteFunc(b.Worklist, func(m message.WorklistItem) bool {
			return m.Unassigned() && !who.May(access.AssignReply, d.Now())
		})
		return nil
	})
	return b, err
}
