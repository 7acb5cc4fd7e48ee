package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// mostOvernight is how many lines of the journal a day looks back.
const mostOvernight = 2000

// Day is one day of the practice with the names of its clients.
type Day struct {
	record.Day
	Names map[string]string // client's id → preferred name
}

// ReadDay gives a day of the practice: late alerts, visits with what is missing, the reader's tasks, and what happened since the
// last working day closed. With mine it keeps to the clients and visits of the reader. It is audited as one look.
func (d *Desk) ReadDay(ctx context.Context, who access.Person, day time.Time, mine bool) (out Day, err error) {
	ask := Ask{Action: access.ReadDay, Subject: "day", Detail: map[string]string{"day": d.Zone.Local(day).Format(time.DateOnly)}}
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		rows, err := d.Store.Board(ctx)
		if err != nil {
			return fmt.Errorf("read board: %w", err)
		}
		reader := record.DayReader{Zone: d.Zone, ID: who.ID(), Roles: who.Roles(), Mine: mine}
		out.Day = record.DayOf(rows, day, d.Now(), reader)
		out.Since = record.LastClose(d.Policy, d.Zone, day)
		lines, err := d.Store.JournalSince(ctx, out.Since, mostOvernight)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		if out.Overnight, err = out.Day.Night(rows, lines, reader); err != nil {
			return fmt.Errorf("tell the night: %w", err)
		}
		if out.Names, err = d.Store.Names(ctx); err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		return nil
	})
	return out, err
}

// Inbox is all that asks somebody for a decision.
type Inbox struct {
	Mine     []record.InboxRow // for the reader's roles
	Others   []record.InboxRow
	Names    map[string]string
	Worklist []message.WorklistItem // what no client's record can hold, as far as the reader decides it
}

// mostRead is how many records an inbox opens for the words in them.
const mostRead = 50

// ReadInbox gives what asks for decisions. What clients wrote is shown where the reader may read it: for that their record is
// opened, which is audited as a look at it.
func (d *Desk) ReadInbox(ctx context.Context, who access.Person) (in Inbox, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadInbox, Subject: "inbox"}, func(person.Actor) error {
		rows, err := d.Store.Board(ctx)
		if err != nil {
			return fmt.Errorf("read board: %w", err)
		}
		for _, row := range record.InboxOf(rows, d.Now()) {
			if row.For(who.Roles()) {
				in.Mine = append(in.Mine, row)
			} else {
				in.Others = append(in.Others, row)
			}
		}
		if in.Names, err = d.Store.Names(ctx); err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		if in.Worklist, err = d.worklistFor(ctx, who); err != nil {
			return err
		}
		return d.fillWords(ctx, who, in.Mine)
	})
	return in, err
}

// fillWords adds what clients wrote to the rows that wait on it.
func (d *Desk) fillWords(ctx context.Context, who access.Person, rows []record.InboxRow) error {
	opened := map[string]record.HealthRecord{}
	for i, row := range rows {
		if row.Sort != record.InboxReply && row.Sort != record.InboxRequest {
			continue
		}
		rec, known := opened[row.Client]
		if !known {
			if len(opened) == mostRead {
				return nil
			}
			var err error
			if rec, err = d.OpenRecord(ctx, who, row.Client); err != nil {
				return err
			}
			opened[row.Client] = rec
		}
		now := d.Now()
		if rec.Chart.Published.At.After(now) {
			now = rec.Chart.Published.At
		}
		rows[i] = row.Filled(rec.ClientWords(now))
	}
	return nil
}

// Waiting counts what an inbox holds for each role, and under the empty role what is on the coordinators' list. It is a number for
// the navigation, names nobody, and is no look at anybody.
func (d *Desk) Waiting(ctx context.Context) (counts []WaitingRow, err error) {
	rows, err := d.Store.Board(ctx)
	if err != nil {
		return nil, fmt.Errorf("read board: %w", err)
	}
	for _, row := range record.InboxOf(rows, d.Now()) {
		counts = append(counts, WaitingRow{row.Roles})
	}
	list, err := d.Store.Worklist(ctx)
	if err != nil {
		return nil, fmt.Errorf("read worklist: %w", err)
	}
	for _, item := range list {
		counts = append(counts, WaitingRow{access.RuleOf(decidedBy(item)).Roles})
	}
	return counts, nil
}

// WaitingRow is one row of the inbox, with nothing but who decides it.
type WaitingRow struct{ Roles []person.Role }

// CountFor counts the rows for somebody in some roles.
func CountFor(rows []WaitingRow, roles []person.Role) (n int) {
	for _, r := range rows {
		if slices.ContainsFunc(r.Roles, func(role person.Role) bool { return slices.Contains(roles, role) }) {
			n++
		}
	}
	return n
}
