package message_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// monday is at 9:00 in the practice, whose sample visit is on Wednesday at 15:00.
var monday = time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)

// The notifications that scenarios send: the last reminder goes by text alone, an earlier one both ways.
var (
	lastReminder = message.Key{Verb: message.Remind, Subject: "evaluation-1", Version: 1, Rule: "2h"}
	dayReminder  = message.Key{Verb: message.Remind, Subject: "evaluation-1", Version: 1, Rule: "1d"}
)

// life is one client's messages from the due moment to the end, with everything real but the journey and the providers: the
// rules, the activities, and the register in Postgres. What is to be seen of it is written down after every step.
type life struct {
	ctx     context.Context
	store   *store.Store
	acts    *activities.Activities
	chart   *care.Chart
	now     time.Time
	keyed   bool                                  // the sender recognises keys
	answers map[person.Channel]activities.Receipt // of the provider; none: it takes everything
	died    bool                                  // the worker dies with the next answer
	found   activities.Receipt                    // what the provider's list says; empty: nothing
	refs    map[message.ChannelKey]string         // by which the provider reports
	asked   []string                              // what the provider was asked to send
	in      activities.SendInput                  // of the last sending
	batch   care.Batch                            // under way
	reports int
	seen    []string
}

var errDied = errors.New("the worker died")

// Idempotent, Turn, Send and Find are the provider's.
func (l *life) Idempotent(person.Channel) bool { return l.keyed }

func (l *life) Turn(context.Context, person.Channel) (activities.Turn, error) { return l, nil }

func (l *life) Send(_ context.Context, m activities.OutboundMessage) (activities.Receipt, error) {
	key, err := message.ParseDelivery(m.Key)
	if err != nil {
		return activities.Receipt{}, err
	}
	l.asked = append(l.asked, key.ChannelKey.String())
	l.refs[key.ChannelKey] = m.Ref
	if l.died {
		l.died = false
		return activities.Receipt{}, errDied
	}
	receipt := l.answers[m.Channel]
	receipt.Tracked = true
	return receipt, nil
}

func (l *life) Find(context.Context, person.Channel, message.SentDelivery) (activities.Receipt, bool, error) {
	return l.found, l.found.State != "", nil
}

// booked is a chart with the sample visit, whose other notifications are done; one without mail cannot be reached by it.
func booked(prac practice.Practice, mail bool) (*care.Chart, care.Taken, error) {
	channels := `["sms","email"]`
	if !mail {
		channels = `["sms"]`
	}
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: "client", Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: monday,
		Report: care.Report{ID: "enrolled", By: person.Actor{ID: "desk", Role: person.Coordinator}, With: json.RawMessage(`{"presenting":["anxiety"],"channels":` + channels + `}`)}})
	if err != nil {
		return nil, taken, err
	}
	chart.Policy.Messages.TextsPerDay, chart.Policy.Messages.TextsPerWeek = 0, 0
	for _, f := range []struct {
		by         person.Role
		fact, with string
	}{{person.Coordinator, "messaging-consent-recorded", `{"channel":"sms","detail":"appointment-time"}`}, {person.Coordinator, "messaging-consent-recorded", `{"channel":"email"}`},
		{person.Psychotherapist, "screening-recorded", `{"criteria_met":true,"prefers_kap":true}`}, {person.Psychotherapist, "coverage-reviewed", `{"result":"pays"}`},
		{person.Psychotherapist, "insurer-contact-waived", `{"reason":"ref:x"}`}, {person.Psychotherapist, "fees-discussed", `{"summary":"ref:x"}`},
		{person.Coordinator, "appointment-booked", `{"kind":"evaluation","start":"2027-03-03T22:00:00Z"}`}} {
		if _, err := chart.Record(f.fact, care.Report{By: person.Actor{ID: string(f.by), Role: f.by}, With: json.RawMessage(f.with)}, monday); err != nil {
			return nil, taken, fmt.Errorf("%s: %w", f.fact, err)
		}
	}
	for _, d := range chart.Notifications() {
		if d.Key != lastReminder && d.Key != dayReminder {
			chart.Settle(message.Notification{Key: d.Key}, message.ResultSent, nil, monday)
		}
	}
	chart.DiffAndPublish(monday)
	return chart, taken, nil
}

// must ends a scenario with what went wrong, which is something to be seen of it too.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// save writes the chart down as the journey does.
func (l *life) save() {
	must(l.store.SaveChart(l.ctx, care.Save{Chart: l.chart.Clone(), Changes: l.chart.DiffAndPublish(l.now)}))
}

func (l *life) record(by person.Role, fact string, with any) {
	body, err := json.Marshal(with)
	must(err)
	l.reports++
	_, err = l.chart.Record(fact, care.Report{ID: fmt.Sprint("report-", l.reports), By: person.Actor{ID: string(by), Role: by}, With: body}, l.now)
	must(err)
	l.save()
}

// due goes on to the time of a notification and takes up what is due then, without sending it.
func (l *life) due(key message.Key) {
	for _, d := range l.chart.Notifications() {
		if d.Key == key && d.At.After(l.now) {
			l.now = d.At
		}
	}
	l.batch = care.Batch{}
	if step := l.chart.Step(l.now); step.Send != nil {
		l.batch = *step.Send
		l.batch.Due = slices.DeleteFunc(l.batch.Due, func(d message.DueNotification) bool { return d.Notification.Key != key })
	}
	l.in = activities.SendInput{ClientID: l.chart.ClientID, Asked: l.now, Due: l.batch.Due, Batch: l.batch.No}
}

