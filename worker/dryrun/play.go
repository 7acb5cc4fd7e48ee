// Package dryrun plays course files in memory: the real desk, the real rules and the real activities, on charts that are gone when the
// course ends. It needs no Temporal and no database, and nothing leaves. What providers do to messages it cannot play; the package
// starter/rehearsal plays courses on real servers.
package dryrun

import (
	"context"
	"errors"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/practice"
	"kapflow/practice/coursefile"
)

// MostMoments is how many steps and moments at which something is due a course may have, over all its clients. The standard course
// of thirteen weeks has about 500.
const MostMoments = 5_000

// player plays one course.
type player struct {
	Cast
	house *house
	shown int // lines of the journal
}

// Play plays a course under a practice and shows it to a sink. The error is a *coursefile.FileError for a course that can only be
// played on servers, a *coursefile.Failed for the first thing that did not go as the course says, and the context's own when its time
// is over. Everything before an error was shown.
func Play(ctx context.Context, course *coursefile.Course, prac practice.Practice, sink coursefile.Sink) error {
	if i := slices.IndexFunc(course.Steps, func(s coursefile.Step) bool { return s.Channel != "" || s.Reply != nil }); i >= 0 {
		return &coursefile.FileError{File: course.File, Line: course.Steps[i].Line,
			Reason: "what providers of messages do, and replies of clients, are played on servers only: run `starter rehearse` with this file"}
	}
	p := &player{house: newHouse(prac, course.Start)}
	p.Cast = Cast{Course: course, Desk: p.house.desk, Sink: sink}
	if err := p.EnrollAll(ctx); err != nil {
		return err
	}
	if err := p.advance(ctx, course.Start); err != nil {
		return err
	}
	for _, step := range course.Steps {
		if err := p.advance(ctx, step.At); err != nil {
			return err
		}
		if err := p.step(ctx, step); err != nil {
			return errors.Join(err, p.flush())
		}
	}
	if err := p.advance(ctx, course.Until); err != nil {
		return err
	}
	return p.finish()
}

// advance moves every client's time to a step, and shows what happened on the way.
func (p *player) advance(ctx context.Context, to time.Time) error {
	for _, cl := range p.Course.Clients {
		if id, enrolled := p.ids[cl.ID]; enrolled {
			if err := p.house.run(ctx, id, to); err != nil {
				return err
			}
		}
	}
	p.house.now = to
	return p.flush()
}

// flush shows the journal's new lines in order of time.
func (p *player) flush() error {
	var lines []coursefile.Line
	for ; p.shown < len(p.house.journal); p.shown++ {
		j := p.house.journal[p.shown]
		line, ok, err := coursefile.FromJournal(j, p.Name(j.ClientID), func() clock.Zone { return p.house.zoneOf(j) })
		if err != nil {
			return err
		}
		if ok {
			lines = append(lines, line)
		}
	}
	return p.ShowInOrder(lines)
}

// step counts a step and does it. The error is ErrTooLong when the course has had all its moments.
func (p *player) step(ctx context.Context, s coursefile.Step) error {
	if err := p.house.count(ctx); err != nil {
		return err
	}
	return p.Step(ctx, s, p.Do)
}

// finish shows how each client ended, and checks what the file expects.
func (p *player) finish() error {
	end := coursefile.End{Charts: map[string]*care.Chart{}, Messages: p.Messages(), Taken: map[person.Channel]int{}}
	for _, cl := range p.Course.Clients {
		c := p.house.clients[p.ids[cl.ID]]
		if c == nil {
			continue
		}
		end.Charts[cl.ID] = c.chart
		if err := p.Show(p.Course.EndOf(cl.ID, c.chart)); err != nil {
			return err
		}
	}
	return p.Course.Check(end)
}
