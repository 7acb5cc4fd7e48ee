package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Calendar is what happens in a stretch of time: visits of all clients, and who is away.
type Calendar struct {
	Visits   []CalendarVisit // by their starts
	Absences []care.Absence
}

// CalendarVisit is a visit in the calendar.
type CalendarVisit struct {
	care.Visit
	Client string
	Name   string   // the client's preferred name
	People []string // ids of the clinicians it needs
}

// longestVisit is more than any visit takes: one that began that long before is over.
const longestVisit = 24 * time.Hour

// ReadCalendar gives the visits and absences between two instants. It is audited as one look.
func (d *Desk) ReadCalendar(ctx context.Context, who access.Person, from, to time.Time) (c Calendar, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadCalendar, Subject: "calendar"}, func(person.Actor) error {
		rows, err := d.charts(ctx, mostVisits*7, record.EntrySearch{Kind: record.EntryVisit, From: from.Add(-longestVisit), To: to})
		if err != nil {
			return err
		}
		names, err := d.namesIn(ctx, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			for _, v := range row.Chart.Visits {
				if v.Start.Before(to) && v.End().After(from) {
					c.Visits = append(c.Visits, CalendarVisit{v, row.ClientID, names[row.ClientID], row.Chart.BusyAt(v.Kind, v.Start)})
				}
			}
		}
		slices.SortStableFunc(c.Visits, func(a, b CalendarVisit) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Client, b.Client)) })
		if c.Absences, err = d.Store.Absences(ctx, from, to); err != nil {
			return fmt.Errorf("read absences: %w", err)
		}
		return nil
	})
	return c, err
}
