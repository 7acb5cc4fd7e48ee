package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/config"
	"kapflow/console"
	"kapflow/messaging/fake"
	"kapflow/practice"
	"kapflow/store"
)

// world is one client of a practice in a time of its own: a chart, the journey around it played by hand so that a worker
// can die and a fact can come at any point, and behind it everything that is real: the register in Postgres, the
// activities, the texts, the adapters over HTTP, the console that takes in what the providers report.
type world struct {
	tester
	random   *rapid.T // nil in a story: then everything goes as it should
	house    *App
	acts     *activities.Activities
	twilio   *fake.Twilio
	sendGrid *fake.SendGrid
	chart    *care.Chart
	phone    string
	web      string // the console's address
	now      time.Time
	clock    atomic.Int64 // now in Unix nanoseconds, for the providers' goroutines
	flights  []*flight
	saves    []*save       // that are not in Postgres yet, in the order in which they were asked for
	savedTo  int           // version of the chart last asked to be saved
	prompt   bool          // providers report at once
	slow     time.Duration // that every worker takes to take work up
	dies     string        // how the worker ends at the next sending: before or after it asked the provider

	visits  map[string]*visitAsTold // what the client was promised, kept apart from the chart
	zone    *time.Location
	stopped bool
	noMail  bool
	counted []message.DeliveryKey // texts that left and count against the practice's limit
	begun   map[message.Key]bool  // notifications that were started
	tasks   map[string]bool       // tasks that were ever open
	told    []string              // what happened, for a failure
}

func (w *world) setClock(t time.Time) { w.now = t; w.clock.Store(t.UnixNano()) }

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// pause draws one of some durations; in a story it is the first.
func (w *world) pause(why string, from ...time.Duration) time.Duration {
	if w.random == nil {
		return from[0]
	}
	return rapid.SampledFrom(from).Draw(w.random, why)
}

type visitAsTold struct {
	version   int
	start     time.Time
	cancelled bool
}

// flight is one Send activity under way.
type flight struct {
	in    activities.SendInput
	batch care.Batch
	at    time.Time // of the next try
	until time.Time // no try begins later

	orphan bool // its run of the journey is gone
}

var errDied = errors.New("the worker died")

// mortal is the real sender in a worker that can die, watched by the world.
type mortal struct {
	activities.Sender
	w *world
}

func (m mortal) Turn(ctx context.Context, ch person.Channel) (activities.Turn, error) {
	turn, err := m.Sender.Turn(ctx, ch)
	return mortalTurn{turn, m.w}, err
}

type mortalTurn struct {
	activities.Turn
	w *world
}

func (m mortalTurn) Send(ctx context.Context, mail activities.OutboundMessage) (activities.Receipt, error) {
	if m.w.dies == "before" {
		m.w.dies = ""
		return activities.Receipt{}, errDied
	}
	m.w.mayLeave(mail)
	receipt, err := m.Turn.Send(ctx, mail)
	if m.w.dies == "after" {
		m.w.dies = ""
		return activities.Receipt{}, errDied
	}
	return receipt, err
}

var worlds atomic.Int64

// monday is six days before the clocks go forward in Denver.
var monday = time.Date(2027, time.March, 8, 16, 0, 0, 0, time.UTC)

// newWorld enrols a client who may be booked, with both channels. Everything it opens ends with the returned function.
func newWorld(t tester, prac practice.Practice, records *store.Store, now time.Time) (w *world, leave func()) {
	n := worlds.Add(1)
	w = &world{tester: t, now: now, phone: fmt.Sprintf("+1303%07d", 5550000+n), visits: map[string]*visitAsTold{}, begun: map[message.Key]bool{}, tasks: map[string]bool{}}
	var err error
	w.zone, err = time.LoadLocation("America/Denver")
	w.must(err)
	w.twilio, err = fake.StartTwilio(nil)
	w.must(err)
	w.sendGrid, err = fake.StartSendGrid()
	w.must(err)
	w.setClock(now)
	told := func() time.Time { return time.Unix(0, w.clock.Load()) }
	w.twilio.Now, w.sendGrid.Now = told, told
	web := httptest.NewUnstartedServer(nil)
	public := "http://" + web.Listener.Addr().String()
	w.twilio.InboundURL, w.sendGrid.EventsURL = public+console.TwilioInboundPath, public+console.SendGridEventsPath
	w.house = &App{Practice: prac, Store: records, Log: slog.New(slog.DiscardHandler), MessagesPerSecond: 1e6, Clock: func(time.Time) time.Time { return told() }}
	w.house.openDesk(told)
	w.house.Providers, err = OpenProviders(config.Settings{
		PublicURL:     public,
		TwilioAccount: fake.TwilioAccount, TwilioKey: fake.TwilioKey, TwilioSecret: config.NewSecret(fake.TwilioSecret), TwilioService: fake.TwilioService,
		TwilioToken: config.NewSecret(fake.TwilioAuthToken), TwilioBaseURL: w.twilio.URL(),
		SendGridKey: config.NewSecret(fake.SendGridKey), SendGridFrom: "office@visit.example", SendGridWebhookKey: w.sendGrid.VerificationKey(), SendGridBaseURL: w.sendGrid.URL(),
	}, prac.Policy.Practice)
	w.must(err)
	w.acts = w.house.Activities()
	w.acts.Sender = mortal{w.acts.Sender, w}
	part := w.house.providersPart().(console.Providers)
	part.Desk = w
	web.Config.Handler = console.Handler(part, w.house.ClientPages(""))
	web.Start()
	w.web = web.URL
	w.enroll(fmt.Sprintf("client-%d", n))
	return w, func() {
		web.Close()
		w.twilio.Close()
		w.sendGrid.Close()
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v\n%s", err, strings.Join(w.told, "\n"))
	}
}

