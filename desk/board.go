package desk

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Board is a page of what the practice sees of its clients.
type Board struct {
	Clients  []record.BoardLine
	Names    map[string]string // client's id → preferred name, of those on the page
	Next     record.BoardPlace // after which the next page begins; empty ID: this is the last one
	Worklist []message.WorklistItem
}

// BoardRows is how many clients a page of the board shows.
const BoardRows = 50

// mostStale is how many clients a list sums up again before it looks. The worker keeps the rest: only a practice that was upgraded a
// moment ago has more.
const mostStale = 50

// refresh has lists know how clients stand now.
func (d *Desk) refresh(ctx context.Context) error {
	if _, err := d.Store.RefreshSummaries(ctx, d.Now(), mostStale); err != nil {
		return fmt.Errorf("sum up clients: %w", err)
	}
	return nil
}

// ReadBoard gives a page of the clients whom a filter keeps, who needs a look first and then by what is next, their names, and the
// coordinator's worklist. It opens no chart, and is audited as one look.
func (d *Desk) ReadBoard(ctx context.Context, who access.Person, f record.BoardFilter, after record.BoardPlace) (b Board, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadBoard, Subject: "board", reads: true}, func(person.Actor) error {
		if err := d.refresh(ctx); err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { return d.fillBoard(ctx, &b, f, after) })
		group.Go(func() (err error) {
			if b.Worklist, err = d.Store.Worklist(ctx); err != nil {
				return fmt.Errorf("read worklist: %w", err)
			}
			b.Worklist = slices.DeleteFunc(b.Worklist, func(m message.WorklistItem) bool {
				return m.Unassigned() && !who.May(access.AssignReply, d.Now())
			})
			return nil
		})
		return group.Wait()
	})
	if err != nil {
		return Board{}, err
	}
	return b, nil
}

// fillBoard adds the clients of a page of the board, and their names.
func (d *Desk) fillBoard(ctx context.Context, b *Board, f record.BoardFilter, after record.BoardPlace) (err error) {
	if b.Clients, b.Next, err = d.Store.BoardPage(ctx, f, after, BoardRows); err != nil {
		return fmt.Errorf("read board: %w", err)
	}
	ids := make([]string, len(b.Clients))
	for i, l := range b.Clients {
		ids[i] = l.Client
	}
	if b.Names, err = d.Store.NamesOf(ctx, ids); err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	return nil
}

// BoardNames gives the names of some clients. It is audited as a look at the board, which shows everybody's.
func (d *Desk) BoardNames(ctx context.Context, who access.Person, clientIDs []string) (names map[string]string, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadBoard, Subject: "board"}, func(person.Actor) error {
		if names, err = d.Store.NamesOf(ctx, clientIDs); err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		return nil
	})
	return names, err
}

// found gives the ids of the clients whom searches find, limit at most for each search.
func (d *Desk) found(ctx context.Context, limit int, searches ...record.EntrySearch) (ids []string, err error) {
	for _, search := range searches {
		more, err := d.Store.Found(ctx, search, limit)
		if err != nil {
			return nil, fmt.Errorf("find clients: %w", err)
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

// charts opens the charts of the clients whom searches find, each once, limit at most for each search.
func (d *Desk) charts(ctx context.Context, limit int, searches ...record.EntrySearch) ([]care.BoardRow, error) {
	ids, err := d.found(ctx, limit, searches...)
	if err != nil {
		return nil, err
	}
	return d.opened(ctx, ids)
}

// opened opens the charts of some clients, each once.
func (d *Desk) opened(ctx context.Context, ids []string) ([]care.BoardRow, error) {
	slices.Sort(ids)
	rows, err := d.Store.Charts(ctx, slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("read charts: %w", err)
	}
	return rows, nil
}

// namesIn gives the names of the clients in some rows.
func (d *Desk) namesIn(ctx context.Context, rows []care.BoardRow) (map[string]string, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ClientID
	}
	names, err := d.Store.NamesOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return names, nil
}
