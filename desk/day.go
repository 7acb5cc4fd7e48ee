package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// mostOvernight is how many lines of the journal a day looks back.
const mostOvernight = 2000

// What one look shows at most. The charts of those shown are opened, and no others.
const (
	mostVisits = 400 // clients with a visit on one day
	mostOpen   = 100 // clients with a task, an alert or a row of the inbox, by when it is due
	mostNight  = 50  // clients of whom the night tells, the latest first
)

// Day is one day of the practice with the names of its clients.
type Day struct {
	record.Day
	Names map[string]string // client's id → preferred name
	Owed  int               // the reader's tasks that are due by the end of the day, all of them
}

// ReadDay gives a day of the practice: late alerts, visits with what is missing, the reader's tasks, and what happened since the
// last working day closed. With mine it keeps to the clients and visits of the reader. It is audited as one look.
func (d *Desk) ReadDay(ctx context.Context, who access.Person, day time.Time, mine bool) (out Day, err error) {
	ask := Ask{Action: access.ReadDay, Subject: "day", Detail: map[string]string{"day": d.Zone.Local(day).Format(time.DateOnly)}}
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		if err := d.refresh(ctx); err != nil {
			return err
		}
		reader := record.DayReader{Zone: d.Zone, ID: who.ID(), Roles: who.Roles(), Mine: mine}
		searches := daySearches(reader, day, d.Now())
		rows, err := d.charts(ctx, mostVisits, searches...)
		if err != nil {
			return err
		}
		out.Day = record.DayOf(rows, day, d.Now(), reader)
		if out.Owed, err = d.Store.CountFound(ctx, searches[1]); err != nil {
			return fmt.Errorf("count tasks: %w", err)
		}
		out.Since = record.LastClose(d.Policy, d.Zone, day)
		night, err := d.night(ctx, &out, reader)
		if err != nil {
			return err
		}
		out.Names, err = d.namesIn(ctx, append(rows, night...))
		if err != nil {
			return err
		}
		return nil
	})
	return out, err
}

// daySearches find the clients of a day: with a visit on it, with a task of the reader's that is due by its end, and with a late alert.
func daySearches(reader record.DayReader, day, now time.Time) []record.EntrySearch {
	from, to := reader.Zone.Clock(day, 0, 0), reader.Zone.Clock(reader.Zone.AddDays(day, 1), 0, 0)
	searches := []record.EntrySearch{
		{Kind: record.EntryVisit, From: from, To: to},
		{Kind: record.EntryTask, Who: record.PersonRoles(reader.Roles), To: to},
		{Kind: record.EntryAlert, To: now.Add(time.Nanosecond)},
	}
	if reader.Mine {
		for i := range searches {
			searches[i].TreatedBy = reader.ID
		}
	}
	return searches
}

// night adds what happened since the last working day closed, of the clients of whom the newest lines tell, and gives their rows.
func (d *Desk) night(ctx context.Context, out *Day, reader record.DayReader) ([]care.BoardRow, error) {
	lines, err := d.Store.JournalSince(ctx, out.Since, mostOvernight)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	var ids []string
	for _, l := range slices.Backward(lines) {
		if !slices.Contains(ids, l.ClientID) && len(ids) < mostNight {
			ids = append(ids, l.ClientID)
		}
	}
	rows, err := d.Store.Charts(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read charts: %w", err)
	}
	if out.Overnight, err = out.Day.Night(rows, lines, reader); err != nil {
		return nil, fmt.Errorf("tell the night: %w", err)
	}
	return rows, nil
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
		if err := d.refresh(ctx); err != nil {
			return err
		}
		rows, err := d.charts(ctx, mostOpen, inboxSearch(who.Roles()), inboxSearch(person.StaffRoles()))
		if err != nil {
			return err
		}
		for _, row := range record.InboxOf(rows, d.Now()) {
			if row.For(who.Roles()) {
				in.Mine = append(in.Mine, row)
			} else {
				in.Others = append(in.Others, row)
			}
		}
		if in.Worklist, err = d.worklistFor(ctx, who); err != nil {
			return err
		}
		if in.Names, err = d.Store.NamesOf(ctx, namedIn(rows, in.Worklist)); err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		return d.fillWords(ctx, who, in.Mine)
	})
	return in, err
}

// namedIn gives the ids of the clients whom an inbox names: of its rows, and of those who share a number.
func namedIn(rows []care.BoardRow, list []message.WorklistItem) (ids []string) {
	for _, r := range rows {
		ids = append(ids, r.ClientID)
	}
	for _, item := range list {
		ids = append(ids, item.Clients...)
	}
	return ids
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

// inboxSearch finds the clients with something in the inbox of some roles.
func inboxSearch(roles []person.Role) record.EntrySearch {
	return record.EntrySearch{Kind: record.EntryInbox, Who: record.PersonRoles(roles)}
}

// Waiting counts what the inbox of somebody in some roles holds, with what they decide of the worklist. It is a number for the
// navigation, names nobody, opens no chart, and is no look at anybody.
func (d *Desk) Waiting(ctx context.Context, roles []person.Role) (int, error) {
	if err := d.refresh(ctx); err != nil {
		return 0, err
	}
	n, err := d.Store.CountFound(ctx, inboxSearch(roles))
	if err != nil {
		return 0, fmt.Errorf("count the inbox: %w", err)
	}
	list, err := d.Store.Worklist(ctx)
	if err != nil {
		return 0, fmt.Errorf("read worklist: %w", err)
	}
	for _, item := range list {
		if slices.ContainsFunc(access.RuleOf(decidedBy(item)).Roles, func(r person.Role) bool { return slices.Contains(roles, r) }) {
			n++
		}
	}
	return n, nil
}
