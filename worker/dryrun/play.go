// Package dryrun plays course files in memory: the real desk, the real rules and the real activities, on charts that are gone when the
// course ends. It needs no Temporal and no database, and nothing leaves. What providers do to messages it cannot play; the package
// starter/rehearsal plays courses on real servers.
package dryrun

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/practice"
	"kapflow/practice/coursefile"
)

// MostMoments is how many steps and moments at which something is due a course may have, over all its clients. The standard course
// of thirteen weeks has about 500.
const MostMoments = 5_000

// player plays one course.
type player struct {
	course *coursefile.Course
	house  *house
	sink   coursefile.Sink

	ids     map[string]string // the file's name → client id
	shown   int               // lines of the journal
	last    time.Time
	reached map[string]map[string]bool // client → deliveries that reached them
}

// Play plays a course under a practice and shows it to a sink. The error is a *coursefile.FileError for a course that can only be
// played on servers, a *coursefile.Failed for the first thing that did not go as the course says, and the context's own when its time
// is over. Everything before an error was shown.
func Play(ctx context.Context, course *coursefile.Course, prac practice.Practice, sink coursefile.Sink) error {
	if i := slices.IndexFunc(course.Steps, func(s coursefile.Step) bool { return s.Channel != "" || s.Reply != nil }); i >= 0 {
		return &coursefile.FileError{File: course.File, Line: course.Steps[i].Line,
			Reason: "what providers of messages do, and replies of clients, are played on servers only: run `starter rehearse` with this file"}
	}
	p := &player{course: course, house: newHouse(prac, course.Start), sink: sink, ids: map[string]string{}, reached: map[string]map[string]bool{}}
	if err := p.enrollAll(ctx); err != nil {
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

// enrollAll enrolls every client at the start, except those whose first step is their enrollment.
func (p *player) enrollAll(ctx context.Context) error {
	by := person.Actor{ID: p.house.desk.Policy.FirstHolding(person.Coordinator), Role: person.Coordinator}
	if by.ID == "" {
		by.ID = string(person.Coordinator)
	}
	for _, cl := range p.course.Clients {
		first := slices.IndexFunc(p.course.Steps, func(s coursefile.Step) bool { return s.Client == cl.ID })
		if first >= 0 && p.course.Steps[first].Fact == care.OpeningKind().Name {
			continue
		}
		stage, err := p.enroll(ctx, cl, by)
		if err != nil {
			return &coursefile.Failed{File: p.course.File, Line: cl.Line, Reason: fmt.Sprintf("%s could not be enrolled: %v", cl.ID, err)}
		}
		if err := p.show(p.course.Enrolled(cl.ID, stage)); err != nil {
			return err
		}
	}
	return p.advance(ctx, p.course.Start)
}

func (p *player) enroll(ctx context.Context, cl coursefile.Client, by person.Actor) (care.Stage, error) {
	answer, err := p.house.desk.Enroll(ctx, p.as(by), desk.Enrollment{PreferredName: cl.PreferredName, Phone: cl.Phone, Email: cl.Email, BirthDate: cl.BirthDate,
		Timezone: cl.Timezone, Presenting: cl.Presenting, Physician: cl.Physician, Psychotherapist: cl.Psychotherapist, Consent: cl.Consents(), OtherPerson: true})
	if answer.ClientID != "" {
		p.ids[cl.ID] = answer.ClientID
		p.house.name(answer.ClientID, cl.ID)
	}
	return answer.Stage, err
}

// as makes the person of a step. They can act on the memory of this course and on nothing else.
func (p *player) as(by person.Actor) access.Person {
	return access.FromRehearsal(p.house.desk.Policy, by)
}

// advance moves every client's time to a step, and shows what happened on the way.
func (p *player) advance(ctx context.Context, to time.Time) error {
	for _, cl := range p.course.Clients {
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
		line, ok, err := coursefile.FromJournal(j, p.house.names[j.ClientID], func() clock.Zone { return p.house.zoneOf(j) })
		if err != nil {
			return err
		}
		if ok {
			lines = append(lines, line)
		}
	}
	slices.SortStableFunc(lines, func(a, b coursefile.Line) int { return a.At.Compare(b.At) })
	for _, l := range lines {
		if key, reached := l.Reached(); reached {
			if p.reached[l.Client] == nil {
				p.reached[l.Client] = map[string]bool{}
			}
			p.reached[l.Client][key] = true
		}
		if err := p.show(l); err != nil {
			return err
		}
	}
	return nil
}

// show passes a line to the sink, no earlier than the line before it.
func (p *player) show(l coursefile.Line) error {
	if l.At.Before(p.last) {
		l.At = p.last
	}
	p.last = l.At
	return p.sink.Line(l)
}

// step does one step and compares the result with what the file says.
func (p *player) step(ctx context.Context, s coursefile.Step) error {
	if err := p.house.count(ctx); err != nil {
		return err
	}
	stage, err := p.do(ctx, s)
	var refusal *care.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return &coursefile.Failed{File: p.course.File, Line: s.Line, Reason: err.Error()}
	}
	if err := p.show(s.Told(stage, refusal)); err != nil {
		return err
	}
	return p.course.Compare(s, refusal)
}

func (p *player) do(ctx context.Context, s coursefile.Step) (care.Stage, error) {
	kind, _ := care.KindNamed(s.Fact)
	if kind.Opens {
		return p.enrollStep(ctx, s, kind)
	}
	id, known := p.ids[s.Client]
	if !known {
		id = s.Client
	}
	by := s.By
	if by.Role == person.Client {
		by.ID = id
	}
	cmd := desk.Command{ClientID: id, Fact: s.Fact, By: p.as(by), ID: s.ID, With: s.Timed(kind)}
	if kind.PracticeWide {
		answers, err := p.house.desk.RecordWide(ctx, cmd)
		if len(answers) > 0 {
			return answers[0].Stage, err
		}
		return "", err
	}
	answer, err := p.house.desk.Record(ctx, cmd)
	return answer.Stage, err
}

// enrollStep enrolls a client by a step. Fields of the step replace those of the client.
func (p *player) enrollStep(ctx context.Context, s coursefile.Step, kind care.Kind) (care.Stage, error) {
	i := slices.IndexFunc(p.course.Clients, func(c coursefile.Client) bool { return c.ID == s.Client })
	if i < 0 {
		return "", care.Refuse(s.Fact, care.CodeUnknownClient, "this file has no such client", "")
	}
	cl := p.course.Clients[i]
	if kind.Allows(s.By.Role) {
		if _, _, err := kind.DecodeReport(s.With, p.course.Zone, s.At); err != nil {
			return "", err
		}
	}
	if err := cl.Overlay(s.With); err != nil {
		return "", err
	}
	return p.enroll(ctx, cl, s.By)
}

// finish shows how each client ended, and checks what the file expects.
func (p *player) finish() error {
	end := coursefile.End{Charts: map[string]*care.Chart{}, Messages: map[string]int{}, Taken: map[person.Channel]int{}}
	for _, cl := range p.course.Clients {
		c := p.house.clients[p.ids[cl.ID]]
		if c == nil {
			continue
		}
		end.Charts[cl.ID], end.Messages[cl.ID] = c.chart, len(p.reached[cl.ID])
		if err := p.show(p.course.EndOf(cl.ID, c.chart)); err != nil {
			return err
		}
	}
	return p.course.Check(end)
}
