package dryrun

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/practice/coursefile"
)

// Cast plays the steps of a course at a desk and shows them to a sink. The desk may be one in memory or one with servers; time and
// what happens by itself are the caller's.
type Cast struct {
	Course *coursefile.Course
	Desk   *desk.Desk
	Sink   coursefile.Sink

	ids     map[string]string // the file's name → client id
	names   map[string]string // client id → the file's name
	last    time.Time
	reached map[string]map[string]bool // the file's name → deliveries that reached the client
}

// Know notes under which id a client of the file is enrolled.
func (c *Cast) Know(name, id string) {
	if c.ids == nil {
		c.ids, c.names = map[string]string{}, map[string]string{}
	}
	c.ids[name], c.names[id] = id, name
}

// IDs gives the clients' ids by their names in the file, as far as they are enrolled.
func (c *Cast) IDs() map[string]string { return c.ids }

// Name gives a client's name in the file, or nothing for a client who is not of this course.
func (c *Cast) Name(id string) string { return c.names[id] }

// EnrollAll enrolls every client at the start, except those who are enrolled already or whose first step is their enrollment.
func (c *Cast) EnrollAll(ctx context.Context) error {
	by := person.Actor{ID: cmp.Or(c.Desk.Policy.FirstHolding(person.Coordinator), string(person.Coordinator)), Role: person.Coordinator}
	for _, cl := range c.Course.Clients {
		first := slices.IndexFunc(c.Course.Steps, func(s coursefile.Step) bool { return s.Client == cl.ID })
		if _, known := c.ids[cl.ID]; known || first >= 0 && c.Course.Steps[first].Fact == care.OpeningKind().Name {
			continue
		}
		stage, err := c.enroll(ctx, cl, by)
		if err != nil {
			return &coursefile.Failed{File: c.Course.File, Line: cl.Line, Reason: fmt.Sprintf("%s could not be enrolled: %v", cl.ID, err)}
		}
		if err := c.Show(c.Course.Enrolled(cl.ID, stage)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cast) enroll(ctx context.Context, cl coursefile.Client, by person.Actor) (care.Stage, error) {
	answer, err := c.Desk.Enroll(ctx, access.FromRehearsal(c.Desk.Policy, by), Enrollment(cl, c.Course.File))
	if answer.ClientID != "" {
		c.Know(cl.ID, answer.ClientID)
	}
	return answer.Stage, err
}

// Enrollment returns what the desk needs to enroll a client. series makes the reference unique where several courses use
// the same name.
func Enrollment(cl coursefile.Client, series string) desk.Enrollment {
	return desk.Enrollment{Reference: series + "#" + cl.ID, PreferredName: cl.PreferredName, Phone: cl.Phone, Email: cl.Email, BirthDate: cl.BirthDate,
		Timezone: cl.Timezone, Presenting: cl.Presenting, Physician: cl.Physician, Psychotherapist: cl.Psychotherapist, Consent: cl.Consents(),
		OtherPerson: true} // the same sample people play several courses
}

// Step does one step, shows it and compares the result with what the file says. do does the step: Do, or what asks Do for the rest.
func (c *Cast) Step(ctx context.Context, s coursefile.Step, do func(context.Context, coursefile.Step) (care.Stage, error)) error {
	stage, err := do(ctx, s)
	var refusal *care.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return &coursefile.Failed{File: c.Course.File, Line: s.Line, Reason: err.Error()}
	}
	if err := c.Show(s.Told(stage, refusal)); err != nil {
		return err
	}
	return c.Course.Compare(s, refusal)
}

// Do records a step's fact at the desk, and gives the stage at which the client is then.
func (c *Cast) Do(ctx context.Context, s coursefile.Step) (care.Stage, error) {
	kind, _ := care.KindNamed(s.Fact)
	if kind.Opens {
		return c.enrollStep(ctx, s, kind)
	}
	id, by := c.ID(s.Client), s.By
	if by.Role == person.Client {
		by.ID = id
	}
	cmd := desk.Command{ClientID: id, Fact: s.Fact, By: access.FromRehearsal(c.Desk.Policy, by), ID: s.ID, With: s.Timed(kind)}
	if kind.PracticeWide {
		answers, err := c.Desk.RecordWide(ctx, cmd)
		if len(answers) > 0 {
			return answers[0].Stage, err
		}
		return "", err
	}
	answer, err := c.Desk.Record(ctx, cmd)
	return answer.Stage, err
}

// ID gives a client's id. A name that is not enrolled stands for itself, so that the desk refuses it.
func (c *Cast) ID(name string) string { return cmp.Or(c.ids[name], name) }

// enrollStep enrolls a client by a step. Fields of the step replace those of the client.
func (c *Cast) enrollStep(ctx context.Context, s coursefile.Step, kind care.Kind) (care.Stage, error) {
	i := slices.IndexFunc(c.Course.Clients, func(cl coursefile.Client) bool { return cl.ID == s.Client })
	if i < 0 {
		return "", care.Refuse(s.Fact, care.CodeUnknownClient, "this file has no such client", "")
	}
	cl := c.Course.Clients[i]
	if kind.Allows(s.By.Role) {
		if _, _, err := kind.DecodeReport(s.With, c.Course.Zone, s.At); err != nil {
			return "", err
		}
	}
	if err := cl.Overlay(s.With); err != nil {
		return "", err
	}
	return c.enroll(ctx, cl, s.By)
}

// ShowInOrder shows lines in order of time, and counts the deliveries that reached a client.
func (c *Cast) ShowInOrder(lines []coursefile.Line) error {
	slices.SortStableFunc(lines, func(a, b coursefile.Line) int { return a.At.Compare(b.At) })
	for _, l := range lines {
		if key, reached := l.Reached(); reached {
			c.noteReached(l.Client, key)
		}
		if err := c.Show(l); err != nil {
			return err
		}
	}
	return nil
}

// noteReached counts a delivery once, although it is reported as sent and as delivered.
func (c *Cast) noteReached(client, delivery string) {
	if c.reached == nil {
		c.reached = map[string]map[string]bool{}
	}
	if c.reached[client] == nil {
		c.reached[client] = map[string]bool{}
	}
	c.reached[client][delivery] = true
}

// Messages counts the deliveries that reached each client, by their names in the file.
func (c *Cast) Messages() map[string]int {
	out := map[string]int{}
	for name, deliveries := range c.reached {
		out[name] = len(deliveries)
	}
	return out
}

// Show passes a line to the sink. It moves a time forward that is milliseconds before the line above it.
func (c *Cast) Show(l coursefile.Line) error {
	if l.At.Before(c.last) {
		l.At = c.last
	}
	c.last = l.At
	return c.Sink.Line(l)
}