// wrong fails with all that happened.
func (w *world) wrong(format string, args ...any) {
	w.Helper()
	w.Fatalf("%s: %s\n%s", w.now.In(w.zone).Format("Mon Jan 2 15:04 MST"), fmt.Sprintf(format, args...), strings.Join(w.told, "\n"))
}

func (w *world) say(format string, args ...any) {
	w.told = append(w.told, w.now.In(w.zone).Format("Mon Jan 2 15:04:05 MST ")+fmt.Sprintf(format, args...))
}

func (w *world) enroll(id string) {
	prac := w.house.Practice
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: id, Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: w.now,
		Report: care.Report{ID: "enrolled", By: person.Actor{ID: "desk", Role: person.Coordinator}, With: json.RawMessage(`{"presenting":["anxiety"],"channels":["sms","email"]}`)}})
	w.must(err)
	w.chart = chart
	for _, f := range []struct {
		by         person.Role
		fact, with string
	}{{person.Coordinator, "messaging-consent-recorded", `{"channel":"sms","detail":"appointment-time"}`}, {person.Coordinator, "messaging-consent-recorded", `{"channel":"email"}`},
		{person.Psychotherapist, "screening-recorded", `{"criteria_met":true,"prefers_kap":true}`}, {person.Psychotherapist, "coverage-reviewed", `{"result":"pays"}`},
		{person.Psychotherapist, "insurer-contact-waived", `{"reason":"ref:x"}`}, {person.Psychotherapist, "fees-discussed", `{"summary":"ref:x"}`}} {
		_, err := chart.Record(f.fact, care.Report{By: person.Actor{ID: string(f.by), Role: f.by}, With: json.RawMessage(f.with)}, w.now)
		w.must(err)
	}
	_, _, err = w.house.Store.NewClient(w.Context(), care.NewClient{Identity: id, Contact: person.Contact{Phone: w.phone, Email: id + "@example.org", BirthDate: "1990-01-31"},
		Save: care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(w.now)}})
	w.must(err)
}

// record takes a fact in as the journey does: chart, journal, Postgres. taken is false when the rules refuse it.
func (w *world) record(by person.Role, fact, id string, fields map[string]any) (taken bool) {
	w.Helper()
	return w.recordThen(by, fact, id, fields, nil)
}

// recordThen takes a fact in, and does something once it is saved.
func (w *world) recordThen(by person.Role, fact, id string, fields map[string]any, then func()) (taken bool) {
	w.Helper()
	late := w.pause("until it is saved", 0, 0, 0, 0, 0, time.Second, time.Minute, 20*time.Minute)
	return w.take(care.Report{ID: id, By: person.Actor{ID: string(by), Role: by}}, fact, fields, &save{at: w.now.Add(late), then: then})
}

// take takes a fact in that is saved as s says. It draws nothing at random: providers' requests come here too.
func (w *world) take(r care.Report, fact string, fields map[string]any, s *save) (taken bool) {
	w.Helper()
	body, err := json.Marshal(fields)
	w.must(err)
	r.With = body
	entry, err := w.chart.Record(fact, r, w.now)
	if refused := new(care.Refusal); errors.As(err, &refused) {
		return false
	}
	w.must(err)
	w.say("%s %s", fact, body)
	s.Save = care.Save{Entry: &entry.Entry, Changes: w.publish(), Postings: entry.Postings}
	w.keep(s)
	return true
}

func (w *world) publish() []care.Change {
	w.noteTasks()
	return w.chart.DiffAndPublish(w.now)
}

// noteTasks remembers every task that was ever open.
func (w *world) noteTasks() {
	for _, t := range w.chart.Tasks(w.now) {
		w.tasks[t.ID()] = true
	}
}