// send has what was taken up sent, and settles it as the journey does. Called again, it is a second try.
func (l *life) send() {
	out, err := l.acts.Send(l.ctx, l.in)
	if errors.Is(err, errDied) {
		l.look("died")
		return
	}
	must(err)
	l.chart.Finish(l.batch, out.Results, false, l.now)
	l.save()
	l.look("sent")
}

// report has the provider report on a delivery, and brings the report to the chart if the register says that it counts.
func (l *life) report(key message.ChannelKey, told word) {
	l.reports++
	id := fmt.Sprint("event-", l.chart.ClientID, "-", l.reports)
	_, err := l.store.TakeEvent(l.ctx, message.ProviderEvent{Provider: "twilio", ID: id, Kind: message.EventStatus, At: l.now, Ref: l.refs[key], State: told.State, Fault: told.Fault})
	must(err)
	events, err := l.store.WaitingEvents(l.ctx, 1000)
	must(err)
	for _, e := range events {
		if e.ID == id {
			l.record(person.Provider, "message-status-reported", map[string]any{"message": message.DeliveryKey{Client: l.chart.ClientID, ChannelKey: key}, "status": told.State, "fault": told.Fault})
			must(l.store.EventRelayed(l.ctx, e, l.now, nil))
		}
	}
	l.look("reported")
}

// look writes down all that is to be seen.
func (l *life) look(what string) {
	messages, err := l.store.Messages(l.ctx, l.chart.ClientID)
	must(err)
	for _, m := range messages {
		what += fmt.Sprintf("\n%s is %s, %q", m.Key.ChannelKey, m.State, m.Why)
	}
	worklist, err := l.store.Worklist(l.ctx)
	must(err)
	for _, m := range worklist {
		what += "\non the list: " + string(m.Kind) + " " + m.About
	}
	c := l.chart
	text, err := json.Marshal([]any{c.Handled, c.FollowUps, c.Waits, c.Lost, c.BadAddresses, c.Issues, c.Consents, l.asked})
	must(err)
	l.seen = append(l.seen, what+"\n"+string(text))
}

// world is the practice and the register in which scenarios are played.
type world struct {
	ctx     context.Context
	prac    practice.Practice
	records *store.Store
	clients int
	charts  map[bool]*care.Chart // with and without mail
	taken   care.Taken
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{ctx: t.Context(), charts: map[bool]*care.Chart{}}
	var err error
	if w.prac, err = practice.Sample(monday); err != nil {
		t.Fatal(err)
	}
	if w.records, err = store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 4}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.records.Close)
	for _, mail := range []bool{true, false} {
		if w.charts[mail], w.taken, err = booked(w.prac, mail); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

type texts struct{ practice.Texts }

func (texts) Render(template message.Template, _ person.Channel, _ string, _ map[string]string) (subject, text string, err error) {
	return "A message", string(template), nil
}

// play plays a scenario with a client of its own and gives what was seen. A scenario that cannot go on shows where.
func (w *world) play(s scenario) (seen string) {
	w.clients++
	id := fmt.Sprintf("client-%d", w.clients)
	chart := w.charts[!s.noMail].Clone()
	chart.ClientID = id
	l := &life{ctx: w.ctx, store: w.records, chart: chart, now: monday, answers: map[person.Channel]activities.Receipt{}, refs: map[message.ChannelKey]string{}}
	l.acts = &activities.Activities{Records: w.records, Register: w.records, List: w.records, Sender: l, Texts: texts{}, Practice: w.prac.Policy, Zone: w.prac.Zone, Clock: activities.WorkflowClock, Log: slog.New(slog.DiscardHandler)}
	contact := person.Contact{Phone: fmt.Sprintf("+1303%07d", 5550000+w.clients), Email: id + "@example.org", BirthDate: "1990-01-31"}
	entry := w.taken.Entry
	entry.ID = "enrolled-" + id
	_, _, err := w.records.NewClient(w.ctx, care.NewClient{Identity: id, Contact: contact, Save: care.Save{Chart: chart.Clone(), Entry: &entry}})
	must(err)
	defer func() {
		if why := recover(); why != nil {
			l.seen = append(l.seen, fmt.Sprint(stuck, why))
		}
		must(w.records.KeepWorklist(w.ctx, message.WorklistChannel, l.now, nil)) // the next one finds no issue of this one's
		seen = strings.ReplaceAll(strings.ReplaceAll(strings.Join(l.seen, "\n\n"), id, "client"), contact.Phone, "number")
	}()
	s.play(l)
	return ""
}

// stuck begins what is seen of a scenario that cannot go on.
const stuck = "it cannot go on: "

// onlyText is the last reminder's text.
var onlyText = lastReminder.On(person.SMS)

// words gives the events behind some words.
func events(words ...word) (out []message.Event) {
	for _, w := range words {
		on, _ := message.EventOf(w.State, w.Fault)
		if w.died {
			on = message.Interrupted
		}
		out = append(out, on)
	}
	return slices.Compact(out)
}
