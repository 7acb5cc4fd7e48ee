package rehearsal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/messaging/fake"
	"kapflow/practice/coursefile"
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

	ids       map[string]string // the file's name → client id
	names     map[string]string
	journeyAt int64 // last journal line shown
	last      time.Time
	clocks    engine.Clocks
	zones     map[string]clock.Zone      // client → their time zone, until they change it
	sent      map[string]map[string]bool // client → deliveries that reached them
}

// Play runs the course and checks everything it expects. The error is a *coursefile.Failed for the first thing that did not go as the
// course says. Everything before it was shown.
func (p *Player) Play(ctx context.Context) error {
	p.ids, p.names, p.sent = map[string]string{}, map[string]string{}, map[string]map[string]bool{}
	p.zones = map[string]clock.Zone{}
	p.journeyAt = p.After
	c := p.Course
	p.On.Clock.Set(c.Start)
	if err := p.enrollAll(ctx); err != nil {
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
func (p *Player) IDs() map[string]string { return p.ids }

// enrollAll enrolls every client at the start, except those whose first step is their enrollment.
func (p *Player) enrollAll(ctx context.Context) error {
	for _, cl := range p.Course.Clients {
		if id, known := p.Enrolled[cl.ID]; known {
			p.ids[cl.ID], p.names[id] = id, cl.ID
			continue
		}
		i := slices.IndexFunc(p.Course.Steps, func(s coursefile.Step) bool { return s.Client == cl.ID })
		if i >= 0 && p.Course.Steps[i].Fact == care.OpeningKind().Name {
			continue
		}
		answer, err := p.enroll(ctx, cl, p.coordinator())
		if err != nil {
			return &coursefile.Failed{File: p.Course.File, Line: cl.Line, Reason: fmt.Sprintf("%s could not be enrolled: %v", cl.ID, err)}
		}
		if err := p.show(p.Course.Enrolled(cl.ID, answer.Stage)); err != nil {
			return err
		}
	}
	return p.advance(ctx, p.Course.Start)
}

// coordinator is who enrolls clients: the practice's first coordinator, or a stand-in where the practice file lists none.
func (p *Player) coordinator() person.Actor {
	return person.Actor{ID: cmp.Or(p.On.Desk.Policy.FirstHolding(person.Coordinator), string(person.Coordinator)), Role: person.Coordinator}
}

func (p *Player) enroll(ctx context.Context, cl coursefile.Client, by person.Actor) (desk.Answer, error) {
	answer, err := p.On.Desk.Enroll(ctx, access.FromRehearsal(p.On.Desk.Policy, by), Enrollment(cl, p.Course.File))
	if answer.ClientID != "" {
		p.ids[cl.ID], p.names[answer.ClientID] = answer.ClientID, cl.ID
	}
	return answer, err
}

// Enrollment returns what the desk needs to enroll a client. series makes the reference unique where several courses use
// the same name.
func Enrollment(cl coursefile.Client, series string) desk.Enrollment {
	return desk.Enrollment{Reference: series + "#" + cl.ID, PreferredName: cl.PreferredName, Phone: cl.Phone, Email: cl.Email, BirthDate: cl.BirthDate,
		Timezone: cl.Timezone, Presenting: cl.Presenting, Physician: cl.Physician, Psychotherapist: cl.Psychotherapist, Consent: cl.Consents(),
		OtherPerson: true} // the same sample people play several courses
}

// advance moves the time of every journey to a step, and shows what happened on the way.
func (p *Player) advance(ctx context.Context, to time.Time) error {
	var wg sync.WaitGroup
	errs := make([]error, len(p.Course.Clients))
	for i, cl := range p.Course.Clients {
		id, enrolled := p.ids[cl.ID]
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
			if _, ours := p.names[j.ClientID]; !ours {
				continue
			}
			zone := p.zoneFor(ctx, j)
			line, ok, err := coursefile.FromJournal(j, p.names[j.ClientID], zone)
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
	slices.SortStableFunc(lines, func(a, b coursefile.Line) int { return a.At.Compare(b.At) })
	for _, l := range lines {
		if key, reached := l.Reached(); reached {
			p.reached(l.Client, key)
		}
		if err := p.show(l); err != nil {
			return err
		}
	}
	return nil
}

// reached counts a delivery once, although it is reported as sent and as delivered.
func (p *Player) reached(client, delivery string) {
	if p.sent[client] == nil {
		p.sent[client] = map[string]bool{}
	}
	p.sent[client][delivery] = true
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

// show passes a line to the sink. It moves a time forward that is milliseconds before the line above it.
func (p *Player) show(l coursefile.Line) error {
	if l.At.Before(p.last) {
		l.At = p.last
	}
	p.last = l.At
	return p.Sink.Line(l)
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
	stage, err := p.do(ctx, s)
	var refusal *care.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return &coursefile.Failed{File: p.Course.File, Line: s.Line, Reason: err.Error()}
	}
	if err := p.show(s.Told(stage, refusal)); err != nil {
		return err
	}
	return p.Course.Compare(s, refusal)
}

func (p *Player) do(ctx context.Context, s coursefile.Step) (care.Stage, error) {
	kind, _ := care.KindNamed(s.Fact)
	if kind.Opens {
		return p.enrollStep(ctx, s)
	}
	id, known := p.ids[s.Client]
	if !known {
		id = s.Client
	}
	if s.Reply != nil {
		return p.reply(ctx, id, *s.Reply)
	}
	by := s.By
	if by.Role == person.Client {
		by.ID = id
	}
	if kind.Contact {
		delete(p.zones, id)
	}
	cmd := desk.Command{ClientID: id, Fact: s.Fact, By: access.FromRehearsal(p.On.Desk.Policy, by), ID: s.ID, With: s.Timed(kind)}
	if kind.PracticeWide {
		answers, err := p.On.Desk.RecordWide(ctx, cmd)
		if len(answers) > 0 {
			return answers[0].Stage, err
		}
		return "", err
	}
	answer, err := p.On.Desk.Record(ctx, cmd)
	return answer.Stage, err
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

// enrollStep enrolls a client by a step. Fields of the step replace those of the client.
func (p *Player) enrollStep(ctx context.Context, s coursefile.Step) (care.Stage, error) {
	i := slices.IndexFunc(p.Course.Clients, func(c coursefile.Client) bool { return c.ID == s.Client })
	cl := p.Course.Clients[i]
	if kind, _ := care.KindNamed(s.Fact); kind.Allows(s.By.Role) {
		if _, _, err := kind.DecodeReport(s.With, p.Course.Zone, s.At); err != nil {
			return "", err
		}
	}
	if err := cl.Overlay(s.With); err != nil {
		return "", err
	}
	answer, err := p.enroll(ctx, cl, s.By)
	if err != nil {
		return "", err
	}
	return answer.Stage, p.drive(ctx, answer.ClientID, s.At)
}