// restart restarts the journey from what Postgres holds. A send under way goes on in the worker it began in, and its
// results reach nobody.
func (w *world) restart() {
	for _, s := range w.saves {
		s.at = w.now // nobody was answered before: whoever reported would report again
	}
	w.arrive()
	chart, err := w.house.Store.TakeOver(w.Context(), w.chart.ClientID)
	w.must(err)
	w.say("the journey is started anew")
	w.chart, w.savedTo = chart, 0
	for _, f := range w.flights {
		f.orphan = true
	}
}

// Receive is the desk's part of a provider's word: kept once, then a fact in the chart.
func (w *world) Receive(ctx context.Context, e message.ProviderEvent) error {
	if e.Kind == message.EventReply {
		e.Class = wording.ClassifyReply(e.Text)
	}
	fresh, err := w.house.Store.TakeEvent(ctx, e)
	if err != nil || !fresh {
		return err
	}
	if e.Kind == message.EventReply {
		w.take(provider(e.ID), "reply-received", map[string]any{"channel": person.SMS, "text_class": e.Class, "text": "ref:x"}, &save{at: w.now})
		return nil
	}
	key, found, err := w.house.Store.DeliveryByRef(ctx, e.Ref)
	if err == nil && found {
		w.take(provider(e.ID), "message-status-reported", map[string]any{"message": key, "status": e.State, "fault": e.Fault}, &save{at: w.now})
	}
	return err
}

func provider(id string) care.Report {
	return care.Report{ID: id, By: person.Actor{ID: "provider", Role: person.Provider}}
}

// step takes a journey's step: it saves what changed, and sends what is due. A worker may be slow to take the work up.
func (w *world) step() (wake time.Time) {
	w.noteTasks()
	step := w.chart.Step(w.now)
	if step.Save {
		w.keep(&save{Save: care.Save{Changes: step.Changes}, at: w.now})
	}
	b := step.Send
	if b == nil {
		return step.Wake
	}
	for _, d := range b.Due {
		w.begun[d.Notification.Key] = true
	}
	useful := 30 * 24 * time.Hour
	if !b.StopBy.IsZero() {
		useful = min(useful, b.StopBy.Sub(w.now))
	}
	in := activities.SendInput{ClientID: w.chart.ClientID, Asked: w.now, Due: b.Due, Batch: b.No, Epoch: w.chart.Epoch, ChartVersion: w.savedTo}
	slow := w.slow + w.pause("until a worker takes it up", 0, 0, 0, 0, time.Minute, 7*time.Minute, 3*time.Hour)
	w.flights = append(w.flights, &flight{in: in, batch: *b, at: w.now.Add(slow), until: w.now.Add(max(useful, time.Minute))})
	return step.Wake
}

// fly tries a flight once; it says whether the flight is over.
func (w *world) fly(f *flight) (over bool) {
	if !w.now.Before(f.until) {
		w.land(f, activities.SendResult{}, true)
		return true
	}
	out, err := w.acts.Send(w.Context(), f.in)
	if errors.Is(err, errDied) {
		w.say("the worker died")
		f.at = w.now.Add(w.pause("until the next worker", time.Second, time.Minute, 20*time.Minute, 5*time.Hour))
		return false
	}
	if errors.Is(err, message.ErrUnsaved) {
		f.at = w.now.Add(10 * time.Second)
		return false
	}
	w.must(err)
	w.land(f, out, false)
	if w.prompt {
		w.report()
	}
	return true
}

// land takes in the results of a flight as the journey does.
func (w *world) land(f *flight, out activities.SendResult, late bool) {
	for _, r := range out.Results {
		w.say("  %s: %s", r.Key, r.Result)
	}
	if f.orphan {
		return
	}
	w.chart.Finish(f.batch, out.Results, late, w.now)
}

// settle does all that can be done now.
func (w *world) settle() {
	for range 100 {
		w.arrive()
		w.step()
		i := slices.IndexFunc(w.flights, func(f *flight) bool { return !f.at.After(w.now) || !f.until.After(w.now) })
		if i < 0 {
			return
		}
		if w.fly(w.flights[i]) {
			w.flights = slices.Delete(w.flights, i, i+1)
		}
	}
	w.wrong("the journey does not come to rest")
}

// advance lets time run, from one due moment to the next.
func (w *world) advance(to time.Time) {
	for {
		w.settle()
		if !w.now.Before(to) {
			return
		}
		next := to
		if at := w.step(); !at.IsZero() && at.Before(next) {
			next = at
		}
		for _, s := range w.saves {
			if s.at.Before(next) {
				next = s.at
			}
		}
		for _, f := range w.flights {
			for _, t := range []time.Time{f.at, f.until} {
				if t.After(w.now) && t.Before(next) {
					next = t
				}
			}
		}
		w.setClock(next)
	}
}
