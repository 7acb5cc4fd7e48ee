// Package sample makes practices of sample clients of any size, for the benchmark: their records are what the practice's courses
// lead to by the rules of care, without a Temporal server.
package sample

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/store"
)

// courses are the files that are played: those without providers that misbehave, replies, and rules of other practices.
var courses = []string{"standard-six.yaml", "package-of-ten.yaml", "infusion-day.yaml", "waiting-at-the-lab-gate.yaml", "fifth-preparation.yaml", "package-after-consult.yaml",
	"singles.yaml", "substance-dependence.yaml", "missed-and-corrected.yaml", "moved-twice.yaml", "risk-path.yaml", "withdrawal-after-two.yaml", "declined.yaml", "endings.yaml"}

// nobody stands for the client's id in a record that is to be given to many.
const nobody = "client-sample-nobody"

// standing is how one client of a course stands at one moment.
type standing struct {
	store.Filled
	body []byte // Filled as JSON
}

// playAll plays every course from a start some weeks before now until now, for each number of weeks, and gives the records of all
// clients in them, in a fixed order. With ended they stop afterwards, and only those are given in whose records nobody has anything left to do.
func playAll(prac practice.Practice, now time.Time, weeks []int, ended bool) (out []standing, err error) {
	for _, name := range courses {
		body, err := fs.ReadFile(practice.Courses(), name)
		if err != nil {
			return nil, err
		}
		for _, w := range weeks {
			course, err := rehearsal.Parse(name, body, prac.Zone, prac.Policy, now.AddDate(0, 0, -7*w))
			if err != nil {
				return nil, err
			}
			for _, cl := range course.Clients {
				p := player{prac: prac, course: course, who: cl, now: now, ended: ended}
				if err := p.play(); err != nil {
					return nil, fmt.Errorf("%s, %d weeks ago: %w", name, w, err)
				}
				if p.chart == nil {
					continue // the course begins later
				}
				if ended && (!p.chart.Closed() || len(p.chart.Tasks(now)) > 0) {
					continue
				}
				r := standing{Filled: p.out}
				if r.body, err = json.Marshal(r.Filled); err != nil {
					return nil, err
				}
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// player takes one client of a course through its steps until a moment. Every message that is due counts as sent.
type player struct {
	prac   practice.Practice
	course *coursefile.Course
	who    coursefile.Client
	now    time.Time // it ends
	ended  bool      // the client stops once the file's steps are done

	chart *care.Chart
	last  time.Time
	texts int
	out   store.Filled
}

func (p *player) play() error {
	if p.course.Start.After(p.now) {
		return nil
	}
	if err := p.enroll(); err != nil {
		return err
	}
	for _, step := range p.course.Steps {
		if step.At.After(p.now) {
			break
		}
		if step.Client != p.who.ID && step.Client != "" || step.Refused != "" {
			continue
		}
		p.pass(step.At)
		if err := p.record(step.Fact, step.By, step.With); err != nil {
			return fmt.Errorf("line %d: %w", step.Line, err)
		}
	}
	if p.ended {
		p.end()
	}
	p.pass(p.now)
	p.out.Chart, p.out.At = p.chart, p.last
	if at := p.chart.Published.At; at.After(p.last) {
		p.out.At = at
	}
	return nil
}

func (p *player) enroll() error {
	cl, at := p.who, p.course.Start
	zone := p.prac.Zone
	if cl.Timezone != "" {
		var err error
		if zone, err = practice.LoadZone(cl.Timezone, p.now); err != nil {
			return err
		}
	}
	with, err := json.Marshal(map[string]any{"presenting": cl.Presenting, "physician": cl.Physician, "psychotherapist": cl.Psychotherapist, "timezone": cl.Timezone,
		"channels": []person.Channel{person.SMS, person.Email}})
	if err != nil {
		return err
	}
	coordinator := person.Actor{ID: p.prac.Policy.FirstHolding(person.Coordinator), Role: person.Coordinator}
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: nobody, Policy: p.prac.Policy, Zone: p.prac.Zone, ClientZone: zone, At: at,
		Report: care.Report{ID: "enrolled", By: coordinator, With: with}})
	if err != nil {
		return err
	}
	p.chart, p.last = chart, at
	p.out.Facts, p.out.Changes = append(p.out.Facts, taken.Entry), chart.DiffAndPublish(at)
	for _, ch := range []person.Channel{person.SMS, person.Email} {
		with := fmt.Sprintf(`{"channel":%q,"granted":true,"detail":%q}`, ch, message.DetailTime)
		if err := p.record("messaging-consent-recorded", coordinator, json.RawMessage(with)); err != nil {
			return err
		}
	}
	return nil
}

// record takes a fact in as a journey does, after its private texts were put apart as the desk does.
func (p *player) record(fact string, by person.Actor, with json.RawMessage) error {
	kind, known := care.KindNamed(fact)
	if !known {
		return fmt.Errorf("there is no fact %s", fact)
	}
	with, err := kind.HidePrivate(kind.MarkConcern(with, by.Role), func(field, text string) (string, error) {
		p.texts++
		ref := fmt.Sprintf("ref:%s-%d", nobody, p.texts)
		p.out.Texts = append(p.out.Texts, store.FilledText{Ref: ref, Field: field, Text: text})
		return ref, nil
	})
	if err != nil {
		return err
	}
	taken, err := p.chart.Record(fact, care.Report{ID: fmt.Sprintf("fact-%d", len(p.out.Facts)+1), By: by, With: with}, p.last)
	if err != nil || taken.Repeated {
		return err
	}
	p.out.Facts = append(p.out.Facts, taken.Entry)
	p.out.Changes = append(p.out.Changes, p.chart.DiffAndPublish(p.last)...)
	return nil
}

// end has the client stop after the last step, if the course is not over by then and may end.
func (p *player) end() {
	if until := p.course.Until; until.Before(p.now) {
		p.pass(until)
	}
	by := person.Actor{ID: p.prac.Policy.FirstHolding(person.Coordinator), Role: person.Coordinator}
	_ = p.record("withdrawn", by, json.RawMessage(`{}`)) // one that is over already refuses
}

// pass moves time on, as a journey's timer does.
func (p *player) pass(to time.Time) {
	for {
		step := p.chart.Step(p.last)
		p.out.Changes = append(p.out.Changes, step.Changes...)
		if step.Send != nil {
			p.send(*step.Send)
			continue
		}
		if step.Wake.IsZero() || step.Wake.After(to) {
			break
		}
		p.last = step.Wake
	}
	if to.After(p.last) && to.Before(p.now) {
		p.last = to
	}
}

// send takes every message of a batch for sent.
func (p *player) send(b care.Batch) {
	var results []message.NotificationResult
	for _, d := range b.Due {
		results = append(results, message.NotificationResult{Key: d.Notification.Key, Result: message.ResultSent})
		if d.Expired {
			continue
		}
		for _, ch := range slices.Compact(d.Notification.Channels) {
			p.out.Sent = append(p.out.Sent, store.FilledMessage{Delivery: message.Delivery{Notification: d.Notification, Channel: ch, To: d.Notification.Receiver(), Now: p.last, Late: d.Late},
				Text: "Sample message: " + d.Notification.Words + ".", SentTo: "sample"})
		}
	}
	p.chart.Finish(b, results, false, p.last)
}
