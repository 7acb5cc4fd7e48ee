package dryrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/practice"
)

// ErrTooLong says that a course has more moments than MostMoments.
var ErrTooLong = errors.New("the course has too many moments")

// house is a practice in memory: what Postgres and Temporal are to a real one. It is the store of its desk, the journeys, and the
// register of its messages. A method of the desk's store that no report and no enrollment calls is missing.
type house struct {
	desk.Store
	desk    *desk.Desk
	acts    *activities.Activities
	now     time.Time
	moments int

	clients  map[string]*client
	journal  []care.JournalLine
	absences map[string]*absence
	told     map[string]bool // staff, by the keys of their texts
}

// client is all that there is of one client.
type client struct {
	chart      *care.Chart
	contact    person.Contact
	entries    []care.Entry
	deliveries map[message.DeliveryKey]*delivery
	hidden     map[string]string // private texts by their references
	over       bool              // the journey has nothing more to do
}

// absence is a noted absence with the number of its changes.
type absence struct {
	care.Absence
	revision int
}

func newHouse(prac practice.Practice, start time.Time) *house {
	h := &house{now: start, clients: map[string]*client{}, absences: map[string]*absence{}, told: map[string]bool{}}
	h.desk = &desk.Desk{Store: h, TemporalClient: journeys{house: h}, Policy: prac.Policy, Zone: prac.Zone,
		LoadZone: func(name string) (clock.Zone, error) { return practice.LoadZone(name, h.now) }, Now: func() time.Time { return h.now }}
	h.acts = &activities.Activities{Register: h, List: staffList{house: h}, Sender: box{}, Texts: texts{prac.Texts},
		Practice: prac.Policy, Zone: prac.Zone, Clock: activities.WorkflowClock, Log: slog.New(slog.DiscardHandler)}
	return h
}

// count counts one more moment; ErrTooLong, or the context's error, when the course must end.
func (h *house) count(ctx context.Context) error {
	if h.moments++; h.moments > MostMoments {
		return ErrTooLong
	}
	return ctx.Err()
}

// run moves a client's time on, and does what is due on the way.
func (h *house) run(ctx context.Context, id string, to time.Time) error {
	c := h.clients[id]
	for at := h.now; ; {
		if err := h.count(ctx); err != nil {
			return err
		}
		step := c.chart.Step(at)
		h.note(id, step.Changes)
		c.over = step.Over
		if b := step.Send; b != nil {
			sent, err := h.acts.Send(ctx, activities.SendInput{ClientID: id, Asked: at, Due: b.Due, Batch: b.No, Epoch: c.chart.Epoch})
			if err != nil {
				return fmt.Errorf("send: %w", err)
			}
			c.chart.Finish(*b, sent.Results, false, sent.At)
			continue
		}
		if step.Wake.IsZero() || step.Wake.After(to) {
			return nil
		}
		at = step.Wake
	}
}

// note writes changes into the journal.
func (h *house) note(id string, changes []care.Change) {
	for _, ch := range changes {
		h.write(id, ch.At, "change", ch)
	}
}

func (h *house) write(id string, at time.Time, kind string, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // lines of the journal are plain data
	}
	h.journal = append(h.journal, care.JournalLine{Seq: int64(len(h.journal) + 1), ClientID: id, At: at, Type: kind, Body: text})
}

// zoneOf is the zone in which a line is shown: the client's for messages to the client, else the practice's.
func (h *house) zoneOf(j care.JournalLine) clock.Zone {
	var m struct {
		To person.Role `json:"to"`
	}
	if c := h.clients[j.ClientID]; c != nil && j.Type == "message" && json.Unmarshal(j.Body, &m) == nil && m.To == person.Client {
		return c.chart.ClientZone
	}
	return h.desk.Zone
}

// NewClient keeps a client with their first chart.
func (h *house) NewClient(_ context.Context, n care.NewClient) (clientID string, created bool, err error) {
	id := n.Save.Chart.ClientID
	h.clients[id] = &client{chart: n.Save.Chart, contact: n.Contact, entries: []care.Entry{*n.Save.Entry}, deliveries: map[message.DeliveryKey]*delivery{}, hidden: map[string]string{}}
	h.note(id, n.Save.Changes)
	return id, true, nil
}

// Chart gives a copy of a client's chart.
func (h *house) Chart(_ context.Context, clientID string) (*care.Chart, error) {
	c := h.clients[clientID]
	if c == nil {
		return nil, care.ErrNoClient
	}
	return c.chart.Clone(), nil
}

// Enrolled says whether a client has that id.
func (h *house) Enrolled(_ context.Context, clientID string) (bool, error) {
	return h.clients[clientID] != nil, nil
}

