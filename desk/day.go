package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// mostOvernight is how many lines of the journal a day looks back.
const mostOvernight = 2000

// What one look shows at most. The charts of those in the inbox and of the night are opened, and no others.
const (
	mostVisits = 400 // clients with a visit on one day, in pages
	mostOpen   = 100 // clients with a row of the inbox, by when it is due
	mostNight  = 12  // clients of whom the night tells, the latest first

	// DayRows is how many clients with visits a page of a day shows.
	DayRows = 50
	// DayTasks is how many clients' tasks, and how many clients' open alerts, a day shows.
	DayTasks = 25
)

// Day is one day of the practice with the names of its clients.
type Day struct {
	record.Day
	Names map[string]string // client's id → preferred name
	Owed  int               // the reader's tasks that are due by the end of the day, all of them
	After int               // clients with visits before those shown
	Left  int               // and after them, as far as they were counted
}

// ReadDay gives a day of the practice: open alerts, visits with what is missing, the reader's tasks, and what happened since the
// last working day closed. With mine it keeps to the clients and visits of the reader. It shows the visits of DayRows clients, after
// some. It is audited as one look.
func (d *Desk) ReadDay(ctx context.Context, who access.Person, day time.Time, mine bool, after int) (out Day, err error) {
	ask := Ask{Action: access.ReadDay, Subject: "day", Detail: map[string]string{"day": d.Zone.Local(day).Format(time.DateOnly)}, reads: true}
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		if err := d.refresh(ctx); err != nil {
			return err
		}
		reader := record.DayReader{Zone: d.Zone, ID: who.ID(), Roles: who.Roles(), Mine: mine}
		out.After = after
		night, err := d.fillDay(ctx, &out, day, reader)
		if err != nil {
			return err
		}
		out.Names, err = d.dayNames(ctx, out, night)
		return err
	})
	if err != nil {
		return Day{}, err
	}
	return out, nil
}

// fillDay adds the parts of a day, which are read at the same time: visits, tasks and alerts from the sheets of the clients whom their
// searches find, and what happened since the last working day closed. It gives the rows of the clients of that night.
func (d *Desk) fillDay(ctx context.Context, out *Day, day time.Time, reader record.DayReader) ([]care.BoardRow, error) {
	searches := daySearches(reader, day)
	since := record.LastClose(d.Policy, d.Zone, day)
	var visits, tasks, alerts record.Day
	var after, left, owed int
	var overnight night
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error {
		ids, err := d.Store.Found(reading, searches[0], mostVisits)
		if err != nil {
			return fmt.Errorf("find visits: %w", err)
		}
		after = min(max(out.After, 0), len(ids))
		shown := ids[after:min(after+DayRows, len(ids))]
		left = len(ids) - after - len(shown)
		visits, err = d.dayOf(reading, shown, day, reader)
		return err
	})
	for i, into := range []*record.Day{&tasks, &alerts} {
		group.Go(func() error {
			ids, err := d.Store.Found(reading, searches[1+i], DayTasks)
			if err != nil {
				return fmt.Errorf("find clients: %w", err)
			}
			*into, err = d.dayOf(reading, ids, day, reader)
			return err
		})
	}
	group.Go(func() (err error) {
		if owed, err = d.Store.CountFound(reading, searches[1]); err != nil {
			return fmt.Errorf("count tasks: %w", err)
		}
		return nil
	})
	group.Go(func() (err error) {
		overnight, err = d.readNight(reading, since)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out.Day, out.After, out.Left, out.Owed = visits, after, left, owed
	out.Tasks, out.Alerts, out.Since = tasks.Tasks, alerts.Alerts, since
	var err error
	if out.Overnight, err = out.Night(overnight.rows, overnight.lines, reader); err != nil {
		return nil, fmt.Errorf("tell the night: %w", err)
	}
	return overnight.rows, nil
}

// dayOf gives what the sheets of some clients have for a day.
func (d *Desk) dayOf(ctx context.Context, ids []string, day time.Time, reader record.DayReader) (record.Day, error) {
	found, err := d.Store.Sheets(ctx, ids, reader.Zone.Clock(day, 0, 0))
	if err != nil {
		return record.Day{}, fmt.Errorf("read sheets: %w", err)
	}
	return record.DayOfSheets(found, day, d.Now(), reader), nil
}

// dayNames gives the names of the clients of a day and of its night.
func (d *Desk) dayNames(ctx context.Context, day Day, night []care.BoardRow) (map[string]string, error) {
	var ids []string
	for _, a := range day.Alerts {
		ids = append(ids, a.Client)
	}
	for _, v := range day.Visits {
		ids = append(ids, v.Client)
	}
	for _, t := range day.Tasks {
		ids = append(ids, t.Client)
	}
	for _, r := range night {
		ids = append(ids, r.ClientID)
	}
	names, err := d.Store.NamesOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return names, nil
}

// daySearches find the clients of a day: with a visit on it, with a task of the reader's that is due by its end, and with an open alert.
func daySearches(reader record.DayReader, day time.Time) []record.EntrySearch {
	from, to := reader.Zone.Clock(day, 0, 0), reader.Zone.Clock(reader.Zone.AddDays(day, 1), 0, 0)
	searches := []record.EntrySearch{
		{Kind: record.EntryVisit, From: from, To: to},
		{Kind: record.EntryTask, Who: record.PersonRoles(reader.Roles), To: to},
		{Kind: record.EntryAlert},
	}
	if reader.Mine {
		for i := range searches {
			searches[i].TreatedBy = reader.ID
		}
	}
	return searches
}

// night is what happened since the last working day closed, and the rows of the clients of whom its newest lines tell.
type night struct {
	lines []care.JournalLine
	rows  []care.BoardRow
}

func (d *Desk) readNight(ctx context.Context, since time.Time) (n night, err error) {
	if n.lines, err = d.Store.JournalSince(ctx, since, mostOvernight, mostNight); err != nil {
		return n, fmt.Errorf("read journal: %w", err)
	}
	var ids []string
	for _, l := range n.lines {
		ids = append(ids, l.ClientID)
	}
	n.rows, err = d.opened(ctx, ids)
	return n, err
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
