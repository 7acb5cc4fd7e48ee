package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/engine"
	"kapflow/messaging/fake"
	"kapflow/practice/coursefile"
	"kapflow/worker/dryrun"
)

// Player plays one course in an environment whose workers run.
type Player struct {
	Course *coursefile.Course
	On     *Environment
	Sink   coursefile.Sink
	// Progress, if set, is called before each step with the number of steps done and of all steps.
	Progress func(done, total int)
	// Enrolled maps clients of the file to the ids under which they are enrolled already.
	Enrolled map[string]string
	// After is the last journal line of earlier courses in the same environment. Lines up to it are not shown.
	After int64

	cast      dryrun.Cast
	journeyAt int64 // last journal line shown
	clocks    engine.Clocks
	zones     map[string]clock.Zone // client → their time zone, until they change it
}

// Play runs the course and checks everything it expects. The error is a *coursefile.Failed for the first thing that did not go as the
// course says. Everything before it was shown.
func (p *Player) Play(ctx context.Context) error {
	c := p.Course
	p.cast = dryrun.Cast{Course: c, Desk: p.On.Desk, Sink: p.Sink}
	for name, id := range p.Enrolled {
		p.cast.Know(name, id)
	}
	p.zones = map[string]clock.Zone{}
	p.journeyAt = p.After
	p.On.Clock.Set(c.Start)
	if err := p.cast.EnrollAll(ctx); err != nil {
		return err
	}
	if err := p.advance(ctx, c.Start); err != nil {
		return err
	}
	for i, step := range c.Steps {
		if p.Progress != nil {
			p.Progress(i, len(c.Steps))
		}
		if err := p.advance(ctx, step.At); err != nil {
			return err
		}
		if err := p.step(ctx, step); err != nil {
			return errors.Join(err, p.flush(ctx))
		}
	}
	if err := p.advance(ctx, c.Until); err != nil {
		return err
	}
	if p.Progress != nil {
		p.Progress(len(c.Steps), len(c.Steps))
	}
	return p.finish(ctx)
}

// Seen returns the last journal line that was shown.
func (p *Player) Seen() int64 { return p.journeyAt }

// IDs gives the clients' ids by their names in the file, as far as they are enrolled.
func (p *Player) IDs() map[string]string { return p.cast.IDs() }

// advance moves the time of every journey to a step, and shows what happened on the way.
func (p *Player) advance(ctx context.Context, to time.Time) error {
	var wg sync.WaitGroup
	errs := make([]error, len(p.Course.Clients))
	for i, cl := range p.Course.Clients {
		id, enrolled := p.cast.IDs()[cl.ID]
		if !enrolled {
			continue
		}
		wg.Go(func() { errs[i] = p.drive(ctx, id, to) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s: time could not run to %s: %w", p.Course.File, p.Course.Zone.SayLong(to), err)
	}
	p.On.Clock.Set(to)
	return p.flush(ctx)
}

func (p *Player) drive(ctx context.Context, id string, to time.Time) error {
	drive := p.On.Drive
	if drive == nil {
		drive = func(ctx context.Context, id string, to time.Time) error {
			return p.clocks.FastForward(ctx, p.On.TemporalClient, id, to)
		}
	}
	if err := drive(ctx, id, to); err != nil && !errors.Is(err, engine.ErrClosed) {
		return err
	}
	return nil
}

// flush shows the journal's new lines in order of time.
func (p *Player) flush(ctx context.Context) error {
	var lines []coursefile.Line
	for {
		batch, err := p.On.Desk.Store.Journal(ctx, p.journeyAt, 500)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		for _, j := range batch {
			p.journeyAt = j.Seq
			name := p.cast.Name(j.ClientID)
			if name == "" {
				continue
			}
			zone := p.zoneFor(ctx, j)
			line, ok, err := coursefile.FromJournal(j, name, zone)
			if err != nil {
				return err
			}
			if ok {
				lines = append(lines, line)
			}
		}
		if len(batch) < 500 {
			break
		}
	}
	return p.cast.ShowInOrder(lines)
}

// zoneFor returns the zone in which a line is shown: the client's for messages to the client, else the practice's.
func (p *Player) zoneFor(ctx context.Context, j care.JournalLine) func() clock.Zone {
	return func() clock.Zone {
		var m struct {
			To person.Role `json:"to"`
		}
		if j.Type == "message" && json.Unmarshal(j.Body, &m) == nil && m.To == person.Client {
			if zone, known := p.zones[j.ClientID]; known {
				return zone
			}
			if chart, err := p.On.Desk.Store.Chart(ctx, j.ClientID); err == nil {
				p.zones[j.ClientID] = chart.ClientZone
				return chart.ClientZone
			}
		}
		return p.Course.Zone
	}
}

// step does one step and compares the result with what the file says.
func (p *Player) step(ctx context.Context, s coursefile.Step) error {
	if s.Channel != "" {
		behave, err := fake.ParseBehaviour(s.Behave)
		if err != nil {
			return &coursefile.Failed{File: p.Course.File, Line: s.Line, Reason: err.Error()}
		}
		return p.On.Providers.Behave(s.Channel, behave)
	}
	return p.cast.Step(ctx, s, p.do)
}

// do does what needs servers beside the desk: a reply comes through the provider, and a new journey's time begins at the step.
func (p *Player) do(ctx context.Context, s coursefile.Step) (care.Stage, error) {
	id := p.cast.ID(s.Client)
	if s.Reply != nil {
		return p.reply(ctx, id, *s.Reply)
	}
	kind, _ := care.KindNamed(s.Fact)
	if kind.Contact {
		delete(p.zones, id)
	}
	stage, err := p.cast.Do(ctx, s)
	if err == nil && kind.Opens {
		err = p.drive(ctx, p.cast.ID(s.Client), s.At)
	}
	return stage, err
}

// reply sends a text from the client's phone to the console, as Twilio does.
func (p *Player) reply(ctx context.Context, id, text string) (care.Stage, error) {
	contact, err := p.On.Desk.Store.Contact(ctx, id)
	if err != nil {
		return "", err
	}
	if contact.Phone == "" {
		return "", errors.New("the client has no phone to text from")
	}
	if err := p.On.Providers.Reply(ctx, contact.Phone, text); err != nil {
		return "", err
	}
	chart, err := p.On.Desk.Store.Chart(ctx, id)
	if err != nil {
		return "", err
	}
	return chart.Stage(), nil
}
