package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/visit"
)

// What a calendar feed covers.
const (
	feedBehind = 30  // days back
	feedAhead  = 180 // days ahead
	mostFeed   = 500 // clients, those with the earliest visits first
)

// MakeFeed makes the calendar feed of whoever asks, and gives its secret, which is shown once. It replaces the one before.
func (d *Desk) MakeFeed(ctx context.Context, who access.Person) (secret string, err error) {
	err = d.Do(ctx, who, Ask{Action: access.MakeFeed, Subject: Practice}, func(by person.Actor) error {
		secret, err = d.Store.NewFeed(ctx, by.ID, d.Now())
		return err
	})
	return secret, err
}

// EndFeed ends the calendar feed of whoever asks. It is no error if they have none.
func (d *Desk) EndFeed(ctx context.Context, who access.Person) error {
	return d.Do(ctx, who, Ask{Action: access.EndFeed, Subject: Practice}, func(by person.Actor) error {
		_, err := d.Store.EndFeed(ctx, by.ID)
		return err
	})
}

// OwnFeed says when whoever asks made their calendar feed; the zero time if they have none.
func (d *Desk) OwnFeed(ctx context.Context, who access.Person) (made time.Time, err error) {
	err = d.Do(ctx, who, Ask{Action: access.SeeFeed, Subject: Practice}, func(by person.Actor) error {
		f, err := d.Store.FeedOf(ctx, by.ID)
		if made = f.MadeAt; errors.Is(err, person.ErrNoFeed) {
			return nil
		}
		return err
	})
	return made, err
}

// ReadFeed gives the visits of the person whose calendar feed has a secret, by their starts. It opens no chart and gives no name. The
// error is person.ErrNoFeed if there is no such feed, or the practice file does not list the person any more, which ends it.
//
// Calendar programs ask every hour or more often. The first time of each day leaves a row in the audit log; a row for each time would bury
// what people did. A refusal always leaves one.
func (d *Desk) ReadFeed(ctx context.Context, secret string) (visits []record.DayVisit, err error) {
	feed, err := d.Store.Feed(ctx, secret)
	if err != nil {
		return nil, err
	}
	who, err := access.FromFeed(d.Policy, feed)
	if err != nil {
		_, endErr := d.Store.EndFeed(ctx, feed.Person)
		return nil, errors.Join(person.ErrNoFeed, endErr)
	}
	day := d.Zone.Local(d.Now()).Format(time.DateOnly)
	_, refusal := access.RuleOf(access.ReadFeed).Check(who, access.ReadFeed, d.Now())
	if refusal == nil && feed.ReadOn == day {
		return d.visitsOf(ctx, who)
	}
	err = d.Do(ctx, who, Ask{Action: access.ReadFeed, Subject: "calendar"}, func(person.Actor) error {
		if visits, err = d.visitsOf(ctx, who); err != nil {
			return err
		}
		return d.Store.FeedRead(ctx, feed.Person, day)
	})
	if refusal != nil {
		return nil, errors.Join(person.ErrNoFeed, err)
	}
	return visits, err
}

// visitsOf gives a person's own visits: those that need them, and for a nurse all infusions.
func (d *Desk) visitsOf(ctx context.Context, who access.Person) (visits []record.DayVisit, err error) {
	if err := d.refresh(ctx); err != nil {
		return nil, err
	}
	search := record.EntrySearch{Kind: record.EntryVisit, From: d.Zone.AddDays(d.Now(), -feedBehind), To: d.Zone.AddDays(d.Now(), feedAhead)}
	nurse := slices.Contains(who.Roles(), person.Nurse)
	if !nurse {
		search.TreatedBy = who.ID()
	}
	ids, err := d.found(ctx, mostFeed, search)
	if err != nil {
		return nil, err
	}
	sheets, err := d.Store.Sheets(ctx, ids, search.From)
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", err)
	}
	for _, s := range sheets {
		for _, v := range s.Visits {
			mine := slices.Contains(v.People, who.ID()) || nurse && v.Kind == visit.Infusion
			if mine && !v.Start.Before(search.From) && v.Start.Before(search.To) {
				visits = append(visits, v)
			}
		}
	}
	slices.SortFunc(visits, func(a, b record.DayVisit) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Client, b.Client), cmp.Compare(a.ID, b.ID))
	})
	return visits, nil
}