// Facts gives a client's facts.
func (h *house) Facts(_ context.Context, clientID string) ([]care.Entry, error) {
	if c := h.clients[clientID]; c != nil {
		return c.entries, nil
	}
	return nil, nil
}

// FactAnswer gives the number of the fact that was recorded under an id.
func (h *house) FactAnswer(_ context.Context, clientID, factID string) (seq int, found bool, err error) {
	if c := h.clients[clientID]; c != nil {
		for _, e := range c.entries {
			if e.ID == factID {
				return e.Seq, true, nil
			}
		}
	}
	return 0, false, nil
}

// Hide keeps a private text and gives its reference: an answer of staff goes out with its words.
func (h *house) Hide(_ context.Context, clientID, _, text string) (ref string, err error) {
	c := h.clients[clientID]
	if c == nil {
		return "", care.ErrNoClient
	}
	ref = fmt.Sprintf("ref:%d", len(c.hidden)+1)
	c.hidden[ref] = text
	return ref, nil
}

// Audit keeps no row: whoever plays a course leaves theirs in the real log.
func (h *house) Audit(context.Context, person.Actor, string, string, json.RawMessage) error {
	return nil
}

// CloseLinks has nothing to close.
func (h *house) CloseLinks(context.Context, string) error { return nil }

// Reserve says who is busy in a slot. The chart that holds the visit takes the time.
func (h *house) Reserve(_ context.Context, s care.Slot) (clash string, err error) {
	var busy []string
	for id, c := range h.clients {
		for _, taken := range c.chart.Slots() {
			if id == s.ClientID && taken.Appointment == s.Appointment || !taken.Start.Before(s.End) || !s.Start.Before(taken.End) {
				continue
			}
			for _, who := range s.People {
				if slices.Contains(taken.People, who) && who != "" {
					busy = append(busy, who)
				}
			}
		}
	}
	slices.Sort(busy)
	if busy = slices.Compact(busy); len(busy) == 0 {
		return "", nil
	}
	for i, id := range busy {
		if who, ok := h.desk.Policy.Clinician(id); ok {
			busy[i] = fmt.Sprintf("the %s %s", who.Role, id)
		}
	}
	if len(busy) == 1 {
		return busy[0] + " is busy then", nil
	}
	return strings.Join(busy, " and ") + " are busy then", nil
}

// Release has nothing to give back.
func (h *house) Release(context.Context, care.Slot) error { return nil }

// Touched gives the clients with a visit that needs a clinician in a stretch of time.
func (h *house) Touched(_ context.Context, clinician string, from, to time.Time) (ids []string, err error) {
	for id, c := range h.clients {
		if slices.ContainsFunc(c.chart.Slots(), func(s care.Slot) bool {
			return slices.Contains(s.People, clinician) && s.Start.Before(to) && from.Before(s.End)
		}) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// NoteAbsence notes that a clinician is away.
func (h *house) NoteAbsence(_ context.Context, a care.Absence) (revision int, err error) {
	was := h.absences[a.ID]
	if was == nil {
		was = &absence{}
		h.absences[a.ID] = was
	}
	if was.revision == 0 || !was.From.Equal(a.From) || !was.To.Equal(a.To) {
		was.revision++
	}
	was.Absence = a
	return was.revision, nil
}

// EndAbsence ends a noted absence at an instant, or takes it back, and gives it as it was noted.
func (h *house) EndAbsence(_ context.Context, id string, at *time.Time) (a care.Absence, revision int, found bool, err error) {
	noted := h.absences[id]
	if noted == nil {
		return a, 0, false, nil
	}
	a = noted.Absence
	if to := a.EndedBy(at); !to.Equal(a.To) {
		noted.To, noted.revision = to, noted.revision+1
	}
	return a, noted.revision, true, nil
}

// ToldOfAbsence gives the clients whose records know of an absence.
func (h *house) ToldOfAbsence(_ context.Context, id string) (clients []string, err error) {
	for clientID, c := range h.clients {
		if slices.ContainsFunc(c.entries, func(e care.Entry) bool { return strings.HasPrefix(e.ID, id+":") }) {
			clients = append(clients, clientID)
		}
	}
	slices.Sort(clients)
	return clients, nil
}

// Away gives the people a slot needs who are away at some time of it.
func (h *house) Away(_ context.Context, s care.Slot) (ids []string, err error) {
	for _, a := range h.absences {
		if slices.Contains(s.People, a.Clinician) && a.From.Before(s.End) && s.Start.Before(a.To) {
			ids = append(ids, a.Clinician)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
